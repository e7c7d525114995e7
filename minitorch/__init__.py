"""A hand-written autograd engine with PyTorch's API: ``import minitorch as torch``.

The engine is `minitorch.autograd`, the arithmetic below it the package `kernels`.
"""

import importlib as _importlib
import sys as _sys
import warnings as _warnings
from math import e, inf, nan, pi
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from minitorch import _own_kernels  # before anything of `kernels` is used

# isort: split
from kernels import OutOfMemoryError
from minitorch import autograd, cuda, linalg, nn, optim, random, testing, utils
from minitorch._tensor import Size, Tensor
from minitorch.autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from minitorch.autograd.grad_mode import is_grad_enabled, is_inference_mode_enabled
from minitorch.devices import device, get_default_device, set_default_device
from minitorch.dtypes import (
    bool_ as bool,
    can_cast,
    double,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    float_ as float,
    get_default_dtype,
    half,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    int_ as int,
    long,
    promote_types,
    set_default_dtype,
    short,
    uint8,
)
from minitorch.functions.public import functions as _functions
from minitorch.legacy import TYPES as _TYPES
from minitorch.matmul_precision import get_float32_matmul_precision, set_float32_matmul_precision
from minitorch.printing import set_printoptions
from minitorch.random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from minitorch.serialization import load, save
from minitorch.threads import get_num_threads, set_num_threads
from minitorch.version import __version__

globals().update(_functions() | _TYPES)  # torch.add and all other functions; FloatTensor, LongTensor, …
# `from torch import *` must not replace the standard library's `random` or `types` by the module of this name.
__all__ = [name for name, value in globals().items() if not (name.startswith("_") or isinstance(value, _ModuleType))]

# torch computes 1/0, log(-1) and overflows without a warning. NumPy warns; ignore this for these packages' code only.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"(minitorch|kernels)(\.|$)")

if _TYPE_CHECKING:
    from minitorch import backends, distributions, recording
    from minitorch.as_torch import as_torch
    from minitorch.recording import record
    from minitorch.visualization import graph, summary


_IMPORTED_WHEN_USED = {"graph": "visualization", "record": "recording", "summary": "visualization"}  # from submodules


def __getattr__(name: str) -> _Any:
    """Import a submodule when it is first used. `as_torch` is a module that can be called."""
    if name in _IMPORTED_WHEN_USED:
        return getattr(_importlib.import_module(f"{__name__}.{_IMPORTED_WHEN_USED[name]}"), name)
    if name in ("as_torch", "backends", "distributions", "recording"):
        return _importlib.import_module(f"{__name__}.{name}")
    raise _importlib.import_module(f"{__name__}.near_names").no_attribute(_sys.modules[__name__], name)

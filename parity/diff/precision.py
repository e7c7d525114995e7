"""torch's other runs of a script: in float64, and beside the script's numbers by one rounding error.

Random numbers are float32's in all of them: they are drawn in float32 and then converted.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from parity.diff.trace import tensors

_FILLED = {
    *("uniform_", "normal_", "exponential_", "trunc_normal_", "xavier_uniform_", "xavier_normal_", "log_normal_"),
    *("kaiming_uniform_", "kaiming_normal_", "orthogonal_", "sparse_", "cauchy_", "geometric_", "random_"),
}
"""Functions that write random numbers into their first argument."""
_DRAWN = {"rand_like", "randn_like", "normal", "multinomial", "bernoulli", "poisson", "rand", "randn"}
"""Functions that return random numbers."""


def _changed(value: Any, before: torch.dtype, after: torch.dtype) -> Any:
    """Arguments with tensors of one dtype, and this dtype itself, replaced by the other."""
    if isinstance(value, torch.Tensor):
        return value.to(after) if value.dtype == before else value
    if value is before:
        return after
    if isinstance(value, dict):
        return {key: _changed(v, before, after) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_changed(v, before, after) for v in value)
    return value


class InFloat64(TorchFunctionMode):
    """A block in which torch computes in float64 what it would in float32."""

    def __enter__(self) -> Any:
        self._from_numpy = torch.from_numpy  # the one function that makes tensors and tells no mode of it
        torch.from_numpy = lambda array: _up(self._from_numpy(array))
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        torch.from_numpy = self._from_numpy
        super().__exit__(*error)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        single, double = torch.float32, torch.float64
        if name in ("__get__", "__set__", "__delete__"):
            return func(*args, **kwargs)
        if name in _FILLED:
            return _fill(func, args, kwargs, lambda t: t.float() if t.is_floating_point() else t)
        if name in _DRAWN:
            return _up(func(*_changed(args, double, single), **_changed(kwargs, double, single)))
        if (
            next(tensors([args, kwargs], torch.Tensor), None) is None
        ):  # what is made from plain numbers is made in float32
            return _up(func(*args, **kwargs))
        if name == "float":
            return args[0].double()
        return _up(func(*_changed(args, single, double), **_changed(kwargs, single, double)))


def _up(result: Any) -> Any:
    """The result with float32 tensors converted, leaves as leaves."""
    if isinstance(result, torch.Tensor) and result.dtype == torch.float32:
        if result.is_leaf:
            return result.detach().double().requires_grad_(result.requires_grad)
        return result.double()
    if type(result) in (list, tuple):
        return type(result)(map(_up, result))
    return result


def _fill(func: Any, args: Any, kwargs: Any, change: Any) -> Any:
    """Call a function that writes into its first tensor on a copy, and write that, changed, into the tensor."""
    target = next(tensors([args, kwargs], torch.Tensor))
    with torch.no_grad():
        copy = change(target.detach().clone())

        def swap(value: Any) -> Any:
            return copy if value is target else value

        func(*map(swap, args), **{key: swap(v) for key, v in kwargs.items()})
        target.copy_(copy)
    return target


class Moved(TorchFunctionMode):
    """A block in which each number that enters the computation, data or parameter, is moved by a rounding error.

    Whole numbers stay as they are: they are counts, labels, zeros and ones.

    Args:
        variant: which numbers are moved up and which down.
    """

    def __init__(self, variant: int) -> None:
        super().__init__()
        self.random = np.random.default_rng(zlib.crc32(f"moved {variant}".encode()))

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        result = func(*args, **kwargs)
        enters = name in _FILLED or name in _DRAWN or name in ("tensor", "as_tensor", "linspace", "full")
        if enters and isinstance(result, torch.Tensor) and result.dtype in (torch.float32, torch.float64):
            with torch.no_grad(), torch._C.DisableTorchFunction():
                values = result.detach().numpy()
                signs = self.random.choice(np.array([-1, 1], values.dtype), values.shape)
                near = np.nextafter(values, signs * values.dtype.type(np.inf))
                values[...] = np.where(values == np.rint(values), values, near)
        return result

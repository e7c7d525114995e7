"""Arrays in, arrays out: the arithmetic of every op, forward and backward, for every array library.

A kernel is a name with a readable reference form, which runs on any registered backend, and faster forms for particular
libraries (see `dispatch`). Every kernel is an attribute of this package, whichever file it is in. Nothing here knows of
tensors, graphs or layers.
"""

from typing import Any

from kernels import activation, conv, elementwise, indexing, linear_algebra, loss, padding, pool, reduction, shape, special
from kernels import cpu as cpu
from kernels.backend import Array as Array
from kernels.backend import Backend as Backend
from kernels.backend import backend_names as backend_names
from kernels.backend import backend_of as backend_of
from kernels.backend import get_backend as get_backend
from kernels.backend import is_array as is_array
from kernels.backend import namespace as namespace
from kernels.backend import register as register
from kernels.dispatch import KERNELS as KERNELS
from kernels.dispatch import Kernel as Kernel
from kernels.dispatch import kernel as kernel
from kernels.dispatch import using as using

globals().update(KERNELS)


def __getattr__(name: str) -> Any:
    """A kernel that was registered after the package was loaded, by its name."""
    if name in KERNELS:
        return KERNELS[name]
    raise AttributeError(f"module 'kernels' has no kernel {name!r}")

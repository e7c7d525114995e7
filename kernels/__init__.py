"""Arrays in, arrays out: the arithmetic of every op, forward and backward, for every array library.

A kernel is a name with a readable reference form, which runs on any registered backend, and faster forms for particular
libraries (see `dispatch`). Every kernel is an attribute of this package, whichever file it is in. Nothing here knows of
tensors, graphs or layers.
"""

from typing import Any

from kernels import (
    activation,
    conv,
    cpu as cpu,
    elementwise,
    fold,
    indexing,
    linear_algebra,
    lookup,
    loss,
    nonlinearity,
    norm,
    optimizer,
    padding,
    pool,
    randomness,
    recurrent,
    reduction,
    resizing,
    shape,
    special,
)
from kernels.backend import (
    Array as Array,
    Backend as Backend,
    OutOfMemoryError as OutOfMemoryError,
    any_numbered as any_numbered,
    assign as assign,
    at as at,
    backend_names as backend_names,
    backend_of as backend_of,
    get_backend as get_backend,
    is_array as is_array,
    loaded as loaded,
    namespace as namespace,
    register as register,
)
from kernels.dispatch import (
    KERNELS as KERNELS,
    DeviceMismatch as DeviceMismatch,
    Kernel as Kernel,
    kernel as kernel,
    using as using,
)
from kernels.optimizer import together as together

globals().update(KERNELS)


def __getattr__(name: str) -> Any:
    """A kernel that was registered after the package was loaded, by its name."""
    if name in KERNELS:
        return KERNELS[name]
    raise AttributeError(f"module 'kernels' has no kernel {name!r}")

"""Arrays in, arrays out: the arithmetic of every op, forward and backward, for every array library.

A kernel is a name with a readable reference form, which runs on any registered backend, and faster forms for particular
libraries (see `dispatch`). Every kernel is an attribute of this package, whichever file it is in. Nothing here depends
on tensors, graphs or layers.
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
    loss,
    normalization,
    optimizer,
    padding,
    pooling,
    random,
    reduction,
    shape,
    special,
    upsampling,
)
from kernels.backend import (
    Array as Array,
    Backend as Backend,
    OutOfMemoryError as OutOfMemoryError,
    add_into as add_into,
    assign as assign,
    backend_names as backend_names,
    backend_of as backend_of,
    get_backend as get_backend,
    has_numbered_devices as has_numbered_devices,
    is_array as is_array,
    libraries as libraries,
    loaded as loaded,
    namespace as namespace,
    on_device_of as on_device_of,
    register as register,
)
from kernels.checking import checked as checked
from kernels.cpu.blocks import blockwise as blockwise
from kernels.dispatch import (
    KERNELS as KERNELS,
    DeviceMismatch as DeviceMismatch,
    Kernel as Kernel,
    kernel as kernel,
    using as using,
)
from kernels.embedding import embedding as embedding
from kernels.optimizer import (
    AdadeltaOptions as AdadeltaOptions,
    AdagradOptions as AdagradOptions,
    AdamOptions as AdamOptions,
    RMSpropOptions as RMSpropOptions,
    SGDOptions as SGDOptions,
    grouped_steps as grouped_steps,
)
from kernels.rnn import rnn as rnn
from kernels.softmax import softmax as softmax

globals().update(KERNELS)


def __getattr__(name: str) -> Any:
    """A kernel that was registered after the package was loaded, by its name."""
    if name in KERNELS:
        return KERNELS[name]
    raise AttributeError(f"module 'kernels' has no kernel {name!r}")

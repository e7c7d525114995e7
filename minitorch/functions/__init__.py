"""torch's functions: they read and check arguments, and call the ops. Their names are listed in `public`."""

from minitorch.functions import (
    arithmetic,
    broadcasting,
    comparison,
    creation,
    data,
    diagonals,
    einsum,
    elementwise,
    gather_scatter,
    indexing,
    inquiry,
    joining,
    linear_algebra,
    ordering,
    random,
    reduction,
    shape,
    softmax,
)

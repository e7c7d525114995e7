"""The ops that the engine itself uses: identity, expansion and its sum, dtype conversion, writing into a view."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.graph import as_array
from minitorch.autograd.op import Op
from minitorch.autograd.views import Steps, replay, shares_memory

alias = Op(kernels.alias, view=True, x=lambda g: g)
clone = Op(kernels.clone, x=lambda g: g)
contiguous = Op(kernels.contiguous, name="clone", x=lambda g: g)
cast = Op(kernels.cast, name="to_copy", x=lambda g, x_dtype: cast(g, x_dtype))
expand = Op(kernels.expand, view=True, x=lambda g, x_shape: sum_to(g, x_shape))
sum_to = Op(kernels.sum_to, x=lambda g, x_shape: expand(g, x_shape))
zeros_like = Op(kernels.zeros_like)


def _copy_slices(x: Any, source: Any, steps: Steps) -> Any:
    """A copy of `x` in which `source` replaces the elements that the view operations `steps` select."""
    out = as_array(x).copy()
    selected = replay(out, steps)
    if shares_memory(selected, out):
        selected[...] = source
    else:  # `out` is not laid out as what the steps were made for, so that one of them, a reshape, has copied
        places = kernels.namespace(out).arange(out.size).reshape(out.shape)
        out.reshape(-1)[replay(places, steps)] = source
    return out


def _zero_slices(x: Any, steps: Steps) -> Any:
    """A copy of `x` in which zeros replace the elements that the view operations `steps` select."""
    return _copy_slices(x, 0, steps)


zero_slices = Op(_zero_slices, name="CopySlices", x=lambda g, steps: zero_slices(g, steps))
copy_slices = Op(
    _copy_slices,
    name="CopySlices",
    x=lambda g, steps: zero_slices(g, steps),
    source=lambda g, steps: replay(g, steps),
)

"""The ops that the graph itself is made with: identity, expansion and its sum, dtype conversion, overlaying a view."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.op import Op, as_array

alias = Op(kernels.alias, view=True, x=lambda g: g)
clone = Op(kernels.clone, x=lambda g: g)
cast = Op(kernels.cast, name="to_copy", x=lambda g, x_dtype: cast(g, x_dtype))
expand = Op(kernels.expand, view=True, x=lambda g, x_shape: sum_to(g, x_shape))
sum_to = Op(kernels.sum_to, x=lambda g, x_shape: expand(g, x_shape))
zeros_like = Op(kernels.zeros_like)


def _replay(x: Any, steps: tuple[tuple[Op, tuple[Any, ...]], ...]) -> Any:
    for op, args in steps:
        x = op(x, *args)
    return x


def _overlay(x: Any, source: Any, steps: tuple[tuple[Op, tuple[Any, ...]], ...]) -> Any:
    """`x` with the region that `steps` lead to replaced by `source`."""
    out = as_array(x).copy()
    _replay(out, steps)[...] = source
    return out


def _blank(x: Any, steps: tuple[tuple[Op, tuple[Any, ...]], ...]) -> Any:
    """`x` with the region that `steps` lead to replaced by zeros."""
    return _overlay(x, 0, steps)


blank = Op(_blank, name="CopySlices", x=lambda g, steps: blank(g, steps))
overlay = Op(
    _overlay,
    name="CopySlices",
    x=lambda g, steps: blank(g, steps),
    source=lambda g, steps: _replay(g, steps),
)

"""The quickest of the NumPy calls that write the same bits into an array.

A ufunc is quickest where all its arguments are arrays of one dtype, each of the result's shape or of none: a Python
number is converted at each call, which takes longer than the arithmetic on a small array. A product of matrices is
called in less time by ``np.dot`` than by ``np.matmul``; both pass it on to the same function of BLAS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.recording.program import Expression, Value, values_in

ARITHMETIC: frozenset[np.ufunc] = frozenset(
    [
        np.add,
        np.subtract,
        np.multiply,
        np.divide,
        np.maximum,
        np.minimum,
        np.equal,
        np.not_equal,
        np.less,
        np.less_equal,
        np.greater,
        np.greater_equal,
    ]
)
"""Functions that compute in the dtype of an array if the other argument is a Python number."""

Made = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function, and its arguments before the array that it writes into."""


def number_dtype(function: Any, args: tuple[Any, ...]) -> np.dtype[Any] | None:
    """The dtype that a ufunc converts the Python numbers among `args` to; None if they must stay what they are."""
    if function not in ARITHMETIC:
        return None
    dtypes = {v.host.dtype for v in values_in(args)}
    if len(dtypes) != 1:
        return None
    dtype = dtypes.pop()
    return dtype if dtype.kind == "f" else None


def as_array(number: Any, dtype: np.dtype[Any]) -> Any:
    """A Python number as an array without dimensions, of the value that NumPy's arithmetic would use."""
    if type(number) not in (int, float):
        return number
    with np.errstate(all="ignore"):
        return np.array(number, dtype)


def changing(number: Any, array: np.ndarray) -> Any:
    """`array`, with the number in it; the number itself if it is not Python's: NumPy's decide the dtype of a result."""
    if type(number) not in (int, float):
        return number
    array[()] = number
    return array


def product(args: tuple[Any, ...], out: Value) -> list[Made]:
    """The calls for ``np.matmul(a, b, out)``.

    Where the inner dimension is 1, each element is a single product, added to 0 (so that it is 0.0, never -0.0).
    """
    if len(args) != 2 or not all(isinstance(x, Value) and x.host.ndim == 2 for x in args):
        return [(np.matmul, args)]
    a, b = args[0].host, args[1].host
    alike = a.dtype == b.dtype == out.host.dtype and a.dtype in (np.float32, np.float64)
    dense = all(h.flags.c_contiguous or h.flags.f_contiguous for h in (a, b))
    if not alike or not dense or min(out.host.shape) < 2 or not out.host.flags.c_contiguous:
        return [(np.matmul, args)]
    if a.shape[1] == 1:
        return [(np.multiply, args), (np.add, (out, np.zeros((), a.dtype)))]
    return [(np.dot, args)] if a.shape[1] else [(np.matmul, args)]


def is_constant(x: Any) -> bool:
    """Whether an expression does not read arrays, so that its value can be kept in an array of its own."""
    return isinstance(x, Expression) and not any(True for _ in values_in(x))

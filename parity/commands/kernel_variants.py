"""The arguments of a kernel changed such that forms which are right for usual ones may fail.

Special values in the first floating-point array, empty arrays, and arrays that are laid out otherwise in memory: every
second element of a larger one, in another order, or overlapping (one row that is repeated without memory of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import kernels

Arguments = tuple[Any, ...]
Put = Callable[[np.ndarray], Any]
"""Makes an array of a backend from a contiguous one on the host."""
DENORMAL = {"float16": 2.0**-24, "float32": 2.0**-140, "float64": 2.0**-1060}
VALUES: dict[str, Callable[[np.dtype], list[float]]] = {
    "NaN": lambda dtype: [np.nan],
    "infinities": lambda dtype: [np.inf, -np.inf],
    "−0": lambda dtype: [-0.0, 0.0],
    "denormal numbers": lambda dtype: [DENORMAL[dtype.name], -DENORMAL[dtype.name]],
}
ELEMENTWISE = ("kernels.elementwise", "kernels.activation", "kernels.special")
"""The modules with kernels whose results depend on one element each: the sign of a zero is compared there."""


def is_elementwise(kernel: Any) -> bool:
    """Whether each element of a kernel's results depends on one element of each argument."""
    return kernel.reference.__module__ in ELEMENTWISE


def variants(kernel: Any, args: Arguments) -> Iterator[tuple[str, Callable[[Put], Arguments]]]:
    """What is changed, and what gives the changed arguments, new ones at each call, with arrays made by its argument.

    Args:
        kernel: the kernel.
        args: its usual arguments, with arrays on the host.
    """
    for name, values in VALUES.items():
        if any(kernels.is_array(a) and a.dtype.name in DENORMAL for a in args):
            yield name, partial(with_arrays, _with_values(args, values))
    if is_elementwise(kernel):
        yield "empty", lambda put: with_arrays(args, lambda x: put(x[:0] if x.ndim else x))
    yield "strided", lambda put: with_arrays(args, lambda x: _strided(x, put))
    yield "transposed", lambda put: with_arrays(args, lambda x: put(np.array(x.T, order="C")).T)
    yield "overlapping", lambda put: with_arrays(args, lambda x: _overlapping(x, put))


def with_arrays(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied to its arrays, also in tuples and lists."""
    if kernels.is_array(value):
        return change(value)
    if isinstance(value, tuple | list):
        parts = [with_arrays(v, change) for v in value]
        return value._make(parts) if hasattr(value, "_make") else type(value)(parts)  # a NamedTuple has _make
    return value


def _with_values(args: Arguments, values: Callable[[np.dtype], list[float]]) -> Arguments:
    """The arguments with special values at every third place of the first floating-point array."""
    place = next(i for i, a in enumerate(args) if kernels.is_array(a) and a.dtype.name in DENORMAL)
    array = np.array(args[place], order="C")
    flat = array.reshape(-1)
    chosen = values(array.dtype)
    flat[::3] = np.resize(np.array(chosen, array.dtype), flat[::3].shape)
    return (*args[:place], array, *args[place + 1 :])


def _strided(x: np.ndarray, put: Put) -> Any:
    """`x` as every second element of a larger array."""
    return put(np.repeat(x, 2, axis=-1))[..., ::2] if x.ndim else put(x)


def _overlapping(x: np.ndarray, put: Put) -> Any:
    """The first row of a floating-point array in place of all rows, without memory of their own."""
    if x.ndim < 1 or x.shape[0] < 2 or x.dtype.kind != "f":
        return put(x)
    row = put(np.array(x[:1], order="C"))
    return kernels.namespace(row).broadcast_to(row, x.shape)

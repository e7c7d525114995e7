"""Arguments for kernels, drawn valid: the class `Example`, what draws arrays, and the table of all examples.

A family's examples draw the sizes that matter to it: nothing, one, odd numbers, more than a block of threads has; every
stride, padding and dilation. Arrays have any layout in memory (`Drawing.laid_out`), and some hold special values: NaN,
infinities, negative zeros, denormal numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, nan
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kernels.backend import namespace

FLOATS = ("float64", "float32", "float16")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8")

ELEMENTS = object()
"""As an argument of an example: the dtype of its floating-point arrays."""

TINY = [2.0**-24, 2.0**-20, 2.0**-149, 2.0**-130, 2.0**-1074, 2.0**-1030]
"""Two denormal numbers of each dtype; in a narrower one they are normal numbers, in a wider one zeros."""
SPECIAL: list[list[float]] = [
    *[[]] * 3,
    [nan],
    [inf, -inf],
    [0.0, -0.0],
    [*TINY, *[-x for x in TINY]],
    [nan, inf, -inf, 0.0, -0.0, *TINY],
]
"""The special values that the arrays of an example hold: mostly none, or those of a kind, or all."""


@dataclass(frozen=True)
class Example:
    """Arguments of a kernel, floating-point arrays in double.

    Attributes:
        args: as the kernel takes them.
        written: which of them it writes to.
        wide: which of them are of the dtype that numbers are summed in, not the elements'.
        elementwise: whether each element of the results depends on one element of each argument, so that its error is
            relative to itself, and a zero has the sign that the formula gives it. If not, it may be a sum of numbers
            that cancel, in any order.
    """

    args: tuple[Any, ...]
    written: tuple[int, ...] = ()
    wide: tuple[int, ...] = ()
    elementwise: bool = False

    def to(self, dtype: str) -> Example:
        """The example with its floating-point arrays as new ones of `dtype`, in the same layouts."""
        wider = "float32" if dtype == "float16" else dtype
        args = tuple(_cast(a, wider if i in self.wide else dtype) for i, a in enumerate(self.args))
        return replace(self, args=args)

    def on(self, put: Callable[[np.ndarray], Any]) -> Example:
        """The example with its arrays, also those in tuples, moved by `put`, in the same layouts."""
        return replace(self, args=tuple(_put(a, put) for a in self.args))

    def run(self, function: Callable[..., Any]) -> list[Any]:
        """All that the kernel returns and writes, in order; the example is used up.

        NumPy's arrays that the kernel may not write to are read-only.
        """
        for i, a in enumerate(self.args):
            if isinstance(a, np.ndarray) and i not in self.written:
                a.flags.writeable = False
        out = function(*self.args)
        results = list(out) if isinstance(out, tuple) else [out]
        return [r for r in results if r is not None] + [self.args[i] for i in self.written if self.args[i] is not None]


def _cast(value: Any, dtype: str) -> Any:
    if isinstance(value, np.ndarray):
        return in_layout_of(value, lambda dense: dense.astype(dtype if value.dtype.kind == "f" else value.dtype))
    return np.dtype(dtype) if value is ELEMENTS else value


def _put(value: Any, put: Callable[[np.ndarray], Any]) -> Any:
    if isinstance(value, np.ndarray):
        return in_layout_of(value, put)
    return tuple(_put(v, put) for v in value) if type(value) is tuple else value


def in_layout_of(array: np.ndarray, convert: Callable[[np.ndarray], Any]) -> Any:
    """The result of `convert` on the elements of `array`, with the memory layout of `array`.

    Args:
        array: of any layout: dimensions in any order, reversed, with gaps between elements, or expanded (repeated
            without memory of their own).
        convert: makes an array, of any library, from a C-contiguous one.
    """
    if not array.size or not array.ndim:
        return convert(np.array(array, order="C"))
    expanded = [stride == 0 and n > 1 for n, stride in zip(array.shape, array.strides, strict=True)]
    backward = tuple(slice(None, None, -1 if stride < 0 else 1) for stride in array.strides)
    stored = array[backward][tuple(slice(0, 1) if alike else slice(None) for alike in expanded)]
    order = sorted(range(array.ndim), key=lambda i: -stored.strides[i])
    dense = np.array(stored.transpose(order), order="C")
    if stored.strides[order[-1]] > array.itemsize:
        out = convert(np.repeat(dense, 2, axis=-1))[..., ::2]
    else:
        out = convert(dense)
    out = out.transpose([order.index(i) for i in range(array.ndim)])[backward]
    return namespace(out).broadcast_to(out, array.shape) if any(expanded) else out


class Drawing:
    """Arrays and attributes, drawn one after the other.

    Attributes:
        special: the values that `array` puts among others.
    """

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw
        self.random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        self.special = draw(st.sampled_from(SPECIAL))

    def number(self, *choices: Any) -> Any:
        """One of the choices."""
        return self.draw(st.sampled_from(choices))

    def between(self, low: int, high: int) -> int:
        """An int from low to high."""
        return self.draw(st.integers(low, high))

    def pair(self, low: int, high: int) -> tuple[int, int]:
        """Two ints from low to high."""
        return self.between(low, high), self.between(low, high)

    def row(self) -> int:
        """A length of rows that one block of threads processes."""
        return self.number(1, 2, 5, 31, 32, 33, 100, 513, 1200)

    def either(self, value: Any) -> Any:
        """The value or None."""
        return value if self.draw(st.booleans()) else None

    def array(self, *shape: int, low: float = -4, high: float = 4, expanded: bool = True) -> np.ndarray:
        """Multiples of 1/64 with special values among them, in any layout."""
        return self.laid_out(self.with_special(self._numbers(shape, low, high)), expanded)

    def plain(self, *shape: int, low: float = -4, high: float = 4) -> np.ndarray:
        """Multiples of 1/64, in any layout."""
        return self.laid_out(self._numbers(shape, low, high))

    def factors(self, *shape: int, high: float = 4) -> np.ndarray:
        """Multiples of 1/64 but 0, in any layout, to multiply special values by: BLAS may leave out 0 · ∞."""
        sizes = self._numbers(shape, 1 / 64, high)
        return self.laid_out(np.where(self.random.random(shape) < 0.5, -sizes, sizes))

    def integers(self, dtype: str, *shape: int, low: int = 0, high: int = 100) -> np.ndarray:
        """Integers from low to high, in any layout."""
        return self.laid_out(np.asarray(self.random.integers(low, high + 1, shape)).astype(dtype))

    def _numbers(self, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
        return np.asarray(self.random.integers(int(64 * low), int(64 * high) + 1, shape) / 64)

    def with_special(self, values: np.ndarray) -> np.ndarray:
        """Floating-point numbers, some of them (more of few) replaced by the special values of this example."""
        if not self.special:
            return values
        replaced = self.random.random(values.shape) < (0.3 if values.size < 30 else 0.1)
        return np.where(replaced, self.random.choice(self.special, values.shape), values)

    def laid_out(self, values: np.ndarray, expanded: bool = True) -> np.ndarray:
        """An array of the shape and dtype of `values` in some layout; its elements are those of `values`.

        Args:
            values: a C-contiguous array.
            expanded: whether it may be one row, repeated without memory of its own; a kernel cannot write to that.
        """
        if not values.ndim:
            return values
        layouts = ["C"] * 4 + ["reversed", "gaps"] + ["expanded"] * expanded
        if values.ndim > 1:
            layouts += ["F", "transposed"]
        layout = self.number(*layouts)
        if layout == "F":
            return np.asarray(values, order="F")
        if layout == "transposed":
            return np.array(values.swapaxes(-1, -2), order="C").swapaxes(-1, -2)
        if layout == "reversed":
            return values[::-1].copy()[::-1]
        if layout == "gaps":
            return np.repeat(values, 2, axis=-1)[..., ::2]
        return np.broadcast_to(values[:1], values.shape) if layout == "expanded" else values


EXAMPLES: dict[str, st.SearchStrategy[Example]] = {}
"""By the kernel's name."""


def example(*names: str) -> Callable[[Callable[[Drawing], Example]], Callable[[Drawing], Example]]:
    """Register the decorated function as the function that draws examples for these kernels."""

    def add(make: Callable[[Drawing], Example]) -> Callable[[Drawing], Example]:
        @st.composite
        def strategy(draw: Any) -> Example:
            return make(Drawing(draw))

        for name in names:
            if name in EXAMPLES:
                raise ValueError(f"{name}: has examples already")
            EXAMPLES[name] = strategy()
        return make

    return add

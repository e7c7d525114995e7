"""The inputs of a call as recipes for arrays: small, equal in both libraries, and printable.

Floating-point values are always exact in float32: the oracle in float64 then starts from the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Filler = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _special(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal values, about half of them replaced by zeros of both signs, ones, infinities and NaN."""
    x = rng.standard_normal(shape)
    odd = rng.choice(np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]), shape)
    return np.where(rng.random(shape) < 0.5, odd, x)


def _distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Distinct values, at least 1/8 apart."""
    n = int(np.prod(shape))
    return (rng.permutation(n) - n // 2).reshape(shape) / 8


FILLS: dict[str, Filler] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "whole": lambda rng, shape: rng.integers(-3, 4, shape).astype(float),
    "zeros": lambda rng, shape: np.zeros(shape),
    "big": lambda rng, shape: rng.standard_normal(shape) * 1e3,
    "positive": lambda rng, shape: np.exp(rng.standard_normal(shape)),
    "unit": lambda rng, shape: rng.random(shape),
    "apart": lambda rng, shape: np.where(rng.random(shape) < 0.5, -1, 1) * (0.25 + rng.random(shape)),
    "distinct": _distinct,
    "special": _special,
}
"""Ways to fill an array. ``whole`` has ties and zeros, ``apart`` has no values near zero."""


@dataclass(frozen=True)
class Values:
    """The numbers of an input one by one, in row-major order."""

    numbers: tuple[float, ...]


ABSOLUTE = -1
"""The variant of an input that consists of the absolute values."""


@dataclass(frozen=True)
class Input:
    """One array argument: `name` in the text of the call, and the recipe for its values.

    Attributes:
        name: its name in the text; formatting an input gives its name.
        shape: its shape in the call.
        fill: a key of `FILLS`, (low, high) for uniform values (floating-point) or integers (high excluded), or the
            values themselves.
        seed: seed of the values.
        dtype: ``"float"`` is the floating-point dtype of the run; others are names of dtypes.
        layout: its order in memory: ``contiguous``, ``transposed``, ``strided`` or ``expanded``.
        grad: whether gradients with respect to it are compared.
        variant: 0: floating-point values as filled; `ABSOLUTE`: their absolute values; a positive number: each value
            multiplied by 1 ± up to 1/1000, with different factors for each positive number.
        bounds: the smallest and the largest value that a variant may have, such as 0 and 1 for probabilities; default:
            those of `fill`, if it has any.
    """

    name: str
    shape: tuple[int, ...]
    fill: str | tuple[float, float] | Values = "normal"
    seed: int = 0
    dtype: str = "float"
    layout: str = "contiguous"
    grad: bool = True
    variant: int = 0
    bounds: tuple[float, float] | None = None

    @property
    def differentiable(self) -> bool:
        """Whether it requires a gradient."""
        return self.grad and self.dtype == "float"

    def base(self) -> np.ndarray:
        """The memory that the input is a view of, floating-point values in float32."""
        return _base(self)

    def view(self) -> str:
        """The text that turns a tensor of `base` into the input."""
        return _layout(self)[1]

    def __str__(self) -> str:
        return self.name


def _layout(x: Input) -> tuple[tuple[int, ...], str]:
    """The shape of the base and the text of the view; contiguous where the shape does not allow the layout."""
    shape = x.shape
    if x.layout == "transposed" and len(shape) >= 2:
        return (*shape[:-2], shape[-1], shape[-2]), ".transpose(-1, -2)"
    if x.layout == "strided" and shape:
        return (*shape[:-1], 2 * shape[-1]), "[..., ::2]"
    if x.layout == "expanded" and any(n > 1 for n in shape):
        dim = next(i for i, n in enumerate(shape) if n > 1)
        return (*shape[:dim], 1, *shape[dim + 1 :]), f".expand({', '.join(map(str, shape))})"
    return shape, ""


@lru_cache(256)
def _base(x: Input) -> np.ndarray:
    rng = np.random.default_rng(x.seed)
    shape = _layout(x)[0]
    if isinstance(x.fill, Values):
        values = np.array(x.fill.numbers).reshape(shape)
    elif isinstance(x.fill, str):
        values = FILLS[x.fill](rng, shape)
    elif x.dtype == "float":
        values = rng.uniform(*x.fill, shape)
    else:
        low, high = (int(limit) for limit in x.fill)
        values = rng.integers(low, high, shape)
    array = np.asarray(values).astype("float32" if x.dtype == "float" else x.dtype)
    if x.variant and x.dtype == "float":
        array = _within(_bounds(x), array, moved(array, x.variant) if x.variant > 0 else np.abs(array))
    array.flags.writeable = False
    return array


def _bounds(x: Input) -> tuple[float, float]:
    """The smallest and the largest value that an input may have in a variant of it."""
    if x.bounds is not None:
        return x.bounds
    if isinstance(x.fill, tuple):
        return x.fill
    return (0.0, 1.0) if x.fill == "unit" else (-np.inf, np.inf)


def _within(bounds: tuple[float, float], array: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """The changed numbers; where one is out of bounds, which the call may refuse, the number that it was before."""
    low, high = np.asarray(bounds, "float32")
    return np.where((changed < low) | (changed > high), array, changed)


def moved(array: np.ndarray, variant: int) -> np.ndarray:
    """Each number moved by up to a thousandth of itself, in float32; by different amounts for each `variant`."""
    factors = 1 + np.random.default_rng(variant).uniform(-1e-3, 1e-3, array.shape)
    return np.asarray(array * factors, "float32")


def largest(x: np.ndarray) -> float:
    """The largest finite absolute value, 0 if there is none."""
    sizes = np.abs(x.astype("float64"))
    return float(sizes.max(initial=0.0, where=np.isfinite(sizes)))

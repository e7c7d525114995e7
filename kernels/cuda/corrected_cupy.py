"""CuPy's module, with some functions corrected that differ from NumPy's on special values.

Running the parity cases and the kernels' examples on CuPy 14.2 found these differences: ⌊x / y⌋ with a zero y; x mod y
with an infinite y or a quotient that is rounded, or of integers beyond 2⁵³; the larger of two zeros; sinc of NaN.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import cupy


class Corrected(ModuleType):
    """The module ``cupy``, in which the functions of this file replace CuPy's of the same name."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(cupy, name)
        setattr(self, name, value)
        return value


def fmod(x: Any, y: Any) -> Any:
    """x - y·trunc(x / y). CuPy has it for floating-point numbers only: integers beyond 2⁵³ would be rounded."""
    if _floating(x, y):
        return cupy.fmod(x, y)
    rest = cupy.remainder(x, y)
    return rest - ((rest != 0) & ((x < 0) != (y < 0))).astype(rest.dtype) * y


def remainder(x: Any, y: Any) -> Any:
    """x - y·⌊x / y⌋: `fmod`, which is exact, brought to the sign of y; CuPy rounds the quotient."""
    if not _floating(x, y):
        return cupy.remainder(x, y)
    rest = cupy.fmod(x, y)
    return cupy.where(_signs_differ(rest, y), rest + y, rest)


def floor_divide(x: Any, y: Any) -> Any:
    """⌊x / y⌋ from the exact remainder, as Python does; x / y where y is 0."""
    if not _floating(x, y):
        return cupy.floor_divide(x, y)
    rest, quotient = cupy.fmod(x, y), cupy.true_divide(x, y)
    whole = (x - rest) / y - _signs_differ(rest, y).astype(quotient.dtype)
    near = cupy.floor(whole)
    near += (whole - near > 0.5).astype(near.dtype)
    near = cupy.where(whole == 0, cupy.copysign(cupy.zeros_like(quotient), quotient), near)
    return cupy.where(cupy.equal(y, 0), quotient, near)


def _floating(x: Any, y: Any) -> bool:
    return any(isinstance(v, float) or getattr(v, "dtype", None) in ("float16", "float32", "float64") for v in (x, y))


def _signs_differ(rest: Any, y: Any) -> Any:
    """Where the exact remainder and y differ in sign."""
    return (rest != 0) & ((rest < 0) != (y < 0))


_FLOATS = "ee->e", "ff->f", "dd->d"
_larger = cupy._core.create_ufunc(
    "minitorch_maximum", _FLOATS, "out0 = in0 != in0 || in0 > in1 ? out0_type(in0) : out0_type(in1)"
)
_smaller = cupy._core.create_ufunc(
    "minitorch_minimum", _FLOATS, "out0 = in0 != in0 || in0 < in1 ? out0_type(in0) : out0_type(in1)"
)


def maximum(x: Any, y: Any, out: Any = None) -> Any:
    """max(x, y), NaN if either is, and y if they are equal: max(0, −0) is −0. CuPy makes 0 of it."""
    return (_larger if _floating(x, y) else cupy.maximum)(x, y, out)


def minimum(x: Any, y: Any, out: Any = None) -> Any:
    """min(x, y), NaN if either is, and y if they are equal: min(−0, 0) is 0. CuPy makes −0 of it."""
    return (_smaller if _floating(x, y) else cupy.minimum)(x, y, out)


def sinc(x: Any) -> Any:
    """sin(πx) / (πx), NaN where x is NaN. CuPy makes 1 of it, as of all numbers that are not above 10⁻⁹."""
    return cupy.where(cupy.isnan(x), x, cupy.sinc(x))


MODULE = Corrected("cupy")
for _function in (fmod, remainder, floor_divide, maximum, minimum, sinc):
    setattr(MODULE, _function.__name__, _function)

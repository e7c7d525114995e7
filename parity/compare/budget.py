"""The error budget: how close to torch a result must be, defined here for all cases.

The reference (oracle) is torch in float64. Errors are counted in units: the distance between neighbouring numbers of
the dtype (the unit in the last place) at the size of the result, times the square root of the number of terms summed
for it. If nothing is summed, the size is the absolute value of the element. Where terms may cancel, it is the largest
absolute value in the tensor; for a gradient, also in the gradients for a few other incoming gradients. If even that is
tiny (`VANISHING` times the inputs), terms as large as the inputs, or as 1, have cancelled, and their size counts.

Our float32 error may be at most `FACTOR` times torch's own float32 error on the same inputs, and an error of torch
below one unit counts as one: so up to `FACTOR` units are always allowed. In float64 torch is itself the oracle, so its
error cannot be measured there. Its float32 error in units is used instead, because a computation that is
ill-conditioned in one precision is so in the other. The oracle has an error of that size too, so `FACTOR` + 1 times it
is allowed.

On one input torch may be exact by luck, or large terms may sum to a small result. Before our error counts as over
budget, torch's error is therefore also measured on some neighbouring inputs, parameters and incoming gradients, and the
size of the terms on the absolute values of the inputs.

In addition, `torch.testing.assert_close` must hold with its defaults (`CLOSE`) between us and torch in the same dtype,
except in elements where torch's own float32 error exceeds half of that tolerance, or where the unit does, or torch's
error on neighbouring inputs.

No case can change any of this; a case may only declare how many terms it sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FACTOR = 4.0
VANISHING = 2.0**-12
CLOSE = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
"""rtol and atol of `torch.testing.assert_close`, by dtype."""


@dataclass(frozen=True)
class Measure:
    """How far two results are from the oracle, in units, and any other fault of ours.

    Attributes:
        ours: our largest error.
        torch: torch's largest error.
        fault: the first reason to refuse our result, empty if there is none.
    """

    ours: float = 0.0
    torch: float = 0.0
    fault: str = ""

    @property
    def ratio(self) -> float:
        """Our error as a multiple of torch's, which counts as one unit at least."""
        return self.ours / max(self.torch, 1.0)


def limit(dtype: str) -> float:
    """The largest ratio of errors that is allowed in a dtype."""
    return FACTOR + 1 if dtype == "float64" else FACTOR


def measure(
    ours: np.ndarray,
    torch: np.ndarray,
    oracle: np.ndarray,
    terms: int = 1,
    size: float | None = None,
    torch_error: float | None = None,
    drawn: float = 1.0,
    near: float = 0.0,
) -> Measure:
    """Judge a floating-point result.

    Args:
        ours: our result, in the dtype that is judged.
        torch: torch's result, in the same dtype.
        oracle: torch's result in float64.
        terms: how many terms were summed for one element.
        size: how large the summed terms are known to be; None if only the terms counted in `terms` are summed.
        torch_error: torch's error in units, if `torch` is the oracle and so cannot give it.
        drawn: how large the inputs are.
        near: torch's largest error in units on neighbouring inputs, if it has been measured.
    """
    dtype = torch.dtype
    y, t, o = (a.astype("float64") for a in (ours, torch, oracle))
    odd = ~np.isfinite(t)
    if not np.array_equal(y[odd], t[odd], equal_nan=True) or not np.isfinite(y[~odd]).all():
        return Measure(fault=_where_not_finite(y, t, ~_same(y, t, odd)))
    compared = ~odd & np.isfinite(o)
    if not compared.any():
        return Measure()
    y, t, o = y[compared], t[compared], o[compared]
    unit = _units(o, dtype, size if terms == 1 else size or 0.0, drawn) * np.sqrt(terms)
    error = np.abs(y - o) / unit
    own = max(float((np.abs(t - o) / unit).max()) if torch_error is None else torch_error, near)
    found = Measure(float(error.max()), own)
    fault = ""
    if found.ratio > limit(dtype.name):
        fault = _where(f"error of {found.ours:.3g} units, torch's own {own:.3g}", y, o, error == error.max())
    else:
        rtol, atol = CLOSE[dtype.name]
        apart = np.abs(y - t) > atol + rtol * np.abs(t)
        apart &= np.maximum(np.abs(t - o), max(near, 1.0) * unit) <= 0.5 * (atol + rtol * np.abs(o))
        if apart.any():
            fault = _where("not close by torch.testing.assert_close's defaults", y, t, apart)
    return Measure(found.ours, own, fault)


def _units(oracle: np.ndarray, dtype: np.dtype, size: float | None, drawn: float) -> np.ndarray:
    """Each element's own unit; with a `size`, one unit for all: the unit of the largest element, or of `size`."""
    limits = np.finfo(dtype)
    sizes = np.abs(oracle)
    if size is not None:
        largest = np.maximum(sizes.max(), size)
        sizes = largest if largest > VANISHING * drawn else np.asarray(drawn)
    units = np.spacing(np.minimum(sizes, float(limits.max)).astype(dtype))
    return np.maximum(units.astype("float64"), float(limits.tiny))


def _same(y: np.ndarray, t: np.ndarray, odd: np.ndarray) -> np.ndarray:
    return np.where(odd, (y == t) | (np.isnan(y) & np.isnan(t)), np.isfinite(y))


def _where_not_finite(ours: np.ndarray, expected: np.ndarray, where: np.ndarray) -> str:
    """The first place where one of two results is infinite or NaN and the other is something else."""
    i = tuple(int(n) for n in np.argwhere(where)[0])
    mine, theirs = (f"{float(a[i]):.9g}".replace("nan", "NaN") for a in (ours, expected))
    return f"{mine} where torch has {theirs} ({int(where.sum())} of {ours.size} elements)"


def _where(what: str, ours: np.ndarray, expected: np.ndarray, where: np.ndarray) -> str:
    i = tuple(int(n) for n in np.argwhere(where)[0])
    count = f"{int(where.sum())} of {ours.size} elements"
    return f"{what}: expected {float(expected[i]):.9g}, got {float(ours[i]):.9g} ({count})"

"""How a kernel's form is held against its reference, on any backend."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernels.dispatch import KERNELS, Kernel
from tests.ladder.examples import Example

TERMS = 1500
"""As many as the longest sum in the examples has."""


def forms() -> list[str]:
    """The names of the kernels that have a form for CuPy."""
    return sorted(name for name, kernel in KERNELS.items() if "cupy" in kernel.implementations)


def check(kernel: Kernel, example: Example, dtype: str, results: Sequence[np.ndarray]) -> None:
    """Compare `results` of a form with the reference's.

    What is not floating point must be equal, and so must infinities and NaNs be where the reference has them. The error
    of the others, against the reference in double precision, may be four times the reference's own in `dtype`, and a
    few roundings of the largest number. In double precision, where the reference is all there is to compare with, it
    may be as many roundings as a sum in the examples has terms.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same = example.to(dtype).run(kernel.reference)
        exact = example.to("float64").run(kernel.reference)
    assert len(results) == len(same)
    for ours, theirs, right in zip(results, same, exact, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if ours.dtype.kind != "f":
            np.testing.assert_array_equal(ours, theirs)
            continue
        ours, theirs, right = (np.asarray(a, "float64") for a in (ours, theirs, right))
        finite = np.isfinite(theirs)
        np.testing.assert_array_equal(ours[~finite], theirs[~finite])
        ours, theirs, right = ours[finite], theirs[finite], right[finite]
        if not ours.size:
            continue
        own = np.abs(theirs - right).max()
        roundings = TERMS if dtype == "float64" else 8
        bound = 4 * own + roundings * np.finfo(dtype).eps * max(1, np.abs(right).max())
        worst = np.abs(ours - right).max()
        assert worst <= bound, f"{kernel.name} in {dtype}: off by {worst:.3g}, where {bound:.3g} is allowed"


def outcome(kernel: Kernel, example: Example, dtype: str, to_host: Callable[[Any], np.ndarray] = np.asarray) -> Any:
    """What the form for CuPy makes of an example that is where it should run."""
    return [np.array(to_host(r)) for r in example.run(kernel.implementations["cupy"])]

"""Comparing a form of a kernel with its reference, on any array library."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kernels.dispatch import KERNELS, Kernel
from tests.kernels.examples import EXAMPLES, Example

TERMS = 1500
"""As many as the longest sum in the examples has."""


def forms(library: str) -> list[str]:
    """The names of the kernels that have a form for an array library."""
    return sorted(name for name, kernel in KERNELS.items() if library in kernel.implementations)


def examples_of(name: str) -> st.SearchStrategy[Example]:
    """The function that draws arguments for a kernel.

    Raises:
        AssertionError: if there is nothing; says what to add.
    """
    assert name in EXAMPLES, (
        f"the kernel {name} has the forms {', '.join(KERNELS[name].implementations)}, but no examples to compare them "
        f"with the reference on: add a function to tests/kernels/examples/ that draws its arguments, @example({name!r})"
    )
    return EXAMPLES[name]


def outcome(
    kernel: Kernel, example: Example, library: str = "cupy", to_host: Callable[[Any], np.ndarray] = np.asarray
) -> list[np.ndarray]:
    """The results of the form for a library, on an example with that library's arrays."""
    with np.errstate(all="ignore"):
        return [np.array(to_host(r)) for r in example.run(kernel.implementations[library])]


def check(kernel: Kernel, example: Example, dtype: str, results: Sequence[np.ndarray], denormals: bool = True) -> None:
    """Compare `results` of a form with the reference's.

    What is not floating point must be equal, and so must infinities and NaNs be where the reference has them. The error
    of the others, against the reference in double precision, may be four times the reference's own in `dtype`, and a
    few roundings of the number itself if the example is elementwise, of the largest number if not. In double precision,
    where the reference is all there is to compare with, it may be as many roundings as a sum in the examples has terms.

    Args:
        kernel: whose form it is.
        example: the arguments, in double precision.
        dtype: of the form's arguments.
        results: all that the form returned and wrote.
        denormals: whether the form computes with denormal numbers. A GPU takes zeros for them.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rounded = example.to(dtype)
        exact = rounded.to("float64").run(kernel.reference)
        same = rounded.run(kernel.reference)
    assert len(results) == len(same)
    for ours, theirs, right in zip(results, same, exact, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if ours.dtype.kind != "f":
            np.testing.assert_array_equal(ours, theirs)
            continue
        info = np.finfo(ours.dtype)
        if example.elementwise:
            zero = (theirs == 0) & (right == 0)
            np.testing.assert_array_equal(np.signbit(ours[zero]), np.signbit(theirs[zero]), "the sign of a zero")
        ours, theirs, right = (np.asarray(a, "float64") for a in (ours, theirs, right))
        finite = np.isfinite(theirs)
        np.testing.assert_array_equal(ours[~finite], theirs[~finite])
        ours, theirs, right = ours[finite], theirs[finite], right[finite]
        if not ours.size:
            continue
        roundings = {"float64": TERMS, "float32": 8, "float16": 2}[dtype]
        underflow = float(info.smallest_subnormal if denormals else info.tiny)
        size = np.maximum(np.abs(right), float(info.tiny)) if example.elementwise else max(1, np.abs(right).max())
        own = (np.abs(theirs - right) / size).max()
        bound = (4 * own + roundings * float(info.eps)) * size + 2 * underflow
        wrong = ~(np.abs(ours - right) <= bound)
        assert not wrong.any(), (
            f"{kernel.name} in {dtype}: {ours[wrong][0]!r} where the reference has {theirs[wrong][0]!r}, in double "
            f"precision {right[wrong][0]!r}; {np.broadcast_to(bound, ours.shape)[wrong][0]:.3g} apart is allowed"
        )

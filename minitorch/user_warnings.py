"""Warnings that point to the line of the user's program that called a function of minitorch."""

from __future__ import annotations

import sys
import warnings

GRADIENT_IS_LOST = (
    "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
    "Consider using tensor.detach() first."
)
LIST_OF_ARRAYS = (
    "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a "
    "single numpy.ndarray with numpy.array() before converting to a tensor."
)


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, with the location of the innermost call that is not in this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("minitorch."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)

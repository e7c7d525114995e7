"""Reading and checking the options of optimizers."""

from __future__ import annotations

from typing import Any

from minitorch._tensor import Tensor


def check_number(value: Any, name: str, below: float | None = None) -> None:
    """Refuse an option that is negative, not a number, or not below a limit.

    Raises:
        ValueError: if it is refused.
    """
    if not (value >= 0 and (below is None or value < below)):
        raise ValueError(f"Invalid {name}: {value}")


def check_options(lr: Any, foreach: Any, differentiable: Any, fused: Any) -> None:
    """Refuse a tensor with several elements as learning rate, and unsupported implementations.

    Raises:
        ValueError: for a tensor of several elements as learning rate.
        RuntimeError: for options that exclude each other.
        NotImplementedError: for `differentiable`.
    """
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise NotImplementedError(
            "differentiable=True is not supported: steps are not recorded; write the update as operations on tensors"
        )


def number(value: Any) -> float:
    """An option as a Python number; for a tensor, its only element."""
    return float(value.item()) if isinstance(value, Tensor) else value

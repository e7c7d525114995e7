"""Batches in host memory that GPUs read directly, for ``DataLoader(pin_memory=True)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitorch._tensor import Tensor

__all__ = ["pin"]


def pin(data: Any) -> Any:
    """`data` with its tensors pinned; for other objects the result of their method `pin_memory`, if they have one."""
    if isinstance(data, Tensor):
        return data.pin_memory() if data.device.type == "cpu" else data
    if isinstance(data, str | bytes):
        return data
    if isinstance(data, Mapping):
        items = {key: pin(value) for key, value in data.items()}
        return type(data)(items)  # type: ignore[call-arg]  # as in torch, a mapping of any class is made from a dict
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(pin, data))
    if isinstance(data, tuple | list):
        return type(data)(map(pin, data))
    return data.pin_memory() if hasattr(data, "pin_memory") else data

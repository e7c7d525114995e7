"""Types of arguments, for annotations (`torch.types`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from minitorch.devices import device

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
Ints: TypeAlias = int | Sequence[int]
"""One number for all dimensions, or one for each."""

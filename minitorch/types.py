"""Types of arguments, for annotations (`torch.types`)."""

from __future__ import annotations

from typing import TypeAlias

from minitorch.devices import device

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None

"""Data loading, hooks, and other helpers."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitorch.utils import data as data, dlpack as dlpack
else:

    def __getattr__(name: str) -> Any:
        """Import `data` or `dlpack` when it is first used."""
        if name in ("data", "dlpack"):
            return importlib.import_module(f"minitorch.utils.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Data loading, hooks, and other helpers."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitorch.utils import data as data
else:

    def __getattr__(name: str) -> Any:
        """The package `data`, which is imported when it is first used."""
        if name == "data":
            return importlib.import_module("minitorch.utils.data")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

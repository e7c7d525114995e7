"""Datasets that worker processes started afresh can import without torch."""

from __future__ import annotations

import os
from typing import Any

from minitorch.utils.data import Dataset, get_worker_info


class Squares(Dataset[int]):
    """The squares of the numbers below 10."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: Any) -> int:
        assert get_worker_info() is not None
        return int(i) ** 2


class Dying(Squares):
    """Its worker dies at number 5."""

    def __getitem__(self, i: Any) -> int:
        if i == 5:
            os._exit(3)
        return super().__getitem__(i)

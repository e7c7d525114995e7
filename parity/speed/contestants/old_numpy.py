"""Names that NumPy removed in 1.24 and 2.0, put back while a library that needs them is imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_KINDS = {
    "int": [np.int8, np.int16, np.int32, np.int64],
    "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
    "float": [np.float16, np.float32, np.float64],
    "complex": [np.complex64, np.complex128],
    "others": [bool, object, bytes, str, np.void],
}
_NAMES: dict[str, Any] = {"int": int, "float": float, "object": object, "sctypes": _KINDS}


@contextmanager
def old_names() -> Iterator[None]:
    """Let ``numpy.int``, ``numpy.float``, ``numpy.object`` and ``numpy.sctypes`` be there within the block."""
    added = [name for name in _NAMES if name not in vars(np)]
    for name in added:
        setattr(np, name, _NAMES[name])
    try:
        yield
    finally:
        for name in added:
            delattr(np, name)

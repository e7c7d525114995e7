"""The module ``cupy.cuda.thrust``, which is precompiled device code, with the sorting of ``emulation/sorting.cpp``."""

from __future__ import annotations

import ctypes
import math
import types
from collections.abc import Sequence
from typing import Any

import numpy as np


def make_module(library: ctypes.CDLL) -> types.ModuleType:
    """A module with the functions of ``cupy.cuda.thrust``. They give the work to the current stream.

    Args:
        library: the emulation.
    """

    def call(function: Any, dtype: Any, *args: Any) -> None:
        from cupy.cuda import get_current_stream, runtime

        kind, size = np.dtype(dtype).kind, np.dtype(dtype).itemsize
        status = function(ctypes.c_char(kind.encode()), size, *args, ctypes.c_void_p(get_current_stream().ptr))
        if status:
            raise runtime.CUDARuntimeError(status)

    def sort(dtype: Any, data: int, keys: int, shape: Sequence[int]) -> None:
        argsort(dtype, 0, data, keys, shape)

    def argsort(dtype: Any, index: int, data: int, keys: int, shape: Sequence[int]) -> None:
        rows = ctypes.c_int64(math.prod(shape[:-1]))
        pointers = ctypes.c_void_p(data), ctypes.c_void_p(index)
        call(library.cusim_sort, dtype, *pointers, rows, ctypes.c_int64(shape[-1]))

    def lexsort(dtype: Any, index: int, keys: int, k: int, n: int) -> None:
        pointers = ctypes.c_void_p(keys), ctypes.c_void_p(index)
        call(library.cusim_sort_columns, dtype, *pointers, ctypes.c_int64(k), ctypes.c_int64(n))

    module = types.ModuleType("cupy.cuda.thrust", make_module.__doc__)
    contents = {"available": True, "get_build_version": lambda: 0, "sort": sort, "argsort": argsort, "lexsort": lexsort}
    module.__dict__.update(contents)
    return module

"""Functions of each element, computed block by block: what they compute on the way stays in the cache.

An expression of ten operations on large arrays makes ten arrays, each written to memory and read from there. Of a block
they are in the cache, and in memory that was in use just before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from kernels.memory_order import dense_like, is_dense, memory_order

BLOCK = 1 << 15
"""How many elements are computed at a time."""


def in_blocks(function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)``, block by block where all arrays among `args` are large, of one shape and one layout.

    Args:
        function: each element of its result depends on that element of the arrays only. It returns an array.
        args: arrays of NumPy, and anything else.
    """
    places = [i for i, a in enumerate(args) if type(a) is np.ndarray]
    if not places:
        return function(*args)
    first = args[places[0]]
    if first.size <= BLOCK or any(args[i].shape != first.shape for i in places):
        return function(*args)
    order = None
    if not all(args[i].flags.c_contiguous for i in places):
        if any(args[i].strides != first.strides for i in places) or not is_dense(first):
            return function(*args)
        order = memory_order(first)
    flat = {i: (args[i] if order is None else args[i].transpose(order)).reshape(-1) for i in places}

    def block(start: int) -> Any:
        return function(*(flat[i][start : start + BLOCK] if i in flat else a for i, a in enumerate(args)))

    done = block(0)
    out = dense_like(first, done.dtype)
    into = (out if order is None else out.transpose(order)).reshape(-1)
    into[:BLOCK] = done

    for start in range(BLOCK, first.size, BLOCK):
        into[start : start + BLOCK] = block(start)
    return out


def blockwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` by `in_blocks`, with the same parameters."""

    @wraps(function)
    def run(*args: Any) -> Any:
        first = args[0]
        if type(first) is np.ndarray and first.size <= BLOCK:  # `in_blocks` would find that too, in more steps
            return function(*args)
        return in_blocks(function, *args)

    return run

"""Philox on CuPy: the same words, a thread for each block of four."""

from __future__ import annotations

import numpy as np

from kernels import random as reference
from kernels.backend import Array
from kernels.cuda.launch import Template

philox = Template("random.cu", "philox", (np.dtype("int32"),))


@reference.philox.on("cupy")
def philox_cupy(out: Array, key: int, counter: int) -> Array:
    """`philox`: the kernel writes the words as int32, with the same bits."""
    words = out.view("int32")
    numbers = (_signed(key), _signed(key >> 32), *(_signed(counter >> shift) for shift in (0, 32, 64, 96)))
    philox.each(words, -(-out.size // 4), words, out.size, *numbers)
    return out


def _signed(word: int) -> int:
    """The low 32 bits as a signed number."""
    return (word + 2**31) % 2**32 - 2**31

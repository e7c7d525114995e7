"""Whether products of single-precision matrices may be computed in TF32, where a GPU can: torch's switches.

TF32 rounds each number to 11 bits before it is multiplied; sums have 24. On an H100 a large product takes about a tenth
of the time. Nothing is rounded unless the program asks for it, convolutions included: those of torch are, by default.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Allowed:
    """Where TF32 may be used.

    Attributes:
        matmul: in products of matrices, linear and recurrent layers.
        convolution: in convolutions.
    """

    matmul: bool = False
    convolution: bool = False


TF32 = Allowed()

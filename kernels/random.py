"""Philox4x32-10: random words that are a function of a key and a number, so that any part can be made alone.

J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011,
https://doi.org/10.1145/2063384.2063405. A block of four 32-bit words is the number of the block, encrypted: in each of
ten rounds two of its words are multiplied by constants, and the halves of the products are mixed with the other two and
with the key, which grows by a constant from round to round.
"""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel

ROUNDS = 10
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
MASK = 0xFFFFFFFF


@kernel
def philox(out: Array, key: int, counter: int) -> Array:
    """Write blocks `counter`, `counter` + 1, … of the stream of `key` into `out`; the last one as far as there is room.

    Args:
        out: uint32 (n,), contiguous.
        key: 64 bits.
        counter: 128 bits.

    Returns:
        `out`.
    """
    xp = namespace(out)
    blocks = -(-out.size // 4)
    start, high = counter & 2**64 - 1, counter >> 64
    low = xp.arange(blocks, dtype="uint64") + start  # modulo 2^64
    high = (low < start).astype("uint64") + high
    a, b, c, d = low & MASK, low >> 32, high & MASK, high >> 32
    k0, k1 = key & MASK, key >> 32
    for _ in range(ROUNDS):
        p, q = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b, c, d = q >> 32 ^ b ^ k0, q & MASK, p >> 32 ^ d ^ k1, p & MASK
        k0, k1 = k0 + WEYL[0] & MASK, k1 + WEYL[1] & MASK
    words = xp.stack([a, b, c, d], axis=1).reshape(-1).astype("uint32")
    out[...] = words[: out.size]
    return out

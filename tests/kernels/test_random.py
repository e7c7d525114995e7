"""Philox against the vectors that its authors publish, and the stream as a whole."""

import numpy as np
import pytest

import kernels
import tests.backends.strict
from kernels.random import philox

# "kat_vectors" of Random123, https://github.com/DEShawResearch/random123: philox 4x32, ten rounds.
VECTORS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def number(words):
    """Words, the lowest first, as one number."""
    return sum(int(word, 16) << 32 * i for i, word in enumerate(words.split()))


def words(count, key, counter):
    return philox(np.empty(count, "uint32"), key, counter)


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS)
def test_published_vectors(counter, key, expected):
    assert [f"{w:08x}" for w in words(4, number(key), number(counter))] == expected.split()


def test_any_part_of_a_stream_can_be_made_alone():
    whole = words(4000, 5, 7)
    for first, count in ((0, 1), (0, 7), (4, 4), (400, 13), (3996, 4)):
        np.testing.assert_array_equal(words(count, 5, 7 + first // 4), whole[first : first + count])


@pytest.mark.parametrize("before", [2**32 - 1, 2**64 - 1, 2**96 - 1, 2**128 - 1])
def test_the_counter_carries(before):
    over = words(8, 3, before)
    np.testing.assert_array_equal(over[4:], words(4, 3, (before + 1) % 2**128))


def test_it_runs_on_other_backends():
    strict = tests.backends.strict.DEVICES
    out = philox(strict.asarray(np.zeros(10, "uint32")), 11, 2**64 - 1)
    np.testing.assert_array_equal(strict.to_host(out), words(10, 11, 2**64 - 1))
    with kernels.using("reference"):
        np.testing.assert_array_equal(words(10, 11, 2**64 - 1), strict.to_host(out))


def test_words_are_evenly_spread():
    """Each bit is set half the time, within five standard deviations."""
    bits = np.unpackbits(words(40_000, 1, 0).view("uint8").reshape(-1, 4), axis=1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / 200

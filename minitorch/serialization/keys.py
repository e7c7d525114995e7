"""Checks of the keys of dicts and the items of sets in a checkpoint, before Python hashes them."""

from __future__ import annotations

from typing import Any

from minitorch.errors import CorruptPickleError

__all__ = ["KeyCheck"]

_MOST_PARTS = 64  # in a tuple, with the tuples inside it
_LONGEST_TEXT = 1 << 16
_MOST_WITH_ONE_HASH = 100
_MODULUS = (1 << 61) - 1  # hash(n) of an int is n modulo this prime, so for a smaller int it is n


class KeyCheck:
    """Checks the keys of dicts and sets: each must be cheap to hash and to compare.

    - A tuple of the same tuple twice, which is again a pair, and so on sixty times, is small in a file, but hashing it
      takes 2⁶⁰ steps; a tuple nested 100,000 deep exhausts the stack. So a key has at most 64 parts.
    - Python compares a key with all other keys with the same hash. The multiples of 2⁶¹ - 1 all have the hash 0, so a
      dict of n of them takes n² steps. So at most 100 keys may have the same hash. (Text is safe: its hash is random
      in every process.)
    - Two equal long texts are compared character by character, each time that either is a key. So a text that is a key
      has at most 65,536 characters.
    """

    def __init__(self) -> None:
        self._count: dict[tuple[int, int], int] = {}  # how many keys of a container have a hash

    def check(self, key: Any, container: int = 0) -> Any:
        """Check `key` and return it.

        Args:
            key: the key.
            container: a number for the dict or set to which the key is added, if there are several.

        Raises:
            CorruptPickleError: if it breaks one of the rules above.
        """
        kind = type(key)
        if kind is str or kind is bytes:
            _check_length(key)
            return key
        if kind is int and -_MODULUS < key < _MODULUS:
            return key
        _check_parts(key)
        which = container, hash(key)
        self._count[which] = self._count.get(which, 0) + 1
        if self._count[which] > _MOST_WITH_ONE_HASH:
            raise CorruptPickleError(f"more than {_MOST_WITH_ONE_HASH} keys of a dict or set have the same hash")
        return key


def _check_parts(key: Any) -> None:
    waiting, parts = [key], 0
    while waiting:
        item = waiting.pop()
        parts += 1
        if parts > _MOST_PARTS:
            raise CorruptPickleError(f"a key of a dict or set is a tuple of more than {_MOST_PARTS} parts")
        if isinstance(item, tuple):
            waiting.extend(item[: _MOST_PARTS + 1])
        elif isinstance(item, str | bytes):
            _check_length(item)


def _check_length(text: str | bytes) -> None:
    if len(text) > _LONGEST_TEXT:
        raise CorruptPickleError(f"a key of a dict or set is a text of {len(text):,} characters")

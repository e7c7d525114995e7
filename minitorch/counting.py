"""Numbers with the word that they count, for messages."""

from __future__ import annotations


def counted(n: int, word: str, plural: str = "") -> str:
    """``1 case``, ``2 cases``, ``1,797 examples``; `plural` is for a word that does more than get an s."""
    return f"{n:,} {word if n == 1 else plural or word + 's'}"

"""A checksum of the content of a checkpoint, which detects changes since it was written."""

from __future__ import annotations

import hashlib
from typing import Any

from minitorch import Tensor

__all__ = ["seal"]


def seal(value: Any, most_bytes: int | None = None) -> str:
    """The SHA-256 of a tree of dicts, lists, tuples, tensors, numbers and texts, in hexadecimal.

    Equal trees have equal checksums: types, order, dtypes, shapes and every bit of the numbers count, devices and
    strides do not. A container or tensor that occurs again counts by the number of its first occurrence, so the time is
    bounded by the size of the file, even for a tuple of the same tuple twice, which is again a pair, and so on.

    Args:
        value: the tree.
        most_bytes: how many bytes all tensors together may have. (A tensor that was expanded in a file has more
            elements than the file has bytes.)

    Raises:
        ValueError: if the tensors have more than `most_bytes`.
    """
    checksum = hashlib.sha256()
    numbers: dict[int, int] = {}  # of the containers and tensors seen so far, by their id
    left = most_bytes
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict | list | tuple | Tensor):
            if id(item) in numbers:
                checksum.update(b"again %d;" % numbers[id(item)])
                continue
            numbers[id(item)] = len(numbers)
        if isinstance(item, Tensor):
            size = item.numel() * item.element_size()
            if left is not None and size > left:
                raise ValueError(f"the tensors have more than {most_bytes} bytes")
            left = None if left is None else left - size
            checksum.update(f"{item.dtype} {tuple(item.shape)};".encode())
            checksum.update(item.detach().cpu().contiguous().numpy().tobytes())
        elif isinstance(item, dict):
            checksum.update(b"dict %d;" % len(item))
            waiting.extend(part for pair in reversed(item.items()) for part in reversed(pair))
        elif isinstance(item, list | tuple):
            checksum.update(b"%s %d;" % (b"list" if isinstance(item, list) else b"tuple", len(item)))
            waiting.extend(reversed(item))
        else:
            checksum.update(f"{type(item).__name__} {item!r};".encode("utf-8", "surrogatepass"))
    return checksum.hexdigest()

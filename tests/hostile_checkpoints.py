"""Checkpoints made by hand, instruction by instruction, and limits on what loading may do."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import minitorch
from minitorch.errors import CorruptFileError, DeviceNotFoundError
from minitorch.serialization.archive import ArchiveWriter

CLEAN = (CorruptFileError, DeviceNotFoundError, pickle.UnpicklingError)
"""The errors that loading a damaged or hostile file may raise."""

_heard: list[str] | None = None


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if _heard is not None and event in HARM:
        _heard.append(f"{event} {args}")


HARM = {"exec", "compile", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pickle.find_class"}
HARM |= {"import", "open", "os.remove", "os.rename", "os.mkdir", "socket.connect", "ctypes.dlopen"}
sys.addaudithook(_listen)


@contextmanager
def nothing_executed() -> Iterator[None]:
    """A context that fails if anything is imported, opened, compiled or run."""
    global _heard
    events: list[str] = []
    _heard = events
    try:
        yield
    finally:
        _heard = None
    assert not events


def written(value: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    minitorch.save(value, file, **options)
    return file.getvalue()


def packed(text: bytes, **records: bytes) -> bytes:
    """A checkpoint with this pickle, and a storage of four floats."""
    contents = {"data.pkl": text, "byteorder": b"little", "data/0": struct.pack("<4f", 1, 2, 3, 4), **records}
    file = io.BytesIO()
    with ArchiveWriter(file, "archive") as archive:
        for name, content in contents.items():
            archive.write(name, content)
    return file.getvalue()


def instructions(*parts: Any) -> bytes:
    """A pickle of instructions, numbers (as one byte) and text (as the global with this name)."""
    return b"\x80\x02" + b"".join(part if isinstance(part, bytes) else bytes([part]) for part in parts) + b"."


def name(path: str) -> bytes:
    module, _, attribute = path.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<L", len(value)) + value.encode()


def number(value: int) -> bytes:
    return pickle.dumps(value, 2)[2:-1]


def storage(
    kind: str = "torch.FloatStorage", key: bytes = text("0"), place: bytes = text("cpu"), size: int = 4
) -> bytes:
    return b"(" + text("storage") + name(kind) + key + place + number(size) + b"tQ"


def tensor(
    offset: Any = 0, size: Any = (4,), stride: Any = (1,), memory: bytes | None = None, grad: Any = False
) -> bytes:
    values = [pickle.dumps(value, 2)[2:-1] for value in (offset, size, stride, grad)]
    return (
        name("torch._utils._rebuild_tensor_v2") + b"(" + (memory or storage()) + b"".join(values)
        + name("collections.OrderedDict") + b")RtR"
    )  # fmt: skip


MAGIC = b"".join(
    pickle.dumps(header, 2)
    for header in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}})
)
"""How a file of torch's older format begins."""


def packed_legacy(program: bytes, *, keys: bytes = pickle.dumps([], 2), memory: bytes = b"") -> bytes:
    """A file of the older format with this pickle; the description of a storage gets the None that belongs there."""
    return MAGIC + program.replace(b"tQ", b"NtQ") + keys + memory


@contextmanager
def little_memory(limit: int = 20_000_000) -> Iterator[None]:
    """A context that fails if more than `limit` bytes are allocated at any moment."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@contextmanager
def within_budget(size: int) -> Iterator[None]:
    """Within it memory and processor time are proportional to the size of a file.

    One byte of a pickle can make an empty set, which takes 216 bytes and 8 on the stack. The processor's time, of this
    thread alone, is limited to ten times what the slowest file has taken, so that a busy machine changes nothing.
    """
    start = time.thread_time()
    with little_memory(1_000_000 + 300 * size):
        yield
    assert time.thread_time() - start < 5 + 100e-6 * size

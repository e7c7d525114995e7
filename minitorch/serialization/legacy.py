"""torch's file format before 2020: five pickles one after the other, then the memory of the storages.

The pickles are a magic number, the version of the format, a dict that says the byte order, the object itself, and the
keys of the storages in the order in which their memory follows. Eight bytes before each memory are its length in
elements.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

import kernels
from minitorch import devices
from minitorch.errors import CorruptCheckpointError, CorruptPickleError
from minitorch.serialization.pickling import StorageTable, pickler
from minitorch.serialization.rebuild import brief, read_description
from minitorch.serialization.source import Source
from minitorch.serialization.storage import Storage

__all__ = ["load_legacy", "save_legacy"]

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001


def save_legacy(obj: Any, file: Any, pickle_module: Any, protocol: int) -> None:
    """Write `obj` to a file in the old format."""
    table = StorageTable()
    system = {
        "protocol_version": _PROTOCOL_VERSION,
        "little_endian": sys.byteorder == "little",
        "type_sizes": {"short": 2, "int": 4, "long": 8},
    }
    for header in (_MAGIC_NUMBER, _PROTOCOL_VERSION, system):
        pickle_module.dump(header, file, protocol=protocol)
    pickler(pickle_module, file, protocol, table, None).dump(obj)
    keys = sorted(table.storages)
    pickle_module.dump(keys, file, protocol=protocol)
    for key in keys:
        array = table.storages[key].array
        host = np.ascontiguousarray(kernels.backend_of(array).to_host(array))
        file.write(host.size.to_bytes(8, sys.byteorder))
        file.write(memoryview(host.data).cast("B") if host.size else b"")


def load_legacy(source: Source, unpickler: Callable[..., Any], restore: Callable[[Storage, str], Storage]) -> Any:
    """The object in a file of the old format. The format has no checksums: altered numbers are not noticed.

    Args:
        source: the file, at its beginning.
        unpickler: makes an object with a method `load` from the file and a function that returns storages.
        restore: moves a storage to its device.

    Raises:
        CorruptPickleError: if the file does not have this format, or one of its pickles is damaged.
        CorruptCheckpointError: if the file is truncated, or its parts contradict one another.
    """
    left = source.length - source.tell()  # how many bytes all storages together may have
    storages: dict[str, Storage] = {}

    def refuse(description: Any) -> Any:
        raise CorruptPickleError(f"a storage is described ({brief(description)}) where none can be")

    def storage_of(description: Any) -> Storage:
        nonlocal left
        if type(description) is tuple and len(description) > 1 and description[0] in ("module", b"module"):
            return description[1]  # only in a trusted pickle: the class of a module, and its source text
        kind, key, place, size = read_description(description, 6)
        if key not in storages:
            left -= size * kind.dtype.itemsize
            if left < 0:
                raise CorruptCheckpointError(f"the storages are longer than the file, at {brief(key)}; corrupt file?")
            storages[key] = restore(Storage(np.zeros(size, kind.dtype.numpy)), place)
        return storages[key]

    try:
        magic_number = unpickler(source, refuse).load()
    except (pickle.UnpicklingError, EOFError, ValueError) as error:
        raise CorruptPickleError(
            f"the file is no checkpoint: it begins neither as a zip archive nor as torch's older format does ({error})"
        ) from error
    if type(magic_number) is not int or magic_number != _MAGIC_NUMBER:
        raise CorruptCheckpointError("Invalid magic number; corrupt file?")
    version = unpickler(source, refuse).load()
    if type(version) is not int or version != _PROTOCOL_VERSION:
        raise CorruptCheckpointError(f"Invalid protocol version: {brief(version)}")
    system = unpickler(source, refuse).load()
    little = system.get("little_endian", True) if isinstance(system, dict) else None
    if type(little) is not bool:
        raise CorruptCheckpointError("the file does not say in which byte order it is; corrupt file?")
    order: Literal["little", "big"] = "little" if little else "big"
    result = unpickler(source, storage_of).load()
    keys = unpickler(source, refuse).load()
    known = isinstance(keys, list) and all(type(key) is str and key in storages for key in keys)
    if not known or len(keys) != len(storages) or len(set(keys)) != len(storages):
        raise CorruptCheckpointError(
            "the storages in the file are not the storages that its tensors need; corrupt file?"
        )
    for key in keys:
        array = storages[key].array
        size = int.from_bytes(source.read(8), order)
        if size != array.size:
            raise CorruptCheckpointError(
                f"storage {brief(key)} has {size} elements; {array.size} were expected; corrupt file?"
            )
        content = source.read(array.nbytes)
        if len(content) != array.nbytes:
            raise CorruptCheckpointError(
                f"unexpected EOF, expected {array.nbytes - len(content)} more bytes. The file might be corrupted."
            )
        host = np.frombuffer(content, array.dtype)
        host = host if order == sys.byteorder else host.byteswap()
        kernels.assign(array, devices.beside(array, host))
    return result

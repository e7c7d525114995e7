"""torch's format before the zip archive: five pickles one after the other, then the memory of the storages."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

import kernels
from minitorch import devices
from minitorch.serialization.pickling import StorageTable, pickler
from minitorch.serialization.rebuild import StorageType
from minitorch.serialization.storage import Storage

__all__ = ["load_legacy", "save_legacy"]

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001


def save_legacy(obj: Any, file: Any, pickle_module: Any, protocol: int) -> None:
    """Write `obj` in the old format."""
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


def load_legacy(file: BinaryIO, unpickler: Callable[..., Any], restore: Callable[[Storage, str], Storage]) -> Any:
    """The object in a file of the old format. There is no checksum: altered numbers go unnoticed.

    Args:
        file: the file, at its beginning.
        unpickler: makes an object with `load` for a file and a function that gives storages.
        restore: puts a storage where it belongs.

    Raises:
        RuntimeError: if it is no such file, or is truncated or damaged.
    """
    start = file.tell()
    left = file.seek(0, 2) - start
    file.seek(start)
    storages: dict[Any, Storage] = {}

    def refuse(description: Any) -> Any:
        raise pickle.UnpicklingError(f"{description!r:.100} cannot be here")

    def storage_of(description: tuple[Any, ...]) -> Storage:
        nonlocal left
        if description[0] in ("module", b"module"):
            return description[1]
        _, kind, key, location, size, view = description
        if not isinstance(kind, StorageType) or type(size) is not int or size < 0 or view is not None:
            raise RuntimeError(f"a storage is described as {description[2:]}; corrupt file?")
        if key not in storages:
            left -= size * kind.dtype.itemsize
            if left < 0:
                raise RuntimeError(f"the storages are described as longer than the file, at {key!r}; corrupt file?")
            location = location.decode("ascii") if isinstance(location, bytes) else location
            storages[key] = restore(Storage(np.zeros(size, kind.dtype.numpy)), location)
        return storages[key]

    try:
        magic_number = unpickler(file, refuse).load()
    except (pickle.UnpicklingError, EOFError, ValueError) as error:
        raise pickle.UnpicklingError(
            f"the file is no checkpoint: it begins neither as a zip archive nor as torch's older format does ({error})"
        ) from error
    if magic_number != _MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file?")
    version = unpickler(file, refuse).load()
    if version != _PROTOCOL_VERSION:
        raise RuntimeError(f"Invalid protocol version: {version}")
    system = unpickler(file, refuse).load()
    order = "little" if not isinstance(system, dict) or system.get("little_endian", True) else "big"
    result = unpickler(file, storage_of).load()
    keys = unpickler(file, refuse).load()
    if not isinstance(keys, list) or set(keys) != set(storages):
        raise RuntimeError("the storages in the file are not those that its tensors need; corrupt file?")
    for key in keys:
        array = storages[key].array
        size = int.from_bytes(file.read(8), order)  # type: ignore[arg-type]
        if size != array.size:
            raise RuntimeError(f"storage {key!r} has {size} elements; {array.size} were expected; corrupt file?")
        content = file.read(array.nbytes)
        if len(content) != array.nbytes:
            raise RuntimeError(
                f"unexpected EOF, expected {array.nbytes - len(content)} more bytes. The file might be corrupted."
            )
        host = np.frombuffer(content, array.dtype)
        host = host if order == sys.byteorder else host.byteswap()
        kernels.assign(array, devices.beside(array, host))
    return result

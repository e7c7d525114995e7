"""Saving and loading in torch's own checkpoint format, with nothing of torch installed.

A file that `save` writes can be read by ``torch.load``, and the other way round. Reading executes nothing from the file
unless it is asked for with ``weights_only=False``.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np

import kernels
from minitorch.serialization.archive import ALIGNMENT, ArchiveReader, ArchiveWriter
from minitorch.serialization.legacy import load_legacy, save_legacy
from minitorch.serialization.pickling import StorageTable, pickler
from minitorch.serialization.rebuild import StorageType, lookup
from minitorch.serialization.storage import Storage, restorer
from minitorch.serialization.unpickling import (
    RestrictedUnpickler,
    add_safe_globals,
    clear_safe_globals,
    get_safe_globals,
    safe_globals,
)

__all__ = ["add_safe_globals", "clear_safe_globals", "get_safe_globals", "load", "safe_globals", "save"]

_TRUST = (
    "Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can result in arbitrary "
    "code execution. Do it only if you got the file from a trusted source."
)


def save(
    obj: object,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write an object into a file that torch can read. A file that stood there is replaced whole or not at all.

    Tensors that share memory go on sharing it; the whole memory that a view looks into is written, once.

    Args:
        obj: tensors, numbers, strings, in dicts, lists and tuples; also what else pickle takes, which is then only read
            with ``weights_only=False``.
        f: a path, or a file with a method `write`.
        pickle_module: what pickles, `pickle` or a module derived from it.
        pickle_protocol: pickle's protocol; torch reads 2 without executing anything.
        _use_new_zipfile_serialization: False writes torch's format of before 2020, which has no checksums.

    Raises:
        AttributeError: if `f` is neither.
        RuntimeError: if the folder does not exist, or tensors see the same memory as different dtypes.
        PicklingError: or whatever else pickling `obj` raises; the file is then as it was before.
    """
    from minitorch.files import atomic_write

    if not isinstance(f, str | os.PathLike) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    is_path = isinstance(f, str | os.PathLike)
    if is_path and not os.path.isdir(os.path.dirname(os.path.abspath(f))):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(f))} does not exist.")
    with atomic_write(f) if is_path else nullcontext(f) as file:
        if not _use_new_zipfile_serialization:
            save_legacy(obj, file, pickle_module, pickle_protocol)
            return
        table = StorageTable()
        text = io.BytesIO()
        pickler(pickle_module, text, pickle_protocol, table).dump(obj)
        root = PurePath(os.fspath(f)).stem if is_path else ""
        with ArchiveWriter(file, root if root and root.isascii() else "archive") as archive:
            archive.write("data.pkl", text.getvalue())
            archive.write(".format_version", b"1")
            archive.write(".storage_alignment", str(ALIGNMENT).encode())
            if not _disable_byteorder_record:
                archive.write("byteorder", sys.byteorder.encode())
            for key, storage in table.storages.items():
                host = kernels.backend_of(storage.array).to_host(storage.array)
                archive.write(f"data/{key}", np.ascontiguousarray(host))


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read an object that `save` or ``torch.save`` has written.

    Args:
        f: a path, or a seekable file.
        map_location: where the tensors go: None for where they were, a device or its name, a dict from old to new
            names, or a function of a storage on the host and its old place, which returns a storage or None.
        pickle_module: what unpickles; only with ``weights_only=False``.
        weights_only: True (the default): executes nothing from the file, and so gives tensors, numbers, strings,
            containers, and what `add_safe_globals` allows. False: executes what the file says, and so gives any object.
        mmap: read the tensors' memory from the file when it is first looked at; unverified; `f` must be a path.
        pickle_load_args: further arguments of the unpickler, such as `encoding`.

    Raises:
        UnpicklingError: if the file holds something that is not allowed, or its pickle is damaged.
        RuntimeError: if the file is truncated or damaged, or of another kind; or if a device is not there.
        AttributeError: if a file cannot be read from or sought in.
        EOFError: if the file is empty.
        OSError: if it cannot be opened.
    """
    if weights_only is None:
        weights_only = pickle_module is None
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if weights_only and pickle_load_args:
        warnings.warn("pickle_load_args only works if `weights_only=False`.", stacklevel=2)
    is_path = isinstance(f, str | os.PathLike)
    if mmap and not is_path:
        raise ValueError("f must be a file path in order to use the mmap argument")
    if not is_path:
        for method in ("read", "readline", "seek", "tell"):
            if not hasattr(f, method):
                raise AttributeError(
                    f"'{type(f).__name__}' object has no attribute '{method}'. You can only torch.load from a file "
                    "that is seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from "
                    "it instead."
                )
    pickle_load_args.setdefault("encoding", "utf-8")
    make = _restricted(pickle_load_args) if weights_only else _trusting(pickle_module or pickle, pickle_load_args)
    with open(f, "rb") if is_path else nullcontext(f) as file:
        try:
            return _load(
                file, os.fspath(f) if is_path else None, make, restorer(map_location), weights_only, bool(mmap)
            )
        except pickle.UnpicklingError as error:
            if not weights_only:
                raise
            raise pickle.UnpicklingError(_advice(str(error))) from error.__cause__


Unpickling = Callable[[Any, Callable[[Any], Any]], Any]


def _load(
    file: BinaryIO,
    path: str | None,
    unpickler: Unpickling,
    restore: Callable[[Storage, str], Storage],
    weights_only: bool,
    mmap: bool,
) -> Any:
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    if not head:
        raise EOFError("Ran out of input: the file is empty")
    if head != b"PK\3\4":
        if mmap:
            raise RuntimeError(
                "mmap can only be used with files saved with `torch.save(_use_new_zipfile_serialization=True)`, please "
                "torch.save your checkpoint with this option in order to use mmap."
            )
        return load_legacy(file, unpickler, restore)
    archive = ArchiveReader(file, path, name=path or "the file")
    if "constants.pkl" in archive:
        raise RuntimeError("the file is a TorchScript archive, which holds a program; save the state_dict instead")
    order = archive.read("byteorder").decode("ascii", "replace") if "byteorder" in archive else "little"
    if order not in ("little", "big"):
        raise ValueError(f"Unknown endianness type: {order}")
    storages: dict[str, Storage] = {}

    def storage_of(description: Any) -> Storage:
        kind, key, location, size = _checked(description)
        if key not in storages:
            name = f"data/{key}"
            if archive.size(name) != size * kind.dtype.itemsize:
                raise RuntimeError(
                    f"record {name!r} has {archive.size(name)} bytes, but {size} elements of {kind.dtype} were expected"
                )
            d = kind.dtype.numpy
            array = archive.mapped(name).view(d) if mmap else archive.array(name, d)
            storages[key] = restore(Storage(array if order == sys.byteorder else array.byteswap()), location)
        storage = storages[key]
        if storage.dtype is not kind.dtype or storage.size() != size:
            raise RuntimeError(f"storage {key!r} is described in two ways")
        return storage

    return unpickler(io.BytesIO(archive.read("data.pkl")), storage_of).load()


def _checked(description: Any) -> tuple[StorageType, str, str, int]:
    if type(description) is not tuple or len(description) != 5 or description[0] not in ("storage", b"storage"):
        raise pickle.UnpicklingError(f"a storage is described as {description!r:.200}")
    _, kind, key, location, size = description
    location = location.decode("ascii") if isinstance(location, bytes) else location
    if not isinstance(kind, StorageType) or type(key) is not str or type(location) is not str or type(size) is not int:
        raise pickle.UnpicklingError(f"a storage is described as {description[2:]!r:.200}")
    if size < 0:
        raise pickle.UnpicklingError(f"a storage has {size} elements")
    return kind, key, location, size


def _restricted(options: dict[str, Any]) -> Unpickling:
    """Makes unpicklers that execute nothing."""
    return lambda file, storage_of: RestrictedUnpickler(file, storage_of, options["encoding"])


def _trusting(pickle_module: Any, options: dict[str, Any]) -> Unpickling:
    """Makes unpicklers that execute what the file says, with torch's names read as ours."""

    class TrustingUnpickler(pickle_module.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            path = f"{module}.{name}"
            try:
                return lookup(path)
            except KeyError:
                pass
            if module.partition(".")[0] != "torch":
                return super().find_class(module, name)
            try:
                return super().find_class("minitorch" + module.removeprefix("torch"), name)
            except (ImportError, AttributeError):
                raise pickle.UnpicklingError(f"{path} has no counterpart in minitorch") from None

    def make(file: Any, storage_of: Callable[[Any], Any]) -> Any:
        unpickler = TrustingUnpickler(file, **options)
        unpickler.persistent_load = storage_of
        return unpickler

    return make


def _advice(message: str) -> str:
    if "was not an allowed global by default" in message:
        return (
            "Weights only load failed. This file can still be loaded, to do so you have two options, do those steps "
            f"only if you trust the source of the checkpoint.\n\t(1) {_TRUST}\n\t(2) Alternatively, to load with "
            "`weights_only=True` please check the recommended steps in the following error message."
            f"\n\tWeightsUnpickler error: {message}"
        )
    return f"Weights only load failed. {message}"

"""Saving and loading in torch's checkpoint format, without torch.

``torch.load`` reads what `save` writes, and `load` reads what ``torch.save`` writes. `load` executes no code from the
file, unless it is called with ``weights_only=False``.
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
from typing import Any

import numpy as np

import kernels
from minitorch.errors import CorruptCheckpointError, CorruptPickleError, DeviceNotFoundError, EmptyFileError
from minitorch.serialization.archive import ALIGNMENT, ArchiveReader, ArchiveWriter
from minitorch.serialization.legacy import load_legacy, save_legacy
from minitorch.serialization.pickling import StorageTable, pickler
from minitorch.serialization.rebuild import lookup, read_description
from minitorch.serialization.source import Sink, Source
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
    """Write an object to a file that torch can read.

    An existing file is replaced as a whole: if `save` fails, the file keeps its old content. Tensors that share memory
    share it after loading too: the whole storage of a view is written, once.

    Args:
        obj: tensors, numbers, strings, in dicts, lists and tuples. Any other object that pickle accepts is written
            too, but `load` reads it only with ``weights_only=False``.
        f: a path, or a binary file with a method `write`; a file is flushed at the end.
        pickle_module: the module whose pickler is used: `pickle`, or one derived from it.
        pickle_protocol: pickle's protocol; torch can read only protocol 2 without executing code.
        _use_new_zipfile_serialization: False writes torch's older format (before 2020), which has no checksums.

    Raises:
        AttributeError: if `f` is neither a path nor has a method `write`.
        RuntimeError: if the folder does not exist, or tensors of different dtypes share memory.
        PicklingError: if pickle refuses `obj`; other exceptions of pickling are not caught.
        OSError: if the file cannot be written.
    """
    from minitorch.files import atomic_write

    if not isinstance(f, str | os.PathLike) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    is_path = isinstance(f, str | os.PathLike)
    if is_path and not os.path.isdir(os.path.dirname(os.path.abspath(f))):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(f))} does not exist.")
    with atomic_write(f) if is_path else nullcontext(f) as opened:
        file = Sink(opened)
        if _use_new_zipfile_serialization:
            stem = PurePath(os.fspath(f)).stem if is_path else ""
            root = stem if stem and stem.isascii() else "archive"
            _save_archive(obj, file, root, pickle_module, pickle_protocol, not _disable_byteorder_record)
        else:
            save_legacy(obj, file, pickle_module, pickle_protocol)
        file.flush()  # a reader that opens the path before it is closed must find all of the content


def _save_archive(obj: object, file: Any, root: str, pickle_module: Any, protocol: int, byteorder: bool) -> None:
    table = StorageTable()
    text = io.BytesIO()
    pickler(pickle_module, text, protocol, table).dump(obj)
    with ArchiveWriter(file, root) as archive:
        archive.write("data.pkl", text.getvalue())
        archive.write(".format_version", b"1")
        archive.write(".storage_alignment", str(ALIGNMENT).encode())
        if byteorder:
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
        f: a path, or a seekable binary file.
        map_location: the device of the tensors. None: the device from which each tensor was saved; a device or its
            name; a dict from old names to new ones; or a function of a storage on the host and the name of its old
            device, which returns a storage, or None for the old device.
        pickle_module: the module whose unpickler is used; only with ``weights_only=False``.
        weights_only: if True (the default) no code from the file is executed, and it may contain tensors, numbers,
            strings, containers, and what `add_safe_globals` allows; time and memory are bounded by the file's length.
            If False the file may contain any object, and may execute any code.
        mmap: read the memory of a tensor from the file when the tensor is used, without verifying its checksum; `f`
            must be a path.
        pickle_load_args: further arguments of the unpickler, such as `encoding`.

    Raises:
        CorruptFileError: if the file is damaged or not a checkpoint. It is also of the class that torch raises: a
            RuntimeError for a damaged archive, an UnpicklingError for a damaged pickle, an EOFError for an empty file.
        UnpicklingError: if the file contains something that ``weights_only=True`` does not allow.
        DeviceNotFoundError: (a RuntimeError) if a device does not exist.
        RuntimeError: if `mmap` is True and the file has torch's older format.
        AttributeError: if `f` is not a path and does not have the methods read, readline, seek and tell.
        TypeError: if `f` is a file that was opened in text mode.
        OSError: if the file cannot be opened or read.
        Exception: with ``weights_only=False``, any exception of code in the file.
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
    name = os.fsdecode(f) if is_path else getattr(f, "name", None)
    prefix = f"{name}: " if isinstance(name, str) else ""
    with open(f, "rb") if is_path else nullcontext(f) as file:
        try:
            return _load(Source(file), os.fsdecode(f) if is_path else None, make, restorer(map_location), bool(mmap))
        except (CorruptCheckpointError, DeviceNotFoundError, EmptyFileError) as error:
            raise type(error)(f"{prefix}{error}") from error.__cause__
        except pickle.UnpicklingError as error:
            kind = CorruptPickleError if isinstance(error, CorruptPickleError) else pickle.UnpicklingError
            message = _advice(str(error)) if weights_only else str(error)
            raise kind(f"{prefix}{message}") from error.__cause__
        except OSError as error:
            if prefix and error.filename is None and error.errno is not None:
                raise OSError(error.errno, error.strerror, name) from error
            raise


Unpickling = Callable[[Any, Callable[[Any], Any]], Any]


def _load(
    source: Source, path: str | None, unpickler: Unpickling, restore: Callable[[Storage, str], Storage], mmap: bool
) -> Any:
    head = source.read(4)
    source.seek(-len(head), os.SEEK_CUR)
    if not head:
        raise EmptyFileError("Ran out of input: the file is empty")
    if head != b"PK\3\4":
        if mmap:
            raise RuntimeError(
                "mmap can only be used with files saved with `torch.save(_use_new_zipfile_serialization=True)`, please "
                "torch.save your checkpoint with this option in order to use mmap."
            )
        return load_legacy(source, unpickler, restore)
    archive = ArchiveReader(source, path)
    if "constants.pkl" in archive:
        raise CorruptCheckpointError("this is a TorchScript archive, which is a program; save the state_dict instead")
    order = archive.read("byteorder").decode("ascii", "replace") if "byteorder" in archive else "little"
    if order not in ("little", "big"):
        raise CorruptCheckpointError(f"Unknown endianness type: {order[:80]}")
    storages: dict[str, Storage] = {}

    def storage_of(description: Any) -> Storage:
        kind, key, place, size = read_description(description, 5)
        if key not in storages:
            name = f"data/{key}"
            if archive.size(name) != size * kind.dtype.itemsize:
                raise CorruptCheckpointError(
                    f"record {name!r} has {archive.size(name)} bytes, but {size} elements of {kind.dtype} were expected"
                )
            d = kind.dtype.numpy
            array = archive.mapped(name).view(d) if mmap else archive.array(name, d)
            storages[key] = restore(Storage(array if order == sys.byteorder else array.byteswap()), place)
        storage = storages[key]
        if storage.dtype is not kind.dtype or storage.size() != size:
            raise CorruptCheckpointError(f"storage {key!r} is described in two ways")
        return storage

    return unpickler(io.BytesIO(archive.read("data.pkl")), storage_of).load()


def _restricted(options: dict[str, Any]) -> Unpickling:
    """A function that makes unpicklers that execute no code from the file."""
    return lambda file, storage_of: RestrictedUnpickler(file, storage_of, options["encoding"])


def _trusting(pickle_module: Any, options: dict[str, Any]) -> Unpickling:
    """A function that makes unpicklers that execute code from the file; names of torch mean minitorch's objects."""

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

"""Pickling with torch's names, so that a checkpoint can be read where this package is not installed."""

from __future__ import annotations

import pickle
import warnings
from collections import OrderedDict
from typing import Any

from minitorch import devices, dtypes
from minitorch._tensor import Size, Tensor
from minitorch.serialization.rebuild import attributes_of
from minitorch.serialization.storage import STORAGE_NAMES, Storage, memory_of

__all__ = ["StorageTable", "pickler"]


class _Name:
    """A global name that is written into the pickle. Unlike pickle's own classes, it need not exist in this process."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *args: Any) -> Any:
        """Never called. pickle requires that the function in a reduce value is callable."""
        raise TypeError(f"{self.module}.{self.name} is only a name here")


_REBUILD_TENSOR = _Name("torch._utils", "_rebuild_tensor_v2")
_REBUILD_PARAMETER = _Name("torch._utils", "_rebuild_parameter")
_REBUILD_PARAMETER_WITH_STATE = _Name("torch._utils", "_rebuild_parameter_with_state")
_REBUILD_FROM_TYPE = _Name("torch._tensor", "_rebuild_from_type_v2")
_DTYPES = {d: _Name("torch", d._name) for d in dtypes.ALL}
_STORAGES = {d: _Name("torch", name) for d, name in STORAGE_NAMES.items()}


class StorageTable:
    """The storages of one checkpoint: each piece of memory once, however many tensors are views of it.

    Attributes:
        storages: the storages by their keys, which the pickle contains, in the order in which they were added.
    """

    def __init__(self) -> None:
        self.storages: dict[str, Storage] = {}
        self._by_place: dict[Any, Storage] = {}
        self._keys: dict[int, str] = {}  # by the id of the storage
        self._dtypes: dict[Any, dtypes.dtype] = {}
        self._held: list[Storage] = []  # keeps copied memory alive, so that no other array gets the same address

    def add(self, t: Tensor) -> tuple[Storage, int, tuple[int, ...]]:
        """The storage of a tensor, its offset in it and its strides.

        Raises:
            RuntimeError: if a tensor of another dtype shares its memory.
        """
        storage, offset, strides = memory_of(t._array)
        self._held.append(storage)
        place = (storage.device, storage.data_ptr()) if storage.size() else len(self._held)
        if self._dtypes.setdefault(place, storage.dtype) is not storage.dtype:
            raise RuntimeError("Cannot save multiple tensors or storages that view the same data as different types")
        known = self._by_place.setdefault((place, storage.size()), storage)
        if known is storage:
            key = str(len(self.storages))
            self.storages[key] = storage
            self._keys[id(storage)] = key
        return known, offset, strides

    def key(self, storage: Storage) -> str:
        """The key of a storage that `add` returned."""
        return self._keys[id(storage)]


def pickler(pickle_module: Any, file: Any, protocol: int, table: StorageTable, *view_metadata: None) -> Any:
    """A pickler whose pickles torch can read. It adds the storages of tensors to `table`.

    Args:
        pickle_module: `pickle` or a module whose `Pickler` is written in Python, such as dill.
        file: the file to write to.
        protocol: the protocol of the pickle.
        table: collects the storages.
        view_metadata: the additional item of a storage's description in torch's older format: None.

    Raises:
        TypeError: if the module's `Pickler` cannot be extended.
    """
    base: Any = pickle._Pickler if pickle_module is pickle else pickle_module.Pickler
    if not issubclass(base, pickle._Pickler):
        raise TypeError(
            "pickle_module: expected pickle, or a module whose Pickler is written in Python and derived from pickle's; "
            f"got {pickle_module.__name__}"
        )

    class TorchPickler(base):
        def persistent_id(self, obj: Any) -> Any:
            if type(obj) is Storage:
                location = str(obj.device)
                return "storage", _STORAGES[obj.dtype], table.key(obj), location, obj.size(), *view_metadata
            return None

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, Tensor):
                return _reduce_tensor(obj, table)
            if isinstance(obj, Size):
                return Size, (tuple(obj),)
            if isinstance(obj, devices.device):
                return devices.device, (obj.type,) if obj.index is None else (obj.type, obj.index)
            if isinstance(obj, dtypes.dtype | _Name):
                return "a name, written below"
            return NotImplemented

        def save_global(self, obj: Any, name: str | None = None) -> None:
            known = obj if isinstance(obj, _Name) else _known_name(obj)
            if known is None:
                super().save_global(obj, name)
                return
            self.write(pickle.GLOBAL + f"{known.module}\n{known.name}\n".encode())
            self.memoize(obj)

    return TorchPickler(file, protocol)


def _known_name(obj: Any) -> _Name | None:
    from minitorch.nn.parameter import Parameter

    if isinstance(obj, dtypes.dtype):
        return _DTYPES[obj]
    for kind, name in ((Size, _SIZE), (devices.device, _DEVICE), (Tensor, _TENSOR), (Parameter, _PARAMETER)):
        if obj is kind:
            return name
    return None


_SIZE, _DEVICE = _Name("torch", "Size"), _Name("torch", "device")
_TENSOR, _PARAMETER = _Name("torch", "Tensor"), _Name("torch.nn.parameter", "Parameter")


def _reduce_tensor(t: Tensor, table: StorageTable) -> Any:
    """The function that rebuilds `t`, and its arguments, as in torch's files."""
    from minitorch.nn.parameter import Buffer, Parameter

    for hook in (t._hooks or {}).values():
        if not getattr(hook, "__torch_unserializable__", False):
            warnings.warn(f"backward hook {hook!r} on tensor will not be serialized", stacklevel=2)
    hooks: OrderedDict[Any, Any] = OrderedDict()
    state = attributes_of(t)
    if isinstance(t, Parameter):
        if state:
            return _REBUILD_PARAMETER_WITH_STATE, (t.data, t.requires_grad, hooks, state)
        return _REBUILD_PARAMETER, (t.data, t.requires_grad, hooks)
    storage, offset, strides = table.add(t)
    args = (storage, offset, tuple(t.shape), strides, t.requires_grad, hooks)
    kind: type = type(t)
    if kind is Buffer:
        kind, state = Tensor, {**state, "_is_buffer": True}
    if kind is Tensor and not state:
        return _REBUILD_TENSOR, args
    return _REBUILD_FROM_TYPE, (_REBUILD_TENSOR, kind, args, state)

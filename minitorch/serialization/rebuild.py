"""How the things in a checkpoint are made again, and torch's names for them."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from pickle import UnpicklingError
from typing import Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch._tensor import Size, Tensor
from minitorch.autograd.graph import Variable, wrap
from minitorch.serialization.storage import STORAGE_NAMES, Storage

__all__ = ["CONSTRUCTORS", "NAMES", "attributes_of", "set_attributes"]


def rebuild_tensor(storage: Any, storage_offset: Any, size: Any, stride: Any) -> Tensor:
    """A view of a storage.

    Raises:
        RuntimeError: if it would reach out of the storage, or NumPy cannot represent it.
    """
    _expect(storage, Storage, "storage")
    for name, value in (("size", size), ("stride", stride)):
        _expect(value, tuple, name)
        for n in value:
            _expect(n, int, name)
    _expect(storage_offset, int, "storage_offset")
    if len(size) != len(stride):
        raise RuntimeError(f"mismatch in length of strides and shape: {list(stride)} and {list(size)}")
    empty = 0 in size
    last = storage_offset + (0 if empty else sum((n - 1) * s for n, s in zip(size, stride, strict=True)))
    if min((*size, *stride, storage_offset), default=0) < 0 or (not empty and last >= storage.size()):
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset} are out of "
            f"bounds for storage of size {storage.size()}"
        )
    flat = storage.array
    if empty:
        return wrap(kernels.namespace(flat).empty(size, flat.dtype))
    steps = tuple(s * flat.dtype.itemsize if n > 1 else flat.dtype.itemsize for n, s in zip(size, stride, strict=True))
    if math.prod(size) >= 2**60:
        raise RuntimeError(f"a tensor of sizes {list(size)} has too many elements")
    try:
        if isinstance(flat, np.ndarray):  # or of a class of its own, as another backend may have
            view = np.ndarray.__new__(type(flat), size, flat.dtype, flat, storage_offset * flat.dtype.itemsize, steps)
        else:
            view = kernels.namespace(flat).lib.stride_tricks.as_strided(flat[storage_offset:], size, steps)
    except (ValueError, TypeError, OverflowError) as error:
        raise RuntimeError(f"no array can have sizes {list(size)} and strides {list(stride)}: {error}") from error
    return wrap(view)


def rebuild_tensor_v2(
    storage: Any, storage_offset: Any, size: Any, stride: Any, requires_grad: Any, backward_hooks: Any,
    metadata: Any = None,
) -> Tensor:  # fmt: skip
    """A view of a storage that may require a gradient."""
    if metadata:
        raise UnpicklingError(f"tensors with metadata {list(metadata)} are not supported")
    t = rebuild_tensor(storage, storage_offset, size, stride)
    t.requires_grad = _expect(requires_grad, bool, "requires_grad")
    return t


def rebuild_tensor_v3(
    storage: Any, storage_offset: Any, size: Any, stride: Any, requires_grad: Any, backward_hooks: Any, dtype: Any,
    metadata: Any = None,
) -> Tensor:  # fmt: skip
    """A view of a storage of bytes in a dtype."""
    _expect(dtype, dtypes.dtype, "dtype")
    _expect(storage, Storage, "storage")
    whole = storage.array[: storage.nbytes() // dtype.itemsize * dtype.itemsize]
    return rebuild_tensor_v2(
        Storage(whole.view(dtype.numpy)), storage_offset, size, stride, requires_grad, backward_hooks, metadata
    )


def rebuild_parameter(data: Any, requires_grad: Any, backward_hooks: Any) -> Tensor:
    """A parameter on the memory of a tensor."""
    from minitorch.nn.parameter import Parameter

    return Parameter(_expect(data, Tensor, "data"), _expect(requires_grad, bool, "requires_grad"))


def rebuild_parameter_with_state(data: Any, requires_grad: Any, backward_hooks: Any, state: Any) -> Tensor:
    """A parameter with attributes that users have set on it."""
    return set_attributes(rebuild_parameter(data, requires_grad, backward_hooks), state)


def rebuild_from_type_v2(function: Any, kind: Any, args: Any, state: Any) -> Tensor:
    """A tensor of a subclass, or with attributes that users have set on it."""
    if id(function) not in CONSTRUCTORS:
        raise UnpicklingError(f"Trying to call reduce for unrecognized function {function}")
    t = _expect(function(*_expect(args, tuple, "args")), Tensor, "a rebuilt tensor")
    if not isinstance(kind, type) or not issubclass(kind, Tensor):
        raise UnpicklingError(f"expected a subclass of Tensor, but got {kind!r}")
    if kind is not Tensor:
        t.__class__ = kind
    if isinstance(state, dict) and state.get("_is_buffer"):
        from minitorch.nn.parameter import Buffer

        t.__class__ = Buffer
        state = {name: value for name, value in state.items() if name != "_is_buffer"}
    return set_attributes(t, state)


def attributes_of(t: Tensor) -> dict[str, Any]:
    """The attributes that users have set on a tensor."""
    return {name: value for name, value in vars(t).items() if not _is_own(name)}


def set_attributes(t: Any, state: Any) -> Any:
    """Set attributes that `attributes_of` gave, in torch perhaps; returns the tensor.

    Raises:
        UnpicklingError: if one would take the place of an attribute that every tensor has.
    """
    dictionary, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    for part in (dictionary, slots):
        for name, value in _expect(part or {}, dict, "state").items():
            if not isinstance(name, str) or _is_own(name):
                raise UnpicklingError(f"a tensor's attribute {name!r} cannot be set from a checkpoint")
            t.__dict__[name] = value
    return t


def _is_own(name: str) -> bool:
    return name in Variable.__annotations__ or hasattr(Tensor, name)


def _size(*args: Any) -> Size:
    (values,) = args
    return Size(_expect(n, int, "size") for n in _expect(values, tuple | list, "size"))


def _encode(*args: Any) -> bytes:
    """Bytes, which pickle's protocol 2 writes as text in latin-1."""
    text, encoding = args
    if encoding not in ("latin1", "latin-1"):
        raise UnpicklingError(f"bytes are stored as text in latin1, but the file says {encoding!r}")
    return bytes(_expect(text, str, "text"), "latin-1")


def _bytearray(*args: Any) -> bytearray:
    content = args[0] if args else b""
    return bytearray(_encode(*args) if isinstance(content, str) else _expect(content, bytes, "bytearray"))


def check_key(key: Any) -> Any:
    """`key`, which is about to be hashed: nested tuples could exhaust the stack or take for ever.

    Raises:
        UnpicklingError: if it has more than 1,000 parts.
    """
    waiting, parts = [key], 0
    while waiting:
        item = waiting.pop()
        parts += 1
        if parts > 1000:
            raise UnpicklingError("a key of a dict is a tuple of too many parts")
        if isinstance(item, tuple):
            waiting.extend(item)
    return key


def _ordered_dict(*args: Any) -> OrderedDict[Any, Any]:
    return OrderedDict([(check_key(key), value) for key, value in (args[0] if args else ())])


def _counter(*args: Any) -> Counter[Any]:
    return Counter(_expect(args[0] if args else {}, dict, "Counter"))


def _set(*args: Any) -> set[Any]:
    return {check_key(item) for item in _expect(args[0] if args else [], list, "set")}


def _complex(*args: Any) -> complex:
    return complex(*(_expect(x, int | float, "complex") for x in args))


def _expect(value: Any, kind: Any, name: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UnpicklingError(
            f"{name}: expected {getattr(kind, '__name__', kind)}, but the file has {type(value).__name__}"
        )
    return value


class StorageType:
    """What the class of a typed storage stands for in a checkpoint: a dtype; bytes for an untyped one."""

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype


def _parameter_class() -> type:
    from minitorch.nn.parameter import Parameter

    return Parameter


_FUNCTIONS: dict[str, Any] = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": rebuild_tensor_v3,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild_parameter_with_state,
    "torch._tensor._rebuild_from_type_v2": rebuild_from_type_v2,
}
_CLASSES: dict[str, tuple[Any, Any]] = {
    "torch.Size": (Size, _size),
    "torch.device": (devices.device, devices.device),
    "collections.OrderedDict": (OrderedDict, _ordered_dict),
    "collections.Counter": (Counter, _counter),
    "builtins.set": (set, _set),
    "builtins.bytearray": (bytearray, _bytearray),
    "builtins.complex": (complex, _complex),
}

NAMES: dict[str, Any] = {
    **_FUNCTIONS,
    **{name: kind for name, (kind, _) in _CLASSES.items()},
    **{f"torch.{d._name}": d for d in dtypes.ALL},
    **{f"torch.{name}": StorageType(d) for d, name in STORAGE_NAMES.items()},
    "torch.storage.UntypedStorage": StorageType(dtypes.uint8),
    "torch.Tensor": Tensor,
    "torch._tensor.Tensor": Tensor,
    "_codecs.encode": _encode,
}
"""What a checkpoint may name, torch's names first of all, and what that is here."""

CONSTRUCTORS: dict[int, Any] = {
    **{id(function): function for function in (*_FUNCTIONS.values(), _encode)},
    **{id(kind): constructor for kind, constructor in _CLASSES.values()},
}
"""What of it a checkpoint may call: by the id of the thing named, the function that does it with checked arguments."""


def lookup(path: str) -> Any:
    """What a name of `NAMES` stands for.

    Raises:
        KeyError: if it is none.
    """
    return _parameter_class() if path == "torch.nn.parameter.Parameter" else NAMES[path]

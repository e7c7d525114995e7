"""The functions and classes that a checkpoint may name: torch's names, and minitorch's function for each.

A checkpoint says "call `torch._utils._rebuild_tensor_v2` with these arguments". The arguments come from a file that
anyone may have written, so every function here checks their types and sizes before it uses them, and its work is
bounded by the length of its arguments.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from pickle import UnpicklingError
from typing import Any

from minitorch import devices, dtypes
from minitorch._tensor import Size, Tensor
from minitorch.autograd.graph import Variable
from minitorch.errors import CorruptCheckpointError, CorruptPickleError
from minitorch.layout import Layout
from minitorch.serialization.keys import KeyCheck
from minitorch.serialization.storage import STORAGE_NAMES, Storage, view_of

__all__ = [
    "CONSTRUCTORS",
    "NAMES",
    "attributes_of",
    "brief",
    "expect",
    "is_storage_tag",
    "lookup",
    "read_description",
    "set_attributes",
]

_MOST_DIMENSIONS = 64
_LONGEST_PLACE, _LONGEST_KEY = 100, 1000


def rebuild_tensor(storage: Any, storage_offset: Any, size: Any, stride: Any) -> Tensor:
    """A view of a storage, with an offset and strides in elements.

    Raises:
        CorruptCheckpointError: if the view would reach outside the storage, or NumPy cannot represent it.
        CorruptPickleError: if an argument has the wrong type.
    """
    expect(storage, Storage, "storage")
    for name, value in (("size", size), ("stride", stride)):
        if len(expect(value, tuple, name)) > _MOST_DIMENSIONS:
            raise CorruptCheckpointError(f"a tensor has {len(value)} dimensions; at most {_MOST_DIMENSIONS} can be")
        for n in value:
            expect(n, int, name)
    expect(storage_offset, int, "storage_offset")
    if len(size) != len(stride):
        raise CorruptCheckpointError(f"mismatch in length of strides and shape: {list(stride)} and {list(size)}")
    empty = 0 in size
    last = storage_offset + (0 if empty else sum((n - 1) * s for n, s in zip(size, stride, strict=True)))
    if min((*size, *stride, storage_offset), default=0) < 0 or (not empty and last >= storage.size()):
        raise CorruptCheckpointError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset} are out of "
            f"bounds for storage of size {storage.size()}"
        )
    if math.prod(n or 1 for n in size) >= 2**60:
        raise CorruptCheckpointError(f"a tensor of sizes {list(size)} has too many elements")
    try:
        return view_of(storage, Layout(size, stride, storage_offset))
    except (ValueError, TypeError, OverflowError) as error:
        raise CorruptCheckpointError(
            f"no array can have sizes {list(size)} and strides {list(stride)}: {error}"
        ) from error


def rebuild_tensor_v2(
    storage: Any, storage_offset: Any, size: Any, stride: Any, requires_grad: Any, backward_hooks: Any,
    metadata: Any = None,
) -> Tensor:  # fmt: skip
    """A view of a storage that may require a gradient."""
    if metadata is not None and expect(metadata, dict, "metadata"):
        raise UnpicklingError(f"a tensor has metadata ({brief(next(iter(metadata)))}), which cannot be loaded here")
    t = rebuild_tensor(storage, storage_offset, size, stride)
    t.requires_grad = expect(requires_grad, bool, "requires_grad")
    return t


def rebuild_tensor_v3(
    storage: Any, storage_offset: Any, size: Any, stride: Any, requires_grad: Any, backward_hooks: Any, dtype: Any,
    metadata: Any = None,
) -> Tensor:  # fmt: skip
    """A view of a storage of bytes, as elements of a dtype."""
    expect(dtype, dtypes.dtype, "dtype")
    expect(storage, Storage, "storage")
    whole = storage.array[: storage.nbytes() // dtype.itemsize * dtype.itemsize]
    return rebuild_tensor_v2(
        Storage(whole.view(dtype.numpy)), storage_offset, size, stride, requires_grad, backward_hooks, metadata
    )


def rebuild_parameter(data: Any, requires_grad: Any, backward_hooks: Any) -> Tensor:
    """A parameter that shares the memory of a tensor."""
    from minitorch.nn.parameter import Parameter

    return Parameter(expect(data, Tensor, "data"), expect(requires_grad, bool, "requires_grad"))


def rebuild_parameter_with_state(data: Any, requires_grad: Any, backward_hooks: Any, state: Any) -> Tensor:
    """A parameter with attributes that users have set on it."""
    parameter = rebuild_parameter(data, requires_grad, backward_hooks)
    set_attributes(parameter, state)
    return parameter


def rebuild_from_type_v2(function: Any, kind: Any, args: Any, state: Any) -> Tensor:
    """A tensor of a subclass, or one with attributes that users have set on it.

    Raises:
        UnpicklingError: if `function` does not rebuild a tensor, or `kind` is not a subclass of Tensor.
    """
    if not any(function is known for known in (rebuild_tensor, rebuild_tensor_v2, rebuild_tensor_v3)):
        raise UnpicklingError(f"Trying to call reduce for unrecognized function {brief(function)}")
    if not isinstance(kind, type) or not issubclass(kind, Tensor):
        raise UnpicklingError(f"expected a subclass of Tensor, but got {brief(kind)}")
    t: Tensor = function(*expect(args, tuple, "args"))
    if kind is not Tensor:
        t.__class__ = kind
    if isinstance(state, dict) and state.get("_is_buffer") is True:
        from minitorch.nn.parameter import Buffer

        t.__class__ = Buffer
        state = {name: value for name, value in state.items() if name != "_is_buffer"}
    set_attributes(t, state)
    return t


def attributes_of(t: Tensor) -> dict[str, Any]:
    """The attributes that users have set on a tensor."""
    return {name: value for name, value in vars(t).items() if not _is_own(name)}


def set_attributes(t: Tensor, state: Any) -> None:
    """Set the attributes that a checkpoint has for a tensor: a dict, a pair of dicts, or None.

    Raises:
        CorruptPickleError: if `state` is something else, or would replace an attribute that every tensor has.
    """
    for part in state if isinstance(state, tuple) and len(state) == 2 else (state,):
        for name, value in ({} if part is None else expect(part, dict, "state")).items():
            if not isinstance(name, str) or _is_own(name):
                raise CorruptPickleError(f"a tensor's attribute {brief(name)} cannot be set from a checkpoint")
            t.__dict__[name] = value


def _is_own(name: str) -> bool:
    return name in Variable.__annotations__ or hasattr(Tensor, name)


def _size(values: Any) -> Size:
    return Size(expect(n, int, "size") for n in expect(values, tuple | list, "size"))


def _encode(text: Any, encoding: Any) -> bytes:
    """Bytes; pickle's protocol 2 writes them as text in latin-1."""
    if type(encoding) is not str or encoding not in ("latin1", "latin-1"):
        raise CorruptPickleError(f"bytes are stored as text in latin1, but the file says {brief(encoding)}")
    return bytes(expect(text, str, "text"), "latin-1")


def _bytearray(content: Any = b"", encoding: Any = "latin1") -> bytearray:
    return bytearray(
        _encode(content, encoding) if isinstance(content, str) else expect(content, bytes, "bytearray's content")
    )


def _pair(item: Any) -> tuple[Any, Any]:
    if len(expect(item, tuple | list, "an item of an OrderedDict")) != 2:
        raise CorruptPickleError(f"expected pairs of a key and a value, but got {brief(item)}")
    return item[0], item[1]


def _ordered_dict(items: Any = ()) -> OrderedDict[Any, Any]:
    pairs = map(_pair, expect(items, tuple | list, "the items of an OrderedDict"))
    keys = KeyCheck()
    return OrderedDict((keys.check(key), value) for key, value in pairs)


def _counter(counts: Any = None) -> Counter[Any]:
    return Counter({} if counts is None else expect(counts, dict, "the counts of a Counter"))


def _set(items: Any = ()) -> set[Any]:
    keys = KeyCheck()
    return {keys.check(item) for item in expect(items, tuple | list, "the items of a set")}


def _complex(real: Any = 0.0, imag: Any = 0.0) -> complex:
    return complex(expect(real, int | float, "real"), expect(imag, int | float, "imag"))


def expect(value: Any, kind: Any, name: str) -> Any:
    """Check the type of `value` and return it.

    Raises:
        CorruptPickleError: if it is not a `kind`. (A bool does not count as an int.)
    """
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CorruptPickleError(f"{name}: expected {getattr(kind, '__name__', kind)}, but the file has {brief(value)}")
    return value


def is_storage_tag(value: Any) -> bool:
    """Whether `value` is the word at the start of a storage's description, as text or (from Python 2) as bytes."""
    return type(value) in (str, bytes) and value in ("storage", b"storage")


def read_description(description: Any, length: int) -> tuple[StorageType, str, str, int]:
    """The dtype, the key, the place and the number of elements in a pickle's description of a storage.

    Args:
        description: from the pickle: ("storage", dtype, key, place, number of elements), in torch's older format
            with a None at the end.
        length: how many items the description must have.

    Raises:
        CorruptPickleError: if the description has another form.
    """
    if type(description) is not tuple or len(description) != length or not is_storage_tag(description[0]):
        raise CorruptPickleError(f"expected the description of a storage, {length} items, but got {brief(description)}")
    _, kind, key, place, size, *view = description
    place = place.decode("ascii", "replace") if type(place) is bytes else place
    expect(kind, StorageType, "a storage's class")
    typed = type(key) is str and type(place) is str and type(size) is int
    if not typed or size < 0 or any(item is not None for item in view):
        raise CorruptPickleError(
            f"a storage is described by key {brief(key)}, place {brief(place)}, {brief(size)} elements"
        )
    if len(place) > _LONGEST_PLACE or len(key) > _LONGEST_KEY:
        raise CorruptPickleError(f"the key {brief(key)} or the place {brief(place)} of a storage is too long")
    return kind, key, place, size


def brief(value: Any) -> str:
    """A value from a file as text for a message, in bounded time.

    `repr` is not bounded: for a tuple of the same tuple twice, which is again a pair, and so on forty times, it takes
    years. So only numbers and texts (up to 80 characters) are shown; for everything else only the type.
    """
    if type(value) in (bool, int, float, type(None)):
        return repr(value)
    if type(value) in (str, bytes):
        return repr(value[:80]) + ("…" if len(value) > 80 else "")
    if type(value) in (tuple, list, dict, set):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, type) or callable(value):
        return f"{getattr(value, '__module__', None)}.{getattr(value, '__qualname__', type(value).__name__)}"
    return f"a value of type {type(value).__name__}"


class StorageType:
    """minitorch's object for a storage class of torch, such as ``torch.FloatStorage``: the dtype of its elements.

    The elements of an untyped storage are bytes, uint8.
    """

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
"""The names that a checkpoint may use, most of them torch's, and the object of minitorch for each."""

CONSTRUCTORS: dict[int, Any] = {
    **{id(function): function for function in (*_FUNCTIONS.values(), _encode)},
    **{id(kind): constructor for kind, constructor in _CLASSES.values()},
}
"""The function that a checkpoint calls for each object in `NAMES`, by the id of the object.

For a class it is a function that checks the arguments: ``bytearray(10**10)`` would take 10 GB.
"""


def lookup(path: str) -> Any:
    """The function, class or dtype that a name in a checkpoint means, such as ``torch._utils._rebuild_tensor_v2``.

    Raises:
        KeyError: if the name is not in `NAMES`.
    """
    return _parameter_class() if path == "torch.nn.parameter.Parameter" else NAMES[path]

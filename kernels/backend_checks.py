"""What is looked at before a backend is registered: its attributes, and the arrays that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def check_backend(backend: Any, owners: Mapping[type, Any]) -> None:
    """Raise if a backend cannot be used.

    Args:
        backend: an instance of a subclass of `Backend`.
        owners: by array type, the backends that are registered.

    Raises:
        TypeError: if an attribute is missing or of the wrong type, or an array that it makes.
        ValueError: if an array type belongs to another backend, or its answers contradict one another.
    """
    if isinstance(backend, type):
        raise TypeError(f"expected an instance of a Backend, but got the class: register({backend.__name__}())")
    _check_attributes(backend)
    for array_type in backend.array_types:
        owner = owners.get(array_type)
        if owner is not None and owner.name != backend.name:
            raise ValueError(
                f"arrays of type {array_type.__qualname__} belong to the backend {owner.name!r} already: "
                f"give {backend.name!r} an array class of its own, a subclass for example"
            )
    if not backend.is_available():
        return
    name = f"the backend {backend.name!r}"
    try:
        zeros = backend.xp.zeros
    except AttributeError as error:
        raise TypeError(f"{name}: xp must be a module with NumPy's functions, but has no zeros: {error}") from None
    made = {
        "xp.zeros(2, dtype='float32')": zeros(2, dtype="float32"),
        "asarray(numpy.zeros(2))": backend.asarray(np.zeros(2)),
    }
    for call, array in made.items():
        if not isinstance(array, backend.array_types):
            types = ", ".join(map(_full_name, backend.array_types))
            raise TypeError(
                f"{name}: {call} gives an array of type {_full_name(type(array))}, which is none of array_types "
                f"({types})"
            )
    host = backend.to_host(array)
    if not isinstance(host, np.ndarray):
        raise TypeError(f"{name}: to_host() must give a numpy.ndarray, but gives a {type(host).__qualname__}")
    _check_devices(backend, array, name)


def _check_attributes(backend: Any) -> None:
    """The four attributes that every backend sets."""
    kind = type(backend).__qualname__
    for attribute in ("name", "library", "xp", "array_types"):
        if not hasattr(backend, attribute):
            raise TypeError(f"{kind} has no attribute {attribute!r}: name, library, xp and array_types must be set")
    for attribute in ("name", "library"):
        value = getattr(backend, attribute)
        if not isinstance(value, str) or not value.isidentifier() or value == "reference":
            raise TypeError(
                f"{kind}.{attribute} must be a name of letters, digits and _, such as 'mine', but is {value!r}"
            )
    types = backend.array_types
    if not isinstance(types, tuple) or not types or not all(isinstance(t, type) for t in types):
        raise TypeError(f"{kind}.array_types must be a tuple of classes, but is {types!r}")


def _full_name(array_type: type) -> str:
    """Its module and name: the classes of two libraries are often both called Array."""
    return f"{array_type.__module__}.{array_type.__qualname__}"


def _check_devices(backend: Any, array: Any, name: str) -> None:
    """Whether devices are numbered as the backend says."""
    index, current, count = backend.index_of(array), backend.current_index(), backend.device_count()
    if backend.indexed:
        for method, value in (("index_of", index), ("current_index", current)):
            if not isinstance(value, int) or not 0 <= value < count:
                raise ValueError(
                    f"{name} numbers its devices (indexed is True), but {method}() gives {value!r}: expected a number "
                    f"from 0 to {count - 1}"
                )
    elif index is not None or current is not None:
        raise ValueError(
            f"{name} has no numbered devices (indexed is False), but index_of() gives {index!r} and current_index() "
            f"{current!r}: expected None"
        )

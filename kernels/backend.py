"""What differs between array libraries beyond arithmetic: one `Backend` each, and the registry of them.

A backend owns arrays of one type. A tensor's device is the backend that owns its array, so there is no process-wide
switch: code asks `backend_of(array)` or `namespace(array)`.
"""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import numpy as np

from kernels.backend_checks import check_backend
from kernels.floating_point_errors import IGNORE, get_handling, set_handling

Array = Any
"""An array of any registered backend: numpy.ndarray, cupy.ndarray, or a third party's."""


class Backend:
    """An array library: its module, its devices, and copies to and from the host.

    Subclass it, set `name` and `array_types`, override what differs, and pass an instance to `register`.
    The base class is complete for an array library on the host that follows NumPy's names.

    Attributes:
        name: the device type under which tensors on this backend are addressed (``"cpu"``, ``"cuda"``).
        library: the name by which implementations of kernels are registered (``"numpy"``, ``"cupy"``).
        xp: the array module, with NumPy's function names.
        array_types: the array classes that this backend owns.
        indexed: whether devices are numbered (``cuda:0``); the host's is not.
    """

    name: str
    library: str
    xp: Any
    array_types: tuple[type, ...]
    indexed = False

    def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> Array:
        """`value` (a host array, a scalar, a nested list) as an array on device number `index`.

        An array of this backend is returned as it is if it has that dtype and device. Memory is never shared with an
        array of another backend.
        """
        if isinstance(value, np.ndarray) and not isinstance(value, self.array_types):
            return self.xp.array(value, dtype=dtype)
        return self.xp.asarray(value, dtype=dtype)

    def asarray_soon(self, value: np.ndarray, index: int | None = None) -> Array:
        """As `asarray` of a host array, but the copy from pinned memory may still be going on when this returns."""
        return self.asarray(value, index=index)

    def to_host(self, array: Array) -> np.ndarray:
        """A NumPy array with the values of `array`, which shares its memory if the backend is on the host."""
        return np.asarray(array)

    def owner(self, array: Array) -> Any:
        """The object that owns the memory of `array`: the same for all views of it."""
        while getattr(array, "base", None) is not None:
            array = array.base
        return array

    def pointer(self, array: Array) -> int:
        """The address of the first element of `array` in the device's memory."""
        return int(array.__array_interface__["data"][0])

    def index_of(self, array: Array) -> int | None:
        """The number of the device of `array`, or None if devices are not numbered."""
        return None

    def current_index(self) -> int | None:
        """The number of the device that new arrays are made on, or None if devices are not numbered."""
        return None

    def on(self, index: int | None) -> AbstractContextManager[Any]:
        """A context in which new arrays are made on device number `index`."""
        return nullcontext()

    def device_count(self) -> int:
        """How many devices this backend offers now."""
        return 1

    def is_available(self) -> bool:
        """Whether an array can be made on this backend now."""
        return self.device_count() > 0

    def unavailable_because(self) -> str:
        """Why `is_available` is False, and how to correct that, in a sentence."""
        return f"the backend {self.name!r} reports no device"

    def instrumented(self, kernel: Any, run: Any) -> Any:
        """The function to call instead of `run`, the form of `kernel` for arrays of this backend; `run` by default."""
        return run

    def can_read_values(self) -> bool:
        """True if reading array elements from Python is cheap.

        On a GPU it would block until queued work is done, so checks of values are skipped.
        """
        return True

    def is_capturing(self) -> bool:
        """Whether work is being captured in a CUDA graph, to be run later and repeatedly, instead of run now."""
        return False

    def synchronize(self, index: int | None = None) -> None:
        """Wait until all work queued on the device is done."""

    def current_stream(self) -> Any:
        """The stream to which this thread gives work; None if it is the default one, or there are no streams."""
        return None

    def in_stream(self, stream: Any) -> AbstractContextManager[Any]:
        """A context whose work goes to `stream`, after all work given to the current stream, which then waits for it.

        Args:
            stream: what `current_stream` returned in another place of the program.
        """
        return nullcontext()

    def record_stream(self, array: Array, stream: Any) -> None:
        """Let the memory of `array`, once it is freed, be used again only after the work that `stream` has then."""

    def use(self, index: int) -> None:
        """Make device number `index` the current one."""

    def memory_allocated(self, index: int | None = None) -> int:
        """Bytes of live arrays on the device; 0 if the library does not count them."""
        return 0

    def memory_reserved(self, index: int | None = None) -> int:
        """Bytes of the device's memory that the library has allocated: for live arrays, and kept for reuse."""
        return 0

    def max_memory_allocated(self, index: int | None = None) -> int:
        """The maximum of `memory_allocated` since the start or `reset_peak_memory`."""
        return 0

    def reset_peak_memory(self, index: int | None = None) -> None:
        """Make `max_memory_allocated` start again from the memory that is allocated now."""

    def empty_cache(self) -> None:
        """Give memory that the library keeps for reuse back to the system."""

    def pinned(self, array: np.ndarray) -> np.ndarray:
        """A copy of a host array in memory that the device can read directly, or the array itself if it is already."""
        return array

    def is_pinned(self, array: np.ndarray) -> bool:
        """Whether a host array is in memory that the device can read directly."""
        return False


class OutOfMemoryError(RuntimeError):
    """An array does not fit into the free memory of a device."""


class NumpyBackend(Backend):
    """NumPy arrays on the host: the device called ``cpu``."""

    name = "cpu"
    library = "numpy"
    xp: ModuleType = np
    array_types = (np.ndarray, np.generic)


_NO_DEVICE = nullcontext()
_any_indexed = False
_BACKENDS: dict[str, Backend] = {}
_BY_TYPE: dict[type, Backend] = {}
_LAZY = {"cuda": ("kernels.cuda.backend", "CupyBackend")}
_LAZY_LIBRARIES = ("cupy",)


def register(backend: Backend) -> Backend:
    """Make `backend` known under its name and as the owner of its array types, after a few checks; return it.

    The checks make an array on the backend if it is available. If one fails, nothing is registered.

    Raises:
        ValueError: if another backend has the name or one of the array types already, or its answers contradict one
            another.
        TypeError: if an attribute is missing or of the wrong type, or it makes arrays of other types than it says.
    """
    known = _BACKENDS.get(backend.name) if hasattr(backend, "name") else None
    if known is not None and type(known) is not type(backend):
        raise ValueError(f"a backend named {backend.name!r} is registered already: {type(known).__qualname__}")
    check_backend(backend, _BY_TYPE)
    return _enter(backend)


def _enter(backend: Backend) -> Backend:
    global _any_indexed
    _BACKENDS[backend.name] = backend
    _any_indexed = any(known.indexed for known in _BACKENDS.values())
    for array_type in backend.array_types:
        _BY_TYPE[array_type] = backend
    return backend


def get_backend(name: str) -> Backend:
    """The backend registered under `name`; CuPy's is imported at the first request for ``"cuda"``.

    Raises:
        LookupError: if there is none of that name.
        RuntimeError: if its array library is not installed (the message names the install command).
    """
    found = _BACKENDS.get(name)
    if found is None and name in _LAZY:
        module, attribute = _LAZY[name]
        found = _enter(getattr(importlib.import_module(module), attribute)())
    if found is None:
        raise LookupError(f"no backend named {name!r}; registered: {', '.join(backend_names())}")
    return found


def loaded(name: str) -> Backend | None:
    """The backend registered under `name`, None if there is none yet: nothing is imported."""
    return _BACKENDS.get(name)


def backend_names() -> list[str]:
    """The names that `get_backend` accepts, including backends that are imported on request."""
    return sorted({*_BACKENDS, *_LAZY})


def libraries() -> list[str]:
    """The names of array libraries for which forms of kernels can be registered."""
    return sorted({*(backend.library for backend in _BACKENDS.values()), *_LAZY_LIBRARIES})


def backend_of(array: Array) -> Backend:
    """The backend that owns `array`.

    Raises:
        TypeError: if no registered backend owns arrays of this type.
    """
    cls = type(array)
    found = _BY_TYPE.get(cls)
    if found is None:
        for base in cls.__mro__:
            if base in _BY_TYPE:
                found = _BY_TYPE[cls] = _BY_TYPE[base]
                return found
        owned = ", ".join(sorted(t.__name__ for t in _BY_TYPE))
        raise TypeError(f"expected an array of a registered backend ({owned}), but got {cls.__qualname__}")
    return found


def on_device_of(array: Array) -> AbstractContextManager[Any]:
    """A block within which the current device of the backend that owns `array` is the one that holds it."""
    owner = backend_of(array)
    return owner.on(owner.index_of(array)) if owner.indexed else _NO_DEVICE


def assign(target: Array, value: Any) -> None:
    """Write `value`, a scalar or an array on the same device, into all of `target`."""
    owner = backend_of(target)
    handling = get_handling()
    try:
        set_handling(IGNORE)
        if owner.indexed:
            with owner.on(owner.index_of(target)):
                target[...] = value
        else:
            target[...] = value
    finally:
        set_handling(handling)


def add_into(target: Array, value: Any) -> None:
    """Add `value`, a number or an array of the same shape on the same device, to `target`; overflow is silent."""
    handling = get_handling()
    try:
        set_handling(IGNORE)
        with on_device_of(target):
            target += value
    finally:
        set_handling(handling)


def has_numbered_devices() -> bool:
    """Whether there are backends whose devices are numbered, so that the current one matters."""
    return _any_indexed


def is_array(value: object) -> bool:
    """Whether a registered backend owns `value`."""
    return type(value) in _BY_TYPE or not _BY_TYPE.keys().isdisjoint(type(value).__mro__)


def namespace(array: Array) -> Any:
    """The array module of `array`: ``numpy``, ``cupy``, or a third party's (the idiom is ``xp = namespace(x)``)."""
    owner = _BY_TYPE.get(type(array))  # what `backend_of` does first, without the call
    return (backend_of(array) if owner is None else owner).xp


_enter(NumpyBackend())

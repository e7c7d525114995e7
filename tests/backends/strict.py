"""The device ``strict``: wrapped NumPy arrays, on one of two simulated devices. See docs/backends.md.

It computes with NumPy, but refuses what a GPU library would refuse: a NumPy array or scalar among the operands, an
operand on another device than the current one, and implicit conversion to a NumPy array, ``np.asarray(array)``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import kernels


class StrictArray:
    """Wraps a NumPy array; `index` is the number of its device, `base` the array whose memory it views, or None."""

    __array_ufunc__ = None  # so ``numpy_array + strict_array`` calls our __radd__, which refuses it

    def __init__(self, host: np.ndarray, index: int, base: StrictArray | None = None) -> None:
        self.host, self.index, self.base = host, index, base

    def __array__(self, *args: Any, **options: Any) -> np.ndarray:
        raise TypeError(f"a device array of shape {self.shape} is not converted to NumPy by itself; use to_host()")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array"):  # NumPy would use these to read the wrapped array
            raise AttributeError(name)
        value = getattr(self.host, name)
        if isinstance(value, np.ndarray):
            return boxed(value, [self])
        return Opening(lambda self, *a, **k: getattr(self, name)(*a, **k), self) if callable(value) else value

    def __setitem__(self, key: Any, value: Any) -> None:
        run(operator.setitem, self, key, value)


def method(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """An operator as a method."""
    return (lambda a, b: run(function, b, a)) if reflected else (lambda *a: run(function, *a))


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """An in-place operator as a method."""
    return lambda self, other: run(lambda a, b: (function(a, b), None)[1], self, other) or self


BINARY = "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift eq ne lt le gt ge"
for word in f"{BINARY} neg pos invert getitem abs".split():
    name = word.rstrip("_")
    setattr(StrictArray, f"__{name}__", method(getattr(operator, word)))
    setattr(StrictArray, f"__r{name}__", method(getattr(operator, word), reflected=True))
    if hasattr(operator, f"i{name}"):
        setattr(StrictArray, f"__i{name}__", in_place(getattr(operator, f"i{name}")))
for convert in (int, float, bool, len, operator.index):  # allowed; a GPU library would wait for the device
    setattr(StrictArray, f"__{convert.__name__}__", lambda a, f=convert: f(a.host))


def run(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function of NumPy's on the wrapped arrays."""
    seen: list[StrictArray] = []

    def opened(value: Any) -> Any:
        if isinstance(value, StrictArray):
            seen.append(value)
            return value.host
        if isinstance(value, np.ndarray | np.generic):
            raise TypeError(f"a host value where a device array belongs: {type(value).__name__} {value!r}")
        return type(value)(map(opened, value)) if type(value) in (tuple, list) else value

    result = boxed(function(*opened(args), **dict(zip(options, opened(tuple(options.values())), strict=True))), seen)
    fresh = isinstance(result, StrictArray) and result.base is None and not any(result is a for a in seen)
    if (result is None or (fresh and result.size)) and {a.index for a in seen} - {DEVICES.current}:
        raise TypeError(f"arrays of devices {[a.index for a in seen]} in a call on device {DEVICES.current}")
    return result


def boxed(value: Any, args: list[StrictArray]) -> Any:
    """Wrap a result: it is an operand itself (``out=``), a view of one, or a new array; never a scalar."""
    if isinstance(value, np.ndarray):
        for a in args:
            if a.host is value:
                return a
            if np.may_share_memory(a.host, value):
                return StrictArray(value, a.index, a if a.base is None else a.base)
    elif isinstance(value, tuple | list):
        return (list if type(value) is list else tuple)(boxed(v, args) for v in value)
    index = args[0].index if args else DEVICES.current
    return StrictArray(np.asarray(value), index) if isinstance(value, np.ndarray | np.generic) else value


class Opening:
    """A NumPy function on wrapped arrays, or a module of such functions; also their attributes, such as ``add.at``."""

    def __init__(self, wrapped: Any, *first: Any) -> None:
        self.wrapped, self.first = wrapped, first

    def __call__(self, *args: Any, **options: Any) -> Any:
        return run(self.wrapped, *self.first, *args, **options)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.wrapped, name)
        return Opening(value) if hasattr(value, "__name__") and not isinstance(value, type) else value


class StrictBackend(kernels.Backend):
    """Two devices, ``strict:0`` and ``strict:1``."""

    name = library = "strict"
    xp = Opening(np)
    array_types = (StrictArray,)
    indexed = True
    current = 0

    def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> StrictArray:
        ours = isinstance(value, StrictArray)
        where = index if index is not None else value.index if ours else self.current
        if ours and where == value.index and dtype in (None, value.dtype):
            return value
        return StrictArray(np.array(value.host if ours else value, dtype), where)

    def to_host(self, array: StrictArray) -> np.ndarray:
        return array.host.copy()

    def pointer(self, array: StrictArray) -> int:
        return array.host.ctypes.data

    def index_of(self, array: StrictArray) -> int:
        return array.index

    def current_index(self) -> int:
        return self.current

    @contextmanager
    def on(self, index: int | None) -> Iterator[None]:
        before, self.current = self.current, self.current if index is None else index
        try:
            yield
        finally:
            self.current = before

    def device_count(self) -> int:
        return 2


DEVICES = StrictBackend()
kernels.register(DEVICES)

"""Boxes, which stand in for arrays and record the NumPy calls on them, and the backend that makes them.

A `Box` holds a NumPy array. Its operators and methods, and the functions of the array module that `RecordingBackend`
gives to kernels, compute with NumPy as usual, and note the call in the program of the recorder that is active. The same
module stands in for ``numpy`` in the files of the kernels while a step is recorded, so that tuned forms are noted call
by call, too. Where no recorder is active, and in other threads, it is NumPy.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch.recording.errors import RecordingError

if TYPE_CHECKING:
    from minitorch.recording.recorder import Recorder

METADATA = frozenset(["shape", "dtype", "ndim", "size", "strides", "flags", "itemsize", "nbytes", "base"])
"""Attributes of an array that do not depend on its elements; these, of a box, are plain values."""
READS = frozenset(
    [
        "item",
        "tolist",
        "tobytes",
        "tofile",
        "dump",
        "dumps",
        "data",
        "ctypes",
        "flat",
        "__array_interface__",
        "__array_struct__",
    ]
)
"""Attributes that give the elements to Python."""


class Active:
    """Which recorder is active, and in which thread.

    Attributes:
        recorder: the recorder; None while nothing is recorded.
        thread: the identifier of its thread.
    """

    recorder: Recorder | None = None
    thread: int = 0

    def here(self) -> Recorder | None:
        """The recorder if it records this thread."""
        return self.recorder if self.recorder is not None and self.thread == threading.get_ident() else None


ACTIVE = Active()


class Box:
    """Stands in for a NumPy array while a step is recorded: each call of NumPy on it goes into the program.

    Args:
        host: the array.
    """

    __slots__ = ("__weakref__", "host")

    def __init__(self, host: Any) -> None:
        self.host = host

    def __getattr__(self, name: str) -> Any:
        if name in METADATA:
            return getattr(self.host, name)
        if name == "item" and self.host.dtype == bool and self.host.size == 1:
            return self.__bool__
        if name in READS:
            return refuse_read(self, f".{name}")
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.host, name)
        if isinstance(value, np.ndarray | np.generic):
            return note("attribute", name, lambda a: getattr(a, name), (self,), {})
        return Method(self, name)

    def __setitem__(self, key: Any, value: Any) -> None:
        note("setitem", "setitem", operator.setitem, (self, key, value), {})

    def __getitem__(self, key: Any) -> Any:
        return note("getitem", "getitem", operator.getitem, (self, key), {})

    def __len__(self) -> int:
        return len(self.host)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __array__(self, *args: Any, **options: Any) -> Any:
        return refuse_read(self, "its conversion to a NumPy array")

    def __array_ufunc__(self, function: Any, method: str, *args: Any, **options: Any) -> Any:
        name = f"np.{function.__name__}" + ("" if method == "__call__" else f".{method}")
        run = function if method == "__call__" else getattr(function, method)
        if options.get("out") is not None and len(options["out"]) == 1:
            options["out"] = options["out"][0]
        return note("function", name, run, args, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return note("function", path_of(function), function, tuple(args), dict(options))

    def __bool__(self) -> bool:
        recorder = ACTIVE.here()
        return bool(self.host) if recorder is None else recorder.checked(self)

    def __float__(self) -> float:
        return float(refuse_read(self, "float()"))

    def __int__(self) -> int:
        return int(refuse_read(self, "int()"))

    def __index__(self) -> int:
        return int(refuse_read(self, "its use as a Python integer"))

    def __complex__(self) -> complex:
        return complex(refuse_read(self, "complex()"))

    def __contains__(self, value: Any) -> bool:
        return bool(refuse_read(self, "`in`"))

    def __repr__(self) -> str:
        return f"<recorded {self.host.dtype} array of shape {self.host.shape}>"

    def __str__(self) -> str:
        return str(refuse_read(self, "its text"))

    def __format__(self, spec: str) -> str:
        return str(refuse_read(self, "its text"))


class ScalarBox(Box):
    """A `Box` for a NumPy scalar, such as the result of ``a.sum()``: ``+=`` makes a new one instead of writing."""

    __slots__ = ()


class Method:
    """A method of a boxed array."""

    def __init__(self, box: Box, name: str) -> None:
        self.box, self.name = box, name

    def __call__(self, *args: Any, **options: Any) -> Any:
        name = self.name
        return note("method", name, lambda a, *b, **k: getattr(a, name)(*b, **k), (self.box, *args), options)


def refuse_read(box: Box, what: str) -> Any:
    """The elements of `box` for Python; while its step is recorded, an error.

    Raises:
        RecordingError: if a recorder is active.
    """
    recorder = ACTIVE.here()
    if recorder is not None:
        recorder.refuse_read(what)
    return box.host.item() if box.host.size == 1 else box.host


def note(form: str, name: str, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Call a function of NumPy's on what is in the boxes, and note the call if a recorder is active."""
    recorder = ACTIVE.here()
    if recorder is not None:
        return recorder.note(form, name, function, args, options)
    if ACTIVE.recorder is not None and any(isinstance(a, Box) for a in args):
        raise RecordingError("another thread uses a tensor while a step is being recorded")
    hosts = [opened(a) for a in args]
    result = function(*hosts, **{key: opened(value) for key, value in options.items()})
    for a, host in zip(args, hosts, strict=True):
        if result is host:
            return a
    boxed = any(isinstance(a, Box) for a in (*args, *options.values()))
    return box_again(result) if boxed else result


def opened(value: Any) -> Any:
    """Nested tuples and lists, with each box replaced by its array."""
    kind = type(value)
    if kind is Box or kind is ScalarBox:
        return value.host
    if kind is tuple or kind is list:
        return kind(map(opened, value))
    return value


def box_again(value: Any) -> Any:
    """Nested tuples and lists, with each array or NumPy scalar put into a box."""
    if isinstance(value, np.ndarray):
        return Box(value)
    if isinstance(value, np.generic):
        return ScalarBox(value)
    return type(value)(map(box_again, value)) if type(value) in (tuple, list) else value


def _operator(function: Callable[..., Any], name: str, reflected: bool = False) -> Callable[..., Any]:
    if reflected:
        return lambda a, b: note("operator", name, function, (b, a), {})
    return lambda *a: note("operator", name, function, a, {})


def _in_place(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def run(a: Any, b: Any) -> Any:
        if isinstance(a, ScalarBox):  # Python then computes a new one
            return note("operator", name, getattr(operator, name), (a, b), {})
        note("inplace", name, function, (a, b), {})
        return a

    return run


for _word in [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and_",
    "or_",
    "xor",
    "lshift",
    "rshift",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
]:
    _name = _word.rstrip("_")
    setattr(Box, f"__{_name}__", _operator(getattr(operator, _word), _word))
    setattr(Box, f"__r{_name}__", _operator(getattr(operator, _word), _word, reflected=True))
    if hasattr(operator, f"i{_name}"):
        setattr(Box, f"__i{_name}__", _in_place(getattr(operator, f"i{_name}"), _word))
for _word in ["neg", "pos", "invert", "abs"]:
    setattr(Box, f"__{_word}__", _operator(getattr(operator, _word), _word))
Box.__hash__ = object.__hash__  # type: ignore[method-assign]  # lost with `__eq__`


def path_of(function: Any) -> str:
    """How a function of NumPy's is written: ``np.linalg.norm``."""
    module = getattr(function, "__module__", None) or "numpy"
    return module.replace("numpy", "np", 1).replace("np.lib._stride_tricks_impl", "np.lib.stride_tricks") + (
        f".{function.__name__}"
    )


class Noting:
    """A module or function of NumPy's whose calls are noted; types and constants in it are NumPy's own."""

    def __init__(self, wrapped: Any, path: str) -> None:
        self._wrapped, self._path = wrapped, path

    def __call__(self, *args: Any, **options: Any) -> Any:
        return note("function", self._path, self._wrapped, args, options)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._wrapped, name)
        if isinstance(value, type) or not (callable(value) or hasattr(value, "__name__")):
            return value
        found = Noting(value, f"{self._path}.{name}")
        self.__dict__[name] = found
        return found


NUMPY = Noting(np, "np")


class RecordingBackend(kernels.Backend):
    """The host's backend while a step is recorded."""

    name = "cpu"
    library = "numpy"
    xp = NUMPY
    array_types = (Box, ScalarBox)

    def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> Any:
        recorder = ACTIVE.here()
        if isinstance(value, Box):
            if type(value) is Box and dtype in (None, value.host.dtype):
                return value
            return note("function", "np.asarray", np.asarray, (value,), {} if dtype is None else {"dtype": dtype})
        host = np.asarray(value, dtype)
        return host if recorder is None else recorder.constant(host, copy=host is value)

    def to_host(self, array: Any) -> Any:
        recorder = ACTIVE.here()
        return array.host if recorder is None else recorder.to_host(array)

    def owner(self, array: Any) -> Any:
        return owner_of(opened(array))

    def pointer(self, array: Any) -> int:
        return int(array.host.__array_interface__["data"][0])

    def instrumented(self, kernel: Any, run: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*args: Any) -> Any:
            recorder = ACTIVE.here()
            if recorder is None:
                return box_again(run(*map(opened, args)))
            return recorder.kernel(kernel, run, args)

        return recorded


def owner_of(host: Any) -> Any:
    """The object that owns the memory of an array."""
    while getattr(host, "base", None) is not None:
        host = host.base
    return host


BACKEND = RecordingBackend()


class Scalar:
    """A Python number that may be another one at a replay: an option of an optimizer, or the number of a step.

    Arithmetic with it gives another; a comparison is noted, and must have the same outcome at every replay.

    Args:
        value: what it is now.
        parts: the text that a replay evaluates, as in `Expression`.
    """

    __array_ufunc__ = None

    def __init__(self, value: float, parts: tuple[Any, ...]) -> None:
        self.value, self.parts = value, parts

    def _compared(self, function: Callable[..., Any], sign: str, other: Any) -> bool:
        found = bool(function(self.value, plain(other)))
        recorder = ACTIVE.here()
        if recorder is not None:
            recorder.condition(("(", *self.parts, f" {sign} ", *parts_of(other), ")"), found)
        return found

    def __neg__(self) -> Scalar:
        return Scalar(-self.value, ("(-", *self.parts, ")"))

    def __bool__(self) -> bool:
        return self._compared(operator.ne, "!=", 0)

    def __float__(self) -> float:
        raise RecordingError(f"the number {self.value!r} of an optimizer cannot be taken out of the recording")


def plain(value: Any) -> Any:
    """The number that a `Scalar` is now; anything else as it is."""
    return value.value if isinstance(value, Scalar) else value


def parts_of(value: Any) -> tuple[Any, ...]:
    """The text of a number."""
    return value.parts if isinstance(value, Scalar) else (repr(value),)


def _arithmetic(function: Callable[..., Any], sign: str, reflected: bool) -> Callable[[Scalar, Any], Any]:
    def run(self: Scalar, other: Any) -> Any:
        if not isinstance(other, Scalar | int | float):
            return NotImplemented
        a, b = (other, self) if reflected else (self, other)
        return Scalar(function(plain(a), plain(b)), ("(", *parts_of(a), f" {sign} ", *parts_of(b), ")"))

    return run


def _comparison(function: Callable[..., Any], sign: str) -> Callable[[Scalar, Any], Any]:
    return lambda self, other: self._compared(function, sign, other)


for _word, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**", "mod": "%"}.items():
    setattr(Scalar, f"__{_word}__", _arithmetic(getattr(operator, _word), _sign, False))
    setattr(Scalar, f"__r{_word}__", _arithmetic(getattr(operator, _word), _sign, True))
for _word, _sign in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Scalar, f"__{_word}__", _comparison(getattr(operator, _word), _sign))
Scalar.__hash__ = object.__hash__  # type: ignore[method-assign]  # a class with `__eq__` loses its hash


def as_float(value: Any) -> Any:
    """`float` for the files of optimizers while a step is recorded: a number that changes stays one that does."""
    if isinstance(value, Scalar):
        return Scalar(float(value.value), ("float(", *value.parts, ")"))
    recorder = ACTIVE.here()
    if isinstance(value, Box) and recorder is not None:
        return recorder.counted(value)
    return float(value)

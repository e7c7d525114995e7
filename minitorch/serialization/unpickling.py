"""Reading a pickle without executing anything from it.

A pickle is a program for a stack machine. The interpreter in Python's `pickle` imports and calls anything that the
program names. This interpreter accepts only the names in `rebuild.NAMES` and names that users add with
`add_safe_globals`. It calls only the constructors of `rebuild.CONSTRUCTORS`, which check their arguments, and changes
only lists, dicts and sets that the same program has made. Time and memory are bounded by the length of the pickle.
"""

from __future__ import annotations

import _compat_pickle
import pickle
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from pickle import UnpicklingError
from types import TracebackType
from typing import Any

from minitorch.errors import CorruptFileError, CorruptPickleError
from minitorch.serialization.keys import KeyCheck
from minitorch.serialization.rebuild import CONSTRUCTORS, brief, expect, is_storage_tag, lookup

__all__ = ["RestrictedUnpickler", "add_safe_globals", "clear_safe_globals", "get_safe_globals", "safe_globals"]

_BLOCKED = ("sys", "os", "posix", "nt")
_LONGEST_NAME = 1000  # the length of the name of a module or of an object in it, in bytes
_COPIED_PER_BYTE, _COPIED_FREE = 8, 1000  # see RestrictedUnpickler._count_copied
_safe: dict[str, Any] = {}


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Let `load` make objects of these classes and call these functions even with ``weights_only=True``.

    Args:
        safe_globals: classes and functions, or pairs of one and its full name in files.

    Raises:
        ValueError: for a tuple that is not a pair.
        TypeError: for a pair whose second item is not a string.
    """
    for item in safe_globals:
        if isinstance(item, tuple):
            if len(item) != 2:
                raise ValueError(
                    "Expected tuple of length 2 (global, str of callable full path), but got tuple of length: "
                    f"{len(item)}"
                )
            if not isinstance(item[1], str):
                raise TypeError(
                    f"Expected second item in tuple to be str of callable full path, but got: {type(item[1])}"
                )
            _safe[item[1]] = item[0]
        else:
            _safe[f"{item.__module__}.{item.__qualname__}"] = item


def get_safe_globals() -> list[Any]:
    """The classes and functions that were given to `add_safe_globals`."""
    return list(_safe.values())


def clear_safe_globals() -> None:
    """Remove everything that was given to `add_safe_globals`."""
    _safe.clear()


class safe_globals:
    """Allow these classes and functions in a ``with`` block only; see `add_safe_globals`."""

    def __init__(self, safe_globals: list[Any]) -> None:
        self._added = safe_globals

    def __enter__(self) -> None:
        self._before = dict(_safe)
        add_safe_globals(self._added)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _safe.clear()
        _safe.update(self._before)


_DAMAGE = (
    IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RuntimeError, MemoryError, struct.error,
)  # fmt: skip
"""The errors that instructions raise if the pickle is invalid. RecursionError is a RuntimeError."""


class RestrictedUnpickler:
    """Reads one pickle.

    Args:
        file: has `read`, `readline` and `tell`, and never allocates more than that (a `Source` or a BytesIO). After
            `load` it is at the end of the pickle.
        persistent_load: returns the storage for a description of one in the pickle.
        encoding: the encoding of texts that were written by Python 2.
    """

    def __init__(self, file: Any, persistent_load: Callable[[tuple[Any, ...]], Any], encoding: str = "utf-8") -> None:
        self._file = file
        self._start = file.tell()
        self._encoding = encoding
        self._persistent_load = persistent_load
        self._from_persistent_load: Exception | None = None
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._copied = 0
        self._check_key = KeyCheck().check

    def load(self) -> Any:
        """The object in the pickle.

        Raises:
            CorruptPickleError: if the pickle is damaged.
            UnpicklingError: if it contains something that is not allowed.
            Exception: any exception of `persistent_load`.
        """
        try:
            while True:
                opcode = self._read(1)
                if opcode == pickle.STOP:
                    return self._stack.pop()
                step = _STEPS.get(opcode)
                if step is None:
                    raise CorruptPickleError(f"Unsupported operand {opcode[0]}")
                step(self)
        except CorruptFileError:
            raise
        except _DAMAGE as error:
            if error is self._from_persistent_load:
                raise
            raise CorruptPickleError(f"the pickle is damaged: {type(error).__name__}: {str(error)[:300]}") from error

    # -- the file

    def _read(self, count: int) -> bytes:
        data: bytes = self._file.read(count)
        if len(data) < count:
            raise CorruptPickleError(f"pickle data was truncated: {count - len(data)} more bytes were expected")
        return data

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def _line(self) -> str:
        line: bytes = self._file.readline(_LONGEST_NAME)
        if not line.endswith(b"\n"):
            raise CorruptPickleError("pickle data was truncated in a name, or the name is too long")
        return line[:-1].decode()

    def _count_copied(self, values: tuple[Any, ...]) -> None:
        """Count the items that a call with these arguments copies; called before the call.

        The instruction "make a set of the list in memo 0" is four bytes long, but copies the whole list. A file of
        1 MB could repeat it 100,000 times for a list of 300,000 items. A real checkpoint copies an item about once, so
        the items copied so far may be 8 times the bytes read so far, and 1,000 more.

        Raises:
            CorruptPickleError: if there are more.
        """
        for value in values:
            if isinstance(value, tuple | list | dict | str | bytes):
                self._copied += len(value)
            if type(value) is tuple and len(value) <= 64:  # the arguments of a nested function call
                self._copied += sum(len(item) for item in value if isinstance(item, tuple | list | dict | str | bytes))
        if self._copied > _COPIED_FREE + _COPIED_PER_BYTE * (self._file.tell() - self._start):
            raise CorruptPickleError("the pickle copies the same items again and again")

    # -- the stack

    def _pop_mark(self) -> list[Any]:
        items, self._stack = self._stack, self._marks.pop()
        return items

    def _mark(self) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _tuple(self, count: int) -> None:
        if len(self._stack) < count:
            raise CorruptPickleError("the pickle is damaged: it takes more from the stack than there is")
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _put(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    # -- instructions that could do harm

    def _global(self, module: str, name: str) -> None:
        if (module, name) in _compat_pickle.NAME_MAPPING:
            module, name = _compat_pickle.NAME_MAPPING[(module, name)]
        module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        self._push(find_allowed(module, name))

    def _global_by_stack(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        if type(name) is not str or type(module) is not str:
            raise CorruptPickleError("a name in the pickle is no text")
        if len(name) > _LONGEST_NAME or len(module) > _LONGEST_NAME:
            raise CorruptPickleError("a name in the pickle is too long")
        self._push(find_allowed(module, name))

    def _reduce(self) -> None:
        args, function = self._stack.pop(), self._stack.pop()
        if type(args) is not tuple:
            raise CorruptPickleError(f"the arguments of a call are no tuple but {brief(args)}")
        constructor = CONSTRUCTORS.get(id(function)) or (function if _is_safe(function) else None)
        if constructor is None:
            raise UnpicklingError(f"Trying to call reduce for unrecognized function {brief(function)}")
        self._count_copied((args, *args[:64]))
        self._push(constructor(*args))

    def _new_object(self) -> None:
        args, kind = self._stack.pop(), self._stack.pop()
        if not isinstance(kind, type) or not _is_safe(kind):
            raise UnpicklingError(
                "Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` but got "
                f"{brief(kind)}"
            )
        self._push(kind.__new__(kind, *expect(args, tuple, "the arguments of a new object")))

    def _build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if type(target) is OrderedDict:
            if type(state) is not dict or any(type(n) is not str or hasattr(OrderedDict, n) for n in state):
                raise CorruptPickleError("the attributes of an OrderedDict are no dict, or would replace its methods")
            self._count_copied((state,))
            vars(target).update(state)
            return
        if not _is_safe(type(target)):
            raise UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got "
                f"{type(target)}"
            )
        if hasattr(target, "__setstate__"):
            target.__setstate__(state)
            return
        dictionary, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if dictionary is not None:
            vars(target).update(expect(dictionary, dict, "the state of an object"))
        for name, value in ({} if slots is None else expect(slots, dict, "the slots of an object")).items():
            setattr(target, name, value)

    def _persistent(self) -> None:
        description = self._stack.pop()
        if type(description) is not tuple or not description or not is_storage_tag(description[0]):
            raise CorruptPickleError(f"Only persistent_load of storage is allowed, but got {brief(description)}")
        try:
            storage = self._persistent_load(description)
        except Exception as error:  # perhaps an error in the user's map_location, not of the pickle
            self._from_persistent_load = error
            raise
        self._push(storage)

    def _extend(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if type(target) is not list:
            raise CorruptPickleError(f"Can only extend lists, but got {type(target)}")
        target.extend(items)

    def _add_items(self) -> None:
        items, target = self._pop_mark(), self._stack[-1]
        if type(target) is not set:
            raise CorruptPickleError(f"Can only add items to sets, but got {type(target)}")
        target.update(self._check_key(item, id(target)) for item in items)

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if type(target) not in (dict, OrderedDict, Counter):
            raise CorruptPickleError(
                f"Can only set items of dict, collections.OrderedDict, collections.Counter, but got {type(target)}"
            )
        if len(items) % 2:
            raise CorruptPickleError("the pickle is damaged: a key without a value")
        for i in range(0, len(items), 2):
            target[self._check_key(items[i], id(target))] = items[i + 1]

    def _set_one_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set_items([key, value])


def find_allowed(module: str, name: str) -> Any:
    """The function, class or dtype that a pickle names, if a checkpoint may use it.

    Raises:
        UnpicklingError: if the name is not allowed; the message says how to allow it.
    """
    path = f"{module}.{name}"
    if module in _BLOCKED:
        raise UnpicklingError(f"Trying to load unsupported GLOBAL {path} whose module {module} is blocked.")
    try:
        return lookup(path)
    except KeyError:
        pass
    ours = "minitorch" + path.removeprefix("torch") if path.startswith("torch.") else path
    for known in (path, ours):
        if known in _safe:
            return _safe[known]
    if module in ("torch", "torch._utils", "torch.storage", "torch.serialization"):
        raise UnpicklingError(f"{path} has no counterpart in minitorch, so this file cannot be loaded")
    path = path.removeprefix("builtins.")
    raise UnpicklingError(
        f"Unsupported global: GLOBAL {path} was not an allowed global by default. Please use "
        f"`torch.serialization.add_safe_globals([{path}])` or the `torch.serialization.safe_globals([{path}])` context "
        "manager to allowlist this global if you trust this class/function."
    )


def _is_safe(thing: Any) -> bool:
    return any(thing is known for known in _safe.values())


_U = RestrictedUnpickler
_STEPS: dict[bytes, Callable[[RestrictedUnpickler], object]] = {
    # names, calls, state
    pickle.GLOBAL: lambda u: u._global(u._line(), u._line()),
    pickle.STACK_GLOBAL: _U._global_by_stack,
    pickle.REDUCE: _U._reduce,
    pickle.NEWOBJ: _U._new_object,
    pickle.BUILD: _U._build,
    pickle.BINPERSID: _U._persistent,
    # containers
    pickle.MARK: _U._mark,
    pickle.EMPTY_LIST: lambda u: u._push([]),
    pickle.APPEND: lambda u: u._extend([u._stack.pop()]),
    pickle.APPENDS: lambda u: u._extend(u._pop_mark()),
    pickle.EMPTY_DICT: lambda u: u._push({}),
    pickle.SETITEM: _U._set_one_item,
    pickle.SETITEMS: lambda u: u._set_items(u._pop_mark()),
    pickle.EMPTY_SET: lambda u: u._push(set()),
    pickle.ADDITEMS: _U._add_items,
    pickle.EMPTY_TUPLE: lambda u: u._push(()),
    pickle.TUPLE: lambda u: u._push(tuple(u._pop_mark())),
    pickle.TUPLE1: lambda u: u._tuple(1),
    pickle.TUPLE2: lambda u: u._tuple(2),
    pickle.TUPLE3: lambda u: u._tuple(3),
    # constants
    pickle.NONE: lambda u: u._push(None),
    pickle.NEWTRUE: lambda u: u._push(True),
    pickle.NEWFALSE: lambda u: u._push(False),
    pickle.BININT: lambda u: u._push(u._number("<i")),
    pickle.BININT1: lambda u: u._push(u._number("<B")),
    pickle.BININT2: lambda u: u._push(u._number("<H")),
    pickle.LONG1: lambda u: u._push(pickle.decode_long(u._read(u._number("<B")))),
    pickle.BINFLOAT: lambda u: u._push(u._number(">d")),
    pickle.BINUNICODE: lambda u: u._push(str(u._read(u._number("<I")), "utf-8", "surrogatepass")),
    pickle.SHORT_BINUNICODE: lambda u: u._push(str(u._read(u._number("<B")), "utf-8", "surrogatepass")),
    pickle.BINBYTES: lambda u: u._push(u._read(u._number("<I"))),
    pickle.SHORT_BINBYTES: lambda u: u._push(u._read(u._number("<B"))),
    pickle.SHORT_BINSTRING: lambda u: u._push(u._read(u._number("<B")).decode(u._encoding)),
    # the memo; the version of the protocol and the lengths of frames, which have no effect
    pickle.BINPUT: lambda u: u._put(u._number("<B")),
    pickle.LONG_BINPUT: lambda u: u._put(u._number("<I")),
    pickle.MEMOIZE: lambda u: u._put(len(u._memo)),
    pickle.BINGET: lambda u: u._push(u._memo[u._number("<B")]),
    pickle.LONG_BINGET: lambda u: u._push(u._memo[u._number("<I")]),
    pickle.PROTO: lambda u: u._number("<B"),
    pickle.FRAME: lambda u: u._number("<Q"),
}

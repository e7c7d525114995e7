"""What a step reads of Python: attributes, elements of containers, variables of closures, globals.

A replay does what the step did when it was recorded. If the step would now do something else because a flag, a number
or a layer was changed, the replay must not run. So everything that the step's code can reach is compared before each
replay with what it was: of minitorch's modules all attributes, of other objects those whose names occur in the code.
"""

from __future__ import annotations

import operator
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from minitorch.autograd.graph import Variable
from minitorch.nn.modules import _hooks
from minitorch.nn.modules.module import Module
from minitorch.optim import optimizer as _optimizer
from minitorch.optim.optimizer import Optimizer
from minitorch.random.generator import Generator
from minitorch.recording.errors import RecordingError
from minitorch.recording.frames import SCRIPTS

ATOMS = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype)
OURS = ("minitorch", "kernels", "numpy", "torch")
CHANGING = ("random", "secrets", "time", "datetime", "numpy.random")
"""Modules whose functions give something else each time."""
OPAQUE = {"getattr", "vars", "__dict__", "locals", "globals", "eval", "exec", "setattr"}
"""Names in a code that let it read attributes whose names do not occur in it."""
GLOBAL_HOOKS = [
    value for space in (vars(_hooks), vars(_optimizer)) for name, value in space.items() if name.startswith("_global_")
]

_OF_STATE_DICTS = frozenset(n for n in Module().__dict__ if "state_dict" in n or n == "_non_persistent_buffers_set")
"""Attributes of modules that matter only to `state_dict` and `load_state_dict`."""

Source = Callable[[], Iterable[Any]]


def identities(objects: Iterable[Any]) -> bytes:
    """Which objects these are: two results are equal if they are the same ones, as long as the first are kept alive."""
    return np.fromiter(objects, object).tobytes()  # their addresses


class Watched:
    """One container: how its content is read, and what it was.

    Args:
        label: for messages.
        source: returns the content.
        names: what each element is called; None for a position or key.
    """

    __slots__ = ("content", "label", "names", "source")

    def __init__(self, label: str, source: Source, names: tuple[str, ...] | None = None) -> None:
        self.label, self.source, self.names = label, source, names
        self.content = list(source())


class State:
    """All that a step's code can reach, as it is now.

    Args:
        step: the function; messages call it ``step``.

    Attributes:
        tensors: by `id`: (tensor, label).
        roots: (label, module) for the outermost modules.
        optimizers: the optimizers.
        watched: the containers.
    """

    def __init__(self, step: Any) -> None:
        self._names: set[str] = set()
        while True:
            known = len(self._names)
            self._seen: dict[int, Any] = {}
            self.tensors: dict[int, tuple[Any, str]] = {}
            self.roots: list[tuple[str, Any]] = []
            self.optimizers: list[Any] = []
            self.watched: list[Watched] = []
            self._classes: set[tuple[int, bool]] = set()
            for hooks in GLOBAL_HOOKS:
                self._visit(hooks, "the hooks of all modules and optimizers")
            self._visit(step, "step")
            if len(self._names) == known:
                break
        empty = [
            w for w in self.watched if not w.content and isinstance(_container(w.source), dict | list | set | deque)
        ]
        self._empty = tuple(_container(w.source) for w in empty)
        self._sources = [_quick(w.source) for w in self.watched if w not in empty]
        self._content = self._read()

    def _read(self) -> bytes:
        return identities(chain.from_iterable(map(operator.call, self._sources)))

    def change(self) -> str | None:
        """What is no longer as it was, in words; None if all is."""
        try:
            if not any(self._empty) and self._read() == self._content:
                return None
        except (KeyError, ValueError, AttributeError):
            pass
        for w in self.watched:
            found = self._change_in(w)
            if found is not None:
                return found
        self._content = self._read()
        return None

    def _change_in(self, w: Watched) -> str | None:
        try:
            now = list(w.source())
        except ValueError:  # an empty cell of a closure
            return f"{w.label} is no longer set"
        if len(now) != len(w.content):
            return f"{w.label} has {len(now)} entries, it had {len(w.content)}"
        for i, (old, new) in enumerate(zip(w.content, now, strict=True)):
            if old is new:
                continue
            same = type(old) is type(new) and isinstance(old, ATOMS) and repr(old) == repr(new)
            if same or (isinstance(old, MethodType) and old == new):
                w.content[i] = new
                continue
            name = f"{w.label}[{i}]" if w.names is None else w.names[i]
            if type(old) is type(new) and not isinstance(old, ATOMS):
                return f"{name} is another {type(old).__name__} than it was"
            return f"{name} is {_short(new)}, it was {_short(old)}"
        return None

    # -- the walk

    def _watch(self, label: str, source: Source, names: tuple[str, ...] | None = None) -> None:
        self.watched.append(Watched(label, source, names))

    def _visit(self, x: Any, label: str) -> None:
        if isinstance(x, ATOMS) or id(x) in self._seen:
            return
        self._seen[id(x)] = x
        if isinstance(x, Variable):
            self.tensors[id(x)] = (x, label)
            for hooks in (x._hooks, x._after_hooks):
                if hooks:
                    self._visit(hooks, f"the hooks of {label}")
        elif isinstance(x, Module):
            self._visit_module(x, label)
        elif isinstance(x, Optimizer):
            self._visit_optimizer(x, label)
        elif isinstance(x, FunctionType):
            self._visit_function(x, label)
        elif isinstance(x, MethodType):
            self._visit(x.__self__, label.rpartition(".")[0] or "self")
            self._visit(x.__func__, label)
        elif isinstance(x, partial):
            for part in (x.func, x.args, x.keywords):
                self._visit(part, label)
        elif isinstance(x, dict):
            owner, dot, own = label.rpartition(".")
            names = [f"{label}[{key!r}]" if isinstance(key, str | int) else f"{label}[…]" for key in x]
            if own in ("_parameters", "_buffers", "_modules"):
                names = [f"{owner}{dot}{key}" for key in x]
            self._watch(label, x.values, tuple(names))
            if x and own not in ("_parameters", "_buffers", "_modules", "state[…]"):
                self._watch(f"the keys of {label}", x.keys)
            for value, name in zip([*x.values()], names, strict=True):
                self._visit(value, name)
        elif isinstance(x, list | deque | set | frozenset):
            self._watch(label, x.__iter__)
            self._visit_all(x, label)
        elif isinstance(x, tuple):
            self._visit_all(x, label)
        elif isinstance(x, ModuleType) and x.__name__ not in CHANGING:
            if not _is_library(x.__name__):
                self._visit_named(vars(x), label)
        elif isinstance(x, type):
            self._visit_class(x, made=True)
        elif _differs_each_time(x):
            raise RecordingError(
                f"the step reads {label}, which gives something else each time: a replay would not see it. Draw random "
                "numbers with minitorch, and do what depends on the time outside of the step"
            )
        elif isinstance(x, np.ndarray | Generator | BuiltinFunctionType | CodeType):
            pass
        elif hasattr(type(x), "__next__"):
            raise RecordingError(
                f"the step reads {label}, an iterator ({type(x).__name__}): what it gives next cannot be compared. "
                "Take the batch outside of the step, and pass it to the step as an argument"
            )
        else:
            self._visit_instance(x, label)
            if hasattr(x, "__wrapped__"):  # of `functools.lru_cache`
                self._visit(x.__wrapped__, label)

    def _visit_all(self, elements: Iterable[Any], label: str) -> None:
        for i, element in enumerate([*elements]):
            self._visit(element, f"{label}[{i}]")

    def _visit_named(self, space: Any, label: str, extra: Iterable[str] = ()) -> None:
        """Watch the variables of a namespace whose names occur in the code."""
        names = tuple(sorted((self._names & space.keys()) | {n for n in extra if n in space}))
        if names:
            prefix = f"{label}." if label else ""
            self._watch(label, partial(map, space.get, names), tuple(prefix + n for n in names))
            for n in names:
                self._visit(space[n], prefix + n)

    def _visit_instance(self, x: Any, label: str) -> None:
        package = type(x).__module__.partition(".")[0]
        if package in ("numpy", "torch"):
            return
        space = getattr(x, "__dict__", None)
        if isinstance(space, dict):  # of minitorch's own objects all: its code is not read
            everything = self._names & OPAQUE or (_is_library(type(x).__module__) and package in OURS)
            self._visit_named(space, label, space if everything else ())
        for cls in type(x).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if name in self._names and hasattr(x, name):
                    self._watch(label, partial(_slot, x, name), (f"{label}.{name}",))
                    self._visit(getattr(x, name), f"{label}.{name}")
        self._visit_class(type(x))

    def _visit_class(self, cls: type, made: bool = False) -> None:
        """Watch the attributes of a class that the code names; its `__init__` where the code may make an object."""
        if _is_library(cls.__module__) or (id(cls), made) in self._classes:
            return
        self._classes.add((id(cls), made))
        special = [
            n for n, v in cls.__dict__.items() if n[:2] == "__" and isinstance(v, FunctionType) and n != "__init__"
        ]
        special += [n for n in ("forward", *(["__init__"] if made else [])) if n in cls.__dict__]
        names = tuple(sorted((self._names & cls.__dict__.keys()) | set(special)))
        text = cls.__qualname__
        self._watch(text, partial(map, cls.__dict__.get, names), tuple(f"{text}.{n}" for n in names))
        for n in names:
            value = cls.__dict__[n]
            if isinstance(value, property):
                for function in (value.fget, value.fset):
                    self._visit(function, f"{text}.{n}")
            else:
                self._visit(getattr(value, "__func__", value), f"{text}.{n}")
        for base in cls.__bases__:
            self._visit_class(base, made)

    def _visit_function(self, f: FunctionType, label: str) -> None:
        if _is_library(f.__module__ or ""):
            self._visit_wrapped(f, label)
            return
        names = _names_in(f.__code__)
        self._names |= names
        cells = f.__closure__ or ()
        for name, cell in zip(f.__code__.co_freevars, cells, strict=True):
            if id(cell) not in self._seen:
                self._seen[id(cell)] = cell
                try:
                    content = cell.cell_contents
                except ValueError:  # not yet set
                    continue
                self._watch(name, partial(_cell, cell), (name,))
                self._visit(content, name)
        space = f.__globals__
        used = tuple(sorted(name for name in _global_names_in(f.__code__) if name in space))
        if used:
            self._watch("the globals", partial(map, space.get, used), used)
            for name in used:
                self._visit(space[name], name)
                if space[name] is np and "random" in names:
                    self._visit(np.random, f"{name}.random")
        for default in (f.__defaults__, f.__kwdefaults__):
            if default:
                self._visit(default, f"the defaults of {label}")
        if f.__dict__:
            self._visit(f.__dict__, f"the attributes of {label}")

    def _visit_wrapped(self, f: FunctionType, label: str) -> None:
        """A function of a library that holds a user's: ``no_grad()(f)``, ``functools.lru_cache``."""
        for cell in f.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if isinstance(content, FunctionType | MethodType | Module):
                self._watch(label, partial(_cell, cell), (label,))
                self._visit(content, label)

    def _visit_module(self, m: Module, label: str) -> None:
        if not any(m is known for _, root in self.roots for known in root.modules()):
            self.roots.append((label, m))
        space = m.__dict__
        if _is_library(type(m).__module__):
            names = tuple(n for n in space if n not in _OF_STATE_DICTS)
            self._watch(label, partial(map, space.get, names), tuple(f"{label}.{n}" for n in names))
            for name in names:
                self._visit(space[name], f"{label}.{name}")
        else:
            own = [n for n in Module().__dict__ if n in space and n not in _OF_STATE_DICTS]
            self._visit_named(space, label, space if self._names & OPAQUE else own)
            self._visit_class(type(m))

    def _visit_optimizer(self, o: Optimizer, label: str) -> None:
        self.optimizers.append(o)
        ours = type(o).__module__.startswith("minitorch.optim")
        hooks = [n for n in o._HOOKS if "step" in n]
        names = ("param_groups", "state", *hooks)
        self._watch(label, partial(map, o.__dict__.get, names), tuple(f"{label}.{n}" for n in names))
        self._watch(label, partial(_own_step, o), (f"{label}.step",))
        for name in ("state", *hooks):
            self._visit(getattr(o, name), f"{label}.{name}")
        if not ours or "param_groups" in self._names:
            self._visit(o.param_groups, f"{label}.param_groups")
            self._visit_instance(o, label)
            return
        self._watch(f"{label}.param_groups", o.param_groups.__iter__)
        for i, group in enumerate(o.param_groups):
            if id(group) in self._seen:
                continue
            text = f"{label}.param_groups[{i}]"
            fixed = tuple(n for n, value in group.items() if not _is_number(value))
            self._watch(text, partial(map, group.get, fixed), tuple(f"{text}[{n!r}]" for n in fixed))
            for n in fixed:
                self._visit(group[n], f"{text}[{n!r}]")


def _is_number(value: Any) -> bool:
    """Whether an option is a number that a replay reads anew, or a tuple of them."""
    if isinstance(value, tuple):
        return all(map(_is_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _own_step(optimizer: Optimizer) -> tuple[Any]:
    """A `step` that was put into the optimizer itself, other than by a learning-rate scheduler."""
    step = optimizer.__dict__.get("step")
    return (None if hasattr(step, "_wrapped_by_lr_sched") else step,)


def _differs_each_time(x: Any) -> bool:
    """Whether `x` is a source of random numbers that are not minitorch's, or a clock."""
    if isinstance(x, ModuleType):
        return x.__name__ in CHANGING
    if isinstance(x, random.Random | np.random.Generator | np.random.RandomState):
        return True
    if isinstance(x, BuiltinFunctionType):
        owner = getattr(x, "__self__", None)
        return getattr(x, "__module__", None) == "time" or _differs_each_time(owner)
    return False


def _container(source: Source) -> Any:
    """The container whose method `source` is, if it is one's."""
    return getattr(source, "__self__", None)


def _quick(source: Source) -> Source:
    """What gives the content of `source` in less time, or raises KeyError if a name is missing."""
    if isinstance(source, partial) and source.func is map and len(source.args[1]) > 1:
        get, names = source.args
        if all(name in get.__self__ for name in names):
            return partial(operator.itemgetter(*names), get.__self__)
    return source


def _cell(cell: CellType) -> tuple[Any]:
    return (cell.cell_contents,)


def _slot(x: Any, name: str) -> tuple[Any]:
    return (getattr(x, name, None),)


def _is_library(module: str) -> bool:
    """Whether a module's code needs no looking into."""
    top = module.partition(".")[0]
    return (top in OURS and not module.startswith(SCRIPTS)) or (top in sys.stdlib_module_names and top != "__main__")


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _global_names_in(code: CodeType) -> set[str]:
    return {name for c in _codes(code) for name in c.co_names}


def _names_in(code: CodeType) -> set[str]:
    """The names and the texts in a code, which may be names of attributes."""
    texts = {t for c in _codes(code) for t in c.co_consts if isinstance(t, str) and t.isidentifier()}
    return _global_names_in(code) | texts


def _short(value: Any) -> str:
    plain = isinstance(value, ATOMS) or callable(value)
    text = repr(value) if plain else f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."

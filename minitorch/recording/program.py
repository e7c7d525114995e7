"""The program: the array operations of one step, in the order in which they ran, and the arrays between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Place(NamedTuple):
    """Where in the user's program a call came from.

    Attributes:
        file: the file of the innermost line that is not minitorch's own.
        line: its number, 0 if there is none.
        module: the path of the innermost module, ``conv1.0``; empty outside of modules.
        section: ``forward``, ``backward`` or ``optimizer``.
    """

    file: str
    line: int
    module: str
    section: str


@dataclass(eq=False)
class Memory:
    """A piece of memory: an array that owns its elements, and all views of it.

    Attributes:
        index: its number, in the order in which pieces of memory appeared.
        role: ``temporary`` (made by a call of the program), ``external`` (of a tensor that was there before),
            ``input`` (of an example input).
        size: bytes.
        address: of the first array that viewed it.
        values: the arrays that view it.
    """

    index: int
    role: str
    size: int
    address: int = 0
    values: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Value:
    """An array of the program, or a scalar of NumPy's.

    Attributes:
        index: its number, in the order in which values appeared.
        memory: the memory that it views.
        host: the array that it was while the step was recorded; of a temporary one, shape, dtype and strides remain.
        call: the number of the call that made it; None if no call of the program did.
        offset: bytes from the start of the first array of the memory to its own.
    """

    index: int
    memory: Memory
    host: Any
    call: int | None = None
    offset: int = 0

    @property
    def scalar(self) -> bool:
        """Whether it is a scalar of NumPy's, not an array."""
        return not isinstance(self.host, np.ndarray)

    @property
    def fresh(self) -> bool:
        """Whether it is all of a memory that a call made, rather than a view."""
        return self.memory.role == "temporary" and self.memory.values[0] is self

    def described(self) -> tuple[Any, ...]:
        """What must be the same in two runs of a step: shape, dtype, strides, which memory, which part of it."""
        h = self.host
        strides = () if self.scalar else h.strides
        return (self.scalar, h.shape, h.dtype, strides, self.memory.index, self.memory.role, self.offset)


class Expression(NamedTuple):
    """Text that a replay evaluates to a Python number: the parts are text, values and objects in turn."""

    parts: tuple[Any, ...]


class KernelCall(NamedTuple):
    """The call of a kernel, which one or more calls of NumPy's carry out.

    Attributes:
        name: of the kernel.
        formula: the first line of its docstring.
        form: ``reference``, ``tuned``, or ``closed``: called as it is, because it cannot be taken apart.
        number: calls of kernels are numbered in order.
        place: where it came from.
        origin: for a call in the backward pass, the number of the kernel call whose gradient it computes, else None.
    """

    name: str
    formula: str
    form: str
    number: int
    place: Place
    origin: int | None


@dataclass(eq=False)
class Call:
    """One line of the program.

    Attributes:
        form: how it is written: ``function`` (``np.add(a, b)``), ``operator``, ``inplace``, ``method``, ``attribute``,
            ``getitem``, ``setitem``, ``draw`` (random numbers), ``kernel``, ``check`` (a value that must stay true or
            false), ``count`` (a Python number that a replay reads), ``constant`` (an array made of Python's numbers).
        name: ``np.add``, ``reshape``, ``T``, the kernel's name.
        function: what is called.
        args: the arguments, with a `Value` for each array and an `Expression` for each number that changes.
        kwargs: the same by name.
        result: the result, with values for arrays; None if nothing of it is an array.
        writes: the pieces of memory that it writes, except for what it makes.
        kernel: the kernel call that it belongs to, if any.
        place: where it came from.
        expected: for a ``check``, the outcome that a replay must find too.
    """

    form: str
    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    writes: list[Memory]
    kernel: KernelCall | None
    place: Place
    expected: Any = None

    def reads(self) -> Iterator[Value]:
        """The arrays among the arguments, also those that are written."""
        yield from values_in((self.args, self.kwargs))

    def results(self) -> Iterator[Value]:
        """The arrays in the result."""
        yield from values_in(self.result)


def values_in(tree: Any) -> Iterator[Value]:
    """The values in nested tuples, lists, dictionaries, slices and expressions."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, tuple | list):  # an `Expression` is a tuple
        for part in tree:
            yield from values_in(part)
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from values_in(part)
    elif isinstance(tree, slice):
        yield from values_in((tree.start, tree.stop, tree.step))


def mapped(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    """Nested tuples, lists, dictionaries and slices with `leaf` applied to what is in them."""
    kind = type(tree)
    if kind is tuple or kind is list:
        return kind([mapped(part, leaf) for part in tree])
    if kind is dict:
        return {key: mapped(part, leaf) for key, part in tree.items()}
    if kind is slice:
        return slice(mapped(tree.start, leaf), mapped(tree.stop, leaf), mapped(tree.step, leaf))
    if isinstance(tree, tuple) and hasattr(tree, "_fields") and not isinstance(tree, Expression):
        return kind(*[mapped(part, leaf) for part in tree])
    return leaf(tree)


@dataclass
class Program:
    """The calls of one step.

    Attributes:
        calls: in order.
        values: all arrays, by number.
        memories: all pieces of memory, by number.
        inputs: the values of the example inputs that the step used, by the input's number.
        externals: (value, the tensor that holds it, whether as its gradient): arrays that were there before the step.
        kernels: the calls of kernels.
    """

    calls: list[Call] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    inputs: dict[int, Value] = field(default_factory=dict)
    externals: list[tuple[Value, Any, bool]] = field(default_factory=list)
    kernels: list[KernelCall] = field(default_factory=list)
    _forgotten: dict[Any, np.ndarray] = field(default_factory=dict)

    def forget(self, values: Iterable[Value]) -> None:
        """Let go of the elements of arrays that the step made: of each, only shape, dtype and strides remain."""
        for value in values:
            h = value.host
            if value.memory.role != "temporary" or value.scalar:
                continue
            value.host = self.without_elements(h.shape, h.dtype, h.strides)

    def without_elements(self, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]) -> np.ndarray:
        """What is left of an array whose elements are forgotten: it takes no memory for them."""
        key = shape, dtype, strides
        if key not in self._forgotten:
            self._forgotten[key] = as_strided(np.empty(1, dtype), shape, strides)
        return self._forgotten[key]

    def release(self) -> None:
        """Forget everything, so that the arrays are let go now, not when the garbage collector finds the cycles."""
        for memory in self.memories:
            memory.values.clear()
        for part in (self.calls, self.values, self.memories, self.inputs, self.externals):
            part.clear()

    def new_value(self, host: Any, memory: Memory | None, role: str, call: int | None = None) -> Value:
        """A value on `memory`, or on memory of its own."""
        address = host.__array_interface__["data"][0] if isinstance(host, np.ndarray) else 0
        if memory is None:
            memory = Memory(len(self.memories), role, host.nbytes, address)
            self.memories.append(memory)
        value = Value(len(self.values), memory, host, call, address - memory.address)
        memory.values.append(value)
        self.values.append(value)
        return value

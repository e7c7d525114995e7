"""The recorder: it makes the program of what the boxes note."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kernels.cpu.threads import uses_second_thread
from minitorch.recording.arrays import Arrays
from minitorch.recording.boxes import ACTIVE, Box, Scalar, opened, owner_of, plain
from minitorch.recording.errors import RecordingError
from minitorch.recording.frames import asked_by_minitorch, foreign_argument, running_place, visited_node
from minitorch.recording.program import Call, Expression, KernelCall, Program, Value, mapped

WRITING_FUNCTIONS = frozenset(
    ["np.copyto", "np.put", "np.place", "np.putmask", "np.put_along_axis", "np.fill_diagonal"]
)
WRITING_METHODS = frozenset(["fill", "sort", "partition", "put", "setfield"])
ABOUT_ARRAYS = frozenset(
    [
        "result_type",
        "can_cast",
        "promote_types",
        "shape",
        "ndim",
        "size",
        "shares_memory",
        "may_share_memory",
        "broadcast_shapes",
        "iscomplexobj",
        "isrealobj",
        "isscalar",
        "issubdtype",
        "min_scalar_type",
        "iterable",
    ]
)
"""Functions of NumPy's whose results do not depend on the elements."""
OF_UNKNOWN_SIZE = frozenset(
    [
        "nonzero",
        "flatnonzero",
        "argwhere",
        "unique",
        "extract",
        "compress",
        "bincount",
        "unique_values",
        "unique_counts",
        "intersect1d",
        "union1d",
        "setdiff1d",
        "trim_zeros",
    ]
)
"""Functions of NumPy's whose results have a shape that depends on the elements."""


FOREIGN = (
    "the step uses {} that is neither an input of the step nor a tensor from before it, as a NumPy array that it makes "
    "a tensor of: its elements may be others at a replay. Make the tensor outside, and pass it as an argument"
)


FIXED_FORMS = ("function", "attribute", "getitem", "method", "operator")
"""The forms of calls whose results depend on their arguments alone."""


class Unfoldable(Exception):
    """A kernel cannot be taken apart, and is called as it is: it looks at elements, or computes in two threads."""


class Number:
    """A Python number that a replay reads from an array: the number of a step.

    Args:
        index: its number.
    """

    def __init__(self, index: int) -> None:
        self.index = index


class Options:
    """The options of a group of an optimizer, read anew at every replay.

    Args:
        index: its number.
        optimizer: the optimizer.
        group: the number of the group.
        values: what they were while the step was recorded.
    """

    def __init__(self, index: int, optimizer: Any, group: int, values: Any) -> None:
        self.index, self.optimizer, self.group, self.values = index, optimizer, group, values


class Recorder:
    """Makes a program of what the boxes note.

    Args:
        held: by the `id` of an array that was there before the step: the tensor that holds it, and whether it is that
            tensor's gradient.
        inputs: by the `id` of an array, the number of the example input.
        paths: by the `id` of a module, its path.

    Attributes:
        program: the program so far.
        options: the options of optimizers that the step read.
        transient: a reason why this run cannot be replayed, though the next one may; else empty.
        origins: by number of a node, the kernel call that made it.
        arrays: which array is which value, and in which box.
    """

    def __init__(self, held: dict[int, tuple[Any, bool]], inputs: dict[int, int], paths: dict[int, str]) -> None:
        self.program = Program()
        self.held, self.inputs, self.paths = held, inputs, paths
        self.options: list[Options] = []
        self.transient = ""
        self.origins: dict[int, int] = {}
        self.numbers = 0
        self.arrays = Arrays(self.program)
        self._kernel: KernelCall | None = None
        self._fixed: set[Value] = set()  # computed of Python's numbers alone

    # -- what the boxes call

    def note(
        self, form: str, name: str, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Call a function of NumPy's on what is in the boxes, and append the call to the program."""
        last = name.rpartition(".")[2]
        if form == "function" and last in ABOUT_ARRAYS:
            return function(*map(opened, args), **{key: opened(value) for key, value in options.items()})
        if form == "function" and name == "np.asarray" and type(args[0]) is Box and options.get("dtype") is None:
            return args[0]
        if last in OF_UNKNOWN_SIZE or (form == "getitem" and _selects(args[1])):
            self._depends(f"{name}, whose result has a shape that depends on the elements")
        place = self._kernel.place if self._kernel is not None else running_place(self.paths)
        hosts, host_options = mapped(args, _host), mapped(options, _host)
        symbols, symbol_options = mapped(args, self.symbol), mapped(options, self.symbol)
        result = function(*hosts, **host_options)
        call = Call(form, name, function, symbols, symbol_options, None, [], self._kernel, place)
        written: list[Any] = []
        if form in ("inplace", "setitem") or name in WRITING_FUNCTIONS or last == "at":
            written.append(symbols[0])
        if form == "method" and name in WRITING_METHODS:
            written.append(symbols[0])
        out = symbol_options.get("out")
        written += [out] if isinstance(out, Value) else list(out or ())
        if isinstance(function, np.ufunc):
            written += symbols[function.nin :]
        call.writes = [v.memory for v in written if isinstance(v, Value)]
        self._fixed.difference_update(v for m in call.writes for v in m.values)
        if result is None or form in ("inplace", "setitem"):
            self.program.calls.append(call)
            return None
        boxes = self.arrays.boxed(result, len(self.program.calls))
        if boxes is result:
            self._depends(f"{name}, which gives a Python value that depends on the elements")
        call.result = self.arrays.values_of(boxes)
        self.program.calls.append(call)
        if form in FIXED_FORMS and "empty" not in name and all(v in self._fixed for v in call.reads()):
            self._fixed.update(call.results())
        return boxes

    def kernel(self, kernel: Any, run: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call a kernel: its calls of NumPy's are noted; if it looks at elements, it is noted as one call."""
        if self._kernel is not None:
            return run(*args)
        self._check_entering(kernel, args)
        program = self.program
        place = running_place(self.paths)
        reference = kernel.reference
        form = "reference" if run is reference or not kernel.implementations.get("numpy") else "tuned"
        formula = (kernel.__doc__ or "").strip().partition("\n")[0]
        node = visited_node()
        origin = None if node is None else self.origins.get(node)
        if origin is not None:
            place = place._replace(module=program.kernels[origin].place.module)
        call = KernelCall(kernel.name, formula, form, len(program.kernels), place, origin)
        marks = len(program.calls), len(program.values), len(program.memories), len(program.externals)
        program.kernels.append(call)
        self._kernel = call
        try:
            return run(*self._with_scalars(args) if reference.__module__ == "kernels.optimizer" else args)
        except Unfoldable:
            self._roll_back(*marks)
        finally:
            self._kernel = None
        call = call._replace(form="closed", number=len(program.kernels))
        program.kernels.append(call)
        return self._call_closed(kernel, run, args, call)

    def draw(self, generator: Any, name: str, method: Callable[..., Any], args: Any, options: Any) -> Any:
        """Draw random numbers, and note the draw."""
        place = running_place(self.paths)
        symbols, symbol_options = mapped(args, self.symbol), mapped(options, self.symbol)
        with self.paused():
            result = method(generator, *mapped(args, _host), **mapped(options, _host))
        call = Call("draw", name, method, (generator, *symbols), symbol_options, None, [], self._kernel, place)
        boxes = self.arrays.boxed(result, len(self.program.calls))
        call.result = self.arrays.values_of(boxes)
        self.program.calls.append(call)
        return boxes

    def constant(self, host: np.ndarray, copy: bool) -> Box:
        """An array made of Python's numbers, in a box; a copy if `copy`."""
        caller = sys._getframe(2).f_globals.get("__name__")
        if caller in ("minitorch.autograd.mixed_devices", "minitorch._tensor_conversion"):
            self.fail(FOREIGN.format(f"an array of shape {host.shape}"))
        reader = foreign_argument()
        if reader is not None:
            self.fail(FOREIGN.format(reader))
        host = np.array(host) if copy else host
        box = Box(host)
        value = self.arrays.add(box, "temporary", len(self.program.calls))
        call = Call(
            "constant", "np.array", np.array, (host.copy(),), {}, value, [], self._kernel, running_place(self.paths)
        )
        self.program.calls.append(call)
        return box

    def to_host(self, box: Box) -> Any:
        """The elements of a box for Python: refused, except where minitorch passes them on to a generator."""
        if sys._getframe(3).f_globals.get("__name__") == "minitorch.functions.random":
            return box
        return self.refuse_read("its conversion to a NumPy array or a Python value")

    def checked(self, box: Box) -> bool:
        """The truth of an array: noted as a value that must not change where minitorch itself asks, else refused."""
        if self.arrays.value(box.host) in self._fixed:
            return bool(box.host)
        self._depends_in_kernel("the truth of an array")
        if not asked_by_minitorch():
            self.refuse_read("its truth, as in `if`, `while`, `and`, `assert`")
        found = bool(box.host)
        call = Call("check", "bool", bool, (self.symbol(box),), {}, None, [], None, running_place(self.paths))
        call.expected = found
        self.program.calls.append(call)
        return found

    def counted(self, box: Box) -> Scalar:
        """An element that an optimizer reads as the number of its step."""
        number = Number(self.numbers)
        self.numbers += 1
        call = Call(
            "count", "float", float, (self.symbol(box),), {}, number, [], self._kernel, running_place(self.paths)
        )
        self.program.calls.append(call)
        return Scalar(float(box.host), (number,))

    def condition(self, parts: tuple[Any, ...], found: bool) -> None:
        """Note a comparison of numbers that may change: its outcome must not."""
        place = self._kernel.place if self._kernel is not None else running_place(self.paths)
        call = Call("check", "condition", bool, (Expression(parts),), {}, None, [], self._kernel, place)
        call.expected = found
        self.program.calls.append(call)

    def refuse_read(self, what: str) -> Any:
        """Raise the error for an array whose elements are asked for in Python.

        Raises:
            RecordingError: always; inside of a kernel, `Unfoldable`.
        """
        self._depends_in_kernel(what)
        self.fail(
            f"the step reads the elements of a tensor in Python ({what}): a replay could not know what Python would do "
            "with them. Return the tensor from the step and read it outside, or write it with torch.where"
        )

    def fail(self, message: str) -> None:
        """Raise a `RecordingError` that names the line of the script."""
        place = running_place(self.paths)
        raise RecordingError(f"{place.file}:{place.line}: {message}")

    # -- options of optimizers

    def add_options(self, optimizer: Any, group: dict[str, Any], values: Any) -> Any:
        """Note that the options of a group were read: `values` are those."""
        numbers = [i for i, g in enumerate(optimizer.param_groups) if g is group]
        known = Options(len(self.options), optimizer, numbers[0], values)
        self.options.append(known)
        for name, value in zip(values._fields, values, strict=True):
            if name != "lr":  # whether there is momentum, weight decay, …; a learning rate may be 0 for a while
                self.condition(("bool(", known, f".{name})"), bool(value))
        return values

    def _with_scalars(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of an optimizer's kernel with a `Scalar` for each option that may change."""
        return tuple([self._scalars(a) if hasattr(a, "_fields") else a for a in args])

    def _scalars(self, options: Any) -> Any:
        for known in self.options:
            if known.values is options:
                break
        else:
            self.transient = "an optimizer steps with options of its first step"
            return options
        found = []
        for name, value in zip(options._fields, options, strict=True):
            if isinstance(value, int | float) and not isinstance(value, bool | np.generic):
                value = Scalar(value, (known, f".{name}"))
            elif not isinstance(value, bool | None):
                self.fail(f"the option {name} of the optimizer is {value!r}; expected a Python number")
            found.append(value)
        return type(options)(*found)

    def node_made(self, node: Any) -> None:
        """Note which kernel call a node of the graph is for: the last one."""
        self.origins[node._number] = len(self.program.kernels) - 1

    # -- values

    def symbol(self, leaf: Any) -> Any:
        """An argument as in `Call.args`: a `Value` for an array, an `Expression` for a number that changes."""
        if isinstance(leaf, Scalar):
            return Expression(leaf.parts)
        if isinstance(leaf, np.ndarray):
            known = self.arrays.value(leaf)
            if known is not None:
                return known
            if self.arrays.knows_memory(leaf) or id(owner_of(leaf)) in self.held or self._kernel is None:
                self.fail(FOREIGN.format(f"an array of shape {leaf.shape}"))
            return self.arrays.value(self.constant(leaf, copy=False).host)
        if not isinstance(leaf, Box):
            return leaf
        host = leaf.host
        found = self.arrays.value(host)
        if found is None:
            if id(host) not in self.inputs and id(host) not in self.held:
                self.fail("the step uses an array of an earlier recording; keep tensors of a step by returning them")
            if id(host) in self.inputs:
                found = self.arrays.add(leaf, "input")
                self.program.inputs[self.inputs[id(host)]] = found
            else:
                found = self.arrays.add(leaf, "external")
                self.program.externals.append((found, *self.held[id(host)]))
        return found

    # -- kernels

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A block in which nothing is noted."""
        ACTIVE.recorder = None
        try:
            yield
        finally:
            ACTIVE.recorder = self

    def _check_entering(self, kernel: Any, args: tuple[Any, ...]) -> None:
        """Fail if a kernel gets a plain array: a replay could not renew it.

        For example, a graph made before the step has plain arrays among its saved values.
        """
        for a in args:
            if isinstance(a, np.ndarray):
                backward = running_place(self.paths).section == "backward"
                if backward or a.size > 1 or foreign_argument() is not None:
                    self.fail(
                        f"{kernel.name} gets an array of shape {a.shape} that is no input of the step and was not "
                        "computed in it"
                        + (": the graph of a loss must be made in the step whose backward pass uses it" * backward)
                        + ". Pass it to the step as a tensor"
                    )

    def _call_closed(self, kernel: Any, run: Callable[..., Any], args: tuple[Any, ...], call: KernelCall) -> Any:
        """Call a kernel as it is, and note that as one call."""
        symbols = mapped(args, self.symbol)
        hosts = mapped(args, _host)
        before = {id(h): h.tobytes() for h in _arrays(hosts)}
        with self.paused():
            result = run(*hosts)
        noted = Call("kernel", kernel.name, run, symbols, {}, None, [], call, call.place)
        changed = [self.arrays.value(h) for h in _arrays(hosts) if h.tobytes() != before[id(h)]]
        noted.writes = [v.memory for v in changed if v is not None]
        boxes = self.arrays.boxed(result, len(self.program.calls))
        noted.result = self.arrays.values_of(boxes)
        self.program.calls.append(noted)
        return boxes

    def _roll_back(self, calls: int, values: int, memories: int, externals: int) -> None:
        """Forget what was noted since the program had these lengths."""
        program = self.program
        for call in program.calls[calls:]:
            if any(memory.index < memories or memory.role != "temporary" for memory in call.writes):
                raise RecordingError(f"{call.place.file}:{call.place.line}: a kernel looks at elements after writing")
        self.arrays.forget_since(values, memories)
        program.inputs = {n: v for n, v in program.inputs.items() if v.index < values}
        del program.calls[calls:], program.values[values:], program.memories[memories:]
        del program.externals[externals:], program.kernels[-1]

    def _depends_in_kernel(self, what: str) -> None:
        if self._kernel is not None:
            raise Unfoldable(what)

    def in_halves(self, run: Callable[[slice], Any], n: int) -> list[Any]:
        """`kernels.cpu.threads.in_halves`: a kernel that uses two threads is called as it is."""
        if n < 2:
            return [run(slice(0, n))]
        if uses_second_thread():
            self._depends_in_kernel("two threads")
        return [run(slice(0, n // 2)), run(slice(n // 2, n))]

    def in_blocks(self, function: Callable[..., Any], *args: Any) -> Any:
        """`kernels.cpu.blocks.in_blocks`: all elements at once, for a replay makes blocks itself."""
        return function(*args)

    def _depends(self, what: str) -> None:
        """Refuse a call whose outcome for Python depends on the elements."""
        self._depends_in_kernel(what)
        self.fail(f"the step calls {what}: a replay would not see another outcome. Write it with torch.where")


def _host(leaf: Any) -> Any:
    return plain(leaf) if isinstance(leaf, Scalar) else opened(leaf)


def _selects(key: Any) -> bool:
    """Whether an index selects elements by a boolean array."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(isinstance(p, Box | np.ndarray) and p.dtype.kind == "b" for p in parts)


def _arrays(tree: Any) -> Iterator[np.ndarray]:
    if isinstance(tree, np.ndarray):
        yield tree
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from _arrays(part)

"""A recorded step on a GPU: one CUDA graph, with forward pass, backward pass and optimizer.

The graph works on memory of its own: the inputs are copied into it before a replay, the results are copied out of it
afterwards. Parameters, buffers and the state of optimizers are where they are. Random numbers that the step draws are
drawn before the replay, and copied into the memory that they had when the graph was captured.

A number of an optimizer, such as the learning rate, is part of the graph. If one has changed, or if a tensor has other
memory, the call captures the step anew: that takes about as long as the step itself.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import kernels
from kernels.memory_order import memory_order
from minitorch._tensor import Tensor
from minitorch.autograd.graph import Variable, wrap
from minitorch.cuda.graphs import CUDAGraph, graph, graph_pool_handle
from minitorch.random.generator import Generator
from minitorch.recording.before import Before, variables
from minitorch.recording.capture import Input, leaves_of, names_of
from minitorch.recording.errors import RecordingError
from minitorch.recording.frames import is_ours
from minitorch.recording.guard import Guard
from minitorch.recording.prepared import ReplayedStep
from minitorch.recording.program import mapped
from minitorch.recording.stand_ins import DRAWS
from minitorch.recording.state import State, identities


def on_gpu(step: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Whether a step uses tensors on a GPU."""
    if not kernels.has_numbered_devices():  # no GPU has been used
        return False
    tensors = [t for t in leaves_of(args) if isinstance(t, Variable)]
    tensors += [t for t, _ in State(step).tensors.values()]
    return any(kernels.backend_of(t._array).library == "cupy" for t in tensors)


def first_step(step: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Run a step as it is, and return what it returns, without history; the states of optimizers are made.

    The optimizers count their steps on the GPU from now on, as with ``capturable=True``.
    """
    for optimizer in State(step).optimizers:
        for group in optimizer.param_groups:
            if group.get("capturable") is False:
                group["capturable"] = True
    known = {id(t) for t in variables()}
    result = step(*args)
    made = {id(t): t for t in leaves_of(result) if isinstance(t, Variable) and id(t) not in known}
    plain = {key: _tensor(_Made(t._array, bool(t._requires_grad), t._counter[0], None)) for key, t in made.items()}
    return mapped(result, lambda x: plain.get(id(x), x))


@dataclass(frozen=True, eq=False)
class _Made:
    """A tensor that the step made and returned: its array, which the graph writes at each replay.

    Attributes:
        array: the array.
        requires_grad: whether the tensor has a history.
        writes: how often it was written in place.
        owner: a tensor from before the step whose memory it shares, or None.
    """

    array: Any
    requires_grad: bool
    writes: int
    owner: Any


class Graphed:
    """The graph of a step, for arguments of certain shapes and dtypes.

    Args:
        step: the step; it has been run before, so that the states of optimizers are there.
        args: its arguments. The step is done for them: `first_result` is what it returned.

    Raises:
        RecordingError: if the step does what a graph cannot repeat. Nothing has been done then.
    """

    def __init__(self, step: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._step = step
        given = {id(t): t for t in leaves_of(args) if isinstance(t, Variable)}
        own = {key: _like(t) for key, t in given.items()}
        self._inputs = [*own.values()]
        self._args = mapped(args, lambda x: own.get(id(x), x))
        self.first_result = self._capture([*given.values()])

    # -- replay

    def change(self, _: list[Any]) -> str | None:
        """What is no longer as it was when the step was recorded, in words; None if all is."""
        return self._guard.change()

    def run(self, inputs: list[Any]) -> Any:
        """Do what the step does with these tensors, and return what it returns."""
        inputs = [*{id(t): t for t in inputs}.values()]
        if self._is_stale():
            return self._capture(inputs)
        self._copy_in(inputs)
        for place, draw in self._draws:
            place[...] = kernels.backend_of(place).asarray_soon(draw())
        self._graph.replay()
        return self._finish(inputs)

    def _copy_in(self, inputs: list[Any]) -> None:
        for own, given in zip(self._inputs, inputs, strict=True):
            to, array = own._array, given._array
            if to.strides == array.strides:  # so the elements are adjacent in both: this takes Python the least time
                to.data.copy_from_device_async(array.data, to.nbytes)
            else:
                to[...] = array

    def _is_stale(self) -> bool:
        """Whether the step would use other memory or numbers than the graph does, or somebody keeps a gradient."""
        if identities([t._array for t in self._used]) != self._arrays or _numbers(self._optimizers) != self._numbers:
            return True
        if any(t._grad is not None for t in self._without_gradient):
            return True
        if any(t._grad is None or t._grad._array is not array for t, array in self._read):
            return True
        self._put_gradients()
        return self._count_references() != self._references

    def _put_gradients(self) -> None:
        for t, grad in zip(self._leaves, self._gradients, strict=True):
            t._grad = grad

    def _count_references(self) -> tuple[list[int], list[int]]:
        """How many references there are to each gradient, and to its array: there are more if somebody keeps it."""
        return [*map(sys.getrefcount, self._gradients)], [*map(sys.getrefcount, self._gradient_arrays)]

    def _finish(self, inputs: list[Any]) -> Any:
        """Do to tensors what the step does beside its work on the GPU, and return what it returns."""
        for counter, n in self._counts:
            counter[0] += n
        for number, n in self._written:
            inputs[number]._array[...] = self._inputs[number]._array
            inputs[number]._counter[0] += n
        for t, n in self._host_steps:
            t._array += n
        for t in self._cleared:
            t._grad = None
        for own, given in zip(self._inputs, inputs, strict=True):
            if own._grad is not None:
                array = own._grad._array
                given._grad = wrap(array.copy() if given._grad is None else given._grad._array + array)
        for optimizer in self._optimizers:
            if "step" in optimizer.__dict__:  # which a learning-rate scheduler has put there
                optimizer._opt_called = True
        tensors: dict[int, Any] = {}

        def tensor(x: Any) -> Any:
            if isinstance(x, Input):
                return inputs[x.number]
            if isinstance(x, _Made):
                if id(x) not in tensors:
                    tensors[id(x)] = _tensor(x)
                return tensors[id(x)]
            return x

        return mapped(self._result, tensor)

    # -- capture

    def _capture(self, inputs: list[Any]) -> Any:
        """Capture the step, replay it once, and return what it returns."""
        self._copy_in(inputs)
        for own in self._inputs:
            own._grad = None
        draws = self._captured()
        self._draws = [(draw.place, draw.again) for draw in draws]
        for draw in draws:
            draw.place[...] = kernels.backend_of(draw.place).asarray_soon(draw.first)
        self._graph.replay()
        self._references = self._count_references()
        return self._finish(inputs)

    def _captured(self) -> list[_Draw]:
        """Capture the step, and return what it drew. If that fails, gradients and the like are as they were."""
        state = State(self._step)
        before = Before(self._inputs)
        counted = [(t, t._array.copy()) for t in _host_counters(state)]
        grads = [(t, grad) for t, *_, grad in before.states]
        self._graph, self._numbers = CUDAGraph(), _numbers(state.optimizers)
        with ExitStack() as undo:  # what is done if the capture fails
            for t, grad in grads:
                undo.callback(setattr, t, "_grad", grad)
            for t, number in counted:
                undo.callback(np.copyto, t._array, number)
            with (
                _noted_reads([grad for _, grad in grads if grad is not None]) as read,
                _noted_draws() as draws,
            ):
                undo.callback(_take_back, draws)
                try:
                    with graph(self._graph):
                        result = self._step(*self._args)
                        for t, grad in grads:
                            if id(grad) in read and t._grad is not None and t._grad is not grad:
                                # The next step reads the gradient where this one did.
                                array = grad.__dict__["_array"]
                                array[...] = t._grad._array
                                t._grad = wrap(array)
                except RuntimeError as error:
                    raise _refusal(error) from error
            self._describe(result, state, before, read, counted)
            undo.pop_all()
        return draws

    def _describe(
        self, result: Any, state: State, before: Before, read: set[int], counted: list[tuple[Any, np.ndarray]]
    ) -> None:
        """Note what the step does beside its work on the GPU.

        Raises:
            RecordingError: if a replay could not do it.
        """
        returned = {id(t): t for t in leaves_of(result) if isinstance(t, Variable) and id(t) not in before.known}
        changed = state.change()
        refused = before.refused() or before.left_alive({*returned}, kernels.get_backend("cuda").array_types)
        if changed is not None:
            refused = (
                f"the step changed a value of Python's: {changed}. A replay would not do that: keep what changes in a "
                "tensor and write it in place, or do it outside of the step"
            )
        known = {id(t) for t, _ in counted}
        written = [t for t, array, c, n, *_ in before.states if c[0] != n and isinstance(array, np.ndarray)]
        if any(id(t) not in known for t in written):
            refused = "the step writes to a tensor on the CPU, which a CUDA graph does not: move it to the GPU"
        if refused:
            raise RecordingError(refused)
        self._optimizers = state.optimizers
        made: dict[int, _Made] = {}
        owners = {id(counter): t for t, _, counter, *_ in before.states}

        def described(x: Any) -> Any:
            if id(x) in before.numbers:
                return Input(before.numbers[id(x)])
            if id(x) not in returned:
                return x
            if id(x) not in made:
                made[id(x)] = _Made(x._array, bool(x._requires_grad), x._counter[0], owners.get(id(x._counter)))
            return made[id(x)]

        self._result = mapped(result, described)
        counts = before.counts()
        self._counts = [(counter, n) for counter, n in counts if not isinstance(counter, int)]
        self._written = [(number, n) for number, n in counts if isinstance(number, int)]
        for counter, n in self._counts:  # `_finish` counts them
            counter[0] -= n
        self._host_steps = [(t, t._array - number) for t, number in counted]
        for t, number in counted:
            np.copyto(t._array, number)
        own = {id(t) for t in self._inputs}
        grads = [(t, t._grad, grad) for t, *_, grad in before.states if id(t) not in own]
        made_anew = [(t, now._array) for t, now, grad in grads if now is not grad and now is not None]
        self._leaves, self._gradient_arrays = [t for t, _ in made_anew], [array for _, array in made_anew]
        self._gradients = [wrap(array) for array in self._gradient_arrays]
        self._cleared = [t for t, now, grad in grads if now is not grad and now is None]
        self._without_gradient = [t for t, now, grad in grads if now is not None and grad is None]
        self._read = [(t, grad._array) for t, _, grad in grads if grad is not None and id(grad) in read]
        self._put_gradients()
        parameters = [p for o in state.optimizers for group in o.param_groups for p in group["params"]]
        self._used = [*{id(t): t for t in [*parameters, *(t for t, _ in state.tensors.values())]}.values()]
        self._arrays = identities([t._array for t in self._used])
        self._guard = Guard(state, names_of(state)[0], parameters)


def _like(t: Any) -> Any:
    """A leaf of the shape, dtype and memory order of `t`, in memory of its own."""
    xp = kernels.backend_of(t._array).xp
    order = memory_order(t._array)
    array = xp.empty([t._array.shape[i] for i in order], t._array.dtype)
    own = wrap(array.transpose([order.index(i) for i in range(array.ndim)]))
    own._requires_grad = t._requires_grad
    return own


def _tensor(made: _Made) -> Any:
    """The tensor that a call returns: a copy, because the next replay overwrites the graph's array."""
    t = wrap(made.array.copy() if made.owner is None else made.array)
    if made.owner is None:
        t._counter[0] = made.writes
    else:
        t._counter = made.owner._counter
    if made.requires_grad:
        t._node, t._requires_grad = ReplayedStep((), ((t._array.shape, t._array.dtype),)), True
    return t


def _host_counters(state: State) -> list[Any]:
    """The numbers of steps that optimizers keep on the host."""
    kept = [each["step"] for o in state.optimizers for each in o.state.values() if "step" in each]
    return [t for t in kept if isinstance(t._array, np.ndarray)]


def _numbers(optimizers: list[Any]) -> list[Any]:
    """The numbers that the steps of optimizers use."""
    return [optimizer._options(group) for optimizer in optimizers for group in optimizer.param_groups]


@contextmanager
def _noted_reads(grads: list[Any]) -> Iterator[set[int]]:
    """Gives the ids of those gradients whose arrays are used in the block."""
    read: set[int] = set()

    class Noted(Tensor):
        @property
        def _array(self) -> Any:
            read.add(id(self))
            return self.__dict__["_array"]

        @_array.setter
        def _array(self, array: Any) -> None:
            self.__dict__["_array"] = array

    plain = [g for g in {id(g): g for g in grads}.values() if type(g) is Tensor]
    for g in plain:
        g.__class__ = Noted
    try:
        yield read
    finally:
        for g in plain:
            g.__class__ = Tensor
        read.update(id(g) for g in grads if type(g) is not Tensor)


class _Draw(NamedTuple):
    """Random numbers that the step draws on the host: the array on the GPU, what was drawn, and how to draw again."""

    place: Any
    first: Any
    again: Callable[[], Any]
    generator: Generator
    state: Any


@contextmanager
def _noted_draws() -> Iterator[list[_Draw]]:
    """A block in which random numbers are drawn on the host, and their place in the graph's memory is returned."""
    draws: list[_Draw] = []
    running = False
    xp = kernels.get_backend("cuda").xp
    room = graph_pool_handle()  # not the graph's memory, in which the graph may have another array before the draw

    def noting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def draw(generator: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal running
            if running:  # a draw that uses another one
                return method(generator, *args, **kwargs)
            if str(generator.device) != "cpu" or any(hasattr(a, "dtype") and np.ndim(a) for a in args):
                raise RuntimeError(
                    f"{name} of a generator on the GPU, or with an array of probabilities, cannot be part of a CUDA "
                    "graph: draw outside of the step, and pass the numbers as an argument"
                )
            state, running = generator.get_state(), True
            try:
                drawn = np.asarray(method(generator, *args, **kwargs))
            finally:
                running = False
            with xp.cuda.using_allocator(room.malloc):
                place = xp.empty(drawn.shape, drawn.dtype)
            draws.append(_Draw(place, drawn, functools.partial(method, generator, *args, **kwargs), generator, state))
            return place

        return draw

    classes: list[type[Any]] = [Generator, *Generator.__subclasses__()]
    kinds = {base for kind in classes for base in kind.__mro__}
    with ExitStack() as stack:
        for kind in kinds:
            for name in DRAWS:
                if name in kind.__dict__:
                    stack.callback(setattr, kind, name, kind.__dict__[name])
                    setattr(kind, name, noting(name, kind.__dict__[name]))
        yield draws


def _take_back(draws: list[_Draw]) -> None:
    for draw in reversed(draws):
        draw.generator.set_state(draw.state)


def _refusal(error: RuntimeError) -> RecordingError:
    """The error of a capture, with the line of the user's script."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        if not is_ours(trace.tb_frame):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: "
        trace = trace.tb_next
    return RecordingError(
        f"{place}the step does what a CUDA graph cannot repeat ({error}). Elements that Python reads (item, if, "
        "print) and copies from the host belong outside of the step"
    )

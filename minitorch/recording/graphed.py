"""A recorded step on a GPU: one CUDA graph, with forward pass, backward pass and optimizer.

The graph works on memory of its own: the inputs are copied into it before a replay (here), the results are copied out
of it afterwards (`made`). Parameters, buffers and the state of optimizers are where they are. Random numbers that the
step draws are drawn before the replay, and copied into the memory that they had when the graph was captured (`draws`).
`captured` is one graph, and what a replay does beside it.

A number of an optimizer, such as the learning rate, is part of the graph. If one has changed, or if a tensor has other
memory, the call captures the step anew: that takes about as long as the step itself. There is a graph for each pattern
of gradients that are there before the step, as where gradients of some batches are added up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernels
from minitorch.autograd.graph import Variable, wrap
from minitorch.cuda.graphs import graph_pool_handle
from minitorch.cuda.streams import Stream, current_stream
from minitorch.recording.before import variables
from minitorch.recording.capture import leaves_of, names_of
from minitorch.recording.captured import Captured
from minitorch.recording.errors import RecordingError
from minitorch.recording.guard import Guard
from minitorch.recording.made import span
from minitorch.recording.prepared import ReplayedStep
from minitorch.recording.program import mapped
from minitorch.recording.state import State


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
    made: dict[int, Any] = {}

    def plain(x: Any) -> Any:
        if not isinstance(x, Variable) or id(x) in known or x._node is None:
            return x
        if id(x) not in made:
            t = made[id(x)] = wrap(x._array)
            t._counter, t._requires_grad, t._grad = x._counter, True, x._grad
            t._node = ReplayedStep((), ((t._array.shape, t._array.dtype),))
        return made[id(x)]

    return mapped(step(*args), plain)


class Graphed:
    """The graphs of a step, for arguments of certain shapes and dtypes.

    Args:
        step: the step; it has been run before, so that the states of optimizers are there.
        args: its arguments. The step is done for them: `first_result` is what it returned.

    Raises:
        RecordingError: if the step does what a graph cannot repeat. Nothing has been done then.
    """

    def __init__(self, step: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._step = step
        self._state = state = State(step)
        parameters = [p for o in state.optimizers for group in o.param_groups for p in group["params"]]
        self._guard = Guard(state, names_of(state)[0], parameters)
        reached = {id(t): t for t in [*parameters, *(t for t, _ in state.tensors.values())]}
        self._leaves = {key: t for key, t in reached.items() if t._requires_grad}
        given = {id(t): t for t in leaves_of(args) if isinstance(t, Variable)}
        self._backend = kernels.get_backend("cuda")
        self._device = self._only_device([*reached.values(), *given.values()])
        self._graphs: dict[bytes, Captured] = {}
        self._kept: set[int] = set()
        with self._backend.on(self._device):
            self._pool, self._stream = graph_pool_handle(), Stream()
            self._last_stream = self._backend.current_stream()
            refused = self._refused([*given.values()])
            if refused is not None:
                raise RecordingError(refused)
            own = {key: _like(t) for key, t in given.items()}
        self._own = [*own.values()]
        self._dense = [span(t._array)[1] - span(t._array)[0] == t._array.nbytes for t in self._own]
        self._args = mapped(args, lambda x: own.get(id(x), x))
        self.first_result = self.run([*given.values()])

    def _only_device(self, tensors: list[Any]) -> int | None:
        arrays = [t._array for t in tensors]
        found = {self._backend.index_of(a) for a in arrays if isinstance(a, self._backend.array_types)}
        leaves = [t for t in tensors if t._requires_grad] or tensors
        if not any(isinstance(t._array, self._backend.array_types) for t in leaves):
            raise RecordingError(
                "the step's inputs and parameters are on the CPU, and the state of its optimizer is on the GPU: make "
                "the optimizer anew, and record the step anew"
            )
        if len(found) > 1:
            names = " and ".join(f"cuda:{index}" for index in sorted(found, key=str))
            raise RecordingError(f"the step uses tensors on {names}: a CUDA graph is recorded on one GPU")
        return found.pop()

    def change(self, inputs: list[Any]) -> str | None:
        """What is no longer as it was when the step was recorded, in words; None if all is."""
        return self._guard.change() or self._refused([*{id(t): t for t in inputs}.values()])

    def _refused(self, inputs: list[Any]) -> str | None:
        """Why these inputs cannot be copied into the graph's memory, in words."""
        for i, t in enumerate(inputs):
            if not isinstance(t._array, self._backend.array_types):
                return f"input {i} of the step is on the CPU, which a CUDA graph does not read: move it to the GPU"
            if t._node is not None:
                return (
                    f"input {i} of the step has a history (grad_fn {t._node.name()}): a replay could not continue it. "
                    "Pass input.detach(), or compute the input in the step"
                )
            if id(t) in self._leaves:
                return (
                    f"input {i} of the step is a tensor that the step finds by itself too, and differentiates by: "
                    "use it in the step without passing it, or pass input.detach()"
                )
        for captured in self._graphs.values():
            number = captured.writes_into(inputs)
            if number is not None:
                return (
                    f"input {number} of the step shares memory with a tensor that the step writes, and the graph works "
                    "on a copy of its inputs: pass input.clone()"
                )
        return None

    def run(self, inputs: list[Any]) -> Any:
        """Do what the step does with these tensors, and return what it returns."""
        inputs = [*{id(t): t for t in inputs}.values()]
        with self._backend.on(self._device):
            self._follow()
            key = bytes([t._grad is None for t in (*self._leaves.values(), *inputs)])
            captured = self._graphs.get(key)
            if captured is None or captured.is_stale():
                captured = self._capture(key, inputs)
            self._copy_in(inputs)
            return captured.replay(inputs)

    def _capture(self, key: bytes, inputs: list[Any]) -> Captured:
        """Capture the step for a pattern of gradients."""
        self._graphs.pop(key, None)
        for own, given in zip(self._own, inputs, strict=True):
            own._grad = None if given._grad is None else _like(given._grad)
        captured = Captured(self._step, self._args, self._own, self._state, self._kept, self._pool, self._stream)
        self._graphs[key] = captured
        refused = self._refused(inputs)
        if refused is not None:
            del self._graphs[key]
            raise RecordingError(refused)
        return captured

    def _follow(self) -> None:
        """Let the current stream wait for the last call, if that was in another one: both use the graph's memory."""
        stream = self._backend.current_stream()
        if stream != self._last_stream:
            if self._backend.is_capturing():
                raise RecordingError(
                    "a recorded step is called inside of a step that is being recorded: call the step itself there"
                )
            current_stream().wait_stream(Stream(_stream=self._last_stream or self._backend.xp.cuda.Stream.null))
            self._last_stream = stream

    def _copy_in(self, inputs: list[Any]) -> None:
        for own, given, dense in zip(self._own, inputs, self._dense, strict=True):
            to, array = own._array, given._array
            if dense:  # its elements are adjacent: this takes Python the least time
                to.data.copy_from_device_async(array.data, to.nbytes)
            else:
                to[...] = array


def _like(t: Any) -> Any:
    """A leaf of the shape, dtype and strides of `t`, in memory of its own."""
    array = t._array
    start, end = span(array)
    with kernels.on_device_of(array):
        memory = kernels.backend_of(array).xp.empty(max(end - start, 1), "uint8")
    own = wrap(type(array)(array.shape, array.dtype, memptr=memory.data, strides=array.strides))
    own._requires_grad = t._requires_grad
    return own

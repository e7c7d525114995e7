"""One CUDA graph of a step, and what a replay of it does beside the graph's work.

The step runs once, while its work on the GPU is captured instead of done. What it did to tensors in Python (gradients,
write counters, counted steps) is noted and then undone: each replay does it, the first one too.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import ref

import numpy as np

import kernels
from kernels.tf32 import TF32
from minitorch._tensor import Tensor
from minitorch.autograd.graph import Variable, wrap
from minitorch.cuda.graphs import CUDAGraph, graph
from minitorch.recording.before import Before
from minitorch.recording.capture import Input, leaves_of
from minitorch.recording.draws import noted_draws
from minitorch.recording.errors import RecordingError
from minitorch.recording.frames import is_ours
from minitorch.recording.made import Made, Making, set_places
from minitorch.recording.program import mapped
from minitorch.recording.state import State, identities


@dataclass(frozen=True, eq=False)
class GradientOf:
    """In what a step returns: the gradient of a tensor, or of the input whose number this is."""

    leaf: Any


class Captured:
    """The graph of a step.

    Args:
        step: the step.
        args: its arguments, with tensors whose memory is the graph's.
        own: these tensors.
        state: what the step reads of Python.
        kept: ids of tensors whose gradients the program keeps: a call copies them. `is_stale` adds to it.
        pool: memory for the graph.
        stream: the stream in which it is captured.

    Attributes:
        written: the inputs that the step writes: (number, how often).

    Raises:
        RecordingError: if the step does what a graph cannot repeat. Nothing has been done then.
    """

    def __init__(
        self, step: Callable[..., Any], args: Any, own: list[Any], state: State, kept: set[int], pool: Any, stream: Any
    ) -> None:
        self._own, self._kept, self._optimizers = own, kept, state.optimizers
        self._pool = pool.malloc(1).mem.pool  # of the current GPU
        self._graph, self._numbers = CUDAGraph(), _numbers(state.optimizers)
        before = Before(own)
        counted = [(t, t._array.copy()) for t in _host_counters(state)]
        with ExitStack() as undo:
            undo.callback(before.restore)
            for t, number in counted:
                undo.callback(np.copyto, t._array, number)
            grads = {id(grad): grad for *_, grad in before.states if grad is not None}
            with _noted_reads([*grads.values()]) as read, noted_draws() as self._draws:
                try:
                    with graph(self._graph, pool, stream):
                        result = [step(*args)]
                        _keep_places(before, read)
                except (RuntimeError, TypeError) as error:  # CuPy's, for an array on the GPU where NumPy needs one
                    raise _refusal(error) from error
            self._describe(result, state, before, read)
            self._host_steps = [(t, t._array - number) for t, number in counted]
        parameters = [p for o in state.optimizers for group in o.param_groups for p in group["params"]]
        used = {id(t): t for t in [*parameters, *(t for t, _ in state.tensors.values())]}
        self._used, self._arrays = [*used.values()], identities([t._array for t in used.values()])
        for t, _ in counted:
            del used[id(t)]
        self._host = [(t, t._array.tobytes()) for t in used.values() if isinstance(t._array, np.ndarray)]
        self._held: list[int] | None = None  # references after a replay

    def _describe(self, results: list[Any], state: State, before: Before, read: set[int]) -> None:
        """Note what the step does beside its work on the GPU, and let go of its result, which is in a list.

        Raises:
            RecordingError: if a replay could not do it.
        """
        leaves = [(before.numbers.get(id(t), t), t._grad, grad) for t, *_, grad in before.states]
        unchanged = [(leaf, grad) for leaf, now, grad in leaves if now is grad and grad is not None]
        describing = _Describing(before, {id(grad): GradientOf(leaf) for leaf, grad in unchanged})
        described, made, known = describing.tensor, describing.made, describing.counters
        self._gradients = [(leaf, described(now)) for leaf, now, grad in leaves if now is not grad]
        self._result = mapped(results[0], described)
        results.clear()  # the graph of a result keeps what the step made
        self._refuse(state, before)
        self._read = [(leaf, ref(g._array)) for leaf, _, g in leaves if id(g) in read and isinstance(leaf, Variable)]
        self._input_gradients = [(leaf, g._array) for leaf, _, g in leaves if id(g) in read and isinstance(leaf, int)]
        self._without = [t for t, now, g in leaves if g is None and now is not None and isinstance(t, Variable)]
        counts = before.counts()
        self.written = [(number, n) for number, n in counts if isinstance(number, int)]
        advanced = {id(counter): (counter, n) for counter, n in counts if not isinstance(counter, int)}
        self._gradient_counts = [
            (leaf, advanced.pop(id(g._counter))[1])  # the leaf may have another gradient at a later call
            for leaf, g in unchanged
            if g._view is None and id(g._counter) in advanced
        ]
        self._counts, self._counted = [*advanced.values()], {*advanced}
        self._counters = {id(m.counter): known[id(m.counter)] for m in made.values() if id(m.counter) in known}

        copied_in = {id(array) for _, array in self._input_gradients}
        memory_of = {
            id(array.data.mem): before.numbers.get(id(t))
            for t, array, *_ in reversed(before.states)
            if not isinstance(array, np.ndarray) and id(array) not in copied_in
        }
        on_leaves = [(leaf, m) for leaf, m in self._gradients if isinstance(m, Made) and isinstance(leaf, Variable)]
        several = [id(m) for m in [*leaves_of(self._result), *(m for _, m in self._gradients)]]
        several += [id(m.grad) for m in made.values()]
        in_place = {id(m) for leaf, m in on_leaves if id(leaf) not in self._kept and several.count(id(m)) == 1}
        set_places(made.values(), memory_of, in_place)
        self._in_place = [(t, m) for t, m in on_leaves if m.place is None and id(m) in in_place]
        self._gradients = [(t, m) for t, m in self._gradients if id(m) not in {id(m) for _, m in self._in_place}]
        self._leaves, self._arrays_in_place = [t for t, _ in self._in_place], [m.array for _, m in self._in_place]

    def _refuse(self, state: State, before: Before) -> None:
        counters = {id(t) for t in _host_counters(state)}
        host = [t for t, array, c, n, *_ in before.states if c[0] != n and isinstance(array, np.ndarray)]
        changed = state.change()
        refused = ""
        if changed is not None:
            refused = (
                f"the step changed a value of Python's: {changed}. A replay would not do that: keep what changes in a "
                "tensor and write it in place, or do it outside of the step"
            )
        elif any(id(t) not in counters for t in host):
            refused = "the step writes to a tensor on the CPU, which a CUDA graph does not: move it to the GPU"
        refused = refused or before.refused() or before.left_alive(set(), self._is_of_graph)
        if refused:
            raise RecordingError(refused)

    def _is_of_graph(self, array: Any) -> bool:
        """Whether an array was made by the captured step: not by another thread."""
        on_gpu = isinstance(array, kernels.get_backend("cuda").array_types)
        return on_gpu and getattr(array.data.mem, "pool", None) == self._pool

    # -- replay

    def is_stale(self) -> bool:
        """Whether the step would use other memory or numbers than the graph does, or somebody keeps a gradient."""
        return (
            identities([t._array for t in self._used]) != self._arrays
            or _numbers(self._optimizers) != self._numbers
            or any(t._array.tobytes() != known for t, known in self._host)
            or any(t._grad is not None for t in self._without)
            or any(t._grad is None or t._grad._array is not array() for t, array in self._read)
            or self._is_gradient_kept()
        )

    def writes_into(self, inputs: list[Any]) -> int | None:
        """The number of an input that shares memory with another one, or another tensor, that the step writes."""
        counters = [id(t._counter) for t in inputs]
        if not self.written and not self._gradient_counts and self._counted.isdisjoint(counters):
            return None
        grads = [leaf._grad for leaf, _ in self._gradient_counts if isinstance(leaf, Variable)]
        written = self._counted.union([id(grad._counter) for grad in grads if grad is not None])
        written |= {counters[number] for number, _ in self.written if counters.count(counters[number]) > 1}
        return next((i for i, counter in enumerate(counters) if counter in written), None)

    def _is_gradient_kept(self) -> bool:
        """Whether the program holds a gradient that is in the graph's memory, as after ``g = p.grad``."""
        of_arrays, of_grads = self._references()
        if of_arrays == self._free:
            return False  # none is a gradient now
        if of_arrays == self._held and of_grads == self._alone:
            now = [t._grad._array for t in self._leaves]
            if all(map(operator.is_, now, self._arrays_in_place)):
                return False
        kept = self._kept_in_place(of_arrays, of_grads)
        self._kept |= kept
        return bool(kept)

    def _kept_in_place(self, of_arrays: list[int], of_grads: list[int]) -> set[int]:
        """The ids of the tensors whose gradients somebody keeps."""
        found = set()
        for i, (t, array) in enumerate(zip(self._leaves, self._arrays_in_place, strict=True)):
            own = t._grad is not None and t._grad._array is array
            if of_arrays[i] != self._free[i] + own or (own and of_grads[i] != self._alone[i]):
                found.add(id(t))
        return found

    def _references(self) -> tuple[list[int], list[int]]:
        """References to the arrays of gradients in the graph's memory, and to the gradients of their tensors."""
        of_arrays = [*map(sys.getrefcount, self._arrays_in_place)]
        return of_arrays, [*map(sys.getrefcount, [t._grad for t in self._leaves])]

    def replay(self, inputs: list[Any]) -> Any:
        """Do what the step does with these tensors, whose elements are in the graph's; return what it returns."""
        for place, again, *_ in self._draws:
            place[...] = kernels.backend_of(place).asarray_soon(again())
        for number, array in self._input_gradients:
            array[...] = inputs[number]._grad._array
        self._graph.replay()
        for number, _ in self.written:
            inputs[number]._array[...] = self._own[number]._array
        for number, array in self._input_gradients:
            inputs[number]._grad._array[...] = array
        for t, n in self._host_steps:
            t._array += n
        for counter, n in self._counts:
            counter[0] += n
        for number, n in self.written:
            inputs[number]._counter[0] += n
        for leaf, n in self._gradient_counts:
            _gradient(leaf, inputs)._counter[0] += n
        result = self._make(inputs)
        for optimizer in self._optimizers:
            if "step" in optimizer.__dict__:  # which a learning-rate scheduler has put there
                optimizer._opt_called = True
        if self._held is None:
            self._held, self._alone = self._references()
            self._free = [n - 1 for n in self._held]
        return result

    def _make(self, inputs: list[Any]) -> Any:
        """Set gradients, and return the step's result."""
        making = Making(inputs, self._own, self._counters)

        def tensor(x: Any) -> Any:
            if isinstance(x, Made):
                return making.tensor(x)
            if isinstance(x, GradientOf):
                return _gradient(x.leaf, inputs)
            return inputs[x.number] if isinstance(x, Input) else x

        new = [tensor(after) for _, after in self._gradients]
        result = mapped(self._result, tensor)
        for (leaf, _), grad in zip(self._gradients, new, strict=True):
            (inputs[leaf] if isinstance(leaf, int) else leaf)._grad = grad
        for t, made in self._in_place:
            t._grad = making.tensor(made) if made.writes or made.requires_grad else wrap(made.array)
        return result


def _host_counters(state: State) -> list[Any]:
    """The numbers of steps that optimizers keep on the host."""
    kept = [each["step"] for o in state.optimizers for each in o.state.values() if "step" in each]
    return [t for t in kept if isinstance(t._array, np.ndarray)]


def _numbers(optimizers: list[Any]) -> list[Any]:
    """The numbers that a capture puts into the graph: the options of optimizers, and the switches for TF32."""
    options = [optimizer._options(group) for optimizer in optimizers for group in optimizer.param_groups]
    return [*options, TF32.matmul, TF32.convolution]


def _gradient(leaf: Any, inputs: list[Any]) -> Any:
    """The gradient of a tensor, or of the input whose number `leaf` is."""
    return (inputs[leaf] if isinstance(leaf, int) else leaf)._grad


class _Describing:
    """What a replay makes of a tensor.

    Args:
        before: the tensors as they were before the step.
        gradients: by `id`, the gradients that leaves had before the step, and still have.

    Attributes:
        made: by `id`, what the step made.
        counters: by `id`, the write counters from before the step.
    """

    def __init__(self, before: Before, gradients: dict[int, GradientOf]) -> None:
        self._before, self._gradients = before, gradients
        self.made: dict[int, Made] = {}
        self.counters = {id(counter): counter for _, _, counter, *_ in before.states}

    def tensor(self, x: Any) -> Any:
        """A `Made`, an `Input`, a `GradientOf`; or `x` itself, which was there or is no tensor."""
        if not isinstance(x, Variable):
            return x
        if id(x) in self._before.numbers:
            return Input(self._before.numbers[id(x)])
        if id(x) in self._gradients:
            return self._gradients[id(x)]
        if id(x) in self._before.known:
            return x
        if id(x) not in self.made:
            writes = 0 if id(x._counter) in self.counters else x._counter[0]
            history, grad = x._node is not None, self.tensor(x._grad)
            self.made[id(x)] = Made(x._array, x._counter, writes, bool(x._requires_grad), history, grad)
        return self.made[id(x)]


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

    plain = [g for g in grads if type(g) is Tensor]
    for g in plain:
        g.__class__ = Noted
    try:
        yield read
    finally:
        for g in plain:
            g.__class__ = Tensor
        read.update(id(g) for g in grads if type(g) is not Tensor)


def _keep_places(before: Before, read: set[int]) -> None:
    """Copy new gradients into the memory of the old ones that the step read: the next step reads them there."""
    for t, *_, grad in before.states:
        now = t._grad
        if grad is None or now is None or now is grad or id(t) in before.numbers:
            continue
        if id(grad) in read and id(now) not in before.known:
            array = grad.__dict__["_array"]
            array[...] = now._array
            t._grad = wrap(array)


def _refusal(error: Exception) -> Exception:
    """The error of a capture, with the line of the user's script; an error that this line itself raised as it is."""
    place, by_user = "", False
    trace = error.__traceback__
    while trace is not None:
        by_user = not is_ours(trace.tb_frame)
        if by_user:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: "
        trace = trace.tb_next
    if by_user or isinstance(error, RecordingError):
        return error
    if "D2H" in str(error):
        return RecordingError(
            f"{place}the step copies from the GPU to the host (item, if, print, x[x > 0], .cpu()), which a CUDA graph "
            "cannot repeat: return the tensor and read it after the step, or use torch.where"
        )
    return RecordingError(f"{place}the step does what a CUDA graph cannot repeat: {error}")

"""The tracer: while it is active, minitorch's operations, backward passes and optimizers tell it what they do.

For that it replaces four methods of the engine, and puts them back at the end. It changes nothing that is computed.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

import numpy as np

import kernels
from kernels import is_array
from minitorch.autograd.basic import copy_slices
from minitorch.autograd.creation import ignore, observe
from minitorch.autograd.engine import Sweep
from minitorch.autograd.function import FunctionNode
from minitorch.autograd.graph import Variable
from minitorch.autograd.op import Op, OpNode
from minitorch.autograd.origins import _module_call
from minitorch.nn.modules._hooks import register_module_forward_pre_hook
from minitorch.nn.modules.module import Module
from minitorch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from minitorch.visualization.explorer.frames import lines_of, user_frames, variable_of, variables
from minitorch.visualization.explorer.trace import Event, Kind, Line, Part, Trace
from minitorch.visualization.memory import Pieces

_TEXT = 60
"""How long the text of a plain argument is at most."""


class Tracer:
    """Fills a trace. What happens before the first recorded operation, such as reading data, is not noted.

    Args:
        before_step: called with an optimizer before its step.
        after_step: called with it after the step.
        before_recorded: called before an operation is noted that is recorded in the graph, with the lines that run.

    Attributes:
        trace: what is filled.
        paused: nothing is noted.
        passes: how many backward passes were completed.
    """

    def __init__(
        self,
        before_step: Callable[[Any], None] | None = None,
        after_step: Callable[[Any], None] | None = None,
        before_recorded: Callable[[list[Line]], None] | None = None,
    ) -> None:
        self.before_step, self.after_step, self.before_recorded = before_step, after_step, before_recorded
        self.paused = False
        self.restart()

    def restart(self) -> None:
        """Forget what was noted, and begin anew."""
        self.trace = Trace()
        self.passes = 0
        self._made: dict[int, tuple[int, int, Any]] = {}  # by id of an array: event, which result, a weak reference
        self._events: dict[int, int] = {}  # by number of a node: its event
        self._keeping: dict[int, weakref.ref[Any]] = {}  # by number of an event: its node, which may keep arrays
        self._leaf_numbers: dict[int, int] = {}  # by id of a tensor
        self._calls: dict[int, int] = {}  # by id of a module: the number of its latest call
        self._unfinished: list[tuple[Event, Any]] = []  # backward events and their nodes, the running one last
        self._pass: int | None = None  # the running `root` event
        self._before: dict[int, list[Part]] = {}  # by id of a parameter: what its update takes
        self._noted = 0  # the id of the result that was noted last, during the running call of an op
        self._depth = 0  # how many calls of ops are running, each inside the one before

    @contextmanager
    def active(self) -> Iterator[Trace]:
        """A block whose events are noted."""
        self._thread = threading.get_ident()
        tracer = self
        call, visit, deliver, run = Op.__call__, Sweep._visit, Sweep._deliver, Sweep.run

        def traced_call(self: Op, *args: Any) -> Any:
            if not tracer._here() or not any(isinstance(a, Variable) for a in args):
                return call(self, *args)
            tracer._depth, tracer._noted = tracer._depth + 1, 0
            try:
                result = call(self, *args)
            finally:
                tracer._depth -= 1
            if id(result) != tracer._noted:  # else its call of itself, with promoted arguments, was noted
                tracer._operation(self, args, result)
                tracer._noted = id(result)
            return result

        def traced_visit(self: Sweep, node: Any, grads: list[Any]) -> None:
            if not tracer._here():
                return visit(self, node, grads)
            tracer._visiting(node, grads)
            try:
                visit(self, node, grads)
            finally:
                event, _ = tracer._unfinished.pop()
            tracer._settle(event)

        def traced_deliver(self: Sweep, edges: Any, grads: Any) -> None:
            if tracer._here() and tracer._unfinished:
                tracer._delivering(edges, grads)
            deliver(self, edges, grads)

        def traced_run(self: Sweep, edges: Any, grads: Any, accumulate: bool) -> None:
            if not tracer._here():
                return run(self, edges, grads, accumulate)
            before, unfinished = tracer._pass, tracer._unfinished
            tracer._unfinished = []
            tracer._root(edges, grads, accumulate)
            try:
                run(self, edges, grads, accumulate)
                tracer._arrived(self, accumulate)
            finally:
                tracer._pass, tracer._unfinished = before, unfinished
            tracer.passes += 1

        with ExitStack() as stack:
            for owner, name, function in (
                (Op, "__call__", traced_call),
                (Sweep, "_visit", traced_visit),
                (Sweep, "_deliver", traced_deliver),
                (Sweep, "run", traced_run),
            ):
                stack.callback(setattr, owner, name, owner.__dict__[name])
                setattr(owner, name, function)
            observe(self._node_made)
            stack.callback(ignore, self._node_made)
            stack.callback(register_module_forward_pre_hook(self._module_called).remove)
            stack.callback(register_optimizer_step_pre_hook(self._stepping).remove)
            stack.callback(register_optimizer_step_post_hook(self._stepped).remove)
            yield self.trace

    def _here(self) -> bool:
        return not self.paused and threading.get_ident() == self._thread

    # -- operations

    def _operation(self, op: Op, args: tuple[Any, ...], result: Any) -> None:
        """Note a call of an op."""
        outs = result if isinstance(result, tuple) else (result,)
        node = next((t._node for t in outs if t._node is not None and t._node._number not in self._events), None)
        if node is None and not self.trace.events:
            return
        frames = list(user_frames())
        if node is not None and self.before_recorded is not None and not self._unfinished:
            self.before_recorded(lines_of(frames))
        names = op.parameters[: len(args)] + op.parameters[-1:] * (len(args) - len(op.parameters))
        event = self._event("forward", op.name, op, frames)
        for i, (name, a) in enumerate(zip(names, args, strict=True)):
            if names.count(name) > 1:
                name += f"_{i - names.index(name)}"
            part = self._tensor(name, a, frames) if isinstance(a, Variable) else _plain(name, a)
            event.inputs.append(part)
            event.arguments.append(part if isinstance(a, Variable) else a)
        for i, (name, t) in enumerate(zip(op.outputs, outs, strict=True)):
            event.outputs.append(Part(name, self.trace.arrays.add(t._array)))
            self._made[id(t._array)] = event.number, i, weakref.ref(t._array)
        if node is not None:
            self._keep(event, node)
        self._settle(event)

    def _node_made(self, node: Any) -> None:
        """Note a node that no call of an op makes: of a user's `Function`, of a write into a view."""
        if not self._here() or self._depth or not isinstance(node, FunctionNode | OpNode):
            return
        frames = list(user_frames())
        if self.before_recorded is not None and not self._unfinished:
            self.before_recorded(lines_of(frames))
        rule = type(node).function if isinstance(node, FunctionNode) else copy_slices
        event = self._event("forward", rule.__name__, rule, frames)
        event.held = self.trace.events[event.number - 1].held if event.number else 0  # the node keeps nothing yet
        event.inputs = [self._edge_part(f"input_{i}", edge) for i, edge in enumerate(node._edges) if edge is not None]
        self._keep(event, node)

    def _keep(self, event: Event, node: Any) -> None:
        event.recorded = True
        self._events[node._number] = event.number
        self._keeping[event.number] = weakref.ref(node)

    def _tensor(self, name: str, t: Any, frames: list[FrameType]) -> Part:
        part = Part(name, self.trace.arrays.add(t._array), label=variable_of(t, frames))
        if t._node is not None:
            made = self._events.get(t._node._number)
            if made is not None:
                part.source = made, t._index
                results = self.trace.events[made].outputs
                if not results and t._index == 0:  # of a user's `Function`: it is seen here for the first time
                    results.append(Part("out", part.array))
        elif t._requires_grad:
            part.leaf = self._leaf(t, part.label)
        elif id(t._array) in self._made:
            event, i, reference = self._made[id(t._array)]
            if reference() is t._array and self.trace.events[event].outputs[i].array == part.array:  # not written since
                part.source = event, i
        return part

    def _edge_part(self, name: str, edge: tuple[Any, int]) -> Part:
        target, index = edge
        if index < 0:
            return Part(name, self.trace.arrays.add(target._array), leaf=self._leaf(target, ""))
        made = self._events.get(target._number)
        results = [] if made is None else self.trace.events[made].outputs
        array = results[index].array if index < len(results) else None
        return Part(name, array, source=None if made is None else (made, index))

    def _leaf(self, t: Any, label: str) -> int:
        """The number of a leaf."""
        number = self._leaf_numbers.get(id(t))
        if number is None:
            number = self._leaf_numbers[id(t)] = len(self.trace.leaves)
            self.trace.leaves.append(t)
        if label and label != "self":
            self.trace.labels.setdefault(number, label)
        return number

    # -- backward passes

    def _root(self, edges: Any, grads: Any, accumulate: bool) -> None:
        event = self._event("root", "backward" if accumulate else "grad", None, list(user_frames()))
        self._pass = event.number
        for edge, g in zip(edges, grads, strict=True):
            if edge is not None:
                event.outputs.append(self._outgoing("gradient", edge, g))
        self._settle(event)

    def _visiting(self, node: Any, grads: list[Any]) -> None:
        """Note that the backward step of a node begins."""
        forward = self._events.get(node._number)
        event = self._event("backward", node.name(), None, list(user_frames()))
        event.forward = forward
        if forward is not None:
            made = self.trace.events[forward]
            event.lines = made.lines + event.lines
            event.modules, event.rule = made.modules, made.rule
            names = [part.name for part in made.outputs]
        else:
            event.rule = getattr(node, "op", None)
            names = []
        for i, g in enumerate(grads):
            if g is not None:
                name = names[i] if i < len(names) else f"result {i}"
                event.inputs.append(Part(name, self._add(g)))
        self._unfinished.append((event, node))

    def _delivering(self, edges: Any, grads: Any) -> None:
        """Note what the backward step that runs has computed."""
        event, node = self._unfinished[-1]
        plan = getattr(node, "plan", None) if event.forward is not None else None
        own = len(edges) == len(node._edges) and all(
            e is None or (o is not None and e[0] is o[0] and e[1] == o[1])
            for e, o in zip(edges, node._edges, strict=True)
        )  # else, under `create_graph`, the gradient goes on to the nodes of the op's composite
        made = event if event.forward is None else self.trace.events[event.forward]
        for i, (edge, g) in enumerate(zip(edges, grads, strict=True)):
            if edge is None or g is None:
                continue
            name = f"input_{i}" if own else "to the composite"
            if own and plan is not None:
                p = plan.positions[i]
                name = plan.names[p]
                if made.arguments:  # else no call of an op made the node
                    name = made.inputs[p].name
                    event.differentiated.append(p)
            event.outputs.append(self._outgoing(name, edge, g))

    def _outgoing(self, name: str, edge: tuple[Any, int], g: Any) -> Part:
        target, index = edge
        array = g._array if isinstance(g, Variable) else g
        shape, dtype = target._outputs[index] if index >= 0 else (target._array.shape, target._array.dtype)
        if array.shape != shape:  # of an argument that was broadcast: the engine brings it to its shape and dtype so
            array = kernels.sum_to(array, shape)
        if dtype is not None and array.dtype != dtype:
            array = kernels.cast(array, dtype)
        part = Part(name, self._add(array))
        if index < 0:
            part.leaf = self._leaf(target, "")
        elif target._number in self._events:
            part.target = self._events[target._number], index
        return part

    def _add(self, g: Any) -> int:
        return self.trace.arrays.add(g._array if isinstance(g, Variable) else g)

    def _arrived(self, sweep: Sweep, accumulate: bool) -> None:
        """Note the gradients that have arrived at leaves."""
        for x, g, _ in sweep.leaves.values():
            if g is None:
                continue
            event = self._event("leaf", "AccumulateGrad" if accumulate else "gradient", None, list(user_frames()))
            number = self._leaf(x, "")
            event.inputs.append(Part("gradient", self._add(g), leaf=number))
            if accumulate and x._grad is not None:
                event.outputs.append(Part("grad", self._add(x._grad), leaf=number))
            self._settle(event)

    # -- optimizers

    def _stepping(self, optimizer: Any, args: Any, kwargs: Any) -> Any:
        if threading.get_ident() != self._thread:
            return None
        if self.before_step is not None:
            self.before_step(optimizer)
        if not self._here():
            return None
        self._take(optimizer)
        closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
        if closure is None:
            return None

        def followed() -> Any:
            loss = closure()
            self._take(optimizer)  # the update uses the gradients that the closure has computed
            return loss

        return args[:1], {**kwargs, "closure": followed}

    def _take(self, optimizer: Any) -> None:
        """Note what the updates of an optimizer's parameters take."""
        for group in optimizer.param_groups:
            for p in group["params"]:
                self._before.pop(id(p), None)
                if p._grad is not None:
                    taken = [Part("parameter", self._add(p), leaf=self._leaf(p, "")), Part("grad", self._add(p._grad))]
                    self._before[id(p)] = taken + self._state(optimizer, p)

    def _stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self._here():
            frames = list(user_frames())
            for group in optimizer.param_groups:
                options = {k: v for k, v in group.items() if k not in ("params", "param_names")}
                plain = [_plain(k, v) for k, v in options.items() if v not in (None, False)]
                for p in group["params"]:
                    if id(p) not in self._before:
                        continue
                    event = self._event("update", type(optimizer).__name__, type(optimizer), frames)
                    event.inputs = self._before.pop(id(p)) + plain
                    event.arguments = [options]
                    event.outputs = [Part("parameter", self._add(p), leaf=self._leaf(p, ""))]
                    event.outputs += self._state(optimizer, p)
                    self._settle(event)
        if threading.get_ident() == self._thread and self.after_step is not None:
            self.after_step(optimizer)

    def _state(self, optimizer: Any, p: Any) -> list[Part]:
        kept = optimizer.state.get(p, {}) if p in optimizer.state else {}
        return [Part(name, self._add(t)) for name, t in kept.items() if isinstance(t, Variable)]

    # -- events

    def _event(self, kind: Kind, name: str, rule: Any, frames: list[FrameType]) -> Event:
        event = Event(len(self.trace.events), kind, name, lines_of(frames), rule=rule)
        event.inside = self._pass if kind != "root" else None
        event.modules = self._modules()
        self.trace.events.append(event)
        return event

    def _settle(self, event: Event) -> None:
        """Note what nodes keep after an event, and which keep nothing any more."""
        pieces = Pieces(t._array for t in self.trace.leaves)
        for number, reference in [*self._keeping.items()]:
            node = reference()
            kept = None if node is None else node._kept()
            made = self.trace.events[number]
            if kept is None:
                made.freed = event.number if made.saved else None
                del self._keeping[number]
                continue
            new = not made.saved  # a `Function` saves after its node was made
            for name, value in kept:
                if is_array(value):
                    nbytes = pieces.add(value)
                    event.held += nbytes
                    if new:
                        made.saved.append(Part(name, self.trace.arrays.add(value), nbytes=nbytes))

    def _module_called(self, module: Any, args: Any) -> None:
        if self._here():
            self._calls[id(module)] = len(self.trace.calls)
            self.trace.calls.append(module)

    def _modules(self) -> list[int]:
        """The calls of modules that are running, from the outermost to the innermost."""
        found: list[int] = []
        frame: FrameType | None = sys._getframe(2)
        outermost: FrameType | None = None
        while frame is not None:
            if frame.f_code in _module_call:
                number = self._calls.get(id(frame.f_locals["self"]))
                if number is not None:
                    found.append(number)
                    outermost = frame
            frame = frame.f_back
        if outermost is not None:
            self._name_root(outermost)
        return found[::-1]

    def _name_root(self, frame: FrameType) -> None:
        """Find the variable that holds the outermost module, or a module that it is in."""
        module = frame.f_locals["self"]
        if any(module is known for root in self.trace.roots.values() for known in root.modules()):
            return
        caller = frame.f_back
        while caller is not None:
            for name, value in variables(caller):
                if isinstance(value, Module) and any(module is m for m in value.modules()):
                    self.trace.roots[name if name != "self" else type(value).__name__] = value
                    return
            caller = caller.f_back
        self.trace.roots[type(module).__name__] = module


def _plain(name: str, value: Any) -> Part:
    """An argument that is no tensor."""
    with np.printoptions(threshold=20):
        text = repr(value)
    fields = dict(value._asdict()) if hasattr(value, "_asdict") else None
    return Part(name, text=text if len(text) <= _TEXT else text[: _TEXT - 1] + "…", value=fields)

"""An op is a forward kernel and one gradient per input; a gradient names what it needs, and nothing else is kept.

    tanh = Op(kernels.tanh, x=lambda g, out: g * (1 - out * out))
    mul = Op(kernels.mul, x=lambda g, y: g * y, y=lambda g, x: g * x)

A gradient's first parameter is the incoming gradient. The others name what the graph saves for it: an input or a plain
argument of the kernel, a result (`out`, or a name in `outputs`), or `<input>_shape` and `<input>_dtype`, which cost no
memory. Saved is only what the gradients of those inputs ask for that do require one. A gradient may return anything
that broadcasting made of its input's shape: the engine sums it back.

A gradient is written with ops and operators, which take arrays and tensors alike. A plain backward pass runs it on
arrays; under `create_graph=True` the same text runs on tensors and is itself recorded.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from typing import Any

import kernels
from minitorch.autograd.grad_mode import state
from minitorch.autograd.mixing import mismatch, on_one_device
from minitorch.autograd.node import Edge, Node
from minitorch.autograd.variable import Array, Counter, Variable, make_view, node_of, wrap

Gradient = Callable[..., Any]
_NOTHING = ()
FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)
_NUMBERS = (float, int)  # Python's numbers take the dtype of the floating-point tensors they meet


class Op:
    """A differentiable operation; call it with arrays for arrays, with tensors for tensors that remember it.

    Args:
        kernel: the forward kernel; its parameters name the op's inputs. A last parameter ``*name`` takes any number.
        name: what `grad_fn` shows (default: the kernel's name); ``add`` is shown as ``AddBackward0``.
        outputs: the names of the kernel's results. Only floating-point results are differentiable.
        promote: brings the arguments to one dtype before anything else; returns the same tuple if they agree.
        view: whether the result may share the first input's memory.
        composite: the same function in small ops, for gradients of gradients where those given here are fused kernels.
        joint: (inputs, function): one function that returns the gradients of all these inputs, in this order.
        gradients: by input, the function that turns the incoming gradient into the input's. With several outputs the
            incoming gradient is a tuple, None where an output was not used. A function may return None for zero.
    """

    def __init__(
        self,
        kernel: Callable[..., Any],
        *,
        name: str | None = None,
        outputs: tuple[str, ...] = ("out",),
        promote: Callable[[Op, tuple[Any, ...]], tuple[Any, ...]] | None = None,
        view: bool = False,
        composite: Callable[..., Any] | None = None,
        joint: tuple[tuple[str, ...], Gradient] | None = None,
        **gradients: Gradient,
    ) -> None:
        self.kernel = kernel
        self.by_type: dict[type, Callable[..., Any]] = getattr(kernel, "by_type", {})
        self.name = name or kernel.__name__
        self.outputs = outputs
        self.promote = promote
        self.view = view
        self.composite = composite
        self.gradients = gradients
        self.joint = joint
        self.differentiable = {*gradients, *(joint[0] if joint else ())}
        signature = inspect.signature(kernel).parameters
        self.parameters = tuple(signature)
        last = signature[self.parameters[-1]]
        self.variadic = len(signature) - 1 if last.kind is inspect.Parameter.VAR_POSITIONAL else None
        self.plans: dict[tuple[int, int], Plan | None] = {}
        self.__name__ = self.name
        self.__doc__ = kernel.__doc__

    def __call__(self, *args: Any) -> Any:
        values: list[Any] = []
        like: Any = None
        mask, bit, alike, mixed = 0, 1, True, False
        for a in args:
            if isinstance(a, Variable):
                array = a._array
                values.append(array)
                if like is None:
                    like, dtype = array, array.dtype
                elif array.dtype is not dtype or type(array) is not type(like):
                    alike = False
                    mixed = mixed or type(array) is not type(like)
                if a._view is not None and state.enabled:
                    node_of(a)  # which may be another one than before, if the memory was written since
                if a._requires_grad:
                    mask |= bit
            else:
                values.append(a)
                if type(a) not in _NUMBERS:
                    alike = False
            bit += bit
        if like is None:
            return self.kernel(*args)
        if mixed:
            return self(*on_one_device(self.name, args))
        if self.promote is not None and not (alike and dtype.kind == "f"):
            promoted = self.promote(self, args)
            if promoted is not args:
                return self(*promoted)
        run = self.by_type.get(type(like), self.kernel)
        try:
            out = run(*values)
        except (ValueError, kernels.DeviceMismatch) as error:
            raise mismatch(self.name, args, error) from None
        plan = None
        if mask and state.enabled:
            try:
                plan = self.plans[mask, len(args)]
            except KeyError:
                plan = self.plan(mask, len(args))
        if type(out) is tuple:
            return self._several(out, plan, args, values)
        if type(out) is not type(like):
            out = as_array(out)
        if plan is None or out.dtype.kind != "f":
            result = wrap(out)
        else:
            node = OpNode(self, plan, args, values, (out,))
            result = wrap(out, node)
            if plan.saves_output:
                node.watch((result,))
        if self.view:
            make_view(result, self, args)
        return result

    def _several(self, out: tuple[Any, ...], plan: Plan | None, args: tuple[Any, ...], values: list[Any]) -> Any:
        """The results of a kernel that has several."""
        outs = tuple([as_array(o) for o in out])
        if plan is None:
            return tuple([wrap(o) for o in outs])
        node = OpNode(self, plan, args, values, outs)
        results = tuple([wrap(o, node, i) if o.dtype.kind == "f" else wrap(o) for i, o in enumerate(outs)])
        node.watch(results)
        return results

    def plan(self, mask: int, count: int) -> Plan | None:
        """What to save in a call with `count` arguments when those whose bits are set in `mask` require a gradient."""
        positions = [p for p in range(count) if mask >> p & 1 and self.parameter(p) in self.differentiable]
        plan = self.plans[mask, count] = Plan(self, positions, count) if positions else None
        return plan

    def record(self, args: tuple[Any, ...], out: Array) -> OpNode | None:
        """The node of a call whose result `out` is known already, None if nothing requires a gradient."""
        mask = sum(1 << i for i, a in enumerate(args) if isinstance(a, Variable) and a.requires_grad)
        if not mask or not state.enabled:
            return None
        plan = self.plans.get((mask, len(args))) or self.plan(mask, len(args))
        values = [a._array if isinstance(a, Variable) else a for a in args]
        return None if plan is None else OpNode(self, plan, args, values, (out,))

    def parameter(self, position: int) -> str:
        """The name of the parameter that takes the argument at `position`."""
        return self.parameters[position if self.variadic is None else min(position, self.variadic)]

    def positions(self, name: str, count: int) -> int | tuple[int, ...]:
        """Where a call with `count` arguments has the argument (or, for ``*name``, all the arguments) called `name`."""
        position = self.parameters.index(name)
        return tuple(range(position, count)) if position == self.variadic else position

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.parameters)})>"


class Plan:
    """What an op saves, and what its backward pass runs, when the arguments at `positions` require a gradient.

    Attributes:
        sources: what is saved: (kind, where), the kind being ``value``, ``shape``, ``dtype`` (of the arguments at
            `where`) or ``output``.
        steps: (gradient, the saved values it takes, the edge that its result goes to); for a joint gradient a list of
            edges, None for results that nobody asked for.
        watched: (number among what is saved, position) of every argument whose array is saved.
    """

    __slots__ = ("positions", "saves_output", "sources", "steps", "watched")

    def __init__(self, op: Op, positions: list[int], count: int) -> None:
        self.positions = positions
        self.sources: list[tuple[str, Any]] = []
        self.steps: list[tuple[Gradient, tuple[int, ...], int | list[int | None]]] = []
        for input, gradient in op.gradients.items():
            position = op.parameters.index(input)
            if position in positions:
                self.steps.append((gradient, self._picks(op, gradient, count), positions.index(position)))
        if op.joint is not None:
            served: list[int] = []
            for input in op.joint[0]:
                where = op.positions(input, count)
                served += where if isinstance(where, tuple) else (where,)
            if set(served) & set(positions):
                edges = [positions.index(p) if p in positions else None for p in served]
                self.steps.append((op.joint[1], self._picks(op, op.joint[1], count), edges))
        if op.composite is not None:
            for position in range(count):
                self._save(("value", position))
        self.watched = [
            (i, position)
            for i, (kind, where) in enumerate(self.sources)
            if kind == "value"
            for position in (where if isinstance(where, tuple) else (where,))
        ]
        self.saves_output = any(kind == "output" for kind, _ in self.sources)

    def _picks(self, op: Op, gradient: Gradient, count: int) -> tuple[int, ...]:
        names = list(inspect.signature(gradient).parameters)[1:]
        return tuple(self._save(self._source(op, name, count)) for name in names)

    def _save(self, source: tuple[str, Any]) -> int:
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)

    @staticmethod
    def _source(op: Op, name: str, count: int) -> tuple[str, Any]:
        if name in op.outputs:
            return "output", op.outputs.index(name)
        if name in op.parameters:
            return "value", op.positions(name, count)
        input, _, kind = name.rpartition("_")
        if kind not in ("shape", "dtype") or input not in op.parameters:
            raise TypeError(f"a gradient of {op.name} asks for {name!r}; there are {op.parameters} and {op.outputs}")
        return kind, op.positions(input, count)


class OpNode(Node):
    """A recorded call of an op: what its plan says is saved, each array with the version its memory had."""

    __slots__ = ("op", "plan", "saved", "versions")

    def __init__(self, op: Op, plan: Plan, args: Sequence[Any], values: Sequence[Any], outs: Sequence[Array]) -> None:
        edges = []
        for p in plan.positions:
            node = args[p]._node
            edges.append((args[p], -1) if node is None else (node, args[p]._index))
        out = outs[0]
        Node.__init__(self, edges, ((out.shape, out.dtype),) if len(outs) == 1 else [(o.shape, o.dtype) for o in outs])
        self.op = op
        self.plan = plan
        self.saved: Any = _NOTHING
        self.versions: Any = _NOTHING
        if plan.sources:
            self._save(args, values, outs)

    def _save(self, args: Sequence[Any], values: Sequence[Any], outs: Sequence[Array]) -> None:
        self.saved = saved = []
        self.versions = []
        for kind, where in self.plan.sources:
            if kind == "output":
                saved.append(outs[where])
            elif type(where) is int:
                saved.append(values[where] if kind == "value" else getattr(values[where], kind))
            else:
                saved.append(tuple([values[p] if kind == "value" else getattr(values[p], kind) for p in where]))
        for i, p in self.plan.watched:
            a = args[p]
            if isinstance(a, Variable):
                if a._inference:
                    refuse_inference()
                self.versions.append((i, a._counter, a._counter[0]))

    def watch(self, results: Sequence[Variable]) -> None:
        """Note the versions of those results that were saved."""
        for i, (kind, where) in enumerate(self.plan.sources):
            if kind == "output":
                self.versions.append((i, results[where]._counter, results[where]._counter[0]))

    def keep_copies(self, counter: Counter) -> None:
        """Save copies of the arrays whose memory `counter` counts: this node's own result goes there next."""
        if self.saved is not None:
            for n, (i, watched, _) in enumerate(self.versions):
                if watched is counter:
                    old = self.saved[i]
                    with kernels.on_device_of(old[0] if type(old) is tuple else old):
                        self.saved[i] = tuple(o.copy() for o in old) if type(old) is tuple else old.copy()
                    self.versions[n] = (i, [0], 0)  # memory of its own, which nobody writes to

    def name(self) -> str:
        name = self.op.name
        return name if name[0].isupper() else "".join(part.capitalize() for part in name.split("_")) + "Backward0"

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        saved = self._unpack() if self.versions or self.saved is None else self.saved
        if create_graph:
            saved = [self._rejoin(kind, where, v) for (kind, where), v in zip(self.plan.sources, saved, strict=True)]
            if self.op.composite is not None:
                return self._through_composite(self.op.composite, saved, grads)
        g = grads[0] if len(grads) == 1 else tuple(grads)
        result: list[Any] = [None] * len(self._edges)
        for gradient, picks, edges in self.plan.steps:
            if skip and all(edge is None or edge in skip for edge in ([edges] if isinstance(edges, int) else edges)):
                continue
            value = gradient(g, *map(saved.__getitem__, picks)) if picks else gradient(g)
            if isinstance(edges, int):
                result[edges] = value
                continue
            for edge, v in zip(edges, value, strict=True):
                if edge is not None:
                    result[edge] = v
        return result

    def _unpack(self) -> list[Any]:
        if self.saved is None:
            raise RuntimeError(FREED)
        for i, counter, version in self.versions:
            if counter[0] != version:
                kind, where = self.plan.sources[i]
                which = f"result {where}" if kind == "output" else f"argument {self.op.parameter(where)!r}"
                raise modified(self.saved[i], f"{which} of {self.op.name}", counter[0], version)
        return self.saved

    def _rejoin(self, kind: str, where: Any, value: Any) -> Any:
        """A saved value as a tensor in its place in the graph."""
        if kind == "output":
            return wrap(value, self, where) if value.dtype.kind == "f" else wrap(value)
        if kind != "value":
            return value
        if type(where) is tuple:
            return tuple(self._rejoin(kind, p, v) for p, v in zip(where, value, strict=True))
        edge = self._edges[self.plan.positions.index(where)] if where in self.plan.positions else None
        if edge is not None:
            return edge[0] if edge[1] < 0 else wrap(value, edge[0], edge[1])
        return wrap(value) if kernels.is_array(value) else value

    def _through_composite(self, composite: Callable[..., Any], saved: list[Any], grads: list[Any]) -> Sequence[Any]:
        """The gradients, recorded, by differentiating the composite at the saved inputs."""
        from minitorch.autograd.basic import alias
        from minitorch.autograd.engine import grad

        values = {
            where: value for (kind, where), value in zip(self.plan.sources, saved, strict=True) if kind == "value"
        }
        inputs = [values[p] for p in sorted(p for p in values if isinstance(p, int))]
        for p in self.plan.positions:
            inputs[p] = alias(inputs[p])  # a node of its own, so that the derivative with respect to it is partial
        outs = composite(*inputs)
        used = [(o, g) for o, g in zip(outs if type(outs) is tuple else (outs,), grads, strict=True) if g is not None]
        wanted = [inputs[p] for p in self.plan.positions]
        return grad([o for o, _ in used], wanted, [g for _, g in used], create_graph=True, allow_unused=True)

    def release(self) -> None:
        if self.versions:  # what saved no arrays needs no retain_graph to be passed again
            self.saved = None
            self.versions = []


def edge_to(x: Variable) -> Edge:
    """Where the gradient of `x` goes."""
    node = node_of(x)
    return (x, -1) if node is None else (node, x._index)


def modified(saved: Any, which: str, version: int, expected: int) -> RuntimeError:
    """The error of a backward pass that finds saved memory overwritten."""
    what = f"{saved.dtype} {list(saved.shape)}" if kernels.is_array(saved) else "one of several tensors"
    return RuntimeError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: [{what}], "
        f"which is {which}, is at version {version}; expected version {expected} instead. Hint: enable anomaly "
        "detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True)."
    )


def refuse_inference() -> None:
    """Raise the error of saving a tensor that was made under `inference_mode`."""
    raise RuntimeError(
        "Inference tensors cannot be saved for backward. To work around this, you can make a clone to get a normal "
        "tensor and use it in autograd."
    )


def as_array(value: Any) -> Array:
    """`value` as a true array: NumPy's functions give scalars for what has no dimensions."""
    return kernels.backend_of(value).asarray(value)

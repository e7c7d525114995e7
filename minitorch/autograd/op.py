"""An op is a forward kernel and one gradient per input; a gradient names what it needs, and nothing else is saved.

    tanh = Op(kernels.tanh, x=lambda g, out: g * (1 - out * out))
    mul = Op(kernels.mul, x=lambda g, y: g * y, y=lambda g, x: g * x)

A gradient's first parameter is the incoming gradient. The others name what the graph saves for it: an input or a plain
argument of the kernel, a result (`out`, or a name in `outputs`), or `<input>_shape`, `<input>_dtype` and, for its place
in the graph alone, `<input>_origin`, which cost no memory. A call saves what the gradients of the inputs that require
one ask for, nothing else. A gradient may have any shape to which its input's can be broadcast: the engine sums it back.

A gradient is written with ops and operators, which take arrays and tensors alike. A plain backward pass runs it on
arrays; under `create_graph=True` the same text runs on tensors and is itself recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import kernels
from kernels.dispatch import is_variadic, parameter_names
from kernels.floating_point_errors import IGNORE, get_handling, run_again, set_handling
from kernels.half_precision import DOUBLE, HALF, SINGLE, in_single
from minitorch.autograd.graph import Array, Edge, Node, Variable, as_array, this_thread, wrap
from minitorch.autograd.messages import FREED, INFERENCE_TENSOR_SAVED, kernel_failed, modified_in_place
from minitorch.autograd.mixed_devices import moved_to_one_device
from minitorch.autograd.plan import Gradient, Plan
from minitorch.autograd.views import make_view, node_of, shares_memory
from minitorch.scalars import check_scalar

_LEAST, _MOST = -(2**63), 2**63 - 1  # integers outside may still be numbers that torch takes


class Op:
    """A differentiable operation. It takes arrays and returns arrays, or takes tensors, and is recorded.

    Args:
        kernel: the forward kernel; its parameters name the op's inputs. A last parameter ``*name`` takes any number.
        name: what `grad_fn` shows (default: the kernel's name); ``add`` is shown as ``AddBackward0``.
        outputs: the results' names; the first `differentiable` (None: all) have gradients if they are floating-point.
        promote: brings the arguments to one dtype before anything else; returns the same tuple if they agree.
        half_in_single: the positions of operands that may be a number, or a tensor without dimensions, out of the range
            of float16, for a result in float16: they are taken as float32, and the operation computes in it.
        view: whether the result may share the first input's memory.
        composite: the same function in small ops. It serves gradients of gradients where the ones given here call
            kernels that cannot be differentiated. It may return None for results that only the gradients use.
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
        differentiable: int | None = None,
        promote: Callable[[Op, tuple[Any, ...]], tuple[Any, ...]] | None = None,
        half_in_single: tuple[int, ...] = (),
        view: bool = False,
        composite: Callable[..., Any] | None = None,
        joint: tuple[tuple[str, ...], Gradient] | None = None,
        **gradients: Gradient,
    ) -> None:
        self.kernel = kernel
        self.by_type: dict[type, Callable[..., Any]] = getattr(kernel, "by_type", {})  # see `kernels.dispatch.Kernel`
        self.name = self.__name__ = name or kernel.__name__
        self.__doc__ = kernel.__doc__
        self.outputs = outputs
        self.differentiable = len(outputs) if differentiable is None else differentiable
        self.promote = promote
        self.half_in_single = half_in_single
        self.view = view
        self.composite = composite
        self.gradients: list[tuple[str | Sequence[str], Gradient]] = [*gradients.items(), *([joint] if joint else [])]
        self.parameters = parameter_names(kernel)
        self.variadic = self.parameters[-1] if is_variadic(kernel) else None
        self.plans: dict[int, Plan | None] = {}
        self.one_pass = False  # if True, a backward pass frees a node that saved no arrays too: in torch it saves one

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
                if a._view is not None and self.gradients and this_thread.grad_enabled:
                    node_of(a)  # if the memory was written since, this gives the view another node
                    if a._view.base._requires_grad:
                        mask |= bit
                if a._requires_grad:
                    mask |= bit
            else:
                values.append(a)
                if type(a) is int:
                    if not _LEAST <= a <= _MOST:
                        check_scalar(a)
                elif type(a) is not float:
                    alike = False
            bit += bit
        if like is None:
            return self.kernel(*args)
        if mixed:
            return self(*moved_to_one_device(self.name, args))
        run = self.by_type.get(type(like), self.kernel)
        if self.promote is not None and not (alike and (dtype is SINGLE or dtype is DOUBLE)):
            promoted = self.promote(self, args)
            if promoted is not args:
                return self(*promoted)
            if self.half_in_single:
                found = [getattr(v, "dtype", None) for v in values]
                if HALF in found and any(found[p] is not HALF for p in self.half_in_single):
                    run = partial(in_single, run)
        try:
            out = run(*values)
        except (ValueError, kernels.DeviceMismatch) as error:
            raise kernel_failed(self.name, args, error) from None
        except RuntimeError as error:
            out = run_again(run, values, error)  # raises `error`, unless a ufunc was in use in another thread
        plan = None
        if mask and this_thread.grad_enabled:
            try:
                plan = self.plans[bit | mask]  # `bit` is 1 << len(args)
            except KeyError:
                plan = self.plan(mask, len(args))
        if type(out) is tuple:
            outs = [o if type(o) is type(like) else as_array(o) for o in out]
            if plan is None:
                return tuple(map(wrap, outs))
            node = OpNode(self, plan, args, outs[: (n := self.differentiable)])
            tensors = [wrap(o, node, i) if o.dtype.kind == "f" else wrap(o) for i, o in enumerate(outs[:n])]
            results = (*tensors, *map(wrap, outs[n:]))
            node.save((*args, *results), values + outs)
            return results
        if type(out) is not type(like):
            out = as_array(out)
        if plan is None or out.dtype.kind != "f":
            result = wrap(out)
        else:
            node = OpNode(self, plan, args, (out,))
            result = wrap(out, node)
            if plan.sources:
                values.append(out)
                node.save((*args, result), values)
        if self.view and shares_memory(out, like):  # a reshape may have had to copy
            make_view(result, args[0], self, args[1:])
        return result

    def plan(self, mask: int, count: int) -> Plan | None:
        """What to save in a call with `count` arguments when those whose bits are set in `mask` require a gradient."""
        key = 1 << count | mask
        if key not in self.plans:
            plan = Plan(self, mask, count)
            self.plans[key] = plan if plan.positions else None
        return self.plans[key]

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.parameters)})>"


class OpNode(Node):
    """A recorded call of an op, with what its plan says is saved.

    Attributes:
        saved: by source of the plan, the value; None after `release`.
        versions: (index in `saved`, write counter of the memory, its value then) of each saved tensor.
    """

    __slots__ = ("op", "plan", "saved", "versions")

    def __init__(self, op: Op, plan: Plan, args: tuple[Any, ...], outs: Sequence[Array]) -> None:
        edges: list[Edge | None] = []
        for p in plan.positions:
            a, node = args[p], args[p]._node
            edge = (node, a._index) if node is not None else (a, -1)
            edges.append(edge if node is not None or a._requires_grad else None)  # None: see `views.requires_grad`
        out = outs[0]
        Node.__init__(self, edges, ((out.shape, out.dtype),) if len(outs) == 1 else [(o.shape, o.dtype) for o in outs])
        self.op = op
        self.plan = plan
        self.saved: Any = ()
        self.versions: Any = ()

    def save(self, tensors: Sequence[Any], values: Sequence[Any]) -> None:
        """Save what the plan says of the arguments and results: `tensors`, and `values` with arrays for the tensors."""
        saved: list[Any] = []
        versions: list[Any] = []
        for kind, p in self.plan.sources:
            value = values[p]
            if kind != "value":
                value = getattr(value, kind, None)
            elif isinstance(t := tensors[p], Variable):
                if t._inference and p < self.plan.count:
                    raise RuntimeError(INFERENCE_TENSOR_SAVED)
                versions.append((len(saved), t._counter, t._counter[0]))
            saved.append(value)
        self.saved, self.versions = saved, versions

    def name(self) -> str:
        name = self.op.name
        return name if name[0].isupper() else name.title().replace("_", "") + "Backward0"

    def _edge_numbers(self) -> Sequence[int | None]:
        return [self.plan.positions.index(p) if p in self.plan.positions else None for p in self.plan.inputs]

    def _kept(self) -> Sequence[tuple[str, Any]] | None:
        if self.saved is None:
            return None
        found = zip(self.plan.sources, self.plan.saved_names(), self.saved, strict=True)
        return [(n, value) for (kind, _), n, value in sorted(found, key=lambda entry: entry[0][1]) if kind != "origin"]

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        if grads[0] is None and not any(g is not None for g in grads):
            return [None] * len(self._edges)
        saved = self._unpack(self.plan.used) if self.versions or self.saved is None else self.saved
        if create_graph:
            saved = [self._in_graph(*source, value) for source, value in zip(self.plan.sources, saved, strict=True)]
        g = grads[0] if len(grads) == 1 else tuple(grads)
        result: list[Any] = [None] * len(self._edges)
        handling = get_handling()
        try:
            set_handling(IGNORE)
            for gradient, picks, edges in self.plan.steps:
                if skip and all(edge is None or edge in skip for edge in ([edges] if type(edges) is int else edges)):
                    continue
                args = [g]
                for i in picks:
                    args.append(saved[i] if type(i) is int else tuple([saved[j] for j in i]))
                value = gradient(*args)
                if type(edges) is int:
                    result[edges] = value
                    continue
                for edge, v in zip(edges, value, strict=True):
                    if edge is not None:
                        result[edge] = v
        finally:
            set_handling(handling)
        return result

    def composite_outputs(self) -> Sequence[Any] | None:
        if self.op.composite is None:
            return None
        values = dict(zip(self.plan.sources, self._unpack(len(self.plan.sources)), strict=True))
        outs = self.op.composite(*[self._in_graph("value", p, values["value", p]) for p in range(self.plan.count)])
        return outs if type(outs) is tuple else (outs,)

    def _unpack(self, used: int) -> list[Any]:
        """What was saved, if it is still there and the first `used` are unchanged."""
        if self.saved is None:
            raise RuntimeError(FREED)
        for i, counter, version in self.versions:
            if counter[0] != version and i < used:
                _, p = self.plan.sources[i]
                which = f"argument {self.plan.names[p]!r}" if p < self.plan.count else f"result {p - self.plan.count}"
                raise modified_in_place(self.saved[i], f"{which} of {self.op.name}", counter[0], version)
        return self.saved

    def _in_graph(self, kind: str, p: int, value: Any) -> Any:
        """A saved array, or an origin, as the tensor that it was in the graph; anything else as it is."""
        if kind != "origin" and (kind != "value" or not kernels.is_array(value)):
            return value
        if p >= self.plan.count:
            return wrap(value, self, p - self.plan.count) if value.dtype.kind == "f" else wrap(value)
        edge = self._edges[self.plan.positions.index(p)] if p in self.plan.positions else None
        if edge is None:
            return wrap(value)
        return edge[0] if edge[1] < 0 else wrap(value, *edge)

    def release(self) -> None:
        if self.versions or self.op.one_pass:  # else the node saved no arrays, and can be passed again
            self.saved = None
            self.versions = []

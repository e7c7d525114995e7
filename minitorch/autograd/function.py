"""Users' own operations: a class with a `forward` and a `backward` that become a node of the graph.

    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            result = x.exp()
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx, grad):
            result, = ctx.saved_tensors
            return grad * result

    y = Exp.apply(x)

`forward` runs unrecorded. `backward` is written with tensors; under `create_graph=True` it is recorded like any other
code, so it can be differentiated again. `ctx` is the node itself; a user may set any attributes on it.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import kernels
from minitorch.autograd.basic import alias
from minitorch.autograd.grad_fn import GradFn
from minitorch.autograd.grad_mode import no_grad
from minitorch.autograd.graph import Edge, Node, Variable, this_thread, wrap
from minitorch.autograd.inplace import rebase_history, writable
from minitorch.autograd.messages import FREED, INFERENCE_TENSOR_SAVED, VIEW_MADE_IN_FUNCTION, modified_in_place
from minitorch.autograd.saved_values import described
from minitorch.autograd.views import edge_to, make_view, requires_grad


class FunctionCtx:
    """What `forward` and `backward` of a `Function` tell each other and the engine.

    Attributes:
        needs_input_grad: for each argument of `forward`, whether it is a tensor whose gradient is needed.
    """

    needs_input_grad: tuple[bool, ...] = ()
    _to_save: tuple[Variable | None, ...] = ()
    _dirty: tuple[Variable, ...] = ()
    _non_differentiable: tuple[Variable, ...] = ()
    _materialize = True
    _namespace: Any = None  # the array module of the outputs
    _saved: list[_Saved | None] | None

    def save_for_backward(self, *tensors: Variable | None) -> None:
        """Keep inputs, outputs or other tensors for `backward`, where `ctx.saved_tensors` returns them. Call it once.

        Raises:
            TypeError: for anything but tensors and None.
        """
        for i, t in enumerate(tensors):
            if t is not None and not isinstance(t, Variable):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(t).__name__}"
                )
        self._to_save = tensors

    def save_for_forward(self, *tensors: Variable | None) -> None:
        """Accepted, without effect: there is no forward-mode differentiation."""

    def mark_dirty(self, *args: Variable) -> None:
        """Say which inputs `forward` changed in place; all of them must be among its outputs."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Variable) -> None:
        """Say which outputs have no gradient. Integer and boolean outputs never have one."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` gets zeros (True, the default) or None for outputs that were not used."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors that `save_for_backward` saved, with their nodes in the graph.

        Raises:
            RuntimeError: if a backward pass has freed them, or their memory was written since.
        """
        if self._saved is None:
            raise RuntimeError(FREED)
        return tuple(None if s is None else s.unpack(self) for s in self._saved)


class _Saved:
    """A tensor kept for `backward`.

    A leaf is kept as it is. For any other tensor its array and node are kept: the tensor itself might be an output of
    this node, which would make the reference cycle output → node → saved → output.
    """

    def __init__(self, t: Variable, node: FunctionNode, name: str) -> None:
        if t._inference:
            raise RuntimeError(INFERENCE_TENSOR_SAVED)
        target, self.index = edge_to(t) or (None, -1)
        self.is_output = target is node
        self.leaf = t if target is t else None
        self.node = None if target is t or self.is_output else target
        self.array, self.counter, self.version = t._array, t._counter, t._counter[0]
        self.name = name

    def unpack(self, node: Any) -> Any:
        if self.counter[0] != self.version:
            raise modified_in_place(self.array, self.name, self.counter[0], self.version)
        if self.leaf is not None:
            return self.leaf
        t = wrap(self.array, node if self.is_output else self.node, max(self.index, 0))
        t._counter = self.counter
        return t


class FunctionNode(FunctionCtx, Node, GradFn):
    """A recorded call of a `Function`, and its ``ctx``. Every Function has its own subclass, ``<name>Backward``."""

    function: ClassVar[type[Function]]

    def __init__(self, args: tuple[Any, ...], recorded: bool) -> None:
        self.needs_input_grad = tuple(isinstance(a, Variable) and requires_grad(a) for a in args)
        self._places = [i for i, a in enumerate(args) if isinstance(a, Variable)]  # positions of tensors
        self._shapes = [args[i]._array.shape for i in self._places]
        self._saved = []
        Node.__init__(self, [edge_to(args[i]) if recorded else None for i in self._places], ())

    def connect_outputs(self, args: tuple[Any, ...], raw: Any, recorded: bool) -> Any:
        """The tensors that `forward` returned, as outputs of this node."""
        outs = raw if isinstance(raw, tuple) else (raw,)
        if any(all(d is not a for a in args) for d in self._dirty):
            raise RuntimeError(
                "mark_dirty only accepts input tensors: mark what forward was given and changed in place"
            )
        if any(all(d is not o for o in outs) for d in self._dirty):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )
        self._outputs = [(o._array.shape, o._array.dtype) if isinstance(o, Variable) else ((), None) for o in outs]
        self._namespace = next((kernels.namespace(o._array) for o in outs if isinstance(o, Variable)), None)
        results = tuple(
            self._output(o, i, args, recorded) if isinstance(o, Variable) else o for i, o in enumerate(outs)
        )
        if recorded:
            name = f"argument {{}} of save_for_backward in {self.function.__name__}"
            self._saved = [None if t is None else _Saved(t, self, name.format(i)) for i, t in enumerate(self._to_save)]
        self._to_save = self._dirty = self._non_differentiable = ()  # an output among them would make a reference cycle
        return results if isinstance(raw, tuple) else results[0]

    def _output(self, o: Variable, index: int, args: tuple[Any, ...], recorded: bool) -> Variable:
        """Output number `index` connected to this node."""
        differentiable = recorded and o._array.dtype.kind == "f" and all(o is not n for n in self._non_differentiable)
        node = self if differentiable else None
        if any(o is d for d in self._dirty):
            o._counter[0] += 1  # whether or not `forward` did so
            if differentiable or not requires_grad(o):
                writable(o, *args)
                rebase_history(o, wrap(o._array, node, index))
                return o
        if any(o is a for a in args):  # return a new tensor on the same memory
            t: Variable = wrap(o._array, node, index)
            t._counter, t._inference, t._counts_writes = o._counter, o._inference, o._counts_writes
            if differentiable:
                make_view(t, o, alias, (), VIEW_MADE_IN_FUNCTION)
            return t
        if o._requires_grad and o._node is not self:  # recorded in `forward` under `enable_grad`: not used
            counter, o = o._counter, wrap(o._array)
            o._counter = counter
        if node is not None:
            o._node, o._index, o._requires_grad = node, index, True
            if o._view is not None:
                o._view.write_error = VIEW_MADE_IN_FUNCTION
        return o

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        xp = self._namespace
        shown: list[Any] = []
        for g, (shape, dtype) in zip(grads, self._outputs, strict=True):
            if g is None and self._materialize and dtype is not None:
                g = xp.zeros(shape, dtype)
            shown.append(wrap(xp.asarray(g)) if g is not None and not isinstance(g, Variable) else g)
        found = self._checked(self.function._backward()(self, *shown))
        # [...]: a view, so that the engine does not use the memory for a `grad`: the user may have kept this tensor.
        return found if create_graph else [None if g is None else g._array[...] for g in found]

    def _checked(self, result: Any) -> list[Any]:
        """The gradients of the tensors among the arguments, picked from the result of `backward`, which is checked."""
        name, count = self.name(), len(self.needs_input_grad)
        values = result if isinstance(result, tuple) else (result,)
        if len(values) > count and all(v is None for v in values[count:]):
            values = values[:count]
        if len(values) != count:
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {count}, got {len(values)})"
            )
        for i, v in enumerate(values):
            if v is not None and not isinstance(v, Variable):
                raise RuntimeError(f"expected Variable or None (got {type(v).__name__})")
            if v is not None and i not in self._places:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {i + 1}, but the "
                    "corresponding forward input was not a Variable"
                )
        found = [values[i] for i in self._places]
        for i, (g, shape, edge) in enumerate(zip(found, self._shapes, self._edges, strict=True)):
            if g is not None and edge is not None and not _sums_to(g._array.shape, shape):
                raise RuntimeError(
                    f"Function {name} returned an invalid gradient at index {i} - got {list(g._array.shape)} but "
                    f"expected shape compatible with {list(shape)}"
                )
        return found

    def release(self) -> None:
        if self._saved:
            self._saved = None

    def _kept(self) -> Sequence[tuple[str, Any]] | None:
        if self._saved is None:
            return None
        return [(f"argument_{i}", None if s is None else s.array) for i, s in enumerate(self._saved)]

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}{described(self._kept())}>"


def _sums_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether a shape `target` can be broadcast to `shape`, so that a gradient of `shape` can be summed to `target`."""
    tail = shape[len(shape) - len(target) :]
    return len(shape) >= len(target) and all(n in (1, m) for n, m in zip(target, tail, strict=True))


class Function(FunctionCtx):
    """The base class of users' own operations; see this module's docstring.

    Subclasses define the static methods `forward` and `backward`, and are called through `apply`. Instead of
    ``forward(ctx, ...)`` there may be ``forward(...)``, without `ctx`, and ``setup_context(ctx, inputs, output)``.
    """

    _node_class: ClassVar[type[FunctionNode]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._node_class = type(cls.__name__ + "Backward", (FunctionNode,), {"function": cls, "__doc__": cls.__doc__})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static: use "
            f"{type(self).__name__}.apply(...)",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse the way in which old versions of torch called a Function.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            f"function with static forward method: {type(self).__name__}.apply(...)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The result, one tensor or a tuple, given `ctx` (unless there is `setup_context`) and the arguments."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what `backward` needs, given the arguments and the result of a `forward` that takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    if TYPE_CHECKING:  # so written, a subclass may name the gradients that it is given

        @staticmethod
        def backward(*args: Any, **kwargs: Any) -> Any: ...

    else:

        @staticmethod
        def backward(ctx: Any, *grad_outputs: Any) -> Any:
            """The gradients of all arguments of `forward` (None if there is none), given the outputs' gradients."""
            raise NotImplementedError(
                "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
                "backward mode AD."
            )

    vjp = backward

    @classmethod
    def _backward(cls) -> Callable[..., Any]:
        if cls.vjp is Function.vjp:
            return cls.backward
        if cls.backward is not Function.backward:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        return cls.vjp

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run `forward` on these arguments and record the call, if one of them is a tensor that requires a gradient.

        Raises:
            RuntimeError: if `forward` changed a leaf that requires a gradient, or an input that it did not return.
        """
        separate = cls.setup_context is not Function.setup_context
        if kwargs or (separate and _has_defaults(cls.forward)):
            bound = inspect.signature(cls.forward).bind(*(() if separate else (None,)), *args, **kwargs)
            bound.apply_defaults()
            args = bound.args if separate else bound.args[1:]
        recorded = this_thread.grad_enabled and any(isinstance(a, Variable) and requires_grad(a) for a in args)
        ctx = cls._node_class(args, recorded)
        before, this_thread.grad_enabled = this_thread.grad_enabled, False
        try:  # no ``with no_grad()``: Ctrl-C could interrupt its `__exit__`
            if separate:
                raw = cls.forward(*args)
                cls.setup_context(ctx, args, raw)
            else:
                raw = cls.forward(ctx, *args)
        finally:
            this_thread.grad_enabled = before
        return ctx.connect_outputs(args, raw, recorded)


@functools.lru_cache
def _has_defaults(forward: Callable[..., Any]) -> bool:
    """Whether a parameter of `forward` has a default: `setup_context` then gets it too."""
    return any(p.default is not p.empty for p in inspect.signature(forward).parameters.values())


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that cannot be recorded: differentiating its result raises a RuntimeError."""
    unrecorded = no_grad()(fn)

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        result = unrecorded(ctx, *args)
        edges = [edge for a in args if isinstance(a, Variable) and (edge := edge_to(a)) is not None]
        if not this_thread.grad_enabled or not edges:
            return result
        values = result if isinstance(result, tuple) else (result,)
        marked = tuple(_NotDifferentiable.output(edges, v) if isinstance(v, Variable) else v for v in values)
        return marked if isinstance(result, tuple) else marked[0]

    return wrapper


class _NotDifferentiable(Node, GradFn):
    """The node of a result of an unrecorded backward pass: differentiating it raises."""

    __slots__ = ()

    @classmethod
    def output(cls, edges: Sequence[Edge], t: Variable) -> Any:
        """A tensor on the memory of `t` whose node has the given `edges`."""
        return wrap(t._array, cls(edges, [(t._array.shape, t._array.dtype)]))

    def name(self) -> str:
        return "NotDifferentiable"

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")

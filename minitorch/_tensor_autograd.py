"""The tensor's attributes and methods for differentiation: `requires_grad`, `grad`, `backward`, hooks, `detach`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

from minitorch.autograd.backward_and_grad import backward
from minitorch.autograd.grad_fn import GradFn, seen
from minitorch.autograd.grad_mode import is_inference_mode_enabled
from minitorch.autograd.graph import Node, Variable, wrap
from minitorch.autograd.hooks import Handle, hooks_of_output, retain_grad, retains_grad
from minitorch.autograd.messages import device_name
from minitorch.autograd.views import node_of, requires_grad
from minitorch.layout import layout_of, set_layout

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


class Differentiable(Variable):
    """The part of `minitorch.Tensor` that calls the autograd engine."""

    _retained = False  # `retains_grad` was true when `detach_` made it a leaf, and stays so
    _says_requires_grad = False  # for an inference tensor: what `requires_grad` is, though nothing is recorded

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        return requires_grad(self) or self._says_requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self._node is not None:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        if value and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, but this one is {self._array.dtype}"
            )
        if value and self._inference and not is_inference_mode_enabled():
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        if self._inference:
            self._says_requires_grad = bool(value)
        else:
            self._requires_grad = bool(value)

    @requires_grad.deleter
    def requires_grad(self) -> None:
        raise RuntimeError("requires_grad must be a bool, it cannot be deleted: set it to False")

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad` of a leaf in place; returns the tensor."""
        if self._node is None or not requires_grad:
            self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated by `backward`, a tensor of the same shape, or None."""
        if self._grad is None and self._node is not None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                "won't be populated during autograd.backward(): call .retain_grad() on it before, or look at the "
                "leaf Tensor.",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            self._check_grad(value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def _check_grad(self, value: Any) -> None:
        """Raise torch's error if `value` cannot be the gradient of this tensor."""
        if not isinstance(value, Variable):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        mine, other = self._array, value._array
        if other.shape != mine.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size {list(other.shape)} to a tensor of size {list(mine.shape)}"
            )
        if other.dtype != mine.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype {other.dtype} to a tensor of dtype {mine.dtype}"
            )
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if device_name(other) != device_name(mine):
            raise RuntimeError(
                f"attempting to assign a gradient with device type '{device_name(other)}' to a tensor with device type "
                f"'{device_name(mine)}'. Please ensure that the gradient and the tensor are on the same device"
            )

    @property
    def grad_fn(self) -> GradFn | None:
        """The node of the graph that made this tensor, None for a leaf."""
        node = node_of(self)
        return None if node is None else seen(node)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made the tensor."""
        return node_of(self) is None

    @property
    def output_nr(self) -> int:
        """Which output of `grad_fn` this tensor is."""
        return self._index

    @property
    def retains_grad(self) -> bool:
        """Whether this non-leaf keeps its gradient (see `retain_grad`)."""
        return retains_grad(self) or self._retained

    @property
    def _base(self) -> Variable | None:
        """The tensor whose memory this one views, None if it is no view."""
        return self._view.base if self._is_view() else None

    def _is_view(self) -> bool:
        """Whether this tensor views another's memory. A view of an inference tensor does not count as one."""
        return self._view is not None and not self._inference

    @property
    def _version(self) -> int:
        """How often the tensor's memory has been written in place.

        Raises:
            RuntimeError: for an inference tensor, but not for its `data`.
        """
        if not self._counts_writes:
            raise RuntimeError("Inference tensors do not track version counter.")
        return self._counter[0]

    def is_inference(self) -> bool:
        """Whether the tensor was made under `inference_mode`."""
        return self._inference

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this tensor with respect to the graph's leaves to their `grad`.

        Args:
            gradient: the gradient of the final scalar with respect to this tensor; default 1, if this tensor has one
                element.
            retain_graph: keep what the graph saved for another pass (default: the value of `create_graph`).
            create_graph: record the backward pass itself, for gradients of gradients.
            inputs: the tensors whose `grad` is filled; default all leaves.

        Raises:
            RuntimeError: if there is no graph, `gradient` is missing or of another shape, saved memory was
                changed in place, or the graph was freed by an earlier pass.
        """
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Handle:
        """Call ``hook(grad)`` when this tensor's gradient is known. If it returns a tensor, this replaces the gradient.

        Raises:
            RuntimeError: if the tensor does not require a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = node_of(self)
        if node is None:
            if self._hooks is None:
                self._hooks = {}
            hooks = self._hooks
        else:
            hooks = hooks_of_output(node, self._index)
        handle = Handle(hooks)
        hooks[handle.id] = hook
        return handle

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> Handle:
        """Call ``hook(tensor)`` each time after `backward` has added to this leaf's `grad`.

        Raises:
            RuntimeError: if the tensor does not require a gradient or is not a leaf.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if not self.is_leaf:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._after_hooks is None:
            self._after_hooks = {}
        handle = Handle(self._after_hooks)
        self._after_hooks[handle.id] = hook
        return handle

    def retain_grad(self) -> None:
        """Let `backward` fill `grad` of this non-leaf too. No effect on a leaf.

        Raises:
            RuntimeError: if the tensor does not require a gradient.
        """
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is not None:  # as in torch, a view that had no node before its base was written to is a leaf here
            retain_grad(self, cast(Node, node_of(self)))

    def detach(self) -> Self:
        """The same memory as a tensor outside the graph."""
        t: Self = self.data
        t._counter = self._counter
        return t

    def detach_(self) -> Self:
        """Take this tensor out of the graph: it becomes a leaf that does not require a gradient.

        It has no effect inside `inference_mode`.

        Raises:
            RuntimeError: if the tensor is a view.
        """
        if is_inference_mode_enabled():
            return self
        if self._is_view():
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._retained = self.retains_grad
        self._node, self._index, self._requires_grad = None, 0, False
        return self

    @property
    def data(self) -> Self:
        """The same memory as a tensor outside the graph, whose changes the graph does not notice."""
        t: Self = wrap(self._array)
        t._inference, t._counts_writes = self._inference, True
        if self._view is not None or self._layout is not None:
            set_layout(t, self._array, layout_of(self))
        return t

    @data.setter
    def data(self, value: Variable) -> None:
        if not isinstance(value, Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {value.__class__.__name__}")
        if requires_grad(self) and value._array.dtype.kind != "f":
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        set_layout(self, value._array, layout_of(value))

    @data.deleter
    def data(self) -> None:
        raise RuntimeError("Deleting tensor data is not allowed. Delete tensor instead!")

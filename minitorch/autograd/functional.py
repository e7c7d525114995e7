"""Jacobians, Hessians and their products with vectors, of functions of tensors.

Each function calls the user's function at `inputs`. For one tensor it returns one tensor, for a tuple a tuple. With
``create_graph=True`` the results can be differentiated; with ``strict=True`` a result that is independent of an input
is an error instead of zeros. ``J v`` comes from the double-backward trick: ``vᵀJ`` is linear in ``v``, so the gradient
of ``vᵀJ`` with respect to ``v`` is ``J``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import kernels
from minitorch.autograd.backward_and_grad import grad
from minitorch.autograd.basic import alias
from minitorch.autograd.grad_mode import enable_grad, set_grad_enabled
from minitorch.autograd.graph import Variable, this_thread, wrap
from minitorch.ops.shape import reshape, stack

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tuple = tuple[Any, ...]
_STRICT = "This is not allowed in strict mode."


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs of `func`, and vᵀJ for a `v` of their shape (None: 1, for an output of one element).

    Raises:
        RuntimeError: if `v` is of another shape or missing; in strict mode, if an output is independent of an input.
        TypeError: if inputs or outputs are not tensors.
    """
    with enable_grad():
        several, xs = _tensors(inputs, "inputs", "vjp")
        xs = _fresh(xs, create_graph)
        several_outputs, outputs = _outputs(func, xs, "vjp", strict)
        if v is None and (len(outputs) != 1 or outputs[0]._array.size != 1):
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
        vs = None if v is None else _vector(v, outputs, several_outputs, "vjp", create_graph)
    with set_grad_enabled(create_graph or this_thread.grad_enabled):
        found = _gradients(outputs, xs, vs, create_graph)
        product = _complete(found, xs, strict, create_graph, "The output of the user-provided function", "jacobian")
    return _plain(outputs, several_outputs, create_graph), _plain(product, several, create_graph)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs of `func`, and J v for a `v` of the inputs' shape (None: 1, for an input of one element).

    Raises:
        RuntimeError: if `v` is of another shape or missing; in strict mode, if an output is independent of an input.
        TypeError: if inputs or outputs are not tensors.
    """
    with enable_grad():
        _, xs, vs = _inputs_and_vector(inputs, v, "jvp", create_graph, "input to the user-provided function")
        several_outputs, outputs = _outputs(func, xs, "jvp", strict)
        weights = [_zeros(o).requires_grad_() for o in outputs]
        back = _gradients(outputs, xs, weights, True)
        if strict:
            for i, g in enumerate(back):
                if g is None:
                    raise RuntimeError(
                        f"The output of the user-provided function is independent of input {i}. {_STRICT}"
                    )
                if not g.requires_grad:
                    raise RuntimeError(
                        f"The gradient with respect to input {i} is independent of the inputs of the user-provided "
                        "function. " + _STRICT
                    )
    with set_grad_enabled(create_graph or this_thread.grad_enabled):
        found = _gradients(back, weights, vs, create_graph)
        product = _complete(
            found,
            outputs,
            strict,
            create_graph,
            "The gradient with respect to the input",
            "jacobian",
            "entry {} in the grad_outputs",
        )
    return _plain(outputs, several_outputs, create_graph), _plain(product, several_outputs, create_graph)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivatives of every element of the outputs with respect to every element of the inputs.

    Args:
        func: a function of tensors that returns a tensor or a tuple of tensors.
        inputs: its arguments, a tensor or a tuple.
        create_graph: whether the result can be differentiated.
        strict: whether an output that is independent of an input is an error.
        vectorize: accepted; rows are computed one after the other.
        strategy: "reverse-mode"; "forward-mode", which needs ``vectorize=True`` as in torch, gives the same numbers.

    Returns:
        A tensor of shape (*output.shape, *input.shape); a tuple of these for several inputs or outputs, a tuple of
        tuples, by output and input, for both.

    Raises:
        RuntimeError: in strict mode, if an output is independent of an input; for strict with `vectorize`.
        TypeError: if inputs or outputs are not tensors.
        NotImplementedError: for forward mode with `create_graph` or without `vectorize`.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(f"Expected strategy to be either 'forward-mode' or 'reverse-mode', but got {strategy!r}")
    if strict and vectorize:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
            "Please either set `strict=False` or `vectorize=False`."
        )
    if strategy == "forward-mode" and (create_graph or not vectorize):
        raise NotImplementedError(
            "torch.autograd.functional.jacobian: strategy='forward-mode' needs create_graph=False and vectorize=True; "
            "use strategy='reverse-mode'"
        )
    with enable_grad():
        several, xs = _tensors(inputs, "inputs", "jacobian")
        xs = _fresh(xs, create_graph)
        several_outputs, outputs = _outputs(func, xs, "jacobian", strict)
        blocks = [_rows(o, i, xs, create_graph, strict) for i, o in enumerate(outputs)]
    result = tuple(_plain(block, several, create_graph) for block in blocks)
    return result if several_outputs else result[0]


def _rows(output: Any, number: int, xs: Tuple, create_graph: bool, strict: bool) -> Tuple:
    """The Jacobians of one output with respect to all of `xs`."""
    rows: list[list[Any]] = [[] for _ in xs]
    flat = reshape(output, (output._array.size,))
    for j in range(output._array.size):
        found = _gradients([flat[j]], xs, None, create_graph, retain_graph=True)
        for i, (row, g, x) in enumerate(zip(rows, found, xs, strict=True)):
            if strict and g is None:
                raise RuntimeError(
                    f"Output {number} of the user-provided function is independent of input {i}. {_STRICT}"
                )
            if strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {number}. "
                    "This is not allowed in strict mode when create_graph=True."
                )
            row.append(_zeros(x) if g is None else g)
    if not rows or not rows[0]:
        return tuple(
            wrap(kernels.namespace(x._array).zeros((*output._array.shape, *x._array.shape), x._array.dtype)) for x in xs
        )
    return tuple(
        reshape(stack(0, *row), (*output._array.shape, *x._array.shape)) for row, x in zip(rows, xs, strict=True)
    )


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function of one element with respect to every pair of elements of the inputs.

    Arguments as for `jacobian`.

    Returns:
        A tensor of shape (*input.shape, *input.shape), or for a tuple of inputs a tuple of tuples of these.

    Raises:
        RuntimeError: if `func` returns anything but one tensor of one element; in strict mode, if a derivative is
            independent of an input.
        TypeError: if inputs or outputs are not tensors.
    """
    several, xs = _tensors(inputs, "inputs", "hessian")

    def first_order(*args: Any) -> Any:
        rows = jacobian(lambda *a: reshape(_one_element(func, a, "hessian", strict), ()), args, create_graph=True)
        for i, row in enumerate(rows):
            if strict and not row.requires_grad:
                raise RuntimeError(
                    "While computing the hessian, found that the jacobian of the user-provided function with respect "
                    f"to input {i} is independent of the input. {_STRICT} You should ensure that your function is "
                    "twice differentiable and that the jacobian depends on the inputs."
                )
        return rows

    result = jacobian(first_order, xs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return result if several else result[0][0]


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The output of `func`, one element, and vᵀH for its Hessian H and a `v` of the inputs' shape.

    Raises:
        RuntimeError: as `hessian`, or if `v` is of another shape or missing.
        TypeError: if inputs or outputs are not tensors.
    """
    with enable_grad():
        several, xs, vs = _inputs_and_vector(inputs, v, "vhp", create_graph)
        output = _one_element(func, xs, "vhp", strict)
        first = _first_order(output, xs, strict)
    with set_grad_enabled(create_graph or this_thread.grad_enabled):
        found = _gradients(first, xs, vs, create_graph)
        product = _complete(found, xs, strict, create_graph, "The jacobian of the user-provided function", "hessian")
    return _plain((output,), False, create_graph), _plain(product, several, create_graph)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The output of `func`, one element, and H v for its Hessian H and a `v` of the inputs' shape; `vhp` is cheaper.

    Raises:
        RuntimeError: as `hessian`, or if `v` is of another shape or missing.
        TypeError: if inputs or outputs are not tensors.
    """
    with enable_grad():
        several, xs, vs = _inputs_and_vector(inputs, v, "hvp", create_graph)
        output = _one_element(func, xs, "hvp", strict)
        first = _first_order(output, xs, strict)
        weights = [_zeros(x).requires_grad_() for x in xs]
        second = _gradients(first, xs, weights, True)
    with set_grad_enabled(create_graph or this_thread.grad_enabled):
        found = _gradients(second, weights, vs, create_graph)
        product = _complete(
            found,
            xs,
            strict,
            create_graph,
            "The hessian of the user-provided function",
            "hessian",
            "entry {} in the grad_jacobian",
        )
    return _plain((output,), False, create_graph), _plain(product, several, create_graph)


def _first_order(output: Any, xs: Tuple, strict: bool) -> Tuple:
    """The gradients of `output`, recorded."""
    first = _gradients([output], xs, None, True)
    for i, g in enumerate(first):
        if strict and g is None:
            raise RuntimeError(f"The output of the user-provided function is independent of input {i}. {_STRICT}")
        if strict and not g.requires_grad:
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to "
                f"input {i} is independent of the input. {_STRICT}"
            )
    return first


def _tensors(value: Any, what: str, function: str) -> tuple[bool, Tuple]:
    """Whether `value` is a tuple, and `value` as a tuple of tensors."""
    several = isinstance(value, tuple)
    found: Tuple = value if isinstance(value, tuple) else (value,)
    for i, t in enumerate(found):
        if not isinstance(t, Variable):
            where = f"value at index {i}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {where} has "
                f"type {type(t)}."
            )
    return several, found


def _fresh(tensors: Tuple, create_graph: bool, differentiate: bool = True) -> Tuple:
    """New tensors on the same memory: if `func` also uses an input as a global variable, that tensor is a constant."""
    return tuple(
        alias(t) if create_graph and t.requires_grad else t.detach().requires_grad_(differentiate) for t in tensors
    )


def _outputs(func: Callable[..., Any], xs: Tuple, function: str, strict: bool) -> tuple[bool, Tuple]:
    several, outputs = _tensors(func(*xs), "outputs of the user-provided function", function)
    for i, o in enumerate(outputs):
        if strict and not o.requires_grad:
            raise RuntimeError(
                f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in "
                "a differentiable manner from the input when running in strict mode."
            )
    return several, outputs


def _one_element(func: Callable[..., Any], xs: Tuple, function: str, strict: bool) -> Any:
    several, outputs = _outputs(func, xs, function, strict)
    if several:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if outputs[0]._array.size != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return outputs[0]


def _inputs_and_vector(
    inputs: Any, v: Any, function: str, create_graph: bool, what: str = "input to the user-provided function"
) -> tuple[bool, Tuple, Any]:
    several, xs = _tensors(inputs, "inputs", function)
    xs = _fresh(xs, create_graph)
    if v is not None:
        return several, xs, _vector(v, xs, several, function, create_graph)
    if len(xs) != 1 or xs[0]._array.size != 1:
        raise RuntimeError(f"The vector v can only be None if the {what} is a single Tensor with a single element.")
    return several, xs, None


def _vector(v: Any, others: Tuple, several: bool, function: str, create_graph: bool) -> Tuple:
    """`v` as a tuple of tensors of the shapes of `others`."""
    _, vs = _tensors(v, "v", function)
    vs = _fresh(vs, create_graph, differentiate=False)
    if len(vs) != len(others):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(others)} but got {len(vs)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for i, (one, other) in enumerate(zip(vs, others, strict=True)):
        if one._array.shape != other._array.shape:
            raise RuntimeError(
                f"{f'Entry {i} in ' if several else ''}v has invalid size: should be {other.shape} but got {one.shape}."
            )
    return vs


def _gradients(
    outputs: Sequence[Any], inputs: Sequence[Any], weights: Any, create_graph: bool, retain_graph: bool | None = None
) -> Tuple:
    """`grad` of the outputs that require a gradient; None for inputs that they do not depend on."""
    weights = [None] * len(outputs) if weights is None else weights
    used = [(o, w) for o, w in zip(outputs, weights, strict=True) if o is not None and o.requires_grad]
    if not used:
        return (None,) * len(inputs)
    roots, ws = [o for o, _ in used], [w for _, w in used]
    return grad(roots, inputs, ws, retain_graph, create_graph, allow_unused=True)


def _complete(
    found: Tuple, like: Tuple, strict: bool, create_graph: bool, what: str, derivative: str, of: str = "input {}"
) -> Tuple:
    """`found` with zeros for None; in strict mode None raises: `what` is independent of the input."""
    for i, g in enumerate(found):
        if strict and g is None:
            raise RuntimeError(f"{what} is independent of {of.format(i)}. {_STRICT}")
        if strict and create_graph and not g.requires_grad:
            raise RuntimeError(
                f"The {derivative} of the user-provided function is independent of input {i}. This is not allowed in "
                "strict mode when create_graph=True."
            )
    return tuple(_zeros(x) if g is None else g for g, x in zip(found, like, strict=True))


def _zeros(t: Variable) -> Any:
    return wrap(kernels.zeros_like(t._array))


def _plain(tensors: Tuple, several: bool, create_graph: bool) -> Any:
    """The result for the user: detached unless `create_graph`; one tensor instead of a tuple unless `several`."""
    result = tensors if create_graph else tuple(t.detach() for t in tensors)
    return result if several else result[0]

"""Checking gradients against finite differences: ∂f/∂x ≈ (f(x + ε) - f(x - ε)) / 2ε, entry by entry, in float64."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernels
from minitorch.autograd.backward_and_grad import grad
from minitorch.autograd.graph import Variable, wrap
from minitorch.autograd.views import requires_grad

Jacobians = list[list[Any]]
"""By output, then by input: an array (elements of the output, elements of the input)."""


class GradcheckError(RuntimeError):
    """Raised by `gradcheck` and `gradgradcheck` if a gradient is wrong."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of `func` at `inputs` with finite differences.

    Args:
        func: a function of tensors that returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple of tensors. Gradients are checked for those that require one; they should be
            float64.
        eps: the step of the differences.
        atol: the largest absolute difference allowed.
        rtol: the largest difference allowed, relative to the finite differences.
        raise_exception: whether to raise at a mismatch rather than return False.
        nondet_tol: the largest difference allowed between two backward passes over the same graph.
        check_undefined_grad: whether to check that outputs without a gradient count as zeros.
        check_grad_dtypes: accepted; gradients always have the dtype of their input.
        check_batched_grad: not supported, there is no vmap.
        check_batched_forward_grad: not supported.
        check_forward_ad: not supported, there is no forward mode.
        check_backward_ad: must be True.
        fast_mode: accepted; the whole Jacobian is always compared.
        masked: accepted; there are no sparse tensors.

    Raises:
        GradcheckError: if a gradient is wrong.
        ValueError: if no input requires a gradient.
        RuntimeError: if an input's elements share memory.
        NotImplementedError: for an option that is not supported.
    """
    if check_batched_grad or check_batched_forward_grad or check_forward_ad or not check_backward_ad:
        raise NotImplementedError(
            "gradcheck checks backward mode alone: leave check_forward_ad, check_batched_grad and "
            "check_batched_forward_grad False and check_backward_ad True"
        )
    try:
        _check(func, _as_tuple(inputs), eps, atol, rtol, nondet_tol, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Compare the gradients of the gradients of `func` with finite differences.

    Args:
        func: as for `gradcheck`, as all arguments that are not listed here.
        inputs: as for `gradcheck`.
        grad_outputs: the gradients of the outputs; default random tensors, for which gradients are then checked too.
        gen_non_contig_grad_outputs: whether the random tensors are not contiguous.
        check_fwd_over_rev: not supported, there is no forward mode.
        check_rev_over_rev: must be True.
    """
    given = _as_tuple(inputs)
    if grad_outputs is None:
        outputs = _differentiable(func(*given))
        weights = tuple(_random_like(o, gen_non_contig_grad_outputs) for o in outputs)
    else:
        weights = _as_tuple(grad_outputs)

    def first_order(*args: Any) -> tuple[Any, ...]:
        xs, ws = args[: len(given)], args[len(given) :]
        wanted = [x for x in xs if isinstance(x, Variable) and requires_grad(x)]
        found = grad(_differentiable(func(*xs)), wanted, ws, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        first_order,
        given + weights,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


def _check(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    nondet_tol: float,
    check_undefined_grad: bool,
) -> None:
    wanted = _checked_inputs(inputs)
    outputs = _differentiable(func(*inputs))
    numerical = _numerical(func, inputs, wanted, eps, bool(outputs))
    if not outputs:
        if any((j != 0).any() for row in numerical for j in row):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    analytical, again = _analytical(outputs, wanted), _analytical(outputs, wanted)
    for o, (ours, theirs) in enumerate(zip(analytical, numerical, strict=True)):
        for i, (a, n) in enumerate(zip(ours, theirs, strict=True)):
            if not np.allclose(a, n, rtol, atol):
                raise GradcheckError(
                    f"Jacobian mismatch for output {o} with respect to input {i},\nnumerical:{n}\nanalytical:{a}\n"
                )
    pairs = zip(itertools.chain(*analytical), itertools.chain(*again), strict=True)
    if any(np.abs(first - second).max(initial=0) > nondet_tol for first, second in pairs):
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
            "different values, although analytical gradient matches numerical gradient. The tolerance for "
            f"nondeterminism was {nondet_tol}."
        )
    if _moved(outputs, wanted):
        raise GradcheckError("backward not multiplied by grad_output")
    if check_undefined_grad and len(outputs) > 1:
        _check_undefined(func, inputs, wanted)


def _check_undefined(func: Callable[..., Any], inputs: tuple[Any, ...], wanted: Sequence[Any]) -> None:
    """Check that a missing gradient of an output counts as zero, for one output after the other."""
    for left_out in range(len(_differentiable(func(*inputs)))):
        outputs = _differentiable(func(*inputs))
        try:
            moved = _moved([o for i, o in enumerate(outputs) if i != left_out], wanted)
        except RuntimeError as error:
            raise GradcheckError("Expected backward function to handle undefined output grads.") from error
        if moved:
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero."
            )


def _moved(outputs: Sequence[Any], wanted: Sequence[Any]) -> bool:
    """Whether the backward pass returns a nonzero gradient for gradients of zero."""
    zeros = [wrap(kernels.zeros_like(o._array)) for o in outputs]
    found = grad(outputs, wanted, zeros, retain_graph=True, allow_unused=True)
    return any(bool((g._array != 0).any()) for g in found if g is not None)


def _checked_inputs(inputs: tuple[Any, ...]) -> list[Any]:
    wanted: list[tuple[int, Any]] = [
        (i, x) for i, x in enumerate(inputs) if isinstance(x, Variable) and requires_grad(x)
    ]
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i, x in wanted:
        array = x._array
        if array.dtype != "float64":
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex.",
                stacklevel=4,
            )
        if any(stride == 0 and n > 1 for stride, n in zip(x.stride(), array.shape, strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )
    return [x for _, x in wanted]


def _numerical(
    func: Callable[..., Any], inputs: tuple[Any, ...], wanted: Sequence[Any], eps: float, differentiable: bool
) -> Jacobians:
    """The Jacobians by central differences, of the differentiable outputs, or of all floating-point ones if none is."""

    def values() -> list[Any]:
        outputs = _as_tuple(func(*inputs))
        picked = _differentiable(outputs) if differentiable else [o for o in outputs if _is_float(o)]
        return [_host(o).reshape(-1).astype("float64") for o in picked]

    columns: list[list[list[Any]]] = []  # by input, element and output
    for x in wanted:
        column = []
        for place in np.ndindex(x._array.shape):
            old = x._array[place].item()
            x._array[place] = old + eps
            above = values()
            x._array[place] = old - eps
            below = values()
            x._array[place] = old
            column.append([(a - b) / (2 * eps) for a, b in zip(above, below, strict=True)])
        columns.append(column)
    sizes = [v.size for v in values()]
    return [
        [np.stack([entry[o] for entry in column], 1) if column else np.zeros((size, 0)) for column in columns]
        for o, size in enumerate(sizes)
    ]


def _is_float(value: Any) -> bool:
    return isinstance(value, Variable) and value._array.dtype.kind == "f"


def _analytical(outputs: Sequence[Any], wanted: Sequence[Any]) -> Jacobians:
    """The Jacobians row by row through `grad`."""
    result = []
    for output in outputs:
        rows: list[list[Any]] = [[] for _ in wanted]
        for place in np.ndindex(output._array.shape):
            weight = kernels.zeros_like(output._array)
            weight[place] = 1
            found = grad(output, wanted, wrap(weight), retain_graph=True, allow_unused=True)
            for row, g, x in zip(rows, found, wanted, strict=True):
                row.append(np.zeros(x._array.size) if g is None else _host(g).reshape(-1))
        result.append([np.stack(r) if r else np.zeros((0, x._array.size)) for r, x in zip(rows, wanted, strict=True)])
    return result


def _host(t: Any) -> Any:
    return np.array(kernels.backend_of(t._array).to_host(t._array))


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _differentiable(outputs: Any) -> tuple[Any, ...]:
    return tuple(o for o in _as_tuple(outputs) if o.requires_grad)


def _random_like(o: Any, non_contiguous: bool) -> Any:
    """Numbers from [-1, 1) in the shape and dtype of `o`, which require a gradient."""
    array = o._array
    shape = (*array.shape, 2) if non_contiguous else array.shape
    values = np.random.default_rng(array.size).uniform(-1, 1, shape).astype(array.dtype)
    owner = kernels.backend_of(array)
    t: Any = wrap(owner.asarray(values[..., 0] if non_contiguous else values, index=owner.index_of(array)))
    return t.requires_grad_()

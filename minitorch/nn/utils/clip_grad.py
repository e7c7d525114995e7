"""Clipping gradients."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from types import GeneratorType

from minitorch._tensor import Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.functions.data import tensor
from minitorch.functions.joining import stack
from minitorch.functions.reduction import vector_norm


@no_grad()
def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all elements of `tensors` as one vector, a tensor without dimensions; 0 if there are no tensors.

    Args:
        tensors: the tensors.
        norm_type: the order of the norm; inf gives the largest magnitude.
        error_if_nonfinite: whether to raise if the norm is not finite.
        foreach: accepted, without effect.

    Raises:
        RuntimeError: if the norm is not finite and `error_if_nonfinite`.
    """
    several = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    order = float(norm_type)
    if not several:
        return tensor(0.0)
    norms = [vector_norm(t, order).to(several[0].device) for t in several]
    total = vector_norm(stack(norms), order)
    if error_if_nonfinite and not total.isfinite().item():
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it cannot be clipped. "
            "To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale the gradients in place by ``max_norm / (total_norm + 1e-6)``, if that is less than 1.

    Args:
        parameters: the tensors whose `grad` is scaled.
        max_norm: the largest norm allowed.
        total_norm: the current norm; see `get_total_norm`.
        foreach: accepted, without effect.
    """
    factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for g in _gradients(parameters):
        g.mul_(factor.to(g.device))


@no_grad()
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients in place so that their norm, as one vector, is at most `max_norm`.

    Args:
        parameters: the tensors whose `grad` is scaled.
        max_norm: the largest norm allowed.
        norm_type: the order of the norm; inf gives the largest magnitude.
        error_if_nonfinite: whether to raise if the norm is not finite.
        foreach: accepted, without effect.

    Returns:
        The norm before scaling.

    Raises:
        RuntimeError: if the norm is not finite and `error_if_nonfinite`.
    """
    several = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if isinstance(parameters, GeneratorType) and not several:
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur.",
            stacklevel=3,
        )
    total = get_total_norm(_gradients(several), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(several, max_norm, total, foreach)
    return total


@no_grad()
def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None) -> None:
    """Clip every element of the gradients in place to [-clip_value, clip_value].

    Args:
        parameters: the tensors whose `grad` is clipped.
        clip_value: the largest magnitude allowed.
        foreach: accepted, without effect.
    """
    limit = float(clip_value)
    for g in _gradients(parameters):
        g.clamp_(min=-limit, max=limit)


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    several = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in several if p.grad is not None]

"""All parameters of a network as one vector."""

from __future__ import annotations

from collections.abc import Iterable

from minitorch._tensor import Tensor
from minitorch.functions.inquiry import typename
from minitorch.functions.joining import cat


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of `parameters` in one dimension, one after the other; differentiable.

    Raises:
        TypeError: if the parameters are on different devices.
    """
    several = list(parameters)
    _check_devices(several)
    return cat([p.reshape(-1) for p in several])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give each of `parameters` its part of the vector: they then share its memory.

    Args:
        vec: as many elements as all parameters have, in one dimension.
        parameters: the tensors; their gradients do not change.

    Raises:
        TypeError: if `vec` is not a tensor, or the parameters are on different devices.
        RuntimeError: if `vec` has too few elements.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    several = list(parameters)
    _check_devices(several)
    start = 0
    for p in several:
        p.data = vec[start : start + p.numel()].view(p.shape).data
        start += p.numel()


def _check_devices(parameters: list[Tensor]) -> None:
    if len({p.device for p in parameters}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")

"""The similarity of vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minitorch.autograd.grad_mode import no_grad
from minitorch.functions.arguments import dimension, tensor_argument
from minitorch.functions.inquiry import result_type

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)) along `dim`, which is removed; x1 and x2 broadcast.

    A norm below eps keeps its gradient, as in torch.

    Raises:
        RuntimeError: for integers, shapes that do not broadcast, or a negative eps.
        IndexError: if there is no such dimension.
    """
    x, y = tensor_argument(x1, "cosine_similarity", 1, "x1"), tensor_argument(x2, "cosine_similarity", 2, "x2")
    if eps < 0:
        raise RuntimeError(f"cosine_similarity: eps must be non-negative, got: {eps:g}")
    dtype = result_type(x, y)
    if not dtype.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {dtype}")
    x, y = x.to(dtype), y.to(dtype)
    if x.shape != y.shape:
        shape = (x.detach() + y.detach()).shape
        x, y = x.expand(shape), y.expand(shape)
    dim = dimension(dim, x._array.ndim)
    parts = []
    for v in (x, y):
        norm = v.norm(2, dim, keepdim=True).clone()
        no_grad()(norm.clamp_min_)(eps)
        parts.append(v / norm)
    return (parts[0] * parts[1]).sum(dim)

"""What torch calls for the same arguments as an op of minitorch, and how many numbers it sums for one of its results.

The key is the name of the op's kernel, or of the op where several have the same kernel (`key_of`). Functions of torch
that have this name and take the op's arguments as they are need no entry but in `SAME`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
import torch.nn.functional as F

from minitorch.autograd.op import Op

Function = Callable[..., Any]
Shape = tuple[int, ...]

SAME = frozenset(
    """
    add sub mul div remainder fmod floor_divide pow neg reciprocal abs sign square maximum minimum lerp floor ceil
    trunc sqrt rsqrt exp exp2 expm1 log log2 log10 log1p logaddexp xlogy sin cos tan asin acos atan atan2 sinc sinh
    cosh tanh asinh acosh atanh sigmoid relu erf erfc erfinv where eq ne lt le gt ge logical_and logical_or logical_xor
    logical_not bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift isnan isinf
    isfinite clone matmul gather scatter scatter_add reshape permute unsqueeze diagonal tril triu flip
    softmax log_softmax argmax argmin amax amin
    """.split()  # noqa: SIM905 - a hundred names in quotes are harder to read
)


def _conv_transpose(g: Any, weight: Any, input_shape: Shape, o: Any) -> Any:
    sizes = zip(input_shape[2:], g.shape[2:], weight.shape[2:], o.stride, o.padding, o.dilation, strict=True)
    more = [n - ((m - 1) * s - 2 * p + d * (k - 1) + 1) for n, m, k, s, p, d in sizes]
    return F.conv_transpose2d(g, weight, None, o.stride, o.padding, more, o.groups, o.dilation)


def _batch_norm(x: Any, weight: Any, bias: Any, shape: Shape, dims: Shape, spread: Shape, eps: float) -> Any:
    out, mean, scale = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)
    return out, None, scale.reshape(spread), mean.reshape(spread), None


def _layer_norm(x: Any, weight: Any, bias: Any, shape: Shape, dims: Shape, spread: Shape, eps: float) -> Any:
    out, mean, scale = torch.native_layer_norm(x, spread, weight, bias, eps)
    return out, None, scale, mean, None


def _group_norm(x: Any, weight: Any, bias: Any, shape: Shape, dims: Shape, spread: Shape, eps: float) -> Any:
    return F.group_norm(x, shape[0] // x.shape[0], weight, bias, eps)


def _recurrent(name: str, z: Any, states: tuple[Any, ...], w_hh: Any, b_hh: Any, steps: Any) -> Any:
    """A layer of torch's over `z`, which already is the product with the input weights: those are the identity here."""
    sizes, n = steps.batch_sizes, len(states[0])
    if any(size != n for size in sizes):
        raise NotImplementedError
    sequence = z.reshape(len(sizes), n, z.shape[1])
    sequence = sequence.flip(0) if steps.reverse else sequence
    weights = [torch.eye(z.shape[1], dtype=z.dtype), w_hh]
    if b_hh is not None:
        weights += [torch.zeros_like(b_hh), b_hh]
    initial = tuple(s.unsqueeze(0) for s in states)
    state = initial if len(states) > 1 else initial[0]
    # has biases, layers, dropout, training, in both directions, batch first
    out, *last = getattr(torch, name)(sequence, state, weights, b_hh is not None, 1, 0.0, False, False, False)
    out = out.flip(0) if steps.reverse else out
    return out.reshape(len(z), -1), *(s.squeeze(0) for s in last)


def _lstm(z: Any, h: Any, c: Any, w_hh: Any, w_hr: Any, steps: Any) -> Any:
    if w_hr is not None:
        raise NotImplementedError
    return _recurrent("lstm", z, (h, c), w_hh, None, steps)


def _window(w: Any) -> dict[str, Any]:
    return {"kernel_size": w.kernel, "stride": w.stride, "padding": w.padding}


def _reduced(function: Function) -> Function:
    return lambda x, dims, keepdim, *rest: function(x, dim=dims, keepdim=keepdim) if dims else x


OTHER: dict[str, Function] = {
    "trunc_divide": lambda x, y: torch.div(x, y, rounding_mode="trunc"),
    "clamp": lambda x, low, high: torch.clamp(x, low, high),
    "round": lambda x, decimals: torch.round(x, decimals=decimals),
    "addcmul": lambda x, a, b, value: torch.addcmul(x, a, b, value=value),
    "addcdiv": lambda x, a, b, value: torch.addcdiv(x, a, b, value=value),
    "alias": lambda x: x.view(x.shape),
    "contiguous": torch.clone,
    "expand": lambda x, shape: x.expand(shape),
    "squeeze": lambda x, dims: torch.squeeze(x, dims),
    "select": lambda x, key: x[key],
    "index": lambda x, key: x[key],
    "embedding": lambda weight, index, factor: F.embedding(index, weight),
    "cat": lambda dim, *tensors: torch.cat(tensors, dim),
    "stack": lambda dim, *tensors: torch.stack(tensors, dim),
    "repeat": lambda x, repeats: x.repeat(repeats),
    "roll": lambda x, shifts, dims: torch.roll(x, shifts, dims),
    "unfold": lambda x, dim, size, step: x.unfold(dim, size, step),
    "elu": lambda x, alpha, scale: scale * F.elu(x, alpha),
    "leaky_relu": lambda x, slope: F.leaky_relu(x, slope),
    "gelu": lambda x, approximate: F.gelu(x, approximate=approximate),
    "silu": F.silu,
    "softplus": lambda x, beta, threshold: F.softplus(x, beta, threshold),
    "log_sigmoid": F.logsigmoid,
    "hardtanh": lambda x, low, high: F.hardtanh(x, low, high),
    "linear": F.linear,
    "conv2d": lambda x, w, b, o: F.conv2d(x, w, b, o.stride, o.padding, o.dilation, o.groups),
    "conv2d_input_grad": _conv_transpose,
    "max_pool2d": lambda x, w: F.max_pool2d(
        x, **_window(w), dilation=w.dilation, ceil_mode=w.ceil_mode, return_indices=True
    ),
    "avg_pool2d": lambda x, w, inside, divisor: F.avg_pool2d(
        x, **_window(w), ceil_mode=w.ceil_mode, count_include_pad=inside, divisor_override=divisor
    ),
    "adaptive_avg_pool2d": lambda x, size: F.adaptive_avg_pool2d(x, size),
    "mse_loss": lambda x, target, reduction: F.mse_loss(x, target, reduction=reduction),
    "smooth_l1_loss": lambda x, target, beta, r: F.smooth_l1_loss(x, target, beta=beta, reduction=r),
    "huber_loss": lambda x, target, delta, r: F.huber_loss(x, target, delta=delta, reduction=r),
    "binary_cross_entropy": lambda x, target: F.binary_cross_entropy(x, target, reduction="none"),
    "binary_cross_entropy_with_logits": lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
    "nll_loss": lambda x, target, weight, ignored, r: F.nll_loss(x, target, weight, ignore_index=ignored, reduction=r),
    "native_batch_norm": _batch_norm,
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    "normalize_by": lambda x, mean, var, weight, bias, eps: F.batch_norm(x, mean, var, weight, bias, False, 0.0, eps),
    "sum": _reduced(torch.sum),
    "mean": _reduced(torch.mean),
    "logsumexp": _reduced(torch.logsumexp),
    "var": lambda x, dims, keepdim, correction: torch.var(x, dims, correction=correction, keepdim=keepdim),
    "std": lambda x, dims, keepdim, correction: torch.std(x, dims, correction=correction, keepdim=keepdim),
    "vector_norm": lambda x, p, dims, keepdim: torch.linalg.vector_norm(x, p, dims, keepdim),
    "cumsum": lambda x, dim, dtype: torch.cumsum(x, dim),
    "lstm": _lstm,
    "gru": lambda z, h, w_hh, b_hh, steps: _recurrent("gru", z, (h,), w_hh, b_hh, steps),
    "rnn": lambda z, h, w_hh, nonlinearity, steps: _recurrent(f"rnn_{nonlinearity}", z, (h,), w_hh, None, steps),
}


def key_of(op: Op) -> str:
    """The key of an op."""
    name: str = getattr(op.kernel, "name", op.kernel.__name__)
    return op.name if name == "normalize" else name


def counterpart(key: str) -> Function | None:
    """What torch calls in the place of an op with this key; None if there is no such function."""
    return OTHER.get(key) or (getattr(torch, key) if key in SAME else None)


SUMS = ("sum", "mean", "var", "std", "vector_norm", "logsumexp", "mse_loss", "smooth_l1_loss", "huber_loss", "nll_loss")
SOFTMAX = ("softmax", "log_softmax")
NORMS = ("native_batch_norm", "native_layer_norm", "native_group_norm")


def terms(key: str, shapes: list[Shape], outputs: list[Shape]) -> int:
    """How many numbers are summed for an element of a result.

    Args:
        key: of the op.
        shapes: of its arguments that are tensors.
        outputs: of its results.
    """
    x, out = shapes[0], outputs[0]
    if key == "linear":
        return shapes[1][1] + 1  # and the bias
    if key == "matmul":
        return x[-1]
    if key in ("conv2d", "conv2d_input_grad"):
        return 1 + (prod(shapes[1][1:]) if key == "conv2d" else shapes[1][0] * prod(shapes[1][2:]))
    if key in SUMS:
        return max(prod(x) // max(prod(out), 1), 1)
    if key in SOFTMAX:
        return max(x, default=1)
    if key in NORMS:
        return max(prod(x) // max(prod(outputs[2]), 1), 1)
    if key in ("lstm", "gru", "rnn"):
        return shapes[-1][-1] * max(len(out) and out[0] // max(shapes[1][0], 1), 1)  # for each step a product
    return 1


def terms_of_gradient(key: str, position: int, shapes: list[Shape], outputs: list[Shape]) -> int:
    """How many numbers are summed for an element of the gradient of an argument.

    A matrix product sums over a row or a column of its result, a recurrent layer also over the steps. An argument that
    was broadcast sums the gradients of its copies.

    Args:
        key: of the op.
        position: of the argument among those that are tensors.
        shapes: of these.
        outputs: of the results.
    """
    out = outputs[0]
    if key == "linear":
        return shapes[1][0] if position == 0 else prod(out[:-1])
    if key == "matmul":
        return out[-1] if position == 0 else prod(out[:-1])
    if key in ("conv2d", "conv2d_input_grad"):
        weight, rows = shapes[1], shapes[0] if key == "conv2d_input_grad" else out
        channels = weight[1] if key == "conv2d_input_grad" else weight[0]
        return channels * prod(weight[2:]) if position == 0 else rows[0] * prod(rows[2:])
    if key in SOFTMAX or (key in NORMS and position == 0):
        return terms(key, shapes, outputs)
    if key in ("lstm", "gru", "rnn"):
        return max(out[0], shapes[-1][0] * max(out[0] // max(shapes[1][0], 1), 1))
    if key in ("embedding", "index", "gather"):
        return max(prod(out) // max(prod(shapes[0][1:]), 1), 1)
    return max(prod(out) // max(prod(shapes[position]), 1), 1)

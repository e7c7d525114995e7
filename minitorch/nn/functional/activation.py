"""Activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch.autograd.graph import Variable
from minitorch.autograd.inplace import inplace as in_place
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import check_implemented
from minitorch.ops import activation, elementwise as ops
from minitorch.scalars import operand_to, scalar_to

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(input, 0).

    Raises:
        RuntimeError: for booleans.
    """
    x = tensor_argument(input, "relu")
    if x._array.dtype.kind == "b":
        raise RuntimeError("Boolean inputs not supported for relu: expected numbers; convert with .float()")
    return in_place(ops.relu, x) if inplace else ops.relu(x)


def relu_(input: Tensor) -> Tensor:
    """`relu` in place."""
    return relu(input, inplace=True)


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^−input)."""
    return input.sigmoid()


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return input.tanh()


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`input` where it is positive, else `negative_slope` times it."""
    return _activation("leaky_relu", activation.leaky_relu, input, inplace, negative_slope)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu` in place."""
    return leaky_relu(input, negative_slope, inplace=True)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` where it is positive, else alpha · (e^input − 1)."""
    return _activation("elu", activation.elu, input, inplace, alpha, 1.0)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu` in place."""
    return elu(input, alpha, inplace=True)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """`elu`, scaled so that signals have mean 0 and variance 1 (Klambauer et al. 2017, https://arxiv.org/abs/1706.02515)."""
    return _activation("selu", activation.elu, input, inplace, 1.6732632423543772, 1.0507009873554805)


def selu_(input: Tensor) -> Tensor:
    """`selu` in place."""
    return selu(input, inplace=True)


def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """input · Φ(input) with the normal distribution function Φ; with the approximation ``"tanh"``, see `kernels.gelu`.

    Raises:
        RuntimeError: for another approximation.
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"approximate argument must be either none or tanh, but got {approximate!r}")
    return _activation("gelu", activation.gelu, input, False, approximate)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """input · sigmoid(input)."""
    return _activation("silu", activation.silu, input, inplace)


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """ln(1 + e^(beta · input)) / beta, or `input` itself where beta · input > threshold."""
    return _activation("softplus", activation.softplus, input, False, beta, threshold)


def logsigmoid(input: Tensor) -> Tensor:
    """ln sigmoid(input)."""
    return _activation("log_sigmoid", activation.log_sigmoid, input, False)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` clipped to [min_val, max_val].

    Raises:
        ValueError: if the bounds are in the wrong order.
        RuntimeError: for booleans, or a negative bound for uint8.
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val, but got {min_val} and {max_val}")
    return _hardtanh("hardtanh", input, min_val, max_val, inplace)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh` in place."""
    return hardtanh(input, min_val, max_val, inplace=True)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """`input` clipped to [0, 6]."""
    return _hardtanh("relu6", input, 0.0, 6.0, inplace)


def _hardtanh(name: str, input: Tensor, lower: float, upper: float, inplace: bool) -> Tensor:
    x = tensor_argument(input, name)
    kind = x._array.dtype.kind
    if kind == "b":
        raise RuntimeError(f"Bool inputs not supported for {name}: expected numbers; convert with .float()")
    if kind == "u" and min(lower, upper) <= -1:
        raise RuntimeError(f"cannot do {name} on an unsigned type with negative limits, but got {lower} and {upper}")
    if kind == "u":
        lower, upper = max(lower, 0), max(upper, 0)  # the interval [-1, 1] is extended to contain 0
    bounds = (scalar_to(lower, x._array.dtype), scalar_to(upper, x._array.dtype))
    return in_place(activation.hardtanh, x, *bounds) if inplace else activation.hardtanh(x, *bounds)


def _activation(name: str, op: Any, input: Tensor, inplace: bool, *args: Any) -> Tensor:
    """An op for floating-point tensors, in place if `inplace`."""
    x = tensor_argument(input, name)
    check_implemented(f"{name}_cpu", x)
    arrays = [a._array if isinstance(a, Variable) else a for a in args]
    numbers = [a.item() if hasattr(a, "item") else a for a in arrays]
    factors = [operand_to(a, x._array.dtype) if isinstance(a, int | float) else a for a in numbers]
    return in_place(op, x, *factors) if inplace else op(x, *factors)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`input` where it is positive, else `weight` times it.

    K. He et al. 2015, https://arxiv.org/abs/1502.01852.

    Args:
        input: any shape; with several weights, (N, C, …) or (C,).
        weight: of shape (1,), or (C,): one weight for each channel.

    Raises:
        RuntimeError: if the numbers of channels and weights differ, or the dtypes differ.
        NotImplementedError: for integers.
    """
    x, w = tensor_argument(input, "prelu"), tensor_argument(weight, "prelu", 2, "weight")
    if x._array.dtype != w._array.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {x.dtype} and {w.dtype}; convert with .to(dtype)")
    check_implemented("prelu_cpu", x)
    if w._array.size != 1:
        channels = x._array.shape[1] if x._array.ndim > 1 else x._array.shape[0] if x._array.ndim else 1
        if w._array.ndim != 1 or w._array.size != channels:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{w._array.size} and channel size = {channels}."
            )
        w = w.reshape([-1 if i == min(1, x._array.ndim - 1) else 1 for i in range(x._array.ndim)])
    else:
        w = w.reshape(())
    return ops.where(ops.gt(x, 0), x, x * w)


def softsign(input: Tensor) -> Tensor:
    """input / (1 + |input|)."""
    x = tensor_argument(input, "softsign")
    return x / (x.abs() + 1)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along `dim` times the sigmoid of the second. Y. Dauphin et al. 2016, https://arxiv.org/abs/1612.08083.

    Raises:
        RuntimeError: if the input has no dimensions, or an odd size along `dim`.
    """
    x = tensor_argument(input, "glu")
    if x._array.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    check_implemented("glu", x)
    n = x.size(dim)
    if n % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {n}")
    first, second = x.split(n // 2, dim) if n else (x, x)
    return first * ops.sigmoid(second)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """input · tanh(softplus(input)). D. Misra 2019, https://arxiv.org/abs/1908.08681."""
    return _activation("mish", activation.mish, input, inplace)

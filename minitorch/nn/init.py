"""Filling parameters: torch.nn.init, with torch's numbers for the same seed.

Every function writes into its tensor, unrecorded, and returns it. Functions that draw random numbers have an argument
`generator`; None means the default generator.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices
from minitorch.autograd import grad_mode
from minitorch.functions import creation, random
from minitorch.random import Generator

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

_GAINS: dict[str, float] = {"sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
_LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights before a nonlinearity are scaled so that signals keep their magnitude.

    1 for linear maps and sigmoid, 5/3 for tanh, √2 for relu, 3/4 for selu, √(2 / (1 + a²)) for leaky_relu with slope a.

    Args:
        nonlinearity: the name of the function, as in `nn.functional`.
        param: the slope of leaky_relu (default 0.01).

    Raises:
        ValueError: for an unknown name, or a slope that is not a number.
    """
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    if nonlinearity != "leaky_relu":
        known = ", ".join([*_LINEAR, *_GAINS, "leaky_relu"])
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}: expected one of {known}")
    slope = 0.01 if param is None else param
    if isinstance(slope, bool) or not isinstance(slope, int | float):
        raise ValueError(f"negative_slope {param} not a valid number")
    return math.sqrt(2.0 / (1 + slope**2))


@grad_mode.no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform numbers in [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@grad_mode.no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal numbers of the given mean and standard deviation."""
    return tensor.normal_(mean, std, generator=generator)


@grad_mode.no_grad()
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal numbers in [a, b]; numbers outside are drawn again.

    If most numbers would be outside, rejection sampling is used: candidates are uniform in [a, b], and each is accepted
    with probability (its density) / (the largest density in the interval).
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            f"mean {mean} is more than 2 std ({std}) from [{a}, {b}] in nn.init.trunc_normal_. The distribution of "
            "values may be incorrect.",
            stacklevel=3,
        )
    inside = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    if inside > 0.3:
        _redraw_outside(tensor, mean, std, a, b, generator)
    else:
        _reject(tensor, mean, std, a, b, generator)
    return tensor


def _normal_cdf(x: float) -> float:
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def _redraw_outside(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    low, high = (tensor.new_tensor(bound).item() for bound in (a, b))  # the bounds, rounded to the dtype
    tensor.normal_(mean, std, generator=generator)
    while True:
        outside = (tensor < low) | (tensor > high)
        if not outside.any():
            return
        fresh = creation.empty_like(tensor).normal_(mean, std, generator=generator)
        tensor.copy_(fresh.where(outside, tensor))


def _reject(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    mode = max(a, min(mean, b))
    peak = -0.5 * ((mode - mean) / std) ** 2
    pending = None
    while pending is None or pending.any():
        candidates = creation.empty_like(tensor).uniform_(a, b, generator=generator)
        density = ((candidates - mean) / std).square() * -0.5 - peak
        refused = creation.empty_like(tensor).uniform_(generator=generator).log() > density
        if pending is None:
            tensor.copy_(candidates)
            pending = refused
        else:
            tensor.copy_(candidates.where(pending, tensor))
            pending = pending & refused


@grad_mode.no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Set all elements to `val`."""
    return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Set all elements to 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Set all elements to 0."""
    return constant_(tensor, 0.0)


@grad_mode.no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """1 on the diagonal of a matrix, else 0.

    Raises:
        ValueError: if the tensor does not have two dimensions.
    """
    if tensor.ndimension() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, but got shape {list(tensor.shape)}")
    tensor.zero_()
    tensor.diagonal().fill_(1)
    return tensor


@grad_mode.no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The weight of a convolution (out, in, …) that copies as many channels as possible to the output, in each group.

    Raises:
        ValueError: if the tensor does not have 3 to 5 dimensions, or `groups` does not divide the first.
    """
    shape = list(tensor.shape)
    if len(shape) not in (3, 4, 5):
        raise ValueError(f"Only tensors with 3, 4, or 5 dimensions are supported, but got shape {shape}")
    if shape[0] % groups != 0:
        raise ValueError(f"dim 0 must be divisible by groups, but got shape {shape} and groups={groups}")
    each = shape[0] // groups
    centre = tuple(n // 2 for n in shape[2:])
    tensor.zero_()
    for first in range(0, shape[0], each) if each else ():
        for channel in range(min(each, shape[1])):
            tensor[(first + channel, channel, *centre)] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    shape = list(tensor.shape)
    if len(shape) < 2:
        raise ValueError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, but got shape {shape}"
        )
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return _calculate_fan_in_and_fan_out(tensor)[modes.index(mode.lower())]


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html).

    For a weight (out, in, …), fan_in is in · s and fan_out is out · s, where s is the product of the other sizes.

    Raises:
        ValueError: for fewer than two dimensions.
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    std = gain * math.sqrt(2.0 / float(fan_in + fan_out))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain · √(2 / (fan_in + fan_out)); else as `xavier_uniform_`."""
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / float(fan_in + fan_out)), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform in ±gain · √(3 / fan) (He et al. 2015, https://arxiv.org/abs/1502.01852).

    Args:
        tensor: a weight (out, in, …); if it has no elements, a warning says so.
        a: the slope of leaky_relu.
        mode: ``"fan_in"`` keeps the magnitude of signals in the forward pass, ``"fan_out"`` in the backward pass.
        nonlinearity: the nonlinearity after the layer; see `calculate_gain`.
        generator: see above.

    Raises:
        ValueError: for fewer than two dimensions, or an unknown name.
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    if std is None:
        return tensor
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with standard deviation gain / √fan; arguments and errors as for `kaiming_uniform_`."""
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else normal_(tensor, 0, std, generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float | None:
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return None
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


@grad_mode.no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """A matrix (out, everything else) with orthonormal rows or columns, times `gain`.

    It is Q of the QR decomposition of a normal matrix, with signs such that R's diagonal is positive (Saxe et al. 2014,
    https://arxiv.org/abs/1312.6120). Equal to torch's up to rounding.

    Raises:
        ValueError: for fewer than two dimensions.
    """
    if tensor.ndimension() < 2:
        raise ValueError(f"Only tensors with 2 or more dimensions are supported, but got shape {list(tensor.shape)}")
    if not tensor.numel():
        return tensor
    rows = tensor.size(0)
    drawn = tensor.new_empty((rows, tensor.numel() // rows)).normal_(0, 1, generator=generator)
    matrix = kernels.backend_of(drawn._array).to_host(drawn._array)
    wide = matrix.shape[0] < matrix.shape[1]
    q, r = np.linalg.qr(matrix.T if wide else matrix)
    q *= np.sign(np.diagonal(r))
    host = np.ascontiguousarray(q.T if wide else q).reshape(tensor._array.shape)
    kernels.assign(tensor._array, devices.beside(tensor._array, host, tensor._array.dtype))
    tensor.mul_(gain)
    return tensor


@grad_mode.no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal numbers, but 0 for the fraction `sparsity` of each column (Martens 2010).

    As in torch, `generator` draws the numbers, and the default generator the positions of zeros.

    Raises:
        ValueError: if the tensor does not have two dimensions.
    """
    if tensor.ndimension() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, but got shape {list(tensor.shape)}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    normal_(tensor, 0, std, generator)
    for column in range(columns):
        tensor[random.randperm(rows)[:zeros], column] = 0
    return tensor


def _deprecated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function under its old name, without the underscore."""
    new = function.__name__
    old = new[:-1]

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    call.__name__ = call.__qualname__ = old
    call.__doc__ = f"The old name of `{new}`."
    return call


uniform, normal, constant = _deprecated(uniform_), _deprecated(normal_), _deprecated(constant_)
eye, dirac = _deprecated(eye_), _deprecated(dirac_)
xavier_uniform, xavier_normal = _deprecated(xavier_uniform_), _deprecated(xavier_normal_)
kaiming_uniform, kaiming_normal = _deprecated(kaiming_uniform_), _deprecated(kaiming_normal_)
orthogonal, sparse = _deprecated(orthogonal_), _deprecated(sparse_)

"""Examples for functions of each element, activations and the error function among them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.kernels.examples.example import Drawing, Example, example

SHAPES: list[tuple[int, ...]] = [(), (0,), (1,), (7,), (3, 5), (300,), (2, 3, 65), (4, 0)]


def _numbers(d: Drawing, *shape: int) -> np.ndarray:
    """Numbers in all ranges of the functions: near 0, up to 8, and some with an infinite exponential."""
    limit = d.number(0.25, 1, 8, 8, 128)
    return d.array(*shape, low=-limit, high=limit)


@example("log", "log10", "tan", "asin", "tanh", "erf", "erfc", "ndtr", "sigmoid", "silu", "mish", "log_sigmoid")
def _unary(d: Drawing) -> Example:
    return Example((_numbers(d, *d.number(*SHAPES)),), elementwise=True)


@example("contiguous")
def _contiguous(d: Drawing) -> Example:
    return Example((d.array(*d.number(*SHAPES, (5, 70), (2, 70, 3))),), elementwise=True)


@example("elu", "hardtanh")
def _with_two_numbers(d: Drawing) -> Example:
    return Example((_numbers(d, *d.number(*SHAPES)), d.number(-1.0, -0.5), d.number(0.0, 1.0, 2.0)), elementwise=True)


@example("leaky_relu")
def _leaky_relu(d: Drawing) -> Example:
    return Example((_numbers(d, *d.number(*SHAPES)), d.number(0.01, 0.0, -1.0, 2.0)), elementwise=True)


@example("relu_grad", "sigmoid_grad", "tanh_grad", "log_sigmoid_grad")
def _log_sigmoid_grad(d: Drawing) -> Example:
    shape = d.number(*SHAPES)
    return Example((d.array(*shape), _numbers(d, *shape)), elementwise=True)


@example("where")
def _where(d: Drawing) -> Example:
    shape = d.number(*SHAPES, (40, 65), (1, 9, 300))
    condition = d.integers("bool", *d.number(shape, shape, shape[1:]), high=1)
    return Example((condition, _alike(d, shape), _alike(d, shape)), elementwise=True)


@example("gelu")
def _gelu(d: Drawing) -> Example:
    return Example((_numbers(d, *d.number(*SHAPES)), d.number("none", "tanh")), elementwise=True)


@example("softplus")
def _softplus(d: Drawing) -> Example:
    return Example((_numbers(d, *d.number(*SHAPES)), d.number(1, 0.5, 3.0), d.number(20, 2.0)), elementwise=True)


def _alike(d: Drawing, shape: tuple[int, ...]) -> Any:
    """An array whose shape expands to `shape`, or a Python number."""
    kept = d.number(shape, shape, shape[1:], tuple(1 for _ in shape), None)
    return d.number(0.0, 0.5, -2.0) if kept is None else _numbers(d, *kept)


@example("atan2")
def _atan2(d: Drawing) -> Example:
    shape = d.number(*SHAPES)
    return Example((_numbers(d, *shape), _alike(d, shape)), elementwise=True)


@example("remainder")
def _remainder(d: Drawing) -> Example:
    shape, limit = d.number(*SHAPES), d.number(1, 8)
    kind = d.number("int64", "int64", "uint8")  # of integers too, whose remainders are often zero
    x = d.integers(kind, *shape) if d.number(False, False, True) else np.rint(_numbers(d, *shape))
    if x.dtype.kind != "f":
        return Example((x, 3), elementwise=True)
    return Example((x, d.array(*shape, low=0.5, high=limit)), elementwise=True)


@example("addcmul")
def _addcmul(d: Drawing) -> Example:
    shape = d.number(*SHAPES)
    factors = (_numbers(d, *d.number(shape, shape, shape[1:])) for _ in range(2))
    return Example((_numbers(d, *shape), *factors, d.number(1, -1, 0.1)))


@example("lerp")
def _lerp(d: Drawing) -> Example:
    shape = d.number(*SHAPES)
    end = _numbers(d, *d.number(shape, shape, shape[1:]))
    weight = d.number(0.0, 0.25, 0.75, 1.0, -2.0, None)
    return Example((_numbers(d, *shape), end, _alike(d, shape) if weight is None else weight), elementwise=True)

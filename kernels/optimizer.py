"""Steps of optimizers. Unlike other kernels these write: into the parameter and into the optimizer's state.

All arrays of one call have the same shape and dtype; the numbers are Python's. The order of the operations is torch's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import kernel

WAITING: ContextVar[dict[tuple[Any, ...], list[tuple[Array, ...]]] | None] = ContextVar("WAITING", default=None)
"""Within `together`: steps that are put off. A key is a function and what it takes after the list of their arrays."""


@contextmanager
def together() -> Iterator[None]:
    """A block in which steps may be put off to its end, so that a GPU takes those of many parameters at a time.

    Until then nothing may read or write their arrays, and no parameter may have two steps.
    """
    steps: dict[tuple[Any, ...], list[tuple[Array, ...]]] = {}
    token = WAITING.set(steps)
    try:
        yield
    finally:
        WAITING.reset(token)
        for (run, *rest), arrays in steps.items():
            run(arrays, *rest)


@kernel
def sgd_step(
    param: Array,
    grad: Array,
    momentum_buffer: Array | None,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> None:
    """Stochastic gradient descent with momentum.

        g = grad + weight_decay * param             (-grad to maximize)
        b = momentum * b + (1 - dampening) * g
        param = param - lr * b                      (g + momentum * b for Nesterov's)

    Sutskever et al., *On the importance of initialization and momentum in deep learning* (2013), in torch's form.

    Args:
        param: the parameter, written.
        grad: its gradient.
        momentum_buffer: b, written; None without momentum, when g stands in its place.
        lr: the learning rate.
        momentum: the share of b that stays.
        dampening: the share of g that is left out of b.
        weight_decay: the factor of the L2 penalty.
        nesterov: look ahead by one more step of b.
        maximize: follow the gradient rather than descend.
    """
    g = -grad if maximize else grad
    if weight_decay != 0:
        g = g + param * weight_decay
    if momentum_buffer is not None:
        momentum_buffer *= momentum
        momentum_buffer += g * (1 - dampening)
        g = g + momentum_buffer * momentum if nesterov else momentum_buffer
    param += g * -lr


@kernel
def adam_step(
    param: Array,
    grad: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    step: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
    maximize: bool,
) -> None:
    """Adam; with `decoupled`, AdamW.

        g = grad + weight_decay * param             (-grad to maximize)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g²
        param = param - lr * m' / (√v' + eps)       m' = m / (1 - beta1^step), v' = v / (1 - beta2^step)

    AdamW leaves g alone and first takes ``lr * weight_decay * param`` from the parameter. AMSGrad puts the largest v so
    far in the place of v.

    Kingma & Ba, *Adam: a method for stochastic optimization* (2015); Loshchilov & Hutter, *Decoupled weight decay
    regularization* (2019); Reddi et al., *On the convergence of Adam and beyond* (2018).

    Args:
        param: the parameter, written.
        grad: its gradient.
        exp_avg: m, written.
        exp_avg_sq: v, written.
        max_exp_avg_sq: the largest v so far, written; None without AMSGrad.
        step: the number of this step, from 1.
        lr: the learning rate; a NumPy scalar brings its own precision along.
        beta1: the share of m that stays.
        beta2: the share of v that stays.
        eps: keeps the divisor from zero.
        weight_decay: the factor of the L2 penalty or of the decay.
        decoupled: AdamW.
        maximize: follow the gradient rather than descend.
    """
    xp = namespace(param)
    g = -grad if maximize else grad
    if weight_decay != 0:
        if decoupled:
            param *= float(1 - lr * weight_decay)
        else:
            g = g + param * weight_decay
    _average(exp_avg, g, beta1)
    exp_avg_sq *= beta2
    exp_avg_sq += g * (1 - beta2) * g
    v = exp_avg_sq
    if max_exp_avg_sq is not None:
        v = xp.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    denominator = xp.sqrt(v) / (1 - beta2**step) ** 0.5 + eps
    param += exp_avg * -float(lr / (1 - beta1**step)) / denominator


@kernel
def rmsprop_step(
    param: Array,
    grad: Array,
    square_avg: Array,
    grad_avg: Array | None,
    momentum_buffer: Array | None,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
    maximize: bool,
) -> None:
    """RMSprop: the gradient over the root of the mean squared gradient, with momentum if wanted.

        g = grad + weight_decay * param             (-grad to maximize)
        v = alpha * v + (1 - alpha) * g²
        m = alpha * m + (1 - alpha) * g             (centered)
        b = momentum * b + g / (√v' + eps)          v' = v, or v - m² (centered)
        param = param - lr * b

    Hinton, lecture 6e of *Neural networks for machine learning* (2012); centered: Graves, *Generating sequences with
    recurrent neural networks* (2013).

    Args:
        param: the parameter, written.
        grad: its gradient.
        square_avg: v, written.
        grad_avg: m, written; None unless centered.
        momentum_buffer: b, written; None without momentum.
        lr: the learning rate.
        alpha: the share of v and of m that stays.
        eps: keeps the divisor from zero.
        weight_decay: the factor of the L2 penalty.
        momentum: the share of b that stays.
        maximize: follow the gradient rather than descend.
    """
    xp = namespace(param)
    g = -grad if maximize else grad
    if weight_decay != 0:
        g = g + param * weight_decay
    square_avg *= alpha
    square_avg += g * (1 - alpha) * g
    v = square_avg
    if grad_avg is not None:
        _average(grad_avg, g, alpha)
        v = square_avg - grad_avg * grad_avg
    denominator = xp.sqrt(v) + eps
    if momentum_buffer is None:
        param += g * -lr / denominator
    else:
        momentum_buffer *= momentum
        momentum_buffer += g / denominator
        param += momentum_buffer * -lr


@kernel
def adagrad_step(
    param: Array,
    grad: Array,
    state_sum: Array,
    step: float,
    lr: float,
    lr_decay: float,
    eps: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """Adagrad: the gradient over the root of the sum of all squared gradients.

        g = grad + weight_decay * param             (-grad to maximize)
        s = s + g²
        param = param - lr / (1 + (step - 1) * lr_decay) * g / (√s + eps)

    Duchi et al., *Adaptive subgradient methods for online learning and stochastic optimization* (2011).

    Args:
        param: the parameter, written.
        grad: its gradient.
        state_sum: s, written.
        step: the number of this step, from 1.
        lr: the learning rate.
        lr_decay: how fast the learning rate falls with the number of steps.
        eps: keeps the divisor from zero.
        weight_decay: the factor of the L2 penalty.
        maximize: follow the gradient rather than descend.
    """
    xp = namespace(param)
    g = -grad if maximize else grad
    if weight_decay != 0:
        g = g + param * weight_decay
    state_sum += g * g
    param += g * -(lr / (1 + (step - 1) * lr_decay)) / (xp.sqrt(state_sum) + eps)


@kernel
def adadelta_step(
    param: Array,
    grad: Array,
    square_avg: Array,
    acc_delta: Array,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float,
    maximize: bool,
) -> None:
    """Adadelta: steps in the parameter's own units, from the mean squares of gradients and of past steps.

        g = grad + weight_decay * param             (-grad to maximize)
        v = rho * v + (1 - rho) * g²
        d = √(u + eps) / √(v + eps) * g
        u = rho * u + (1 - rho) * d²
        param = param - lr * d

    Zeiler, *ADADELTA: an adaptive learning rate method* (2012).

    Args:
        param: the parameter, written.
        grad: its gradient.
        square_avg: v, written.
        acc_delta: u, written.
        lr: the factor of a step.
        rho: the share of v and of u that stays.
        eps: keeps the divisor from zero, and the first steps too.
        weight_decay: the factor of the L2 penalty.
        maximize: follow the gradient rather than descend.
    """
    xp = namespace(param)
    g = -grad if maximize else grad
    if weight_decay != 0:
        g = g + param * weight_decay
    square_avg *= rho
    square_avg += g * (1 - rho) * g
    delta = xp.sqrt(acc_delta + eps) / xp.sqrt(square_avg + eps) * g
    acc_delta *= rho
    acc_delta += delta * (1 - rho) * delta
    param += delta * -lr


def _average(mean: Array, value: Array, keep: float) -> None:
    """Move a running mean towards a value: ``keep * mean + (1 - keep) * value``, from the end that is nearer."""
    if keep > 0.5:
        mean += (value - mean) * (1 - keep)
    else:
        mean[...] = value - (value - mean) * keep

"""Steps of optimizers. Unlike other kernels they write: into the parameter and into the optimizer's state.

All arrays of one call have the same shape and dtype; the options are Python numbers. The order of the operations is
torch's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from kernels.backend import Array, namespace
from kernels.dispatch import kernel

Launch = tuple[Any, ...]
"""A function and its arguments after the first, which is the list of (param, grad, *state) tuples to step."""
POSTPONED: ContextVar[dict[Launch, list[tuple[Array, ...]]] | None] = ContextVar("POSTPONED", default=None)
"""Within `grouped_steps`: the postponed steps. Steps with an equal launch are done by one call of it."""


@contextmanager
def grouped_steps() -> Iterator[None]:
    """A context whose steps may be postponed to its end, when a GPU does the steps of many parameters in one launch.

    Inside the block nothing may read or write the arrays of a step, and no parameter may be stepped twice.
    """
    steps: dict[Launch, list[tuple[Array, ...]]] = {}
    token = POSTPONED.set(steps)
    try:
        yield
    finally:
        POSTPONED.reset(token)
        for (run, *rest), arrays in steps.items():
            run(arrays, *rest)


class SGDOptions(NamedTuple):
    """The numbers of `sgd_step`.

    Attributes:
        lr: the learning rate.
        momentum: the factor by which b decays.
        dampening: the fraction of g that is not added to b.
        weight_decay: the factor of the L2 penalty.
        nesterov: look ahead by one more step of b.
        maximize: maximize instead of minimize.
    """

    lr: float
    momentum: float
    dampening: float
    weight_decay: float
    nesterov: bool
    maximize: bool


class AdamOptions(NamedTuple):
    """The numbers of `adam_step`.

    Attributes:
        lr: the learning rate; a NumPy scalar is used in its own precision.
        beta1: the factor by which m decays.
        beta2: the factor by which v decays.
        eps: added to the divisor.
        weight_decay: the factor of the L2 penalty (Adam) or of the decay (AdamW).
        decoupled: AdamW.
        maximize: maximize instead of minimize.
    """

    lr: float
    beta1: float
    beta2: float
    eps: float
    weight_decay: float
    decoupled: bool
    maximize: bool


class RMSpropOptions(NamedTuple):
    """The numbers of `rmsprop_step`.

    Attributes:
        lr: the learning rate.
        alpha: the factor by which v and m decay.
        eps: added to the divisor.
        weight_decay: the factor of the L2 penalty.
        momentum: the factor by which b decays.
        maximize: maximize instead of minimize.
    """

    lr: float
    alpha: float
    eps: float
    weight_decay: float
    momentum: float
    maximize: bool


class AdagradOptions(NamedTuple):
    """The numbers of `adagrad_step`.

    Attributes:
        lr: the learning rate.
        lr_decay: how fast the learning rate falls with the number of steps.
        eps: added to the divisor.
        weight_decay: the factor of the L2 penalty.
        maximize: maximize instead of minimize.
    """

    lr: float
    lr_decay: float
    eps: float
    weight_decay: float
    maximize: bool


class AdadeltaOptions(NamedTuple):
    """The numbers of `adadelta_step`.

    Attributes:
        lr: the factor of a step.
        rho: the factor by which v and u decay.
        eps: added to u and v; without it all steps would be zero.
        weight_decay: the factor of the L2 penalty.
        maximize: maximize instead of minimize.
    """

    lr: float
    rho: float
    eps: float
    weight_decay: float
    maximize: bool


@kernel
def sgd_step(
    param: Array,
    grad: Array,
    momentum_buffer: Array | None,
    options: SGDOptions,
) -> None:
    """Stochastic gradient descent with momentum.

        g = grad + weight_decay * param             (-grad to maximize)
        b = momentum * b + (1 - dampening) * g
        param = param - lr * b                      (g + momentum * b for Nesterov's)

    Sutskever et al., *On the importance of initialization and momentum in deep learning* (2013), in torch's form.

    Args:
        param: the parameter, written.
        grad: its gradient.
        momentum_buffer: b, written; None without momentum, when the parameter follows g itself.
        options: the numbers of the formula.
    """
    g = _penalized(grad, param, options.weight_decay, options.maximize)
    if momentum_buffer is not None:
        momentum_buffer *= options.momentum
        momentum_buffer += g * (1 - options.dampening)
        g = g + momentum_buffer * options.momentum if options.nesterov else momentum_buffer
    param += g * -options.lr


@kernel
def count_step(step: Array) -> None:
    """step = step + 1, for a number of steps that is kept on the device, so that a CUDA graph can count them.

    Args:
        step: written.
    """
    step += 1


@kernel
def adam_step(
    param: Array,
    grad: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    step: float | Array,
    options: AdamOptions,
) -> None:
    """Adam; with `decoupled`, AdamW.

        g = grad + weight_decay * param             (-grad to maximize)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g²
        param = param - lr * m' / (√v' + eps)       m' = m / (1 - beta1^step), v' = v / (1 - beta2^step)

    AdamW leaves g alone and first subtracts ``lr * weight_decay * param`` from the parameter. AMSGrad divides by the
    largest v so far instead of v.

    Kingma & Ba, *Adam: a method for stochastic optimization* (2015); Loshchilov & Hutter, *Decoupled weight decay
    regularization* (2019); Reddi et al., *On the convergence of Adam and beyond* (2018).

    Args:
        param: the parameter, written.
        grad: its gradient.
        exp_avg: m, written.
        exp_avg_sq: v, written.
        max_exp_avg_sq: the largest v so far, written; None without AMSGrad.
        step: the number of this step, from 1; or an array of that number, which this form reads, and so waits for.
        options: the numbers of the formula.
    """
    xp, step = namespace(param), float(step)
    g = _penalized(grad, param, 0 if options.decoupled else options.weight_decay, options.maximize)
    if options.decoupled and options.weight_decay != 0:
        param *= float(1 - options.lr * options.weight_decay)
    _average(exp_avg, g, options.beta1)
    exp_avg_sq *= options.beta2
    exp_avg_sq += g * (1 - options.beta2) * g
    v = exp_avg_sq
    if max_exp_avg_sq is not None:
        v = xp.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    denominator = xp.sqrt(v) / (1 - options.beta2**step) ** 0.5 + options.eps
    param += exp_avg * -float(options.lr / (1 - options.beta1**step)) / denominator


@kernel
def rmsprop_step(
    param: Array,
    grad: Array,
    square_avg: Array,
    grad_avg: Array | None,
    momentum_buffer: Array | None,
    options: RMSpropOptions,
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
        options: the numbers of the formula.
    """
    xp = namespace(param)
    g = _penalized(grad, param, options.weight_decay, options.maximize)
    square_avg *= options.alpha
    square_avg += g * (1 - options.alpha) * g
    v = square_avg
    if grad_avg is not None:
        _average(grad_avg, g, options.alpha)
        v = xp.where(xp.isinf(square_avg), square_avg, square_avg - grad_avg * grad_avg)  # m² may overflow too
    denominator = xp.sqrt(v) + options.eps
    if momentum_buffer is None:
        param += g * -options.lr / denominator
    else:
        momentum_buffer *= options.momentum
        momentum_buffer += g / denominator
        param += momentum_buffer * -options.lr


@kernel
def adagrad_step(
    param: Array,
    grad: Array,
    state_sum: Array,
    step: float,
    options: AdagradOptions,
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
        options: the numbers of the formula.
    """
    xp = namespace(param)
    g = _penalized(grad, param, options.weight_decay, options.maximize)
    state_sum += g * g
    param += g * -(options.lr / (1 + (step - 1) * options.lr_decay)) / (xp.sqrt(state_sum) + options.eps)


@kernel
def adadelta_step(
    param: Array,
    grad: Array,
    square_avg: Array,
    acc_delta: Array,
    options: AdadeltaOptions,
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
        options: the numbers of the formula.
    """
    xp = namespace(param)
    g = _penalized(grad, param, options.weight_decay, options.maximize)
    square_avg *= options.rho
    square_avg += g * (1 - options.rho) * g
    delta = xp.sqrt(acc_delta + options.eps) / xp.sqrt(square_avg + options.eps) * g
    acc_delta *= options.rho
    acc_delta += delta * (1 - options.rho) * delta
    param += delta * -options.lr


def _penalized(grad: Array, param: Array, weight_decay: float, maximize: bool) -> Array:
    """The gradient of the loss with its L2 penalty: ``grad + weight_decay * param``, with -grad to maximize."""
    g = -grad if maximize else grad
    return g + param * weight_decay if weight_decay != 0 else g


def _average(mean: Array, value: Array, keep: float) -> None:
    """Move a running mean towards a value: ``keep * mean + (1 - keep) * value``, from the end that is nearer."""
    if keep > 0.5:
        mean += (value - mean) * (1 - keep)
    else:
        mean[...] = value - (value - mean) * keep

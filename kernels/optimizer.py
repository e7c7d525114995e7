"""Steps of optimizers. Unlike other kernels these write: into the parameter and into the optimizer's state.

All arrays of one call have the same shape and dtype; the numbers are Python's. The order of the operations is torch's.
"""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel


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
    if beta1 > 0.5:
        exp_avg += (g - exp_avg) * (1 - beta1)
    else:
        exp_avg[...] = g - (g - exp_avg) * beta1
    exp_avg_sq *= beta2
    exp_avg_sq += g * (1 - beta2) * g
    v = exp_avg_sq
    if max_exp_avg_sq is not None:
        v = xp.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    denominator = xp.sqrt(v) / (1 - beta2**step) ** 0.5 + eps
    param += exp_avg * -float(lr / (1 - beta1**step)) / denominator

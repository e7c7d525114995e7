"""Steps of optimizers on CuPy: one launch for a parameter, which reads and writes each number once."""

from __future__ import annotations

import numpy as np

from kernels import optimizer as reference
from kernels.backend import Array
from kernels.cuda.launch import Template, contiguous

sgd_step = Template("optimizer.cu", "sgd_step")
adam_step = Template("optimizer.cu", "adam_step")
rmsprop_step = Template("optimizer.cu", "rmsprop_step")
adagrad_step = Template("optimizer.cu", "adagrad_step")
adadelta_step = Template("optimizer.cu", "adadelta_step")


def _fits(template: Template, param: Array, grad: Array, *states: Array | None) -> bool:
    """Whether a kernel can write to what is written: memory in row-major order, all of one dtype."""
    written = [a for a in (param, *states) if a is not None]
    return template.takes(grad, *written) and all(a.flags.c_contiguous for a in written)


@reference.sgd_step.on("cupy")
def sgd_step_cupy(
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
    """`sgd_step` in one launch."""
    if not _fits(sgd_step, param, grad, momentum_buffer):
        numbers = lr, momentum, dampening, weight_decay, nesterov, maximize
        reference.sgd_step.reference(param, grad, momentum_buffer, *numbers)
        return
    floats = float(lr), float(momentum), float(1 - dampening), float(weight_decay)
    sgd_step.each(param, param.size, param, contiguous(grad), momentum_buffer, *floats, nesterov, maximize)


@reference.adam_step.on("cupy")
def adam_step_cupy(
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
    """`adam_step` in one launch."""
    states = exp_avg, exp_avg_sq, max_exp_avg_sq
    if not _fits(adam_step, param, grad, *states):
        numbers = step, lr, beta1, beta2, eps, weight_decay, decoupled, maximize
        reference.adam_step.reference(param, grad, *states, *numbers)
        return
    adam_step.each(
        param,
        param.size,
        param,
        contiguous(grad),
        *states,
        np.float64(beta1),
        np.float64(beta2),
        float(eps),
        0.0 if decoupled else float(weight_decay),
        float(1 - lr * weight_decay) if decoupled else 1.0,
        float(lr / (1 - beta1**step)),
        float((1 - beta2**step) ** 0.5),
        maximize,
    )


@reference.rmsprop_step.on("cupy")
def rmsprop_step_cupy(
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
    """`rmsprop_step` in one launch."""
    states = square_avg, grad_avg, momentum_buffer
    if not _fits(rmsprop_step, param, grad, *states):
        reference.rmsprop_step.reference(param, grad, *states, lr, alpha, eps, weight_decay, momentum, maximize)
        return
    floats = float(lr), np.float64(alpha), float(eps), float(weight_decay), float(momentum)
    rmsprop_step.each(param, param.size, param, contiguous(grad), *states, *floats, maximize)


@reference.adagrad_step.on("cupy")
def adagrad_step_cupy(
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
    """`adagrad_step` in one launch."""
    if not _fits(adagrad_step, param, grad, state_sum):
        numbers = step, lr, lr_decay, eps, weight_decay, maximize
        reference.adagrad_step.reference(param, grad, state_sum, *numbers)
        return
    decayed = float(lr / (1 + (step - 1) * lr_decay))
    floats = decayed, float(eps), float(weight_decay)
    adagrad_step.each(param, param.size, param, contiguous(grad), state_sum, *floats, maximize)


@reference.adadelta_step.on("cupy")
def adadelta_step_cupy(
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
    """`adadelta_step` in one launch."""
    states = square_avg, acc_delta
    if not _fits(adadelta_step, param, grad, *states):
        reference.adadelta_step.reference(param, grad, *states, lr, rho, eps, weight_decay, maximize)
        return
    floats = float(lr), np.float64(rho), float(eps), float(weight_decay)
    adadelta_step.each(param, param.size, param, contiguous(grad), *states, *floats, maximize)

"""Steps of optimizers on CuPy: one launch reads and writes each number once, and takes as many parameters as it can.

Within `kernels.together` the steps of parameters with the same numbers wait for each other, and are launched at its
end: a table of where their arrays begin is an argument of the kernel. It holds `MOST` of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels import optimizer as reference
from kernels.backend import Array, backend_of, on_device_of
from kernels.cuda.launch import THREADS, Template, contiguous

MOST, CHUNK = 48, 4096  # as `optimizer.cu` has them
TABLE = np.dtype(
    [("count", "i4"), ("first", "i4", MOST + 1), ("sizes", "i8", MOST), ("arrays", "u8", (MOST, 5))], align=True
)

sgd_step, sgd_steps = (Template("optimizer.cu", name) for name in ("sgd_step", "sgd_steps"))
adam_step, adam_steps = (Template("optimizer.cu", name) for name in ("adam_step", "adam_steps"))
rmsprop_step, rmsprop_steps = (Template("optimizer.cu", name) for name in ("rmsprop_step", "rmsprop_steps"))
adagrad_step, adagrad_steps = (Template("optimizer.cu", name) for name in ("adagrad_step", "adagrad_steps"))
adadelta_step, adadelta_steps = (Template("optimizer.cu", name) for name in ("adadelta_step", "adadelta_steps"))


def _fits(template: Template, param: Array, grad: Array, *states: Array | None) -> bool:
    """Whether a kernel can write to what is written: memory in row-major order, all of one dtype."""
    written = [a for a in (param, *states) if a is not None]
    return template.takes(grad, *written) and all(a.flags.c_contiguous for a in written)


def _not_captured(param: Array, name: str) -> None:
    """Refuse to record a step whose numbers change from one to the next: a replay would repeat them.

    Raises:
        RuntimeError: if work is being recorded.
    """
    if backend_of(param).is_capturing():
        raise RuntimeError(
            f"Attempting CUDA graph capture of step() for an instance of {name}, whose numbers depend on the number of "
            "the step, which a replay would not count; capture forward and backward, and take the step outside"
        )


def _step(one: Template, many: Template, arrays: tuple[Array, ...], numbers: tuple[Any, ...]) -> None:
    """The step of a parameter, arrays[0], now or together with others."""
    param, grad, *states = arrays
    arrays = param, contiguous(grad), *states
    waiting = reference.WAITING.get()
    if waiting is None:
        one.each(param, param.size, *arrays, *numbers)
    elif param.size:
        there = [a is not None for a in arrays]
        key = _all, many, numbers, tuple(there), param.dtype, backend_of(param).index_of(param)
        waiting.setdefault(key, []).append(arrays)


def _all(entries: list[tuple[Array, ...]], many: Template, numbers: tuple[Any, ...], *_: Any) -> None:
    """The steps of many parameters, in as few launches as the table allows."""
    like = entries[0][0]
    pointer = backend_of(like).pointer
    with on_device_of(like):
        for start in range(0, len(entries), MOST):
            part = entries[start : start + MOST]
            table = np.zeros((), TABLE)
            sizes = [arrays[0].size for arrays in part]
            table["count"], table["sizes"][: len(part)] = len(part), sizes
            table["first"][1:] = np.cumsum([-(-size // CHUNK) for size in sizes] + [0] * (MOST - len(part)))
            for row, arrays in zip(table["arrays"], part, strict=False):
                row[: len(arrays)] = [0 if a is None else pointer(a) for a in arrays]
            many.rows(like, int(table["first"][-1]), THREADS, table[()], *numbers)


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
    _step(sgd_step, sgd_steps, (param, grad, momentum_buffer), (*floats, nesterov, maximize))


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
    _not_captured(param, "Adam")
    if not _fits(adam_step, param, grad, *states):
        numbers = step, lr, beta1, beta2, eps, weight_decay, decoupled, maximize
        reference.adam_step.reference(param, grad, *states, *numbers)
        return
    floats = (
        np.float64(beta1),
        np.float64(beta2),
        float(eps),
        0.0 if decoupled else float(weight_decay),
        float(1 - lr * weight_decay) if decoupled else 1.0,
        float(lr / (1 - beta1**step)),
        float((1 - beta2**step) ** 0.5),
    )
    _step(adam_step, adam_steps, (param, grad, *states), (*floats, maximize))


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
    _step(rmsprop_step, rmsprop_steps, (param, grad, *states), (*floats, maximize))


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
    if lr_decay:
        _not_captured(param, "Adagrad with lr_decay")
    if not _fits(adagrad_step, param, grad, state_sum):
        numbers = step, lr, lr_decay, eps, weight_decay, maximize
        reference.adagrad_step.reference(param, grad, state_sum, *numbers)
        return
    decayed = float(lr / (1 + (step - 1) * lr_decay))
    floats = decayed, float(eps), float(weight_decay)
    _step(adagrad_step, adagrad_steps, (param, grad, state_sum), (*floats, maximize))


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
    _step(adadelta_step, adadelta_steps, (param, grad, *states), (*floats, maximize))

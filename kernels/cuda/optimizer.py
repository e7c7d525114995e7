"""Steps of optimizers on CuPy: one launch reads and writes each number once, and steps many parameters.

Within `kernels.grouped_steps` the steps of parameters with equal options are postponed and launched at its end: a table
with the addresses of their arrays is an argument of the kernel. It has room for `MOST` parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels import optimizer as reference
from kernels.backend import Array, backend_of, on_device_of
from kernels.cuda.launch import THREADS, Template, contiguous
from kernels.half_precision import wide
from kernels.optimizer import AdadeltaOptions, AdagradOptions, AdamOptions, RMSpropOptions, SGDOptions

MOST, CHUNK = 48, 4096  # as in `optimizer.cu`
TABLE = np.dtype(
    [("count", "i4"), ("first", "i4", MOST + 1), ("sizes", "i8", MOST), ("arrays", "u8", (MOST, 6))], align=True
)

sgd_step, sgd_steps = (Template("optimizer.cu", name) for name in ("sgd_step", "sgd_steps"))
adam_step, adam_steps = (Template("optimizer.cu", name) for name in ("adam_step", "adam_steps"))
counted_step, counted_steps = (Template("optimizer.cu", f"adam_counted_{name}") for name in ("step", "steps"))
count_step, count_steps = (Template("optimizer.cu", name) for name in ("count_step", "count_steps"))
rmsprop_step, rmsprop_steps = (Template("optimizer.cu", name) for name in ("rmsprop_step", "rmsprop_steps"))
adagrad_step, adagrad_steps = (Template("optimizer.cu", name) for name in ("adagrad_step", "adagrad_steps"))
adadelta_step, adadelta_steps = (Template("optimizer.cu", name) for name in ("adadelta_step", "adadelta_steps"))


def _fits(template: Template, param: Array, grad: Array, *states: Array | None) -> bool:
    """Whether a kernel can step `param`: it and its states are contiguous, and all arrays of one dtype."""
    written = [a for a in (param, *states) if a is not None]
    return template.takes(grad, *written) and all(a.flags.c_contiguous for a in written)


def _fits_adam(p: Array, g: Array, m: Array, v: Array, largest: Array | None, step: float | Array) -> bool:
    """Whether a kernel can do the step; a number on the device must be of the dtype in which it computes."""
    return _fits(adam_step, p, g, m, v, largest) and getattr(step, "dtype", wide(p.dtype)) == wide(p.dtype)


def _step(one: Template, many: Template, arrays: tuple[Array, ...], numbers: tuple[Any, ...]) -> None:
    """The step of the parameter arrays[0]: now, or within `grouped_steps` at its end."""
    param = arrays[0]
    arrays = (param, *map(contiguous, arrays[1:2]), *arrays[2:])  # the second one is the gradient
    postponed = reference.POSTPONED.get()
    if postponed is None:
        one.each(param, param.size, *arrays, *numbers)
    elif param.size:
        given = tuple([a is not None for a in arrays])
        key = _launch_many, many, numbers, given, param.dtype, backend_of(param).index_of(param)
        postponed.setdefault(key, []).append(arrays)


def _launch_many(entries: list[tuple[Array, ...]], many: Template, numbers: tuple[Any, ...], *_: Any) -> None:
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


@reference.sgd_step.on("cupy", when=lambda p, g, b, _: _fits(sgd_step, p, g, b))
def sgd_step_cupy(param: Array, grad: Array, momentum_buffer: Array | None, options: SGDOptions) -> None:
    """`sgd_step` in one launch."""
    lr, momentum, dampening, weight_decay, nesterov, maximize = options
    floats = float(lr), float(momentum), float(1 - dampening), float(weight_decay)
    _step(sgd_step, sgd_steps, (param, grad, momentum_buffer), (*floats, nesterov, maximize))


@reference.adam_step.on("cupy", when=lambda p, g, m, v, largest, step, _: _fits_adam(p, g, m, v, largest, step))
def adam_step_cupy(
    param: Array,
    grad: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    step: float | Array,
    options: AdamOptions,
) -> None:
    """`adam_step` in one launch."""
    lr, beta1, beta2, eps, weight_decay, decoupled, maximize = options
    penalty = 0.0 if decoupled else float(weight_decay)
    decay = float(1 - lr * weight_decay) if decoupled else 1.0
    floats = np.float64(beta1), np.float64(beta2), float(eps), penalty, decay
    arrays = param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq
    if not isinstance(step, int | float):
        _step(counted_step, counted_steps, (*arrays, step), (*floats, np.float64(lr), maximize))
        return
    by_step = float(lr / (1 - beta1**step)), float((1 - beta2**step) ** 0.5)
    _step(adam_step, adam_steps, arrays, (*floats, *by_step, maximize))


@reference.count_step.on("cupy", when=lambda step: _fits(count_step, step, step))
def count_step_cupy(step: Array) -> None:
    """`count_step`, of many in one launch."""
    _step(count_step, count_steps, (step,), ())


@reference.rmsprop_step.on("cupy", when=lambda p, g, v, m, b, _: _fits(rmsprop_step, p, g, v, m, b))
def rmsprop_step_cupy(
    param: Array,
    grad: Array,
    square_avg: Array,
    grad_avg: Array | None,
    momentum_buffer: Array | None,
    options: RMSpropOptions,
) -> None:
    """`rmsprop_step` in one launch."""
    lr, alpha, eps, weight_decay, momentum, maximize = options
    floats = float(lr), np.float64(alpha), float(eps), float(weight_decay), float(momentum)
    _step(rmsprop_step, rmsprop_steps, (param, grad, square_avg, grad_avg, momentum_buffer), (*floats, maximize))


@reference.adagrad_step.on("cupy", when=lambda p, g, s, step, _: _fits(adagrad_step, p, g, s))
def adagrad_step_cupy(param: Array, grad: Array, state_sum: Array, step: float, options: AdagradOptions) -> None:
    """`adagrad_step` in one launch."""
    lr, lr_decay, eps, weight_decay, maximize = options
    floats = float(lr / (1 + (step - 1) * lr_decay)), float(eps), float(weight_decay)
    _step(adagrad_step, adagrad_steps, (param, grad, state_sum), (*floats, maximize))


@reference.adadelta_step.on("cupy", when=lambda p, g, v, u, _: _fits(adadelta_step, p, g, v, u))
def adadelta_step_cupy(
    param: Array, grad: Array, square_avg: Array, acc_delta: Array, options: AdadeltaOptions
) -> None:
    """`adadelta_step` in one launch."""
    lr, rho, eps, weight_decay, maximize = options
    floats = float(lr), np.float64(rho), float(eps), float(weight_decay)
    _step(adadelta_step, adadelta_steps, (param, grad, square_avg, acc_delta), (*floats, maximize))

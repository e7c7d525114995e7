"""Optimizer steps in blocks that stay in the cache, into memory that is allocated once per call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernels.backend import Array
from kernels.optimizer import AdamOptions, SGDOptions, adam_step, sgd_step

BLOCK = 32768  # elements: large enough to hide the calls, small enough for the second-level cache


def _blocks(param: Array, *others: Array | None) -> Iterable[Sequence[Any]]:
    """Slices of the arrays, which are of one shape; the arrays themselves where they are small or not contiguous."""
    arrays = (param, *others)
    if param.ndim and (param.size <= BLOCK or not all(a is None or a.flags.c_contiguous for a in arrays)):
        return (arrays,)
    flat = [None if a is None else a.reshape(-1) for a in arrays]
    starts = range(0, param.size, BLOCK)
    return [[None if a is None else a[start : start + BLOCK] for a in flat] for start in starts]


@sgd_step.on("numpy")
def sgd_step_numpy(
    param: Array,
    grad: Array,
    momentum_buffer: Array | None,
    options: SGDOptions,
) -> None:
    """`sgd_step`, block by block."""
    lr, momentum, dampening, weight_decay, nesterov, maximize = options
    for p, g, b in _blocks(param, grad, momentum_buffer):
        scratch = np.empty_like(p)
        if maximize:
            g = np.negative(g)
        if weight_decay != 0:
            np.multiply(p, weight_decay, out=scratch)
            g = np.add(g, scratch)
        if b is not None:
            np.multiply(b, momentum, out=b)
            np.add(b, g if dampening == 0 else np.multiply(g, 1 - dampening, out=scratch), out=b)
            if nesterov:
                np.multiply(b, momentum, out=scratch)
                g = np.add(g, scratch, out=scratch)
            else:
                g = b
        np.add(p, np.multiply(g, -lr, out=scratch), out=p)


@adam_step.on("numpy")
def adam_step_numpy(
    param: Array,
    grad: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    step: float,
    options: AdamOptions,
) -> None:
    """`adam_step`, block by block."""
    lr, beta1, beta2, eps, weight_decay, decoupled, maximize = options
    step_size = float(lr / (1 - beta1**step))
    correction = (1 - beta2**step) ** 0.5
    decay = float(1 - lr * weight_decay)
    for p, g, m, v, largest in _blocks(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq):
        scratch = np.empty_like(p)
        if maximize:
            g = np.negative(g)
        if weight_decay != 0:
            if decoupled:
                np.multiply(p, decay, out=p)
            else:
                g = np.add(g, np.multiply(p, weight_decay, out=scratch))
        np.subtract(g, m, out=scratch)
        if beta1 > 0.5:
            np.multiply(scratch, 1 - beta1, out=scratch)
            np.add(m, scratch, out=m)
        else:
            np.multiply(scratch, beta1, out=scratch)
            np.subtract(g, scratch, out=m)
        np.multiply(v, beta2, out=v)
        np.multiply(g, 1 - beta2, out=scratch)
        np.multiply(scratch, g, out=scratch)
        np.add(v, scratch, out=v)
        if largest is not None:
            v = np.maximum(largest, v, out=largest)
        denominator = np.sqrt(v, out=scratch)
        np.divide(denominator, correction, out=denominator)
        np.add(denominator, eps, out=denominator)
        update = np.multiply(m, -step_size)
        np.divide(update, denominator, out=update)
        np.add(p, update, out=p)

"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any, ClassVar

import kernels
from kernels import Array, SGDOptions
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import Optimizer, Params
from minitorch.optim.options import check_number, check_options, number


class SGD(Optimizer):
    """Stochastic gradient descent, optionally with momentum. The formula: `kernels.sgd_step`.

    State of a parameter with momentum: ``momentum_buffer``, initially the first gradient, without dampening.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        lr: the learning rate, a number or a tensor of one element (1e-3).
        momentum: the factor of the last step that is added to this one (0).
        dampening: the fraction of the gradient that is not added to the momentum (0).
        weight_decay: the factor of the L2 penalty (0).
        nesterov: whether to use Nesterov's momentum.
        maximize: maximize instead of minimize.
        foreach: accepted, without effect.
        differentiable: must be False: steps are not recorded.
        fused: accepted, without effect.

    Raises:
        ValueError: for a negative number, or Nesterov's momentum without momentum or with dampening.
        RuntimeError: for `fused` together with `foreach` or `differentiable`.
        NotImplementedError: for `differentiable`.
    """

    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(lr, foreach, differentiable, fused)
        check_number(lr, "learning rate")
        check_number(momentum, "momentum value")
        check_number(weight_decay, "weight_decay value")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _options(self, group: dict[str, Any]) -> SGDOptions:
        lr, weight_decay = number(group["lr"]), number(group["weight_decay"])
        return SGDOptions(lr, group["momentum"], group["dampening"], weight_decay, group["nesterov"], group["maximize"])

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: SGDOptions) -> list[Tensor]:
        if options.momentum == 0:
            kernels.sgd_step(p._array, grad, None, options)
            return []
        state = self.state[p]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = zeros_like(p)
            options = options._replace(dampening=0)
        buffer = state["momentum_buffer"]
        kernels.sgd_step(p._array, grad, buffer._array, options)
        return [buffer]

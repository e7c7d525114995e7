"""Adadelta."""

from __future__ import annotations

from typing import Any, ClassVar

import kernels
from kernels import AdadeltaOptions, Array
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import Optimizer, Params, step_counter
from minitorch.optim.options import check_number, check_options, number


class Adadelta(Optimizer):
    """Adadelta: the root of the mean squared step over the root of the mean squared gradient, times the gradient.

    The formula: `kernels.adadelta_step`. State of a parameter: ``step`` (a tensor without dimensions, on the host),
    ``square_avg`` and ``acc_delta``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        lr: the factor of a step, a number or a tensor of one element (1.0).
        rho: the decay factor of the mean squares (0.9).
        eps: added for numerical stability (1e-6).
        weight_decay: the factor of the L2 penalty (0).
        foreach: accepted, without effect.
        capturable: accepted, without effect.
        maximize: maximize instead of minimize.
        differentiable: must be False: steps are not recorded.

    Raises:
        ValueError: for a negative number, or `rho` above 1.
        NotImplementedError: for `differentiable`.
    """

    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr, foreach, differentiable, fused=None)
        check_number(lr, "learning rate")
        if not 0 <= rho <= 1:
            raise ValueError(f"Invalid rho value: {rho}")
        check_number(eps, "epsilon value")
        check_number(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _options(self, group: dict[str, Any]) -> AdadeltaOptions:
        return AdadeltaOptions(
            number(group["lr"]), group["rho"], group["eps"], group["weight_decay"], group["maximize"]
        )

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: AdadeltaOptions) -> list[Tensor]:
        state = self.state[p]
        if not state:
            state.update(step=step_counter(), square_avg=zeros_like(p), acc_delta=zeros_like(p))
        step, square_avg, acc_delta = state["step"], state["square_avg"], state["acc_delta"]
        step._array += 1
        kernels.adadelta_step(p._array, grad, square_avg._array, acc_delta._array, options)
        return [step, square_avg, acc_delta]

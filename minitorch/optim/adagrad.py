"""Adagrad."""

from __future__ import annotations

from typing import Any, ClassVar

import kernels
from kernels import AdagradOptions, Array
from minitorch._tensor import Tensor
from minitorch.functions.creation import full_like
from minitorch.optim.optimizer import Optimizer, Params, step_counter
from minitorch.optim.options import check_number, check_options, number


class Adagrad(Optimizer):
    """Adagrad: the gradient over the root of the sum of all squared gradients. The formula: `kernels.adagrad_step`.

    State of a parameter, made by the constructor: ``step`` (a tensor without dimensions, on the host) and ``sum``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        lr: the learning rate, a number or a tensor of one element (1e-2).
        lr_decay: how fast the learning rate falls with the number of steps (0).
        weight_decay: the factor of the L2 penalty (0).
        initial_accumulator_value: the initial value of the sums (0).
        eps: added to the divisor (1e-10).
        foreach: accepted, without effect.
        maximize: maximize instead of minimize.
        differentiable: must be False: steps are not recorded.
        fused: accepted, without effect.

    Raises:
        ValueError: for a negative number.
        RuntimeError: for `fused` together with `foreach` or `differentiable`.
        NotImplementedError: for `differentiable`.
    """

    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "fused": None,
    }

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(lr, foreach, differentiable, fused)
        check_number(lr, "learning rate")
        check_number(lr_decay, "lr_decay value")
        check_number(weight_decay, "weight_decay value")
        check_number(initial_accumulator_value, "initial_accumulator_value value")
        check_number(eps, "epsilon value")
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                self._begin(p)

    def _begin(self, p: Tensor) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        start = self.defaults["initial_accumulator_value"]
        self.state[p] = {"step": step_counter(), "sum": full_like(p, start)}
        return self.state[p]

    def _options(self, group: dict[str, Any]) -> AdagradOptions:
        lr, lr_decay, eps = number(group["lr"]), group["lr_decay"], group["eps"]
        return AdagradOptions(lr, lr_decay, eps, group["weight_decay"], group["maximize"])

    def _depends_on_step_number(self, group: dict[str, Any]) -> bool:
        return bool(group["lr_decay"])

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: AdagradOptions) -> list[Tensor]:
        state = self.state[p] or self._begin(p)  # for a group that was added later, or a checkpoint without state
        step, total = state["step"], state["sum"]
        step._array += 1
        kernels.adagrad_step(p._array, grad, total._array, float(step._array), options)
        return [step, total]

"""RMSprop."""

from __future__ import annotations

from typing import Any, ClassVar

import kernels
from kernels import Array, RMSpropOptions
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import Optimizer, Params, step_counter
from minitorch.optim.options import check_number, check_options, number


class RMSprop(Optimizer):
    """RMSprop: the gradient over the root of the mean squared gradient. The formula: `kernels.rmsprop_step`.

    State of a parameter: ``step`` (a tensor without dimensions, on the host), ``square_avg``, with momentum
    ``momentum_buffer``, and if centered ``grad_avg``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        lr: the learning rate, a number or a tensor of one element (1e-2).
        alpha: the decay factor of the mean square (0.99).
        eps: added to the divisor (1e-8).
        weight_decay: the factor of the L2 penalty (0).
        momentum: the factor of the last step that is added to this one (0).
        centered: whether to divide by the standard deviation of the gradient instead.
        capturable: accepted, without effect.
        foreach: accepted, without effect.
        maximize: maximize instead of minimize.
        differentiable: must be False: steps are not recorded.

    Raises:
        ValueError: for a negative number.
        NotImplementedError: for `differentiable`.
    """

    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {
        "momentum": 0,
        "centered": False,
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_options(lr, foreach, differentiable, fused=None)
        check_number(lr, "learning rate")
        check_number(eps, "epsilon value")
        check_number(momentum, "momentum value")
        check_number(weight_decay, "weight_decay value")
        check_number(alpha, "alpha value")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _options(self, group: dict[str, Any]) -> RMSpropOptions:
        lr, alpha, eps = number(group["lr"]), group["alpha"], group["eps"]
        return RMSpropOptions(lr, alpha, eps, group["weight_decay"], group["momentum"], group["maximize"])

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: RMSpropOptions) -> list[Tensor]:
        kept = ["square_avg"]  # in the order of torch's state
        if options.momentum > 0:
            kept.append("momentum_buffer")
        if group["centered"]:
            kept.append("grad_avg")
        state = self.state[p]
        if not state:
            state.update({"step": step_counter()} | {name: zeros_like(p) for name in kept})
        state["step"]._array += 1
        arrays = {name: state[name]._array for name in kept}
        kernels.rmsprop_step(
            p._array, grad, arrays["square_avg"], arrays.get("grad_avg"), arrays.get("momentum_buffer"), options
        )
        return [state["step"], *(state[name] for name in kept)]

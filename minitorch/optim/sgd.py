"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import Closure, Optimizer, check_number, check_options, complete, loss_of, number


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted. The formula: `kernels.sgd_step`.

    State of a parameter with momentum: ``momentum_buffer``, which begins as its first gradient, not damped.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of their own.
        lr: the learning rate, a number or a tensor of one element (1e-3).
        momentum: the share of the last step that is taken again (0).
        dampening: the share of the gradient that does not go into the momentum (0).
        weight_decay: the factor of the L2 penalty (0).
        nesterov: Nesterov's momentum.
        maximize: ascend.
        foreach: accepted, without effect.
        differentiable: must be False: steps are not recorded.
        fused: accepted, without effect.

    Raises:
        ValueError: for a negative number, or Nesterov's momentum without momentum or with dampening.
        RuntimeError: for `fused` together with `foreach` or `differentiable`.
        NotImplementedError: for `differentiable` alone.
    """

    def __init__(
        self,
        params: Any,
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        complete(self, _LATER_OPTIONS)

    def step(self, closure: Closure | None = None) -> Any:
        """Change all parameters that have a gradient.

        Args:
            closure: computes the loss and the gradients anew; its result is returned.
        """
        loss = loss_of(closure)
        for group in self.param_groups:
            lr, momentum, decay = number(group["lr"]), group["momentum"], number(group["weight_decay"])
            with kernels.together():
                for p in group["params"]:
                    if p._grad is None:
                        continue
                    buffer, dampening = None, group["dampening"]
                    if momentum != 0:
                        state = self.state[p]
                        if state.get("momentum_buffer") is None:
                            state["momentum_buffer"] = zeros_like(p)
                            dampening = 0
                        buffer = state["momentum_buffer"]._array
                        state["momentum_buffer"]._counter[0] += 1
                    kernels.sgd_step(
                        p._array,
                        p._grad._array,
                        buffer,
                        lr,
                        momentum,
                        dampening,
                        decay,
                        group["nesterov"],
                        group["maximize"],
                    )
                    p._counter[0] += 1
        return loss


_LATER_OPTIONS = {"nesterov": False, "maximize": False, "foreach": None, "differentiable": False, "fused": False}

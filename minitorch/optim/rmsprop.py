"""RMSprop."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import (
    Closure,
    Optimizer,
    check_number,
    check_options,
    complete,
    loss_of,
    number,
    step_counter,
)


class RMSprop(Optimizer):
    """RMSprop: the gradient over the root of the mean squared gradient. The formula: `kernels.rmsprop_step`.

    State of a parameter: ``step`` (a tensor without dimensions, on the host), ``square_avg``, with momentum
    ``momentum_buffer``, and if centered ``grad_avg``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of their own.
        lr: the learning rate, a number or a tensor of one element (1e-2).
        alpha: how much of the mean square stays at each step (0.99).
        eps: keeps the divisor from zero (1e-8).
        weight_decay: the factor of the L2 penalty (0).
        momentum: the share of the last step that is taken again (0).
        centered: divide by the gradient's standard deviation instead.
        capturable: accepted, without effect.
        foreach: accepted, without effect.
        maximize: ascend.
        differentiable: must be False: steps are not recorded.

    Raises:
        ValueError: for a negative number.
        NotImplementedError: for `differentiable`.
    """

    def __init__(
        self,
        params: Any,
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
            lr, momentum, centered = number(group["lr"]), group["momentum"], group["centered"]
            with kernels.together():
                for p in group["params"]:
                    if p._grad is None:
                        continue
                    state = self.state[p]
                    if not state:
                        state.update(step=step_counter(), square_avg=zeros_like(p))
                        if momentum > 0:
                            state["momentum_buffer"] = zeros_like(p)
                        if centered:
                            state["grad_avg"] = zeros_like(p)
                    square_avg = state["square_avg"]
                    grad_avg = state["grad_avg"] if centered else None
                    buffer = state["momentum_buffer"] if momentum > 0 else None
                    state["step"]._array += 1
                    kernels.rmsprop_step(
                        p._array,
                        p._grad._array,
                        square_avg._array,
                        None if grad_avg is None else grad_avg._array,
                        None if buffer is None else buffer._array,
                        lr,
                        group["alpha"],
                        group["eps"],
                        group["weight_decay"],
                        momentum,
                        group["maximize"],
                    )
                    for t in (p, state["step"], square_avg, grad_avg, buffer):
                        if t is not None:
                            t._counter[0] += 1
        return loss


_LATER_OPTIONS = {
    "momentum": 0,
    "centered": False,
    "foreach": None,
    "maximize": False,
    "differentiable": False,
    "capturable": False,
}

"""Adam."""

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


class Adam(Optimizer):
    """Adam: the mean gradient over the root of the mean squared gradient. The formula: `kernels.adam_step`.

    State of a parameter: ``step`` (a tensor without dimensions, on the host), ``exp_avg``, ``exp_avg_sq``, and with
    `amsgrad` ``max_exp_avg_sq``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of their own.
        lr: the learning rate, a number or a tensor of one element (1e-3).
        betas: how much of the mean gradient and of the mean square stays at each step (0.9, 0.999); both numbers or
            both tensors of one element.
        eps: keeps the divisor from zero (1e-8).
        weight_decay: the factor of the L2 penalty (0).
        amsgrad: divide by the largest mean square so far.
        foreach: accepted, without effect.
        maximize: ascend.
        capturable: accepted on a GPU, without effect.
        differentiable: must be False: steps are not recorded.
        fused: accepted, without effect.
        decoupled_weight_decay: take the decay from the parameters themselves, as `AdamW` does.

    Raises:
        ValueError: for a number out of range.
        RuntimeError: for `fused` together with `foreach` or `differentiable`.
        NotImplementedError: for `differentiable` alone.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_options(lr, foreach, differentiable, fused)
        _check_tensor(lr, "lr", foreach, capturable)
        check_number(lr, "learning rate")
        check_number(eps, "epsilon value")
        check_number(betas[0], "beta parameter at index 0", below=1)
        check_number(betas[1], "beta parameter at index 1", below=1)
        check_number(weight_decay, "weight_decay value")
        if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        for i, beta in enumerate(betas):
            _check_tensor(beta, f"betas[{i}]", foreach, capturable)
        defaults = {
            "lr": lr,
            "betas": tuple(beta.squeeze() if isinstance(beta, Tensor) else beta for beta in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
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
            lr, decay, eps = _scalar(group["lr"]), number(group["weight_decay"]), group["eps"]
            beta1, beta2 = map(number, group["betas"])
            amsgrad, decoupled, maximize = group["amsgrad"], group["decoupled_weight_decay"], group["maximize"]
            names = _MOMENTS if amsgrad else _MOMENTS[:2]
            with kernels.together():
                for p in group["params"]:
                    if p._grad is None:
                        continue
                    state = self.state[p]
                    if not state:
                        state.update(step=step_counter(), exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
                        if amsgrad:
                            state["max_exp_avg_sq"] = zeros_like(p)
                    count, written = state["step"], [p, *(state[name] for name in names)]
                    count._array += 1
                    kernels.adam_step(
                        p._array,
                        p._grad._array,
                        written[1]._array,
                        written[2]._array,
                        written[3]._array if amsgrad else None,
                        float(count._array),
                        lr,
                        beta1,
                        beta2,
                        eps,
                        decay,
                        decoupled,
                        maximize,
                    )
                    for t in (count, *written):
                        t._counter[0] += 1
        return loss


_MOMENTS = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
_LATER_OPTIONS = {
    "amsgrad": False,
    "maximize": False,
    "foreach": None,
    "capturable": False,
    "differentiable": False,
    "decoupled_weight_decay": False,
    "fused": None,
}


def _scalar(lr: Any) -> Any:
    """The learning rate as a number; that of a tensor in the tensor's precision, in which torch computes with it."""
    return lr.detach().cpu().numpy().reshape(())[()] if isinstance(lr, Tensor) else lr


def _check_tensor(value: Any, name: str, foreach: bool | None, capturable: bool) -> None:
    if isinstance(value, Tensor):
        if foreach and not capturable:
            raise ValueError(f"{name} as a Tensor is not supported for capturable=False and foreach=True")
        if value.numel() != 1:
            raise ValueError(f"Tensor {name} must be 1-element")

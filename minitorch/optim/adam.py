"""Adam."""

from __future__ import annotations

from typing import Any, ClassVar

import kernels
from kernels import AdamOptions, Array
from minitorch import dtypes
from minitorch._tensor import Tensor
from minitorch.functions.creation import zeros_like
from minitorch.optim.optimizer import Optimizer, Params, step_counter
from minitorch.optim.options import check_number, check_options, number


class Adam(Optimizer):
    """Adam: the mean gradient over the root of the mean squared gradient. The formula: `kernels.adam_step`.

    State of a parameter: ``step`` (a tensor without dimensions, on the host unless `capturable`), ``exp_avg``,
    ``exp_avg_sq``, and with `amsgrad` ``max_exp_avg_sq``.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        lr: the learning rate, a number or a tensor of one element (1e-3).
        betas: the decay factors of the mean gradient and of the mean square (0.9, 0.999); both numbers or both tensors
            of one element.
        eps: added to the divisor (1e-8).
        weight_decay: the factor of the L2 penalty (0).
        amsgrad: divide by the root of the largest mean square so far.
        foreach: accepted, without effect.
        maximize: maximize instead of minimize.
        capturable: on a GPU, count the steps there, so that a CUDA graph can contain the step. The other numbers, such
            as the learning rate, are then those of the capture.
        differentiable: must be False: steps are not recorded.
        fused: accepted, without effect.
        decoupled_weight_decay: subtract the decay from the parameter directly, as `AdamW` does.

    Raises:
        ValueError: for a number out of range.
        RuntimeError: for `fused` together with `foreach` or `differentiable`.
        NotImplementedError: for `differentiable`.
    """

    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {
        "amsgrad": False,
        "maximize": False,
        "foreach": None,
        "capturable": False,
        "differentiable": False,
        "decoupled_weight_decay": False,
        "fused": None,
    }

    def __init__(
        self,
        params: Params,
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

    def _options(self, group: dict[str, Any]) -> AdamOptions:
        lr, weight_decay = _scalar(group["lr"]), number(group["weight_decay"])
        beta1, beta2 = map(number, group["betas"])
        decoupled, maximize = group["decoupled_weight_decay"], group["maximize"]
        return AdamOptions(lr, beta1, beta2, group["eps"], weight_decay, decoupled, maximize)

    def _depends_on_step_number(self, group: dict[str, Any]) -> bool:
        return not group["capturable"]

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: AdamOptions) -> list[Tensor]:
        state, amsgrad = self.state[p], group["amsgrad"]
        if not state:
            names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if amsgrad else 2]
            state.update({"step": step_counter()} | {name: zeros_like(p) for name in names})
        step, mean, square = state["step"], state["exp_avg"], state["exp_avg_sq"]
        largest = state["max_exp_avg_sq"] if amsgrad else None
        most = None if largest is None else largest._array
        number: float | Array
        if group["capturable"] and kernels.backend_of(p._array).indexed:
            step = state["step"] = _counter_beside(p, step)
            kernels.count_step(step._array)
            number = step._array
        else:
            step._array += 1
            number = float(step._array)
        kernels.adam_step(p._array, grad, mean._array, square._array, most, number, options)
        return [step, mean, square] if largest is None else [step, mean, square, largest]


def _counter_beside(p: Tensor, step: Tensor) -> Tensor:
    """The counter on the device of `p`, in the dtype in which its step is computed."""
    wanted = dtypes.float64 if p.dtype is dtypes.float64 else dtypes.float32
    return step if step.device == p.device and step.dtype is wanted else step.to(p.device, wanted)


def _scalar(lr: Any) -> Any:
    """The learning rate as a number; if it is a tensor, in the tensor's precision, as in torch."""
    return lr.detach().cpu().numpy().reshape(())[()] if isinstance(lr, Tensor) else lr


def _check_tensor(value: Any, name: str, foreach: bool | None, capturable: bool) -> None:
    if isinstance(value, Tensor):
        if foreach and not capturable:
            raise ValueError(f"{name} as a Tensor is not supported for capturable=False and foreach=True")
        if value.numel() != 1:
            raise ValueError(f"Tensor {name} must be 1-element")

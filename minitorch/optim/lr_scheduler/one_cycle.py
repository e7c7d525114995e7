"""One cycle: the learning rate rises and then falls to a very small value; the momentum falls and then rises."""

from __future__ import annotations

import math
from typing import Any, Literal

from minitorch.optim.lr_scheduler.scheduler import LRScheduler, Rates, check_optimizer, for_each_group
from minitorch.optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """Rises from ``max_lr / div_factor`` to `max_lr`, then falls to ``max_lr / div_factor / final_div_factor``.

    Smith & Topin, *Super-convergence: very fast training of neural networks using large learning rates* (2018). Call
    `step` after each batch.

    Args:
        optimizer: the optimizer.
        max_lr: the highest learning rate, a number or a list with one for each group.
        total_steps: the number of steps; or
        epochs: the number of epochs, used together with
        steps_per_epoch: the number of batches in each.
        pct_start: the fraction of the steps in which the learning rate rises (0.3).
        anneal_strategy: ``"cos"`` or ``"linear"``: the shape of the curve.
        cycle_momentum: whether to change the momentum (or the first beta) too.
        base_momentum: the lowest momentum, a number or a list (0.85).
        max_momentum: the highest momentum, a number or a list (0.95).
        div_factor: the highest learning rate divided by the first one (25).
        final_div_factor: the first learning rate divided by the last one (1e4).
        three_phase: whether to fall to the first learning rate as fast as it rose, and then to the last one.
        last_epoch: the last step of a run that is continued; -1 for a new run.

    Raises:
        TypeError: if `optimizer` is not an optimizer.
        ValueError: if no number of steps is given or it is not a positive integer, if `pct_start` is not a float
            between 0 and 1, for an unknown strategy, a list whose length is not the number of groups, or an optimizer
            without momentum when `cycle_momentum` is set; from `step`, after the last step.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or pct_start < 0 or pct_start > 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in _ANNEAL:
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        top, last = pct_start * self.total_steps - 1, self.total_steps - 1
        self._schedule_phases = [_phase(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")]
        if three_phase:
            down = 2 * pct_start * self.total_steps - 2
            self._schedule_phases += [
                _phase(down, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                _phase(last, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            self._schedule_phases += [_phase(last, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        self._anneal_func_type = anneal_strategy
        rates = for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
                raise ValueError(
                    "optimizer must support momentum or beta1 with `cycle_momentum` option enabled; "
                    f"{type(optimizer).__name__} does not"
                )
            self.use_beta1 = "betas" in optimizer.defaults
            highest = for_each_group("max_momentum", optimizer, max_momentum)
            lowest = for_each_group("base_momentum", optimizer, base_momentum)
            if last_epoch == -1:
                for group, high, low in zip(optimizer.param_groups, highest, lowest, strict=True):
                    self._set_momentum(group, high)
                    group["max_momentum"] = high
                    group["base_momentum"] = low
        super().__init__(optimizer, last_epoch)

    def _set_momentum(self, group: dict[str, Any], momentum: Any) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum

    def get_lr(self) -> Rates:
        """The groups' learning rates at step ``last_epoch``; called by `step`. Sets the momentum as well."""
        self._warn_outside_step()
        step, start = self.last_epoch, 0.0
        if step > self.total_steps:
            raise ValueError(f"Tried to step {step} times. The specified number of total steps is {self.total_steps}")
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if step <= end or phase is self._schedule_phases[-1]:
                break
            start = end
        share = (step - start) / (end - start)
        anneal = _ANNEAL[self._anneal_func_type]
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(anneal(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                momentum = anneal(group[phase["start_momentum"]], group[phase["end_momentum"]], share)
                self._set_momentum(group, momentum)
        return rates


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    if total_steps is not None:
        return _positive("total_steps", total_steps)
    if epochs is not None and steps_per_epoch is not None:
        return _positive("epochs", epochs) * _positive("steps_per_epoch", steps_per_epoch)
    raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"Expected positive integer {name}, but got {value}")
    return value


def _phase(end: float, start_lr: str, end_lr: str, start_momentum: str, end_momentum: str) -> dict[str, Any]:
    """A phase of the schedule that ends at step `end`; the other arguments are names of options of the groups."""
    return {
        "end_step": end,
        "start_lr": start_lr,
        "end_lr": end_lr,
        "start_momentum": start_momentum,
        "end_momentum": end_momentum,
    }


def _along_cosine(start: Any, end: Any, share: float) -> Any:
    return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


def _along_line(start: Any, end: Any, share: float) -> Any:
    return (end - start) * share + start


_ANNEAL = {"cos": _along_cosine, "linear": _along_line}

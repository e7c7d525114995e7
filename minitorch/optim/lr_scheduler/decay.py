"""Schedules that multiply the learning rate by a factor, at some steps or at every step.

`get_lr` computes the next learning rate from the current one, so schedules can be combined and the rate changed by hand
in between; ``_get_closed_form_lr`` computes it from the initial one. The order of the operations is torch's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from minitorch.optim.lr_scheduler.scheduler import LRScheduler, Rates
from minitorch.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """Multiplies the learning rate by `gamma` every `step_size` epochs.

    Args:
        optimizer: the optimizer.
        step_size: the number of epochs between two changes.
        gamma: the factor (0.1).
        last_epoch: the last epoch of a run that is continued; -1 for a new run.
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return self._unchanged()
        return self._scaled(self.gamma)

    def _get_closed_form_lr(self) -> Rates:
        return self._from_base(self.gamma ** (self.last_epoch // self.step_size))


class MultiStepLR(LRScheduler):
    """Multiplies the learning rate by `gamma` at each of the `milestones`.

    Args:
        optimizer: the optimizer.
        milestones: the epochs of the changes; an epoch that is listed twice changes the rate twice.
        gamma: the factor (0.1).
        last_epoch: the last epoch of a run that is continued; -1 for a new run.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self.last_epoch not in self.milestones:
            return self._unchanged()
        return self._scaled(self.gamma ** self.milestones[self.last_epoch])

    def _get_closed_form_lr(self) -> Rates:
        return self._from_base(self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch))


class ExponentialLR(LRScheduler):
    """Multiplies the learning rate by `gamma` at every epoch.

    Args:
        optimizer: the optimizer.
        gamma: the factor.
        last_epoch: the last epoch of a run that is continued; -1 for a new run.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        return self._unchanged() if self._is_initial else self._scaled(self.gamma)

    def _get_closed_form_lr(self) -> Rates:
        return self._from_base(self.gamma**self.last_epoch)


class ConstantLR(LRScheduler):
    """Multiplies the initial learning rate by `factor` until epoch `total_iters`.

    Args:
        optimizer: the optimizer.
        factor: the factor (1/3).
        total_iters: the epoch from which on the learning rate is the initial one (5).
        last_epoch: the last epoch of a run that is continued; -1 for a new run.

    Raises:
        ValueError: if `factor` is not between 0 and 1.
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if factor > 1 or factor < 0:
            raise ValueError(f"ConstantLR expects a factor between 0 and 1, but got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self.last_epoch == 0:
            return self._scaled(self.factor)
        if self.last_epoch == self.total_iters:
            return self._scaled(1.0 / self.factor)
        return self._unchanged()

    def _get_closed_form_lr(self) -> Rates:
        return self._from_base(self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor))


class LinearLR(LRScheduler):
    """Multiplies by a factor that changes linearly from `start_factor` to `end_factor` over `total_iters` epochs.

    Args:
        optimizer: the optimizer.
        start_factor: the first factor (1/3).
        end_factor: the last factor (1).
        total_iters: the number of epochs from the first to the last (5).
        last_epoch: the last epoch of a run that is continued; -1 for a new run.

    Raises:
        ValueError: if `start_factor` is not above 0, or a factor is not between 0 and 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1 or start_factor <= 0:
            raise ValueError(f"LinearLR expects a start_factor above 0 and up to 1, but got {start_factor}")
        if end_factor > 1 or end_factor < 0:
            raise ValueError(f"LinearLR expects an end_factor between 0 and 1, but got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self.last_epoch == 0:
            return self._scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._unchanged()
        rise = self.end_factor - self.start_factor
        return self._scaled(1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))

    def _get_closed_form_lr(self) -> Rates:
        rise = self.end_factor - self.start_factor
        return self._from_base(self.start_factor + rise * min(self.total_iters, self.last_epoch) / self.total_iters)


class PolynomialLR(LRScheduler):
    """``initial_lr * (1 - epoch / total_iters) ** power``, and 0 after that.

    Args:
        optimizer: the optimizer.
        total_iters: the epoch at which the learning rate is 0 (5).
        power: the exponent (1).
        last_epoch: the last epoch of a run that is continued; -1 for a new run.
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._unchanged()
        now, before = (1.0 - epoch / self.total_iters for epoch in (self.last_epoch, self.last_epoch - 1))
        return self._scaled((now / before) ** self.power)

    def _get_closed_form_lr(self) -> Rates:
        return self._from_base((1.0 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power)

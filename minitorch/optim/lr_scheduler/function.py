"""Schedules that the user gives as functions of the epoch."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, ClassVar

from minitorch.optim.lr_scheduler.scheduler import LRScheduler, Rates
from minitorch.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """``initial_lr * lr_lambda(epoch)``.

    Args:
        optimizer: the optimizer.
        lr_lambda: a function that maps the epoch to a factor, or a list with one for each group.
        last_epoch: the last epoch of a run that is continued; -1 for a new run.

    Raises:
        ValueError: if the numbers of functions and groups differ.
    """

    _STATELESS: ClassVar[tuple[str, ...]] = ("optimizer", "lr_lambdas")

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        count = len(optimizer.param_groups)
        functions = list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * count
        if len(functions) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(functions)}")
        self.lr_lambdas = functions
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """The state, as `LRScheduler.state_dict`; it has the attributes of callable objects, but no functions."""
        kept = [None if isinstance(f, types.FunctionType) else f.__dict__.copy() for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state; callable objects get their attributes back."""
        super().load_state_dict(state_dict)
        for i, kept in enumerate(state_dict["lr_lambdas"]):
            if kept is not None:
                self.lr_lambdas[i].__dict__.update(kept)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        return [base * f(self.last_epoch) for f, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]


class MultiplicativeLR(LambdaLR):
    """``lr * lr_lambda(epoch)`` at each step. For arguments and errors see `LambdaLR`.

    Raises:
        TypeError: if `lr_lambda` is not a function.
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        for f in lr_lambda if isinstance(lr_lambda, list | tuple) else [lr_lambda]:
            if not callable(f):
                raise TypeError(f"lr_lambda should be a function, but got {type(f).__name__}")
        super().__init__(optimizer, lr_lambda, last_epoch)

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`."""
        self._warn_outside_step()
        if self._is_initial:
            return self._unchanged()
        groups = self.optimizer.param_groups
        return [group["lr"] * f(self.last_epoch) for f, group in zip(self.lr_lambdas, groups, strict=True)]

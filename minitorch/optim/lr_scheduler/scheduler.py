"""The base class of schedulers: counting epochs, writing learning rates into the groups, saving and loading."""

from __future__ import annotations

import functools
import warnings
import weakref
from typing import Any, ClassVar, TypeAlias

from minitorch._tensor import Tensor
from minitorch.optim.optimizer import Optimizer
from minitorch.optim.options import number

ADVICE = "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"

Rates: TypeAlias = list[float | Tensor]


class LRScheduler:
    """Base class of schedulers: sets the learning rates of an optimizer's groups, once per epoch or per batch.

    A subclass defines `get_lr` by ``self.last_epoch``, ``self.base_lrs`` and the groups. If the rate can be computed
    without the previous one, it also defines ``_get_closed_form_lr``.

    The constructor makes the first step. A learning rate that is a tensor stays a tensor, and is written in place.

    Args:
        optimizer: the optimizer.
        last_epoch: the number of the last epoch of a run that is continued; -1 for a new run.

    Attributes:
        last_epoch: the number of steps so far, from 0.
        base_lrs: the groups' ``initial_lr``: their learning rates when the first scheduler was made.

    Raises:
        TypeError: if `optimizer` is not an optimizer.
        KeyError: if a run is continued, but a group has no ``initial_lr``.
    """

    _STATELESS: ClassVar[tuple[str, ...]] = ("optimizer",)  # attributes that `state_dict` leaves out
    _get_lr_called_within_step: bool = False
    _is_initial: bool = False
    _step_count: int

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0: load the optimizer's state first, or leave last_epoch at -1 for a new run"
                )
        self.base_lrs = values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _watch_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch; call it after the optimizer's `step`.

        Args:
            epoch: deprecated: the epoch to go to.

        Warns:
            UserWarning: at the first call, if the optimizer has not made a step yet; if `epoch` is given.
        """
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        if epoch is not None:
            warn_of_epoch()
        self._update_lr(epoch)

    def _check_order(self) -> None:
        if not hasattr(self.optimizer.step, "_wrapped_by_lr_sched"):
            warnings.warn(
                "`optimizer.step()` seems to have been overridden after the learning rate scheduler was made, so it "
                f"is not known whether it is called before `lr_scheduler.step()`, as it should be. See {ADVICE}",
                stacklevel=3,
            )
        elif not getattr(self.optimizer, "_opt_called", False):
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first learning rate of the "
                f"schedule is skipped. Call `optimizer.step()` first. See {ADVICE}",
                stacklevel=3,
            )

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = epoch is not None and hasattr(self, "_get_closed_form_lr")
        self._write(closed=closed)

    def _write(self, closed: bool = False) -> None:
        """Compute the learning rates of this epoch and write them into the groups."""
        self._get_lr_called_within_step = True
        try:
            rates = self._get_closed_form_lr() if closed else self.get_lr()  # type: ignore[attr-defined]  # `step` looked
        finally:
            self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            assign(group, "lr", rate)
        self._last_lr = values(self.optimizer, "lr")

    def get_last_lr(self) -> Rates:
        """The groups' learning rates as this scheduler last set them."""
        return self._last_lr

    def get_lr(self) -> Rates:
        """The groups' learning rates at ``last_epoch``; called by `step`. `get_last_lr` returns the current ones."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """All attributes but the optimizer: a checkpoint needs it in addition to the optimizer's state."""
        return {name: value for name, value in self.__dict__.items() if name not in self._STATELESS}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore a state that `state_dict` returned.

        The learning rates themselves are in the optimizer's state, which must be loaded after making the scheduler.
        """
        self.__dict__.update({name: value for name, value in state_dict.items() if name not in self._STATELESS})

    # -- for subclasses

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn("To get the last learning rate of the scheduler, please use `get_last_lr()`.", stacklevel=3)

    def _unchanged(self) -> Rates:
        return values(self.optimizer, "lr")

    def _scaled(self, factor: float) -> Rates:
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _from_base(self, factor: float) -> Rates:
        return [base * factor for base in self.base_lrs]


class _LRScheduler(LRScheduler):
    """The old name of `LRScheduler`."""


def check_optimizer(optimizer: Any) -> None:
    """Check that `optimizer` is an optimizer.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def copied(value: Any) -> Any:
    """A number, or a copy of a tensor, so that writing into the original does not change it."""
    return value.clone() if isinstance(value, Tensor) else value


def values(optimizer: Optimizer, key: str) -> Rates:
    """The option `key` of each group."""
    return [copied(group[key]) for group in optimizer.param_groups]


def assign(group: dict[str, Any], key: str, value: Any) -> None:
    """Set an option of a group; if it is a tensor, it is written in place."""
    if isinstance(group[key], Tensor):
        group[key].fill_(number(value))
    else:
        group[key] = value


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """The list of one value for each group, from an argument that is such a list or one value for all.

    Raises:
        ValueError: if the list has the wrong length.
    """
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        value = [value] * count
    elif len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. "
            f"{name} has {len(value)} values, param_groups has {count}."
        )
    return [copied(v) for v in value]


def warn_of_epoch() -> None:
    """Warn that the argument `epoch` of `step` is deprecated."""
    warnings.warn(
        "The epoch parameter in `scheduler.step()` is deprecated: it is not needed, and takes the closed form of the "
        "schedule where there is one. Please call `scheduler.step()` without it.",
        stacklevel=3,
    )


def _watch_steps(optimizer: Optimizer) -> None:
    """Let the optimizer store that it has made a step, for `LRScheduler._check_order`."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    function = optimizer.step.__func__  # type: ignore[attr-defined]  # it is a method
    reference = weakref.ref(optimizer)  # the optimizer refers to the function: a strong reference would make a cycle

    @functools.wraps(function)
    def step(*args: Any, **kwargs: Any) -> Any:
        o = reference()
        o._opt_called = True  # type: ignore[union-attr]  # not None: its own method is running
        return function(o, *args, **kwargs)

    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]  # our own attribute, read above
    optimizer.step = step  # type: ignore[method-assign]  # for this optimizer alone

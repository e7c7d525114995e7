"""Losses: what they compute, and their arguments, is said in `minitorch.nn.functional.loss`."""

from __future__ import annotations

from minitorch._tensor import Tensor
from minitorch.nn import functional as F
from minitorch.nn.functional.arguments import legacy_reduction
from minitorch.nn.modules.module import Module


class _Loss(Module):
    """A loss of an input and a target.

    Args:
        size_average: with `reduce` the older way to say `reduction`, with a warning.
        reduce: see there.
        reduction: ``"none"``, ``"mean"`` or ``"sum"``.
    """

    reduction: str

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        legacy = size_average is not None or reduce is not None
        self.reduction = legacy_reduction(size_average, reduce) if legacy else reduction


class _WeightedLoss(_Loss):
    """A loss with a weight for each class, which is a buffer.

    Args:
        weight: (C,), or None.
        size_average: as for `_Loss`.
        reduce: as for `_Loss`.
        reduction: as for `_Loss`.
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class L1Loss(_Loss):
    """|input − target|."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """(input − target)²."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class NLLLoss(_WeightedLoss):
    """−weight[t] · input[n, t, …] for target classes t; the input holds logarithms of probabilities, (C,) or (N, C, …).

    Args:
        weight: of the classes, (C,), or None.
        size_average: as for `_Loss`.
        ignore_index: a target that does not count.
        reduce: as for `_Loss`.
        reduction: as for `_Loss`.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class CrossEntropyLoss(_WeightedLoss):
    """The cross entropy of log_softmax(input), input (C,) or (N, C, …), with target classes or probabilities.

    Args:
        weight: of the classes, (C,), or None.
        size_average: as for `_Loss`.
        ignore_index: a target class that does not count.
        reduce: as for `_Loss`.
        reduction: as for `_Loss`.
        label_smoothing: the part of the target that is spread evenly over the classes.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )

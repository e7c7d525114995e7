"""torch.optim.lr_scheduler: learning rates that change during training."""

from minitorch.optim.lr_scheduler.composed import (
    ChainedScheduler as ChainedScheduler,
    SequentialLR as SequentialLR,
)
from minitorch.optim.lr_scheduler.cosine import (
    CosineAnnealingLR as CosineAnnealingLR,
    CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts,
)
from minitorch.optim.lr_scheduler.decay import (
    ConstantLR as ConstantLR,
    ExponentialLR as ExponentialLR,
    LinearLR as LinearLR,
    MultiStepLR as MultiStepLR,
    PolynomialLR as PolynomialLR,
    StepLR as StepLR,
)
from minitorch.optim.lr_scheduler.function import (
    LambdaLR as LambdaLR,
    MultiplicativeLR as MultiplicativeLR,
)
from minitorch.optim.lr_scheduler.one_cycle import OneCycleLR as OneCycleLR
from minitorch.optim.lr_scheduler.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from minitorch.optim.lr_scheduler.scheduler import (
    LRScheduler as LRScheduler,
    _LRScheduler as _LRScheduler,
)

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]

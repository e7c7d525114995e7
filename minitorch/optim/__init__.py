"""torch.optim: optimizers, and schedulers of their learning rates."""

import sys as _sys
import typing as _typing

from minitorch.optim import lr_scheduler as lr_scheduler
from minitorch.optim.adadelta import Adadelta as Adadelta
from minitorch.optim.adagrad import Adagrad as Adagrad
from minitorch.optim.adam import Adam as Adam
from minitorch.optim.adamw import AdamW as AdamW
from minitorch.optim.optimizer import Optimizer as Optimizer
from minitorch.optim.rmsprop import RMSprop as RMSprop
from minitorch.optim.sgd import SGD as SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]

if not _typing.TYPE_CHECKING:  # for a type checker a name that is not here is an error

    def __getattr__(name: str) -> _typing.Any:
        """The error for a name that is not here, with the nearest."""
        from minitorch.near_names import no_attribute

        raise no_attribute(_sys.modules[__name__], name)

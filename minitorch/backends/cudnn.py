"""The settings of cuDNN, which minitorch does not use. `allow_tf32` has an effect, the others have none.

``allow_tf32 = True`` lets convolutions on a GPU round float32 to TF32, as cuDNN does. In PyTorch it is True unless set.
"""

import sys
from types import ModuleType

from kernels.tf32 import TF32

enabled = False
benchmark = False
deterministic = True
allow_tf32: bool  # a property, below


def is_available() -> bool:
    """Whether cuDNN is used: never."""
    return False


def version() -> None:
    """The version of cuDNN: None."""


class _Settings(ModuleType):
    """This module, whose `allow_tf32` is a property."""

    @property
    def allow_tf32(self) -> bool:
        return TF32.convolution

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError(f"set_allow_tf32_cudnn expects a bool, but got {type(value).__name__}")
        TF32.convolution = value


sys.modules[__name__].__class__ = _Settings

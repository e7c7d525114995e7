"""The settings of products of matrices on a GPU."""

from importlib.util import find_spec

from kernels.tf32 import TF32
from minitorch.matmul_precision import set_float32_matmul_precision


class Matmul:
    """The settings of products of matrices, ``torch.backends.cuda.matmul``. There is one: `allow_tf32`."""

    __slots__ = ()

    @property
    def allow_tf32(self) -> bool:
        """Whether float32 is multiplied in TF32; False unless set. As `set_float32_matmul_precision` with "high"."""
        return TF32.matmul

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError(f"set_allow_tf32_cublas expects a bool, but got {type(value).__name__}")
        set_float32_matmul_precision("high" if value else "highest")


matmul = Matmul()


def is_built() -> bool:
    """Whether CuPy, which minitorch uses a GPU with, is installed; `minitorch.cuda.is_available` says if it works."""
    return find_spec("cupy") is not None

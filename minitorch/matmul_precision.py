"""How precisely a GPU multiplies matrices of float32."""

from __future__ import annotations

from kernels.tf32 import TF32
from minitorch.user_warnings import warn_user

_fast = "high"
"""Which of the names of a lower precision was set last."""


def set_float32_matmul_precision(precision: str) -> None:
    """Set how precisely products of float32 matrices are computed on a GPU; the CPU is always exact.

    Convolutions have a switch of their own, ``torch.backends.cudnn.allow_tf32``.

    Args:
        precision: "highest", the default: in float32. "high" or "medium": in TF32, which rounds each number to 11 bits
            before it is multiplied. Another word gives a warning, and changes nothing.

    Raises:
        RuntimeError: if it is not a string.
    """
    global _fast
    if not isinstance(precision, str):
        raise RuntimeError(f"set_float32_matmul_precision expects a str, but got {type(precision).__name__}")
    if precision not in ("highest", "high", "medium"):
        warn_user(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current setFloat32MatmulPrecision call has "
            "no effect."
        )
        return
    TF32.matmul = precision != "highest"
    if TF32.matmul:
        _fast = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` or ``torch.backends.cuda.matmul.allow_tf32`` has set last."""
    return _fast if TF32.matmul else "highest"

"""The comparison of minitorch with torch: cases, generic checks, and the error budget. ``python -m parity`` prints it.

Your own cases, in a file that ``--load`` imports, are compared like minitorch's cases:

    from parity import Draw, case

    @case("mish by hand")
    def mish(d: Draw) -> str:
        x = d.floats("x", d.shape())
        return f"{x} * torch.tanh(F.softplus({x}))"

See `parity.compare.case` for writing cases, and `parity.compare.budget` for the tolerance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity.compare.case import case as case
    from parity.compare.draw import Draw as Draw

_HOMES = {"case": "parity.compare.case", "Draw": "parity.compare.draw"}
__all__ = ["Draw", "case"]


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: `parity.__main__` sets the number of threads before NumPy is imported."""
    if name not in _HOMES:
        raise AttributeError(f"module 'parity' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

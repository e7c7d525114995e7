"""The comparison of minitorch with torch: cases, generic checks, and the error budget. ``python -m parity`` prints it.

A case of your own, in a file ``mycase.py``, is compared like minitorch's cases by ``parity mycase.py``:

    from parity import Draw, case

    @case("mish by hand")
    def mish(d: Draw) -> str:
        x = d.floats("x", d.shape())
        return f"{x} * torch.tanh(F.softplus({x}))"

``parity init mycase.py`` writes a file to start from, and docs/own-cases.md explains it. See `parity.compare.case` for
what a case can say, `parity.compare.budget` for how close is close.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity.compare.case import case as case
    from parity.compare.draw import Draw as Draw
    from parity.compare.names import both as both, names as names, twin as twin

_HOMES = {
    "case": "parity.compare.case",
    "Draw": "parity.compare.draw",
    "both": "parity.compare.names",
    "names": "parity.compare.names",
    "twin": "parity.compare.names",
}
__all__ = ["Draw", "both", "case", "names", "twin"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: `parity.__main__` sets the number of threads before NumPy is imported."""
    if name not in _HOMES:
        raise AttributeError(f"module 'parity' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

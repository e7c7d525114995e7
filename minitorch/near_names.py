"""The message for a name that a module does not have: the nearest that it has, and where all are listed."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType


def no_attribute(module: ModuleType, name: str) -> AttributeError:
    """The error for a name that `module` lacks."""
    path = module.__name__
    if name.startswith("_"):  # Python and other libraries look for such names
        return AttributeError(f"module {path!r} has no attribute {name!r}", name=name, obj=module)
    near = nearest(name, (n for n in vars(module) if not n.startswith("_")))
    family = path.partition(".")[2] or "torch"
    return AttributeError(
        f"module {path!r} has no attribute {name!r}{near and f'; did you mean {near}?'} "
        f"(parity surface {family} lists what of PyTorch is here)",
        name=name,
        obj=module,
    )


def nearest(name: str, names: Iterable[str]) -> str:
    """The names that are most like one, joined by "or"; empty if none is."""
    from difflib import get_close_matches  # imported when something is missing

    by_lower = {n.lower(): n for n in names}
    return " or ".join(repr(by_lower[n]) for n in get_close_matches(name.lower(), by_lower, 2, 0.75))

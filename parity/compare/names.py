"""Names of one's own in the texts of cases: in each library the name is another object, or the same one built for it.

    @both                                    # one text for both libraries: the function is given the library
    def Swish(torch):
        class Swish(torch.nn.Module):
            def forward(self, x):
                return x * torch.sigmoid(x)
        return Swish

    twin("cube", minitorch=my_op, torch=lambda x: x**3)      # an object for each library

The text of a case then says ``Swish()(x)`` or ``cube(x)``.
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

Build = Callable[[Any], Any]
NAMES: dict[str, Build] = {}
"""By name, what gives the object for a library."""
_built: dict[tuple[str, str], Any] = {}
_TAKEN = frozenset({"torch", "nn", "F", "dtype", "inf", "nan", "m", "optimizer", "params", "targets", "out"})


def both(build: Build) -> Build:
    """Give what the decorated function returns for a library the function's name in the texts of cases.

    The function is called once for each library, with the library as its argument. A class that it returns can be
    pickled, although it is defined in a function.

    Raises:
        ValueError: if texts have that name already.
    """
    return _enter(build.__name__, build)


def twin(name: str, *, minitorch: Any, torch: Any) -> None:
    """Give two objects one name in the texts of cases: one where minitorch runs the text, one where torch does.

    Raises:
        ValueError: if it is no name, or texts have it already.
    """
    _enter(name, lambda library: torch if library.__name__ == "torch" else minitorch)


def names(library: Any) -> dict[str, Any]:
    """What `both` and `twin` have named, for a library."""
    return {name: _object(name, library) for name in NAMES}


def _enter(name: str, build: Build) -> Build:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"expected a name for the texts of cases, but got {name!r}")
    if name in _TAKEN or name in NAMES:
        raise ValueError(f"the texts of cases have a name {name!r} already; take another")
    NAMES[name] = build
    return build


def _object(name: str, library: Any) -> Any:
    """The object that a name is for a library, built at the first request."""
    key = name, library.__name__
    if key not in _built:
        _built[key] = _findable(NAMES[name](library), name, f"parity.own_names.{library.__name__}")
    return _built[key]


def _findable(value: Any, name: str, module: str) -> Any:
    """`value`, which pickle finds as `name` of `module` if it is a class of a function."""
    if isinstance(value, type) and "<locals>" in value.__qualname__:
        value.__module__, value.__qualname__ = module, name
        setattr(sys.modules.setdefault(module, ModuleType(module)), name, value)
    return value

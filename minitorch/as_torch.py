"""Run scripts written for torch: their ``import torch`` finds minitorch.

    import minitorch

    minitorch.as_torch()               # before the first of these
    import torch
    import torch.nn as nn
    from torch.autograd import Variable

``torch`` and ``torch.X.Y`` are then the very modules `minitorch` and ``minitorch.X.Y``, for the rest of the process.
For a script that is not to be touched: ``python -m minitorch.as_torch SCRIPT [ARGUMENT …]``.

The module is the function: ``minitorch.as_torch()`` calls it.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

THEIRS, OURS = "torch", "minitorch"
SCRIPT = "MINITORCH_AS_TORCH_SCRIPT"
"""The environment variable that tells processes which multiprocessing starts anew what script they belong to."""


class _Finder(importlib.abc.MetaPathFinder):
    """Answers for ``torch`` and everything below it, so that no other finder is asked."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = name.partition(".")
        if top != THEIRS:
            return None
        ours = f"{OURS}.{rest}" if rest else OURS
        if importlib.util.find_spec(ours) is None:
            raise ModuleNotFoundError(
                f"No module named {ours!r} ({name!r} was asked for; under as_torch() minitorch answers for torch)",
                name=name,
            )
        return importlib.machinery.ModuleSpec(name, _Loader(ours))


class _Loader(importlib.abc.Loader):
    """Gives a module that exists instead of making one."""

    def __init__(self, ours: str) -> None:
        self.module = importlib.import_module(ours)
        self.spec = self.module.__spec__

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self.module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self.spec  # which the import machinery has just replaced by that of the alias


class Standing:
    """What `as_torch` returns: `restore()` takes back what that call did, and so does the end of a ``with`` block."""

    def __init__(self, finder: _Finder | None) -> None:
        self._finder = finder

    def restore(self) -> None:
        """Let ``import torch`` mean torch again; modules that were imported keep the names they bound."""
        finder, self._finder = self._finder, None
        if finder is None:
            return
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == THEIRS]:
            del sys.modules[name]

    def __enter__(self) -> Standing:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()


def as_torch() -> Standing:
    """Let ``import torch`` and ``import torch.X`` give minitorch and its modules, for the rest of the process.

    Returns:
        What undoes it: ``.restore()``, or the end of a ``with`` block. A call while another is in force changes
        nothing, and there is nothing for it to undo.

    Raises:
        RuntimeError: if torch itself has been imported already: what holds its modules would not see the change.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return Standing(None)
    if THEIRS in sys.modules:
        where = getattr(sys.modules[THEIRS], "__file__", None)
        raise RuntimeError(
            f"as_torch(): torch itself has been imported already, from {where}; call minitorch.as_torch() before "
            "the first 'import torch', also that of other packages"
        )
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    return Standing(finder)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a script as ``python SCRIPT ARGUMENT …`` would, with minitorch in the place of torch.

    Args:
        argv: the script and its arguments; default those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0].startswith("-"):
        asked = bool(arguments) and arguments[0] in ("-h", "--help")
        print("usage: python -m minitorch.as_torch SCRIPT [ARGUMENT ...]", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    script = arguments[0]
    if not os.path.isfile(script):
        print(f"python -m minitorch.as_torch: there is no file {script!r}", file=sys.stderr)
        return 2
    as_torch()
    os.environ[SCRIPT] = os.path.abspath(script)
    sys.argv[:] = arguments
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    _run(script, "__main__")
    return 0


def _run(script: str, name: str) -> dict[str, Any]:
    """Run a script in a module of its own called `name`; the module's contents."""
    main = types.ModuleType(name)
    main.__dict__.update(__file__=os.path.abspath(script), __builtins__=builtins)
    # Processes that multiprocessing starts anew run the main module again, by the name in its specification: they come
    # through the last lines of this file, and so have minitorch for torch too.
    main.__spec__ = importlib.machinery.ModuleSpec(f"{OURS}.as_torch", None)
    sys.modules[name] = main
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), main.__dict__)
    return main.__dict__


class _Callable(types.ModuleType):
    def __call__(self) -> Standing:
        return as_torch()


if __name__ == "__main__":
    from minitorch.as_torch import main as _main  # one class of finder, whoever asks

    sys.exit(_main())
elif __name__ == "__mp_main__":  # in a process that multiprocessing started for a script that `main` runs
    as_torch()
    globals().update(_run(os.environ[SCRIPT], __name__))
else:
    sys.modules[__name__].__class__ = _Callable

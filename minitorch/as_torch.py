"""Run scripts written for torch: their ``import torch`` imports minitorch.

    import minitorch

    minitorch.as_torch()               # before the first import of torch
    import torch
    import torch.nn as nn
    from torch.autograd import Variable

``torch`` and ``torch.X.Y`` are then the same module objects as ``minitorch`` and ``minitorch.X.Y``, for the rest of the
process. A script can be run without changing it: ``python -m minitorch.as_torch SCRIPT [ARGUMENT …]``.

The module itself can be called: ``minitorch.as_torch()`` calls the function `as_torch` below.
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
"""The environment variable with the script's path: multiprocessing's new processes read it to run the script too."""


class _Finder(importlib.abc.MetaPathFinder):
    """Finds ``torch`` and its submodules. It is the first finder, so an installed torch is not found."""

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
    """Returns the module of minitorch instead of making a new one."""

    def __init__(self, ours: str) -> None:
        self.module = importlib.import_module(ours)
        self.spec = self.module.__spec__

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self.module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self.spec  # the import machinery has just set it to the spec of torch's name
        _name_loaded_modules()


def _name_loaded_modules() -> None:
    """Enter every loaded module of minitorch into `sys.modules` under its name in torch.

    After importing ``torch.autograd.gradcheck``, Python would set the attribute `gradcheck` of ``torch.autograd`` to
    the module, which would replace the function `gradcheck`. Python does not do so for a name that is already in
    `sys.modules`.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith(OURS + ".") and module is not None:
            sys.modules.setdefault(THEIRS + name.removeprefix(OURS), module)


class TorchAlias:
    """What `as_torch` returns: `restore()`, or the end of a ``with`` block, undoes that call.

    Args:
        finder: the finder that the call installed; None if an earlier call is still in effect.
    """

    def __init__(self, finder: _Finder | None) -> None:
        self._finder = finder

    def restore(self) -> None:
        """Let ``import torch`` import torch again. Names that scripts have already imported do not change."""
        finder, self._finder = self._finder, None
        if finder is None:
            return
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == THEIRS]:
            del sys.modules[name]

    def __enter__(self) -> TorchAlias:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()


def as_torch() -> TorchAlias:
    """Let ``import torch`` and ``import torch.X`` import minitorch and its modules, for the rest of the process.

    Returns:
        An object that undoes it, by ``.restore()`` or at the end of a ``with`` block. If an earlier call is still in
        effect, this call changes nothing, and so does undoing it.

    Raises:
        RuntimeError: if torch itself has already been imported: code that refers to its modules would go on using them.
    """
    if is_aliased():
        return TorchAlias(None)
    if THEIRS in sys.modules:
        where = getattr(sys.modules[THEIRS], "__file__", None)
        raise RuntimeError(
            f"as_torch(): torch itself has been imported already, from {where}; call minitorch.as_torch() before "
            "the first 'import torch'; other packages may import torch too"
        )
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    return TorchAlias(finder)


def is_aliased() -> bool:
    """Whether ``import torch`` imports minitorch now."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a script as ``python SCRIPT ARGUMENT …`` would, with minitorch instead of torch.

    Args:
        argv: the script and its arguments; by default the process's own arguments.

    Returns:
        The exit code: 0, or 2 if the command line is wrong. Exceptions of the script are not caught.
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
    try:
        _run(script, "__main__")
    except (ImportError, AttributeError) as error:
        if family := _family_without(error):
            error.add_note(f"minitorch has a part of PyTorch's names: parity surface {family} lists them")
        raise
    return 0


def _family_without(error: ImportError | AttributeError) -> str:
    """What lacks a name, as ``parity surface`` calls it; empty if it is not minitorch's, or the message says it."""
    from minitorch import Tensor

    if isinstance(error, ModuleNotFoundError):
        return ""
    if isinstance(error, AttributeError):
        return "Tensor" if isinstance(error.obj, Tensor) else ""
    top, _, rest = (error.name or "").partition(".")
    return (rest or THEIRS) if top in (OURS, THEIRS) else ""


def _run(script: str, name: str) -> dict[str, Any]:
    """Run a script in a new module called `name`; returns the module's variables."""
    main = types.ModuleType(name)
    main.__dict__.update(__file__=os.path.abspath(script), __builtins__=builtins)
    # A new process of multiprocessing imports the main module again, by the name in its spec. With this name it runs
    # the last lines of this file, which install the finder in that process too.
    main.__spec__ = importlib.machinery.ModuleSpec(f"{OURS}.as_torch", None)
    sys.modules[name] = main
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), main.__dict__)
    return main.__dict__


class _Callable(types.ModuleType):
    def __call__(self) -> TorchAlias:
        return as_torch()


if __name__ == "__main__":
    from minitorch.as_torch import main as _main  # this module, run as __main__, has a second class _Finder

    sys.exit(_main())
elif __name__ == "__mp_main__":  # in a process that multiprocessing started for a script that `main` runs
    as_torch()
    globals().update(_run(os.environ[SCRIPT], __name__))
else:
    sys.modules[__name__].__class__ = _Callable

"""The model files of minitorch, unchanged, with another library where they import ``minitorch``.

`minitorch.as_torch` lets a script written for torch run on minitorch. This is the reverse: in a file of
`minitorch.models` or `minitorch.training`, ``import minitorch as torch`` and ``from minitorch import nn`` import the
other library. The files are executed again for it, as modules that are not in ``sys.modules``; nothing global changes.
"""

from __future__ import annotations

import builtins
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

OURS = "minitorch"
ANEW = ("models", "training")
"""The packages whose files are executed again."""
PLAIN = ("counting", "datasets", "errors", "files", "version")
"""Modules that these files import and that do not use tensors: shared by all libraries."""


class StandIn:
    """minitorch's model files over another library.

        library = StandIn(torch)
        library.load("minitorch.models.cnn").CNN      # a subclass of torch.nn.Module

    Args:
        library: has torch's API: torch, minitorch itself, or either one with a fault planted in it.
    """

    def __init__(self, library: Any) -> None:
        self.library = library
        self._modules: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def load(self, name: str) -> ModuleType:
        """The module `name`, ``minitorch.models.cnn`` or the like, run over the library.

        Raises:
            ModuleNotFoundError: if minitorch has no such file.
        """
        if name not in self._modules:
            spec = importlib.util.find_spec(name)
            if spec is None or spec.origin is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            module = ModuleType(name)
            vars(module).update(__file__=spec.origin, __builtins__=self._builtins)
            # The text says `import minitorch`; what that means is decided by the module's own `__import__`.
            exec(compile(Path(spec.origin).read_bytes(), spec.origin, "exec"), vars(module))
            self._modules[name] = module
        return self._modules[name]

    def _import(
        self,
        name: str,
        globals: Any = None,
        locals: Any = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """The ``import`` of these files (with the arguments and results of `builtins.__import__`)."""
        top, _, below = name.partition(".")
        if top != OURS or below.partition(".")[0] in PLAIN:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if below.partition(".")[0] not in ANEW:
            found = self.library
            for part in below.split(".") if below else ():
                found = getattr(found, part)
            return found if fromlist else self.library
        if not fromlist:
            raise ImportError(f"say 'from {name} import …': 'import {name}' cannot be told from the library", name=name)
        module = self.load(name)
        for word in fromlist:
            if not hasattr(module, word):
                setattr(module, word, self.load(f"{name}.{word}"))
        return module

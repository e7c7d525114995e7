"""torch's public names by family, and which of them minitorch does not mean to provide."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

SCOPE = Path(__file__).with_name("scope.txt")
FAMILIES = {
    "": "functions, dtypes and classes of torch itself",
    "Tensor": "methods and attributes of a tensor",
    "nn": "layers and losses",
    "nn.functional": "the same as functions",
    "nn.init": "initial values",
    "nn.parameter": "parameters and buffers",
    "nn.utils": "clipping, flattening, pruning",
    "nn.utils.rnn": "packed sequences",
    "optim": "optimizers",
    "optim.lr_scheduler": "schedulers",
    "autograd": "gradients, modes, Function",
    "autograd.functional": "jacobian, hessian and products with them",
    "utils.data": "data sets, samplers, DataLoader",
    "distributions": "distributions and transforms",
    "random": "seeds and states",
    "linalg": "linear algebra",
    "special": "special functions",
    "fft": "Fourier transforms",
    "func": "transforms of functions",
    "testing": "comparing tensors",
    "cuda": "devices, streams, memory",
}
"""By the name of a module or class of torch, what is in it."""
INTERNAL = "<class of torch._C>"


def public(family: str) -> list[str]:
    """The public names of a module or class of torch, sorted, without modules.

    They are its ``__all__``; where it has none, all names without an underscore in front that torch defines.
    """
    import torch

    owner = _resolve(torch, family)
    listed = getattr(owner, "__all__", None)
    if listed is not None and family != "linalg":  # linalg lists only what its Python file defines
        extra = [n for n in vars(owner) if family == "" and isinstance(getattr(owner, n), torch.dtype)]
        names = {*listed, *extra, *(("no_grad", "set_grad_enabled", "set_default_dtype") if family == "" else ())}
    else:
        names = {n for n in dir(owner) if family == "Tensor" or _is_torchs(getattr(owner, n, None))}
    return sorted(n for n in names if not n.startswith("_") and not inspect.ismodule(getattr(owner, n, None)))


def _is_torchs(value: Any) -> bool:
    """Whether torch defines it, rather than imports it: a built-in function of torch has no module."""
    return (getattr(value, "__module__", None) or "torch").startswith("torch") and callable(value)


def _resolve(root: Any, dotted: str) -> Any:
    for part in filter(None, dotted.split(".")):
        root = getattr(root, part)
    return root


def provided(family: str, name: str) -> bool:
    """Whether minitorch has the name."""
    import minitorch

    try:
        _resolve(minitorch, f"{family}.{name}")
    except AttributeError:
        return False
    return True


def out_of_scope(family: str, name: str) -> str:
    """Why minitorch does not mean to provide a name; empty if nothing says so."""
    for reason, patterns in scope().items():
        if any(matches(pattern, family, name) for pattern in patterns):
            return reason
    return ""


def matches(pattern: str, family: str, name: str) -> bool:
    """Whether a pattern of the file matches a name of a family."""
    if pattern == INTERNAL:
        import torch

        value = getattr(torch, name, None) if not family else None
        return inspect.isclass(value) and value.__module__ in ("torch._C", "torch.jit", "torch")
    if "." in pattern:
        return fnmatchcase(f"{family}.{name}", pattern)
    return fnmatchcase(name, pattern)


@lru_cache(1)
def scope() -> dict[str, list[str]]:
    """The patterns by reason."""
    return dict(_read(SCOPE.read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[tuple[str, list[str]]]:
    for section in text.split("\n[")[1:]:
        head, _, rest = section.partition("]\n")
        yield head, [line.strip() for line in rest.splitlines() if line.strip() and not line.startswith("#")]

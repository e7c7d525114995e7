"""Helpers for testing the checks: torch with a planted fault, compared with torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from parity.cases import CASES
from parity.compare.explore import Exploration, explore, explore_examples, explore_refusals


class Planted:
    """A library that is torch, except for planted objects, by path: ``{"nn.functional.relu": wrong}``."""

    def __init__(self, original: Any, faults: dict[str, Any]) -> None:
        self._original, self._faults = original, faults

    def __getattr__(self, name: str) -> Any:
        if name in self._faults:
            return self._faults[name]
        below = {path.partition(".")[2]: f for path, f in self._faults.items() if path.startswith(name + ".")}
        found = getattr(self._original, name)
        return Planted(found, below) if below else found


def planted(faults: dict[str, Any]) -> Planted:
    """torch with faults by path, where ``__`` stands for the dot."""
    return Planted(torch, {path.replace("__", "."): fault for path, fault in faults.items()})


def explored(case: str, group: str = "", examples: int = 30, shrink: bool = False, **faults: Any) -> Exploration:
    """A case against torch with faults planted; ``__`` in a keyword stands for the dot of a path."""
    return explore(CASES[case], group, planted(faults), torch, examples, shrink=shrink)


def pinned(case: str, **faults: Any) -> Exploration:
    """The pinned examples of a case against torch with faults planted."""
    return explore_examples(CASES[case], planted(faults), torch)


def found(exploration: Exploration) -> str:
    """The faults as text."""
    return "\n".join(map(str, exploration.faults))


class Op(torch.autograd.Function):
    """A function whose forward, gradient and gradient's gradient are given."""

    @staticmethod
    def make(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
        class Made(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return forward(x)

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return backward(g, *ctx.saved_tensors)

        return Made.apply


def refusals(case: str, **faults: Any) -> str:
    """The faults in what a case refuses, as text; ``__`` in a keyword stands for the dot of a path."""
    return found(explore_refusals(CASES[case], planted(faults), torch, examples=20))

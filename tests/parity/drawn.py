"""Calls of parity's cases, for tests of what the generic checks do not cover."""

from __future__ import annotations

from typing import Any

from hypothesis import Phase

from parity.compare.call import Call, run, scope
from parity.compare.case import Case
from parity.compare.explore import drive
from parity.compare.library import Library, State, build, load, state_of
from parity.compare.structure import leaves


def calls(case: Case, count: int) -> list[Call]:
    """`count` drawn calls of each option group of a case, always the same, and its pinned examples."""
    found: list[Call] = []
    for group in case.groups:
        drive(found.append, case.calls(group), count, 0, Phase.generate)
    return found + case.examples


class Run:
    """One run of a call.

    Args:
        call: the call.
        lib: torch or minitorch.
        state: of the module, for a module.
        computed: give the call results of operations, ``x * 1``, in the place of leaves.

    Attributes:
        leaves: the inputs as they are made, by name.
        inputs: what the call is given, by name.
        parameters: of the module, by name.
        outputs: the tensors among its results.
    """

    def __init__(self, call: Call, lib: Any, state: State | None, computed: bool) -> None:
        library = Library(lib, "float32")
        self.leaves = {x.name: library.input(x) for x in call.inputs}
        self.inputs = {name: x * 1 if computed and x.requires_grad else x for name, x in self.leaves.items()}
        names = scope(lib, "float32") | self.inputs
        self.parameters: dict[str, Any] = {}
        if state is not None:
            names["m"] = build(call, library)
            load(names["m"], state, library)
            self.parameters = dict(names["m"].named_parameters())
        library.seed(call.seed + 1)
        result = run(call.text, names)
        self.outputs: list[Any] = [leaf.tensor for leaf in leaves(result, lib) if leaf.kind == "tensor"]

    def name_of(self, t: Any) -> str:
        """The input that `t` is, or whose base it is."""
        for name, x in self.inputs.items():
            if t is x:
                return name
            if t is x._base:
                return f"base of {name}"
        return "nothing given" if t is not None else "none"


def module_state(call: Call, lib: Any) -> State | None:
    """The state that the module of a call starts from; None for a function."""
    return state_of(build(call, Library(lib, "float32"))) if call.kind == "module" else None

"""Cases of the comparison with torch, and their registry.

    @case("nn.functional.linear")                     # the name of what is compared, as torch has it
    def linear(d):
        rows, n, m = d.shape(most=3), d.size(), d.size()
        x, weight = d.floats("x", (*rows, n)), d.floats("weight", (m, n))
        d.terms = n                                    # each result is a sum of n products
        return f"F.linear({x}, {weight})"

    linear.example("F.linear(x, weight)", x=(5, 0), weight=(4, 0))           # always tried: a sum of nothing
    linear.refuses("F.linear(torch.ones(2, 3), torch.ones(4, 2))")

This is enough: every generic check applies to the case, in float32 and in float64, forward, backward, and backward
again. A refused call is a text, or a body that draws one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st

from parity.compare.call import Call, Kind
from parity.compare.draw import Draw, Shape
from parity.compare.inputs import Input, Values

Body = Callable[[Draw], str]
PINNED = "pinned"
"""The option group under which a case's examples are reported."""
REFUSED = "refused"
"""The option group under which a case's invalid calls are reported."""
CASES: dict[str, Case] = {}


@dataclass
class Case:
    """One op, layer, loss, optimizer or random function.

    Attributes:
        name: as torch has it, without ``torch.``: ``add``, ``nn.functional.relu``, ``nn.Linear``, ``optim.SGD``.
        body: draws the inputs and returns the text of a valid call.
        groups: the option groups, each is explored and reported separately.
        covers: the public names that its calls use, including `name`.
        kind: what is built before the call: ``op`` (nothing), ``module`` or ``optimizer``.
        exact: whether results must be equal bit for bit.
        sampled: whether results are random numbers, compared with torch's in the same dtype.
        examples: calls that are tried each time, in addition to the drawn ones.
        refused: calls that torch refuses, each tried once.
        invalid: bodies that draw such calls.
    """

    name: str
    body: Body
    groups: tuple[str, ...] = ("",)
    covers: tuple[str, ...] = ()
    kind: Kind = "op"
    exact: bool = False
    sampled: bool = False
    examples: list[Call] = field(default_factory=list)
    refused: list[Call] = field(default_factory=list)
    invalid: list[Body] = field(default_factory=list)

    def calls(self, group: str = "") -> st.SearchStrategy[Call]:
        """Valid calls of one option group."""
        return _calls(self.body, group, self.kind)

    def invalid_calls(self) -> st.SearchStrategy[Call]:
        """Drawn calls that must raise."""
        return st.one_of(*(_calls(body, "", self.kind) for body in self.invalid))

    def example(
        self,
        *texts: str,
        terms: int = 1,
        gradient_terms: int = 1,
        training: bool = True,
        bounds: tuple[float, float] | None = None,
        **inputs: Shape | Sequence[object],
    ) -> None:
        """Add valid calls that are tried each time, which drawing might miss.

        Args:
            texts: the calls, ``BUILD; TEXT`` for calls that need a module or an optimizer.
            terms: how many numbers are summed for one result.
            gradient_terms: how many for one element of a gradient, if more.
            training: whether the module is in training mode.
            bounds: the smallest and the largest number that the calls accept in their inputs; default: they accept all.
            inputs: by name; a tuple is the shape of normal numbers, a list holds the values themselves: of the
                floating-point dtype of the run, and differentiated, if one is a float, else int64 or bool.
        """
        given = tuple(replace(_input(name, what, i), bounds=bounds) for i, (name, what) in enumerate(inputs.items()))
        for text in texts:
            build, rest = self._parts(text)
            self.examples.append(
                Call(rest, given, self.kind, build, training, terms=terms, gradient_terms=gradient_terms)
            )

    def refuses(self, *texts: str) -> None:
        """Add calls that torch refuses: texts without inputs, ``BUILD; TEXT`` for calls that need a module or an
        optimizer.
        """
        for text in texts:
            build, rest = self._parts(text)
            self.refused.append(Call(rest, kind=self.kind, build=build))

    def _parts(self, text: str) -> tuple[str, str]:
        """The text that makes the module or the optimizer, and the text of the call."""
        build, _, rest = ("", "", text) if self.kind == "op" else text.partition("; ")
        return build, rest

    def refuses_drawn(self, body: Body) -> Body:
        """Add a body that draws calls that torch refuses (a decorator)."""
        self.invalid.append(body)
        return body


def case(
    name: str,
    *,
    groups: Iterable[str] = ("",),
    also: Iterable[str] = (),
    kind: Kind = "op",
    exact: bool = False,
    sampled: bool = False,
) -> Callable[[Body], Case]:
    """Register the decorated body as a case.

    Args:
        name: of the op, layer, loss, optimizer or random function, as torch has it.
        groups: option groups; the body reads in `Draw.group` which one to draw from.
        also: further public names that its calls exercise.
        kind: ``op``, ``module`` or ``optimizer``.
        exact: see `Case`.
        sampled: see `Case`.

    Raises:
        ValueError: if there is a case of that name, or no such `kind`.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"expected kind to be one of {', '.join(map(repr, get_args(Kind)))}, but got {kind!r}")

    def register(body: Body) -> Case:
        if name in CASES:
            raise ValueError(f"there is a case {name!r} already")
        CASES[name] = Case(name, body, tuple(groups), (name, *also), kind, exact, sampled)
        return CASES[name]

    return register


def _input(name: str, what: Shape | Sequence[object], seed: int) -> Input:
    """An input of a pinned example: see `Case.example`."""
    if isinstance(what, tuple):
        return Input(name, what, seed=seed)
    values = np.array(what)
    numbers = Values(tuple(values.ravel().tolist()))
    return Input(name, values.shape, numbers, dtype="float" if values.dtype.kind == "f" else str(values.dtype))


def _calls(body: Body, group: str, kind: Kind) -> st.SearchStrategy[Call]:
    @st.composite
    def calls(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Call:
        d = Draw(draw, group)
        d.training = kind != "module" or d.choose(True, False)
        text = body(d)
        if not isinstance(text, str):
            raise TypeError(f"expected the case to return the text of a call, but it returned {text!r}")
        if kind != "op" and not d.build:
            raise ValueError(f"expected the case to set d.build, the text that makes the {kind}, but it is empty")
        return Call(
            text=text,
            inputs=tuple(d.inputs),
            kind=kind,
            build=d.build,
            training=d.training,
            terms=max(1, d.terms),
            gradient_terms=max(1, d.gradient_terms),
            cotangent=d.choose("normal", "normal", "normal", "expanded"),
            seed=d.integer(0, 2**16),
        )

    return calls()

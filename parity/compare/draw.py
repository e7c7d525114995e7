"""Drawing examples from hypothesis: shapes, fills, options, and the spellings of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from parity.compare.inputs import Input

T = TypeVar("T")
Shape = tuple[int, ...]

# Hypothesis shrinks to the first of each; the repetitions make it the most frequent one.
_SIDES = (1, 2, 3, 2, 3, 4, 5, 7, 9, 17)
_LAYOUTS = ("contiguous",) * 4 + ("transposed", "strided", "expanded")
ANY = "normal|normal|normal|whole|whole|zeros"
_SEEDS = st.integers(0, 2**16)
STEPS = """losses = []
for step in range({count}):
    optimizer.zero_grad()
    loss = sum((0.5 * (p - t) ** 2 + 0.1 * p ** 3).sum() for p, t in zip(params, targets))
    loss.backward()
    optimizer.step()
    losses.append(loss.detach())
out = losses, [p.detach() for p in params], optimizer.state_dict()"""
"""The text of some steps of an optimizer."""


@lru_cache(None)
def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


@lru_cache(None)
def _sampled(values: tuple[Any, ...], kinds: tuple[type, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)  # the kinds are for the cache: it takes 2 and 2.0, True and 1 for the same


class Draw:
    """Draws the configuration, shapes and inputs for the body of a case, and records the inputs.

    Attributes:
        group: the option group to draw from.
        inputs: the inputs drawn so far.
        terms: how many numbers the call sums for one of its results; the error budget depends on it.
        gradient_terms: the same for the gradients, if more.
        build: the text that makes the module ``m`` or the ``optimizer``, for cases of that kind.
        training: whether the module is in training mode.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], group: str = "") -> None:
        self._draw = draw
        self.group = group
        self.inputs: list[Input] = []
        self.terms = 1
        self.gradient_terms = 1
        self.build = ""
        self.training = True

    def integer(self, low: int, high: int) -> int:
        """An integer between `low` and `high`, both included."""
        return self._draw(_integers(low, high)) if low < high else low

    def choose(self, *values: T) -> T:
        """One of the values; shrinks to the first."""
        return self._draw(_sampled(values, tuple(map(type, values)))) if len(values) > 1 else values[0]

    def flag(self) -> bool:
        """False or True."""
        return self.choose(False, True)

    def real(self, *values: float) -> float:
        """A number for an option: one of `values`, or any multiple of 1/64 between the least and the largest of
        them.
        """
        if self.integer(0, 2):
            return self.choose(*values)
        low, high = min(values), max(values)
        return self.integer(int(low * 64), int(high * 64)) / 64

    def subset(self, values: Sequence[T], least: int = 0) -> tuple[T, ...]:
        """Some of the values, at least `least` of them, in a drawn order."""
        rest, chosen = list(values), []
        for _ in range(self.integer(least, len(rest))):
            chosen.append(rest.pop(self.integer(0, len(rest) - 1)))
        return tuple(chosen)

    def shape(self, least: int = 0, most: int = 4, empty: bool = True, elements: int = 2000) -> Shape:
        """The shape of an array of `least` to `most` dimensions and few `elements`, sometimes (if `empty`) with a
        side of 0.
        """
        sides: list[int] = []
        for _ in range(self.integer(least, most)):
            n = self.choose(*_SIDES)
            while n > 1 and n * volume(sides) > elements:
                n //= 2
            sides.append(n)
        if empty and sides and self.integer(0, 24) == 24:
            sides[self.integer(0, len(sides) - 1)] = 0
        return tuple(sides)

    def size(self, low: int = 1, high: int = 6) -> int:
        """One side of a shape."""
        return self.integer(low, high)

    def batch(self, high: int = 3) -> int:
        """A batch size, sometimes 0."""
        return 0 if self.integer(0, 15) == 15 else self.integer(1, high)

    def broadcastable(self, result: Shape, whole: bool = False) -> Shape:
        """A shape that broadcasts to `result`; `result` itself if `whole`."""
        if whole or self.integer(0, 2) < 2:
            return result
        kept = result[self.integer(0, len(result)) :]
        shape = tuple(1 if self.integer(0, 3) == 3 else n for n in kept)
        self.gradient_terms = max(self.gradient_terms, volume(result) // max(1, volume(shape)))
        return shape

    def floats(
        self,
        name: str,
        shape: Shape,
        fill: str | tuple[float, float] | None = None,
        grad: bool = True,
        layout: str | None = None,
    ) -> Input:
        """An input of the floating-point dtype of the run.

        Args:
            name: what the text calls it.
            shape: its shape.
            fill: a fill, several joined by ``|`` to choose from, or bounds; default: values without surprises, ties,
                or zeros.
            grad: whether it requires a gradient.
            layout: default: drawn.
        """
        if fill is None:
            fill = ANY
        if isinstance(fill, str):
            fill = self.choose(*fill.split("|"))
        return self._give(Input(name, shape, fill, self._draw(_SEEDS), "float", layout or self.choose(*_LAYOUTS), grad))

    def integers(
        self, name: str, shape: Shape, low: int, high: int, dtype: str = "int64", layout: str | None = None
    ) -> Input:
        """An input of integers from `low` to `high`, without `high`."""
        return self._give(
            Input(name, shape, (low, high), self._draw(_SEEDS), dtype, layout or self.choose(*_LAYOUTS), False)
        )

    def booleans(self, name: str, shape: Shape) -> Input:
        """An input of booleans."""
        return self.integers(name, shape, 0, 2, "bool")

    def spell(
        self, name: str, *args: Any, inplace: bool | None = None, method: bool = True, function: bool = True
    ) -> str:
        """The text of a call of op `name` in one of its spellings: the function, the method, or the in-place method.

        Args:
            name: the name in ``torch`` and ``Tensor``.
            args: inputs, texts, or constants; the first is the tensor whose method it may be.
            inplace: whether there is an in-place method to choose from too; None: there is not, and nothing is drawn.
            method: whether there is a method.
            function: whether there is a function.
        """
        first, *rest = (str(a) for a in args)
        spellings = []
        if function:
            spellings.append(f"torch.{name}({', '.join([first, *rest])})")
        if method:
            spellings.append(f"{first}.{name}({', '.join(rest)})")
        if inplace:
            spellings.append(f"{first}.clone().{name}_({', '.join(rest)})")
        return self.choose(*spellings)

    def steps(self, count: int = 4) -> str:
        """Draw ``params`` and ``targets`` for an optimizer, and the text of `count` steps towards them.

        The last parameter may have no target, and so no gradient.
        """
        number = self.integer(1, 3)
        for i in range(number):
            shape = self.shape(0, 2, empty=False, elements=40)
            self.floats(f"param{i}", shape, "normal", grad=False, layout="contiguous")
            if i < number - 1 or number == 1 or self.integer(0, 3):
                self.floats(f"target{i}", shape, "normal", grad=False, layout="contiguous")
        self.terms = 10 * count
        return STEPS.format(count=count)

    def _give(self, x: Input) -> Input:
        self.inputs.append(x)
        return x


def volume(shape: Sequence[int]) -> int:
    """The number of elements of a shape."""
    n = 1
    for side in shape:
        n *= side
    return n

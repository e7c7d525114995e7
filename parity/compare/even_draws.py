"""How examples are drawn: evenly and independently of one another.

Hypothesis's default prefers zeros, limits and repetitions, and mutates earlier examples, which helps with
thousands of examples; but of a dozen, few are different. So this class is registered as a backend of hypothesis,
which still does the shrinking.
"""

from __future__ import annotations

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "parity"


class EvenProvider(HypothesisProvider):
    """Every integer of a range is as likely as any other."""

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        """An integer between two limits."""
        if min_value is None or max_value is None or weights is not None or self._random is None:
            return super().draw_integer(min_value, max_value, weights=weights, shrink_towards=shrink_towards)
        return self._random.randint(min_value, max_value)


AVAILABLE_PROVIDERS[BACKEND] = EvenProvider

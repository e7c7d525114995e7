"""Every case of `parity` compared with torch, by all generic checks; what torch refuses must be refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import settings

import minitorch
from parity.cases import select
from parity.compare.case import Case
from parity.compare.draw import Draw
from parity.compare.explore import explore, explore_examples, explore_refusals

CASES = select()


def examples() -> int:
    """How many to draw per case and option group, by hypothesis's profile: 12 by default."""
    return max(1, settings.default.max_examples * 12 // 100)


def seed() -> int | None:
    """The seed of the examples: fixed, unless the profile asks for new ones."""
    return 0 if settings.default.derandomize else None


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("c", "group"), [pytest.param(c, g, id=f"{c.name}-{g}" if g else c.name) for c in CASES for g in c.groups]
)
def test_equal(c: Case, group: str) -> None:
    found = explore(c, group, minitorch, torch, examples(), seed())
    assert not found.faults, f"{c.name} {group}\n{found.report}"


@pytest.mark.parametrize("c", [pytest.param(c, id=c.name) for c in CASES if c.examples])
def test_pinned(c: Case) -> None:
    found = explore_examples(c, minitorch, torch)
    assert not found.faults, f"{c.name}\n{found.report}"


@pytest.mark.parametrize("c", [pytest.param(c, id=c.name) for c in CASES if c.refused or c.invalid])
def test_refused(c: Case) -> None:
    found = explore_refusals(c, minitorch, torch, examples(), seed())
    assert not found.faults, f"{c.name}\n{found.report}"


def test_values_that_are_equal_are_drawn_with_their_own_types() -> None:
    """Strategies are kept for further draws: those for 2 and for 2.0 must not be the same."""
    drawn = [repr(Draw(lambda strategy: strategy).choose(*values)) for values in ((2, 3), (2.0, 3.0), (True, 3))]
    assert drawn == ["sampled_from((2, 3))", "sampled_from((2.0, 3.0))", "sampled_from((True, 3))"]

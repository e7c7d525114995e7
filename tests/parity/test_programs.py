"""Random programs give the same results under torch and minitorch, except for known differences."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import Phase, given, settings, strategies as st

import minitorch
from parity.programs import differences
from parity.programs.compare import compare, differences as compared
from parity.programs.difference import Difference, cause
from parity.programs.examine import examine, report, smallest
from parity.programs.generator import program
from parity.programs.program import run, script
from parity.programs.shrink import shrink

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"
THOROUGH = settings().max_examples > 100

pytestmark = pytest.mark.host(reason="programs make their tensors on the default device of either library")


def agree(seed: int, count: int) -> None:
    for number in range(count):
        text = program(seed, number)
        finding = examine(text)[1]
        assert finding is None, report(*smallest(text, finding))


@pytest.mark.parametrize("seed", range(100))
def test_random_programs(seed: int) -> None:
    """The seeds are fixed, because hypothesis's examples depend on which modules other tests have loaded."""
    agree(seed, 4)


@pytest.mark.skipif(not THOROUGH, reason="20,000 new programs at each run, for --hypothesis-profile thorough")
@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])  # a seed cannot be shrunk: the program is
@given(st.integers(0, 2**32))
def test_new_random_programs(seed: int) -> None:
    agree(seed, 20)


@pytest.mark.parametrize("difference", differences.ALL, ids=lambda d: d.name)
def test_known_differences_exist(difference: Difference) -> None:
    """Causes that have been mended must be deleted from the table."""
    causes = [cause(difference.example, f, differences.ALL) for f in compare(difference.example, lambda p, f: True)]
    assert difference in causes, f"no longer differs, or is explained by another cause: {causes}"


def test_page_of_differences() -> None:
    assert PAGE.read_text(encoding="utf-8") == differences.page(), "run: parity programs --differences"


def test_most_programs_are_compared_to_their_end() -> None:
    whole = sum(examine(program(1, number))[2] for number in range(100))
    assert whole > 70


def test_programs_are_deterministic() -> None:
    assert [program(3, n) for n in range(20)] == [program(3, n) for n in range(20)]
    assert len({program(3, n) for n in range(20)}) == 20


def test_a_program_is_equal_to_itself() -> None:
    for number in range(20):
        text = program(5, number)
        assert not list(compared(text, run(text, torch), run(text, torch), []))


def test_planted_faults_are_found_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = minitorch.Tensor.exp
    monkeypatch.setattr(minitorch.Tensor, "exp", lambda x: genuine(x) * (1 + 1e-4))
    text = (
        "a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)",
        "b = a.t()",
        "c = b * 2",
        "d = c.exp()",
        "e = d.sum()",
    )
    finding = examine(text)[1]
    assert finding is not None
    assert finding.kind == "values"
    small, found = smallest(text, finding)
    assert len(small) == 2
    assert found.shown
    assert "exp" in script(small, found.shown)


def test_most_programs_that_meet_a_planted_fault_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text in (program(31, number) for number in range(1500)) if any(".exp()" in s for s in text)]
    assert len(texts) > 15
    assert not any(examine(text)[1] for text in texts)
    genuine = minitorch.Tensor.exp
    monkeypatch.setattr(minitorch.Tensor, "exp", lambda x: genuine(x) * 1.01)
    found = sum(examine(text)[1] is not None for text in texts)  # the others have no elements, or end before
    assert found > 0.6 * len(texts)


def test_an_attribute_that_raises_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(x: minitorch.Tensor) -> int:
        raise IndexError("broken")

    for method, kind in (("storage_offset", "offset"), ("detach", "values")):
        with monkeypatch.context() as patch:
            patch.setattr(minitorch.Tensor, method, broken)
            finding = examine(("a = torch.tensor([1.0, 2.0])",))[1]
        assert finding is not None
        assert (finding.kind, finding.ours) == (kind, "IndexError: broken")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("b = a.double()", "dtype"),
        ("b = a.unsqueeze(0)", "shape"),
        ("b = a.clone().requires_grad_()", "requires_grad"),
        ("a.mul_(2)", "values"),
        ("a.nothing()", "refuses"),
    ],
)
def test_each_kind_is_told_apart(statement: str, kind: str) -> None:
    start = "a = torch.tensor([1.0, 2.0])"
    other = "b = a * 1" if statement.startswith("b") else "pass"
    found = list(compared((start, other), run((start, other), torch), run((start, statement), minitorch), []))
    assert found[0].kind == kind


def test_scripts_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = script(("a = torch.rand(2)", "a.foo()", "b = F.relu(a) * inf"), "b.dtype", (1,))
    exec(compile(text, "<script>", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("AttributeError")
    assert lines[1] == lines[3] == "torch.float32"


def test_shrinking() -> None:
    text = ("a = torch.tensor([[1.5, 2.5, 3.5]], dtype=torch.float32)", "b = a * 3", "c = b.neg()", "d = a + 1")
    small = shrink(text, lambda p: any("neg" in s for s in p) and any("tensor" in s for s in p))
    assert small == ("a = torch.tensor([2.0])", "a = a.neg()")

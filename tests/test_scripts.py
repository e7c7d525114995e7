"""Lessons written for torch: the same file under torch and under minitorch prints the same.

The rule: the two outputs are cut into numbers and what stands between them. What stands between must be the same, but
for spaces that align columns, which are as wide as their widest number, and for the name of a ``grad_fn``, which is
that of the engine's own operation. Numbers without digits behind a point must be the same. A number with such digits
may be off by one unit of its last printed digit, or of its sixth significant one if it is printed with more, float32
having about seven; as printed by the side that prints fewer.
"""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "tests" / "scripts").glob("*.py"))
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?(?![\w])")
SIGNIFICANT = 6


def unit(number):
    """One unit of the last digit that counts, of a number as printed."""
    exponent = Decimal(number).as_tuple().exponent
    return Decimal(1).scaleb(max(exponent, Decimal(number).adjusted() - SIGNIFICANT + 1))


def close(ours, theirs):
    """Whether two printed numbers are equal up to rounding."""
    if not all(re.search(r"\.\d|e-", n) for n in (ours, theirs)):
        return float(ours) == float(theirs)
    return abs(Decimal(ours) - Decimal(theirs)) <= max(unit(ours), unit(theirs))


def words(line):
    """The text between the numbers of a line."""
    text = re.sub(r"(?<=[\[(]) +| +(?=[\])])", "", NUMBER.sub("#", line))
    return re.sub(r"\s+", " ", text).strip()


def difference(ours, theirs):
    """The first difference between two outputs, as a line of each, or None."""
    ours, theirs = (re.sub(r",\s+grad_fn=<\w+>", ", grad_fn=<>", text) for text in (ours, theirs))
    for mine, other in zip(ours.splitlines(), theirs.splitlines(), strict=False):
        if words(mine) != words(other) or not all(map(close, NUMBER.findall(mine), NUMBER.findall(other))):
            return f"minitorch: {mine}\n    torch: {other}"
    if len(ours.splitlines()) != len(theirs.splitlines()):
        return f"minitorch prints {len(ours.splitlines())} lines, torch {len(theirs.splitlines())}"
    return None


def start(*command):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, *command], env=environment, **streams)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_lesson_prints_the_same_under_both(script):
    with start("-m", "minitorch.as_torch", script) as mine, start(script) as other:
        try:
            (ours, errors), (theirs, their_errors) = mine.communicate(timeout=200), other.communicate(timeout=200)
        finally:
            mine.kill()
            other.kill()
    assert other.returncode == 0, their_errors[-3000:]
    assert mine.returncode == 0, errors[-3000:]
    assert theirs
    assert difference(ours, theirs) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("loss 0.1234", "loss 0.1235", True),
        ("loss 0.1234", "loss 0.1236", False),
        ("loss 0.1234", "Loss 0.1234", False),
        ("step 3", "step 4", False),
        ("[1., 2.]", "[1., 3.]", False),
        ("0.30000001192", "0.30000002384", True),
        ("0.3000", "0.30000002384", True),
        ("0.3000", "0.3002", False),
        ("[ 0.1, -0.0000]", "[0.1,  0.0000]", True),
        ("1.2345e-05", "1.2346e-05", True),
        ("1.2345e-05", "1.2345e-06", False),
        ("conv1 nan", "conv2 nan", False),
        ("a\nb", "a", False),
    ],
)
def test_the_comparison_itself(ours, theirs, same):
    assert (difference(ours, theirs) is None) == same

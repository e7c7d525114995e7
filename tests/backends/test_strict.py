"""The backend of docs/backends.md: it is the code on the page, and it finds the faults that it should find."""

from __future__ import annotations

import ast
import operator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernels
from tests.backends import strict
from tests.backends.strict import DEVICES, StrictArray

PAGE = Path(__file__).parents[2] / "docs" / "backends.md"
xp = DEVICES.xp


def on_device(values: Any = (1.0, 2.0), index: int = 0) -> StrictArray:
    return DEVICES.asarray(np.array(values, "float32"), index=index)


def test_the_page_shows_this_backend():
    assert Path(strict.__file__).read_text(encoding="utf-8") in PAGE.read_text(encoding="utf-8")


def test_it_has_less_than_100_lines_of_code():
    text = Path(strict.__file__).read_text(encoding="utf-8")
    prose: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            prose |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    assert sum(bool(line.strip()) and i not in prose for i, line in enumerate(text.splitlines(), 1)) < 100


@pytest.mark.parametrize(
    "planted",
    [
        lambda a: a + np.ones(2, "float32"),
        lambda a: np.ones(2, "float32") + a,
        lambda a: a * np.float32(2),
        lambda a: np.float32(2) * a,
        lambda a: xp.where(a > 0, np.zeros(2), a),
        lambda a: xp.sum(np.ones(2)),
        lambda a: xp.concatenate([a, np.ones(2)]),
        lambda a: xp.add(a, a, out=np.empty(2, "float32")),
        lambda a: a[np.array([0, 1])],
        lambda a: operator.setitem(a, 0, np.float32(1)),
        lambda a: operator.setitem(a, np.array([0]), 1.0),
        lambda a: a.__iadd__(np.ones(2, "float32")),
        lambda a: xp.add.at(a, (np.array([0]),), 1.0),
    ],
)
def test_a_host_value_among_the_operands_is_found(planted: Any):
    with pytest.raises(TypeError, match="a host value where a device array belongs"):
        planted(on_device())


@pytest.mark.parametrize("quiet", [np.asarray, np.exp, lambda a: np.add(a, 1), lambda a: np.ones(2) @ a])
def test_the_quiet_way_to_the_host_is_found(quiet: Any):
    with pytest.raises(TypeError, match=r"not converted to NumPy by itself|host value|not supported|ufunc"):
        quiet(on_device())


@pytest.mark.parametrize(
    "mixed",
    [
        lambda a, b: a + b,
        lambda a, b: xp.maximum(a, b),
        lambda a, b: xp.stack([a, b]),
        lambda a, b: operator.setitem(a, slice(None), b),
        lambda a, b: a.__iadd__(b),
        lambda a, b: a[b.astype("int64")],
    ],
)
def test_mixed_devices_are_found(mixed: Any):
    with pytest.raises(TypeError, match="devices"):
        mixed(on_device(), on_device((0.0, 1.0), index=1))


def test_work_on_another_device_than_the_current_one_is_found():
    there = on_device(index=1)
    with pytest.raises(TypeError, match="in a call on device 0"):
        there + 1
    with kernels.on_device_of(there):
        assert (there + 1).index == 1
    assert there[1:].index == there.reshape(2, 1).index == 1  # a view computes nothing


def test_it_is_not_a_numpy_array_and_its_results_are_no_scalars():
    a = on_device()
    assert not isinstance(a, np.ndarray)
    assert isinstance(a.sum(), StrictArray)
    assert isinstance(xp.dot(a, a), StrictArray)
    assert isinstance(a[0], StrictArray)
    assert float(a.sum()) == 3.0
    assert DEVICES.to_host(a).tolist() == [1.0, 2.0]


def test_views_know_their_base():
    a = on_device(((1.0, 2.0), (3.0, 4.0)))
    row = a[0]
    row += 10
    assert row.base is a
    assert a.T[1].base is a
    assert (a + 1).base is None
    assert DEVICES.to_host(a).tolist() == [[11.0, 12.0], [3.0, 4.0]]


def test_what_is_written_to_the_host_copy_is_not_on_the_device():
    a = on_device()
    DEVICES.to_host(a)[0] = 9
    assert float(a[0]) == 1.0

import argparse
import json
import math
import platform
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from minitorch.training.metrics import confusion_matrix, confusion_table, run_record, versions, write_json


def test_json_is_plain_json(tmp_path):
    path = tmp_path / "a.json"
    record = {
        "losses": [np.float32(0.5), math.nan, np.float64(-math.inf)],
        "matrix": np.eye(2, dtype=np.int64),
        "flag": np.True_,
        "nothing": None,
        "path": Path("runs") / "cnn",
        "name": "8×8",
        "shape": (3, 4),
        "inner": {1: np.array([0.5, np.nan])},
    }
    write_json(path, record)

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    assert json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse) == {
        "losses": [0.5, None, None],
        "matrix": [[1, 0], [0, 1]],
        "flag": True,
        "nothing": None,
        "path": str(Path("runs") / "cnn"),
        "name": "8×8",
        "shape": [3, 4],
        "inner": {"1": [0.5, None]},
    }


def test_what_json_has_no_form_for_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(TypeError, match="object"):
        write_json(path, {"a": object()})
    assert path.read_text() == "old"


def test_a_record_has_options_results_and_versions(tmp_path):
    args = argparse.Namespace(epochs=3, out=Path("x"), run=print)
    record = run_record("cnn", args, test_accuracy=0.5, losses=[1.0])
    assert record == {
        "model": "cnn",
        "options": {"epochs": 3, "out": Path("x")},
        "test_accuracy": 0.5,
        "losses": [1.0],
        "versions": versions(),
    }
    write_json(tmp_path / "a.json", record)


def test_versions():
    found = versions()
    assert found["numpy"] == np.__version__
    assert found["python"] == platform.python_version()
    assert found["minitorch"].count(".") == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_confusion_matrix_counts(pairs):
    expected = [[sum(pair == (i, j) for pair in pairs) for j in range(4)] for i in range(4)]
    labels, predictions = [a for a, _ in pairs], [b for _, b in pairs]
    assert confusion_matrix(labels, predictions, 4).tolist() == expected
    as_bytes = confusion_matrix(np.array(labels, np.uint8), np.array(predictions, np.uint8), 4)
    assert as_bytes.tolist() == expected


def test_confusion_matrix_of_many_classes_in_a_small_type():
    labels = np.array([200, 7], np.uint8)
    matrix = confusion_matrix(labels, labels, 201)
    assert (matrix[200, 200], matrix[7, 7], matrix.sum()) == (1, 1, 2)


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0, 1], [0], r"one shape \(N,\), but got \(2,\) and \(1,\)"),
        ([[0]], [[0]], r"one shape \(N,\), but got \(1, 1\)"),
        ([0, 3], [0, 0], "expected labels from 0 to 2, but got 0 to 3"),
        ([0, 0], [-1, 0], "expected predictions from 0 to 2, but got -1 to 0"),
    ],
)
def test_confusion_matrix_refuses(labels, predictions, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(labels, predictions, 3)


def test_confusion_table():
    matrix = np.array([[12, 0, 1], [0, 0, 0], [3, 0, 9]])
    assert confusion_table(matrix, ["cat", "dog", "mouse"]) == "\n".join(
        [
            "      predicted",
            "true     cat   dog mouse    right",
            "  cat     12     ·     1   92.3 %",
            "  dog      ·     ·     ·      –",
            "mouse      3     ·     9   75.0 %",
        ]
    )


def test_confusion_table_of_numbers():
    assert confusion_table(np.array([[1, 0], [0, 1]])).splitlines()[1:] == [
        "true  0 1    right",
        "   0  1 ·  100.0 %",
        "   1  · 1  100.0 %",
    ]


def test_confusion_table_refuses_another_size():
    with pytest.raises(ValueError, match=r"square matrix of 3 classes, but got \(2, 2\)"):
        confusion_table(np.eye(2, dtype=int), ["a", "b", "c"])


def test_a_path_that_is_no_text_is_written(tmp_path):
    write_json(tmp_path / "a.json", {"out": "a\udcff", "ä": 1})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"out": "a\udcff", "ä": 1}

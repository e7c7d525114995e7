"""Anomaly mode: which forward call a failing or NaN-producing backward step belongs to."""

import inspect
import warnings
from typing import Any

import pytest

import minitorch
from minitorch import autograd
from tests.autograd.worlds import same


def line_of(text: str) -> int:
    """The number of the line of this file that ends with the comment `text`."""
    lines = inspect.getsource(inspect.getmodule(line_of)).splitlines()  # type: ignore[arg-type]
    return next(i for i, line in enumerate(lines, 1) if line.endswith("# " + text))


def nan_in_backward(w: Any) -> Any:
    x = w.zeros(2, requires_grad=True)
    y = x.sqrt()  # the culprit
    return (y * 0).sum()


def test_nan_raises_and_points_at_the_forward_call() -> None:
    with pytest.warns(UserWarning) as caught, autograd.detect_anomaly():
        loss = nan_in_backward(minitorch)
        with pytest.raises(RuntimeError, match=r"Function 'SqrtBackward0' returned nan values in its 0th output\."):
            loss.backward()
    shown = str(caught[-1].message)
    assert shown.startswith("Error detected in SqrtBackward0. Traceback of forward call that caused the error:")
    assert f'{__file__}", line {line_of("the culprit")}, in nan_in_backward' in shown
    assert shown.rstrip().endswith("y = x.sqrt()  # the culprit")  # and not with a line of the library


def test_same_error_as_torch() -> None:
    def program(w: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with w.autograd.detect_anomaly():
                nan_in_backward(w).backward()

    same(program, says="Function 'SqrtBackward0' returned nan values in its 0th output.")


def test_a_failing_step_is_explained_too() -> None:
    with pytest.warns(UserWarning, match="Error detected in ExpBackward0"), autograd.detect_anomaly():
        y = minitorch.ones(2, requires_grad=True).exp()
        loss = y.sum()
        y.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            loss.backward()


def test_double_backward_shows_both_calls() -> None:
    with pytest.warns(UserWarning) as caught, autograd.detect_anomaly(check_nan=False):
        x = minitorch.zeros(2, requires_grad=True)
        y = (x**1.5).sum()  # the first call
        (g,) = autograd.grad(y, x, create_graph=True)  # the second call
        autograd.set_detect_anomaly(True, check_nan=True)
        with pytest.raises(RuntimeError, match="nan"):
            (g / g).sum().backward()
    shown = str(caught[-1].message)
    assert "Error detected in DivBackward0" in shown or "Previous calculation was induced by PowBackward0" in shown
    with pytest.warns(UserWarning) as caught, autograd.detect_anomaly():
        x = minitorch.zeros(2, requires_grad=True)
        y = (x**1.5).sum()  # the power
        (g,) = autograd.grad(y, x, create_graph=True)
        with pytest.raises(RuntimeError, match="nan"):
            (g * 0).sum().backward()
    shown = str(caught[-1].message)
    assert "Previous calculation was induced by PowBackward0" in shown
    assert f"line {line_of('the power')}" in shown


def test_without_nan_check() -> None:
    with pytest.warns(UserWarning, match="Anomaly Detection"), autograd.detect_anomaly(check_nan=False):
        x = minitorch.zeros(2, requires_grad=True)
        (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().all()


def test_graph_made_before_anomaly_mode() -> None:
    loss = nan_in_backward(minitorch)
    with (
        autograd.set_detect_anomaly(True),
        pytest.warns(UserWarning, match="No forward pass information available"),
        pytest.raises(RuntimeError, match="nan"),
    ):
        loss.backward()


def test_switching() -> None:
    def program(w: Any) -> Any:
        seen = [w.is_anomaly_enabled() if w.__name__ == "torch" else autograd.is_anomaly_enabled()]
        return seen

    same(program)
    with autograd.set_detect_anomaly(True):
        assert autograd.is_anomaly_enabled()
        with autograd.set_detect_anomaly(False):
            assert not autograd.is_anomaly_enabled()
        assert autograd.is_anomaly_enabled()
    assert not autograd.is_anomaly_enabled()

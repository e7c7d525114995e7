"""Anomaly mode: which forward call a failing or NaN-producing backward step belongs to."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import minitorch
from minitorch import autograd
from tests.autograd.worlds import same


def line_of(text: str) -> int:
    """The number of the line of this file that ends with the comment `text`."""
    lines = inspect.getsource(inspect.getmodule(line_of)).splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.endswith("# " + text))


def nan_in_backward(w: Any) -> Any:
    x = w.zeros(2, requires_grad=True)
    y = x.sqrt()  # the culprit
    return (y * 0).sum()


def failure(program: Callable[[], Any], **options: bool) -> tuple[Exception | None, str]:
    """The error of `program` in anomaly mode, and its last warning."""
    with warnings.catch_warnings(record=True) as caught, autograd.set_detect_anomaly(True, **options):
        warnings.simplefilter("always")
        try:
            program()
        except RuntimeError as error:
            return error, str(caught[-1].message)
    return None, ""


def test_nan_raises_and_points_at_the_forward_call() -> None:
    error, shown = failure(lambda: nan_in_backward(minitorch).backward())
    assert str(error) == "Function 'SqrtBackward0' returned nan values in its 0th output."
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
    def program() -> None:
        y = minitorch.ones(2, requires_grad=True).exp()
        loss = y.sum()
        (loss + y.add_(1).sum()).backward()

    error, shown = failure(program)
    assert "modified by an inplace operation" in str(error)
    assert "Error detected in ExpBackward0" in shown


def test_double_backward_shows_both_calls() -> None:
    def program() -> None:
        x = minitorch.zeros(2, requires_grad=True)
        y = (x**1.5).sum()  # the power
        (g,) = autograd.grad(y, x, create_graph=True)  # its gradient
        (g * 0).sum().backward()

    error, shown = failure(program)
    assert "returned nan values" in str(error)
    own, induced = shown.split("Previous calculation was induced by PowBackward0.")
    assert f"line {line_of('its gradient')}" in own
    assert f"line {line_of('the power')}" in induced


def test_without_nan_check() -> None:
    x = minitorch.zeros(2, requires_grad=True)
    error, _ = failure(lambda: (x.sqrt() * 0).sum().backward(), check_nan=False)
    assert error is None
    assert x.grad.isnan().all()


def test_graph_made_before_anomaly_mode() -> None:
    loss = nan_in_backward(minitorch)
    error, shown = failure(loss.backward)
    assert "nan" in str(error)
    assert "No forward pass information available" in shown


def test_the_slow_mode_announces_itself() -> None:
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        autograd.detect_anomaly().__exit__()


def test_switching() -> None:
    with autograd.set_detect_anomaly(True):
        assert autograd.is_anomaly_enabled()
        with autograd.set_detect_anomaly(False):
            assert not autograd.is_anomaly_enabled()
        assert autograd.is_anomaly_enabled()
    assert not autograd.is_anomaly_enabled()

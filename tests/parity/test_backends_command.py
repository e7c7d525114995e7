"""``parity backends``: every kernel on every backend, against the reference on NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import kernels
import tests.backends.strict  # noqa: F401 - registers it
from parity.__main__ import main
from parity.cases import select
from parity.commands import backends

pytestmark = pytest.mark.host("it chooses the backends itself")


def test_the_table(capsys: pytest.CaptureFixture[str]):
    assert main(["backends", "cpu", "strict", "--cases", "conv2d", "--kernel", "conv2d", "--repeat", "1"]) == 0
    out = capsys.readouterr().out
    row = next(line.split() for line in out.splitlines() if line.startswith("conv2d_input_grad "))
    assert (row[1], row[4]) == ("numpy", "reference")
    assert float(row[2]) < 100
    assert float(row[5]) == 0
    assert "cpu: form" in out
    assert "Not called by these cases" in out


def test_a_wrong_form_and_one_that_fails_are_shown(capsys: pytest.CaptureFixture[str]):
    relu = kernels.KERNELS["relu"]
    try:
        relu.on("strict")(lambda x: x * 1.5)
        (found,) = (
            backends.outcome(relu, (np.array([-1.0, 2.0], "float32"),), kernels.get_backend(name), 1)
            for name in ("strict",)
        )
        assert (found.form, found.failure) == ("strict", "")
        assert found.error is not None
        assert found.error > 1e6
        relu.on("strict")(lambda x: x + np.ones(2))
        assert main(["backends", "strict", "--cases", "relu", "--kernel", "relu"]) == 1
    finally:
        del relu.implementations["strict"]
        relu.by_type.clear()
    assert "relu on strict: TypeError: a host value where a device array belongs" in capsys.readouterr().out


def test_errors():
    ones = np.ones(3, "float32")
    above = np.array([1, 1, 1 + 2**-22], "float32")
    assert backends.error([ones], [ones]) == 0
    assert backends.error([above], [ones]) == 2
    assert backends.error([ones.astype("float64")], [ones]) == np.inf
    assert backends.error([np.array([np.nan, 1], "float32")], [np.array([1, 1], "float32")]) == np.inf
    assert backends.error([np.array([np.nan, 1], "float32")], [np.array([np.nan, 1], "float32")]) == 0
    assert backends.error([np.array([1, 2])], [np.array([1, 3])]) == np.inf


def test_the_cases_call_nearly_every_kernel():
    missing = set(kernels.KERNELS) - set(backends.recorded(select()))
    assert len(missing) < 10, sorted(missing)


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]):
    assert main(["backends", "nowhere"]) == 2
    assert "Expected one of" in capsys.readouterr().err
    assert main(["backends", "cpu", "--cases", "relu", "--kernel", "no such kernel"]) == 2
    assert "no kernel whose name contains" in capsys.readouterr().err


def test_the_table_of_cases_on_a_backend(capsys: pytest.CaptureFixture[str]):
    command = ["nn.functional.relu", "--examples", "3", "--load", "tests.backends.strict", "--backend", "strict:1"]
    assert main(command) == 0
    relu = kernels.KERNELS["relu"]
    try:
        relu.on("strict")(lambda x: x + 1)
        assert main(command) == 1
        assert main(command[:3]) == 0  # on the host nothing has changed
    finally:
        del relu.implementations["strict"]
        relu.by_type.clear()
    capsys.readouterr()
    assert main([*command[:3], "--backend", "nowhere"]) == 2
    assert "Expected one of" in capsys.readouterr().err

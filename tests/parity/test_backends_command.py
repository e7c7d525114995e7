"""``parity backends``: every kernel on every backend, against the reference on NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernels
from kernels.dispatch import Kernel
from parity.__main__ import main
from parity.cases import select
from parity.commands import backends
from tests.backends.strict import DEVICES

pytestmark = pytest.mark.host("it chooses the backends itself")


def test_the_table(capsys: pytest.CaptureFixture[str]):
    assert main(["backends", "cpu", "strict", "--cases", "conv2d", "--kernel", "conv2d", "--repeat", "1"]) == 0
    out = capsys.readouterr().out
    row = next(line.split() for line in out.splitlines() if line.startswith("conv2d_input_grad "))
    assert (row[1], row[3], row[5], row[7]) == ("numpy", "equal", "reference", "equal")
    assert float(row[2]) < 100
    assert float(row[6]) == 0
    assert max(map(len, out.splitlines())) <= 24 + 2 * 33
    assert "Not called by" not in out


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


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (lambda x: None, "1 array fewer than the reference returns"),
        (lambda x: (x, x), "1 array more than the reference returns"),
        (lambda x: x.reshape(1, 2), "float32[1, 2] where the reference has float32[2]"),
        (lambda x: x.host, "TypeError: returns an array of the device cpu for arrays of the device strict"),
    ],
)
def test_results_of_another_kind_are_said(relu: Kernel, form: Any, message: str) -> None:
    relu.on("strict")(lambda x: form(x))
    found = backends.outcome(relu, (np.array([1.0, 2.0], "float32"),), DEVICES, 1)
    assert found.wrong.startswith(message)


@pytest.fixture
def relu() -> Iterator[Kernel]:
    """The kernel, whose forms for the strict backend are forgotten after the test."""
    kernel = kernels.KERNELS["relu"]
    yield kernel
    kernel.implementations.pop("strict", None)
    kernel.by_type.clear()


@pytest.mark.parametrize(
    ("form", "differs"),
    [
        (lambda x: x * (x > 0), {"infinities": "NaN where the reference has 0", "−0": "−0 where the reference has 0"}),
        (
            lambda x: DEVICES.xp.where(x > 0, x, 0),
            {"NaN": "0 where the reference has NaN", "−0": "0 where the reference has −0"},
        ),
        (lambda x: DEVICES.xp.maximum(x, 2.0**-149) if x.size else x, {}),  # wrong by less than rounding
    ],
)
def test_special_values_are_compared(relu: Kernel, form: Any, differs: dict[str, str]) -> None:
    relu.on("strict")(lambda x: form(x))
    args = (np.array([[-1.0, 2.0, 3.0], [4.0, -5.0, 6.0]], "float32"),)
    found = backends.outcome(relu, args, DEVICES, 1)
    assert found.error == pytest.approx(0, abs=1e-6)
    assert {text.partition(": ")[0]: text.partition(": ")[2].partition(" (")[0] for text in found.special} == differs


def test_layouts_are_compared(relu: Kernel) -> None:
    """A form that takes its argument for contiguous."""

    def wrong(x):
        flat = np.lib.stride_tricks.as_strided(x.host, (x.size,), (x.dtype.itemsize,))
        return DEVICES.asarray(np.maximum(flat, 0).reshape(x.shape))

    relu.on("strict")(wrong)
    args = (np.arange(6, dtype="float32").reshape(2, 3) - 2,)
    found = backends.outcome(relu, args, DEVICES, 1)
    assert found.error == 0
    assert {text.partition(":")[0] for text in found.special} >= {"strided", "transposed"}


def test_forms_side_by_side(relu: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["backends", "--compare", "reference,numpy,strict", "--repeat", "2"]
    assert main([*command, "--kernel", "relu", "--cases", "relu", "--shape", "4,5", "--shape", "7"]) == 0
    out = capsys.readouterr().out
    assert out.count("relu, 4×5\n") == out.count("relu, 7\n") == 1
    assert len([line for line in out.splitlines() if line.split()[:2] == ["reference", "0"]]) >= 2
    relu.on("strict")(lambda x: x * 2)
    assert main([*command, "--call", "F.relu(torch.randn(3, requires_grad=True))"]) == 1
    assert "the error is" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--compare", "reference,nunpy", "--shape", "3"], "no form 'nunpy'; forms: reference, cpu"),
        (["--compare", "reference"], "--compare needs sizes"),
        (["--compare", "numpy", "--cases", "conv2d", "--kernel", "conv2d", "--shape", "3"], "give --call"),
        (["--compare", "numpy", "--call", "F.relu(3)"], "--call 'F.relu(3)' raises"),
        (["--compare", "numpy", "--call", "torch.ones(2)", "--kernel", "relu"], "uses no kernel whose name contains"),
    ],
)
def test_mistakes_in_comparing_forms(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", *arguments]) == 2
    assert message in capsys.readouterr().err


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
    assert "Expected one of" in (said := capsys.readouterr().err)
    assert "--load FILE.py" in said
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
    assert "--load FILE.py" in capsys.readouterr().err

"""The comparison of names and signatures: on functions made for the test, and on torch's."""

import re

import pytest
import torch

import minitorch
from parity.__main__ import main
from parity.commands import public_names, signatures, surface


def differences(ours, *theirs):
    found = [signatures.stated(one, False) for one in theirs]
    return signatures.differences(signatures.of_ours(ours, False), found)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (lambda x, dim=0: 0, lambda x, dim=0: 0, []),
        (lambda x: 0, lambda x, dim=0: 0, ["lacks dim"]),
        (lambda x, y: 0, lambda x: 0, ["has y besides"]),
        (lambda x, y=1: 0, lambda x: 0, ["has y besides"]),
        (lambda x, dim=1: 0, lambda x, dim=0: 0, ["dim=1, in torch 0"]),
        (lambda x, dim: 0, lambda x, dim=0: 0, ["dim has no default"]),
        (lambda x, dim=0: 0, lambda x, dim: 0, ["dim=0, in torch required"]),
        (lambda x, *, dim=0: 0, lambda x, dim=0: 0, ["dim by keyword alone"]),
        (lambda x, dim=0: 0, lambda x, *, dim=0: 0, ["dim by position too"]),
        (lambda y, x: 0, lambda x, y: 0, ["x at another place", "y at another place"]),
        (lambda *size, dtype=None: 0, lambda size, *, dtype=None: 0, []),
        (lambda x, **options: 0, lambda x, *, stream=None: 0, []),
        (lambda x: 0, lambda x, *, layout=None: 0, []),
        (lambda dim=1.0: 0, lambda dim=1: 0, []),
    ],
)
def test_differences(ours, theirs, expected):
    assert differences(ours, theirs) == expected


def test_every_overload_of_torch_counts():
    first, second = (lambda input, other: 0), (lambda input, dim, keepdim=False: 0)
    assert differences(lambda input, other: 0, first, second) == ["lacks dim", "lacks keepdim"]
    assert differences(lambda input, dim=None, keepdim=False, *, other=None: 0, first, second) == [
        "other by keyword alone"
    ]


def test_our_overloads_count():
    assert [len(one) for one in signatures.of_ours(minitorch.max, False)] == [5, 2, 4, 3]  # with `out` each
    assert signatures.of_ours(minitorch.Tensor.max, True)[1:] == [
        [],
        [signatures.Parameter("dim"), signatures.Parameter("keepdim", default="False")],
        [signatures.Parameter("other")],
    ]


def test_signatures_of_functions_written_in_c_come_from_the_stubs_that_torch_installs():
    (found,) = signatures.of_torch(torch.cumsum, False)
    assert [(p.name, p.keyword, p.default) for p in found] == [
        ("input", False, None),
        ("dim", False, None),
        ("dtype", True, "None"),
        ("out", True, "None"),
    ]
    assert [p.name for p in signatures.of_torch(torch.Tensor.masked_fill_, True)[0]] == ["mask", "value"]
    assert len(signatures.of_torch(torch.max, False)) == 3
    assert len(signatures.of_torch(torch.addmm, False)) == 1  # not those that torch warns of, nor that of CUDA alone


def test_a_name_that_is_provided_and_one_that_is_not():
    assert surface.entry("nn.Linear") == surface.Entry("nn.Linear", True)
    assert surface.entry("fft.fft") == surface.Entry("fft.fft", False)
    with pytest.raises(AttributeError):
        surface.entry("nn.Liner")


def test_the_list(tmp_path):
    assert {"Tensor.add_", "nn.LSTM", "tensor"} <= set(surface.names())
    file = tmp_path / "names.txt"
    file.write_text("# a comment\nadd\n\ntorch.add # again\nTensor.T\n")
    assert surface.names(file) == ["add", "Tensor.T"]
    file.write_text("add(\n")
    with pytest.raises(ValueError, match="line 1"):
        surface.names(file)


def test_the_command(tmp_path, capsys):
    file = tmp_path / "names.txt"
    file.write_text("add\nnn.Linear\n")
    assert main(["surface", str(file)]) == 0
    assert "2 names: 2 provided, 0 of them with another signature; 0 missing" in capsys.readouterr().out
    file.write_text("add\nfft.fft\nno.such\n")
    assert main(["surface", str(file), "--missing"]) == 1
    out = capsys.readouterr().out
    assert "add" not in out
    assert "fft.fft  missing" in out
    assert "torch has no such name" in out
    assert main(["surface", str(tmp_path / "absent.txt")]) == 2
    assert "families: torch, Tensor, nn," in capsys.readouterr().err


def test_families(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["surface"]) == 0
    out = capsys.readouterr().out
    for family in public_names.FAMILIES:
        assert re.search(rf"^{re.escape(family or 'torch')} +\d+ +\d+ +\d+ +\d+$", out, re.MULTILINE), family
    assert main(["surface", "nn", "--missing"]) == 0
    out = capsys.readouterr().out
    assert "MultiheadAttention" in out
    assert "Linear" not in out.split()


def test_public_names_are_those_of_torch() -> None:
    assert {"add", "float32", "no_grad", "Tensor"} <= set(public_names.public(""))
    assert {"Linear", "Module"} <= set(public_names.public("nn"))
    assert "Optional" not in public_names.public("nn.functional")
    assert {"relu", "conv2d"} <= set(public_names.public("nn.functional"))
    assert public_names.public("optim") == sorted({*torch.optim.__all__} - {"lr_scheduler", "swa_utils"})


def test_what_is_out_of_scope_exists_and_is_absent() -> None:
    """A pattern that matches no name is a mistake; so is one without an asterisk that matches a name that is there."""
    names = [(family, name) for family in public_names.FAMILIES for name in public_names.public(family)]
    for reason, patterns in public_names.scope().items():
        for pattern in patterns:
            matched = [place for place in names if public_names.matches(pattern, *place)]
            assert matched, f"{reason}: {pattern}"
            if not set(pattern) & set("*?[<"):
                assert not all(public_names.provided(*place) for place in matched), f"{reason}: {pattern}"

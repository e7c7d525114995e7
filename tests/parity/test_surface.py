"""The comparison of names and signatures: on functions made for it, and on torch's own."""

import pytest
import torch

from parity.__main__ import main
from parity.commands import surface


def compared(ours, theirs):
    return surface.differences(surface.parameters(ours, False), [surface.parameters(theirs, False)])


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (lambda x, dim=0: 0, lambda x, dim=0: 0, []),
        (lambda x: 0, lambda x, dim=0: 0, ["lacks dim"]),
        (lambda x, y: 0, lambda x: 0, ["has y besides"]),
        (lambda x, y=1: 0, lambda x: 0, []),
        (lambda x, dim=1: 0, lambda x, dim=0: 0, ["dim=1, in torch 0"]),
        (lambda x, dim: 0, lambda x, dim=0: 0, ["dim has no default, torch's 0"]),
        (lambda x, dim=0: 0, lambda x, dim: 0, ["dim=0, in torch no default"]),
        (lambda x, *, dim=0: 0, lambda x, dim=0: 0, ["dim by keyword alone"]),
        (lambda y, x: 0, lambda x, y: 0, ["order y, x"]),
        (lambda *size, dtype=None: 0, lambda size, *, dtype=None: 0, []),
        (lambda x, **options: 0, lambda x, *, stream=None: 0, []),
        (lambda x: 0, lambda x, *, layout=None: 0, []),
        (lambda dim=1.0: 0, lambda dim=1: 0, []),
    ],
)
def test_differences(ours, theirs, expected):
    assert compared(ours, theirs) == expected


def test_the_nearest_overload_counts():
    ours = surface.parameters(lambda input, dim, keepdim=False: 0, False)
    far, near = [surface.Parameter("other")], [surface.Parameter("input"), surface.Parameter("dim")]
    assert surface.differences(ours, [far, near]) == []


def test_signatures_of_functions_written_in_c_come_from_their_docstrings():
    (found,) = surface.overloads(torch.cumsum, False)
    assert [(p.name, p.keyword, p.default) for p in found] == [
        ("input", False, "?"),
        ("dim", False, "?"),
        ("dtype", True, "None"),
        ("out", True, "None"),
    ]
    assert [p.name for p in surface.overloads(torch.Tensor.masked_fill_, True)[0]] == ["mask", "value"]
    assert len(surface.overloads(torch.max, False)) == 3


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

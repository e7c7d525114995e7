"""The parameters of every public function, method and class are torch's: names, order, defaults, by keyword or not."""

from __future__ import annotations

import inspect

import pytest
import torch

import minitorch
from minitorch import autograd, cuda, random, testing
from parity.commands import signatures, surface
from tests.parity.test_coverage import PUBLIC

REFUSED = "torch's stub is wrong: torch itself refuses such a call"
ONE_NAME = "the parameter goes by one name; by position it is the same"
NUMBERS = "torch takes it by position too only where `other` is a number"
GIVEN = "None says that `unbiased` was not given, since `correction` may be; `std(x, True)` works"
DEVICES = "what only CUDA of other versions, or other accelerators, would use"

DIFFERENT = {
    "asarray": ("requires_grad=False, in torch None", "both mean the same"),
    "autograd.enable_grad": ("lacks orig_func", "torch's parameter is for its own use"),
    "cuda.Event": ("lacks external", DEVICES),
    "cuda.graph": ("lacks enable_annotations; lacks check_input_liveness", DEVICES),
    "dtype": ("has name besides", "torch's class cannot be called"),
    "enable_grad": ("lacks orig_func", "torch's parameter is for its own use"),
    "linspace": ("steps has no default", REFUSED),
    "nn.functional.avg_pool1d": ("stride=None, in torch ()", "both mean the size of the window"),
    "nn.functional.conv1d": ("padding=0, in torch 'valid'", "of two overloads, of numbers and of words; 'valid' is 0"),
    "nn.functional.conv2d": ("padding=0, in torch 'valid'", "of two overloads, of numbers and of words; 'valid' is 0"),
    "nn.functional.gelu": ("approximate by keyword alone", REFUSED),
    "norm": (
        "out by keyword alone; dtype at another place",
        "`out` is a keyword everywhere; torch's comes before dtype",
    ),
    "random.fork_rng": ("lacks _caller; lacks _devices_kw; lacks device_type", DEVICES),
    "result_type": ("lacks scalar; tensor at another place; lacks scalar1; lacks scalar2", ONE_NAME),
    "set_num_threads": ("lacks num; lacks nthreads; has threads besides", "torch takes it by position alone"),
    "subtract": ("alpha by keyword alone", NUMBERS),
    "tensor": ("dtype by keyword alone; device by keyword alone; requires_grad by keyword alone", REFUSED),
    "tensordot": ("out by keyword alone", "`out` is a keyword everywhere"),
    "Tensor.new_tensor": ("dtype by keyword alone; device by keyword alone; requires_grad by keyword alone", REFUSED),
    "Tensor.random_": (
        "to at another place",
        "torch's first parameter is called `from`, a word of Python; read from **named",
    ),
    "Tensor.requires_grad_": ("lacks mode; has requires_grad besides", REFUSED),
    "Tensor.set_": ("lacks storage_offset; lacks size; lacks stride", "there are no storages"),
    "Tensor.subtract": ("alpha by keyword alone", NUMBERS),
    "Tensor.subtract_": ("alpha by keyword alone", NUMBERS),
    **dict.fromkeys(
        ("std", "std_mean", "var", "var_mean", "Tensor.std", "Tensor.var"),
        ("unbiased=None, in torch True; unbiased at another place", GIVEN),
    ),
}
"""By name, the differences and their reasons."""

UNKNOWN = {
    "Generator",
    "Tensor",
    "device",
    "finfo",
    "iinfo",
    "linalg.norm",
    "linalg.vector_norm",
    "autograd.Variable",
}
"""Callables for which torch states no signature, besides the old tensor types."""


def _compared() -> list[str]:
    """The names of callables that both libraries have."""
    names = set(PUBLIC)
    for module in (minitorch, autograd, cuda, random, testing):
        prefix = module.__name__.removeprefix("minitorch").removeprefix(".")
        for name, value in vars(module).items():
            if not name.startswith("_") and callable(value) and value.__module__.startswith(module.__name__):
                names.add(f"{prefix}.{name}" if prefix else name)
    names.remove("random.Generator")  # that of torch.random is one of `typing`
    return sorted(n for n in names if callable(surface.resolve(minitorch, n)) and _torch_has(n))


def _torch_has(name: str) -> bool:
    try:
        return surface.resolve(torch, name) is not None
    except AttributeError:
        return False


NAMES = _compared()


@pytest.mark.parametrize("name", NAMES)
def test_parameters(name: str) -> None:
    found = "; ".join(surface.entry(name).differences)
    expected = DIFFERENT[name][0] if name in DIFFERENT else ""
    assert found == expected, f"{name} differs from torch's: {found}" if found else f"{name}: take it off the list"


def test_every_public_name_is_compared() -> None:
    stated = {n for n in NAMES if signatures.of_torch(surface.resolve(torch, n), n.startswith("Tensor."))}
    old = {n for n in NAMES if n.endswith("Tensor") and n != "Tensor"}
    assert set(NAMES) - stated - old == UNKNOWN & set(NAMES)
    assert set(DIFFERENT) <= set(NAMES)
    assert len(stated) > 850


def test_a_renamed_parameter_is_found() -> None:
    theirs = signatures.of_torch(torch.flip, False)
    assert signatures.differences(signatures.of_ours(minitorch.flip, False), theirs) == []
    assert signatures.differences(signatures.of_ours(lambda input, axes: None, False), theirs) == [
        "lacks dims",
        "has axes besides",
    ]


@pytest.mark.parametrize("name", sorted(n for n in PUBLIC if "." not in n))
def test_out(name: str) -> None:
    """A function has ``out=`` exactly if torch's has it."""
    theirs = [p.name for one in signatures.of_torch(getattr(torch, name), False) for p in one]
    ours = inspect.signature(PUBLIC[name]).parameters
    assert ("out" in ours) == ("out" in theirs)

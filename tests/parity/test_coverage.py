"""Every public name has a case of `parity`, or is listed below with the test that covers it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import minitorch
from minitorch import nn, optim
from minitorch.functions.public import functions
from minitorch.nn import functional, init
from minitorch.optim import lr_scheduler
from parity.cases import select

TESTS = Path(__file__).parents[1]
COVERED = {name for case in select() for name in case.covers}

ELSEWHERE: dict[str, str] = {
    "Tensor.cuda": "scripts/boilerplate.py",
    "Tensor.pin_memory": "backends/test_cuda.py",
    "Tensor.is_pinned": "backends/test_cuda.py",
    "Tensor.record_stream": "ladder/test_l3_streams.py",
}
"""Names that no case can compare, since the torch of the tests runs on the CPU alone: the test file that covers each."""


def _namespace(module: ModuleType, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if not name.startswith("_") and not inspect.ismodule(value):
            yield prefix + name, value


def _home(value: Any) -> str:
    """The module that a function or class is defined in; empty for other objects."""
    return getattr(value, "__module__", None) or ""


def _public() -> dict[str, Any]:
    """The public names with their values."""
    found = {n: v for n, v in _namespace(nn, "nn.") if inspect.isclass(v) and issubclass(v, nn.Module)}
    found |= {n: v for n, v in _namespace(functional, "nn.functional.") if inspect.isfunction(v)}
    found |= {n: v for n, v in _namespace(init, "nn.init.") if inspect.isfunction(v) and v.__module__ == init.__name__}
    found |= {n: v for n, v in _namespace(optim, "optim.") if inspect.isclass(v) and issubclass(v, optim.Optimizer)}
    schedulers = (lr_scheduler.LRScheduler, lr_scheduler.ReduceLROnPlateau)
    found |= {
        n: v
        for n, v in _namespace(lr_scheduler, "optim.lr_scheduler.")
        if inspect.isclass(v) and issubclass(v, schedulers)
    }
    found |= {f"Tensor.{n}": getattr(minitorch.Tensor, n) for n in dir(minitorch.Tensor) if not n.startswith("_")}
    for module, prefix in (
        (nn.utils, "nn.utils."),
        (nn.utils.rnn, "nn.utils.rnn."),
        (minitorch.utils.data, "utils.data."),
        (minitorch.distributions, "distributions."),
        (minitorch.linalg, "linalg."),
    ):
        found |= {n: v for n, v in _namespace(module, prefix) if _home(v).startswith(module.__name__)}
    return found | functions()


PUBLIC = _public()


def _resolve(name: str) -> Any:
    value: Any = minitorch
    for part in name.partition("(")[0].split("."):
        value = getattr(value, part, None)
    return value


COMPARED = {id(inspect.unwrap(value)) for value in map(_resolve, COVERED) if value is not None}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_has_case(name: str) -> None:
    value = PUBLIC[name]
    if name in COVERED or id(inspect.unwrap(value)) in COMPARED:  # an alias, or an older name, is its function
        return
    assert name in ELSEWHERE or f"{name}_" in ELSEWHERE, (
        f"minitorch.{name} has no case in parity/cases, and no test is named for it here"
    )


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_is_covered_elsewhere(name: str) -> None:
    assert name in PUBLIC, f"minitorch has no {name}: take it off the list"
    assert name not in COVERED, f"{name} has a case: take it off the list"
    file = TESTS / ELSEWHERE[name]
    assert file.is_file(), f"there is no {file}"
    assert name.rpartition(".")[2] in file.read_text(encoding="utf-8"), f"{file} does not mention {name}"

"""Statements for which torch warns, and similar ones for which it does not: minitorch gives the same warnings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

STATEMENTS = """
    torch.ones(1).std()
    torch.ones(1).var()
    torch.ones(0).var()
    torch.ones(2, 0).var(1)
    torch.ones(0, 2).var(1)
    torch.ones(2, 0).var(0)
    torch.ones(2, 0).var(1, correction=-1)
    torch.ones(2).var(correction=2)
    torch.ones(2).var(correction=1.5)
    torch.ones(1).var(unbiased=False)
    torch.ones(0).var(unbiased=False)
    torch.ones(2, 1).std(1)
    torch.ones(2, 1).std(0)
    torch.var_mean(torch.ones(1))
    torch.std_mean(torch.ones(2, 1), 1)
    torch.meshgrid(x)
    torch.meshgrid([x, x])
    torch.meshgrid(x, i)
    torch.meshgrid(x, x, indexing="ij")
    x[u]
    torch.ones(2, 2)[u, u]
    torch.ones(2, 2)[0, u]
    torch.ones(3).__setitem__(torch.tensor([1, 1, 0], dtype=torch.uint8), x)
    x[torch.tensor(1, dtype=torch.uint8)]
    x[np.array([1, 0], dtype=np.uint8)]
    x[u.bool()]
    torch.where(u, x, x)
    torch.where(u, 1, 2)
    torch.where(u)
    torch.where(u.bool(), x, x)
    torch.ones(2, 2, 2).T
    torch.ones(2).T
    torch.ones(2, 2).T
    torch.tensor(1.0).T
    torch.tensor(1.0).H
    torch.tensor(1.0).mT
    torch.ones(2, 2).H
    torch.ones(2, 2, 2).mT
    float(q)
    float(q * 2)
    float(q.detach())
    float(torch.ones(2, requires_grad=True))
    torch.no_grad()(lambda: float(q))()
    float(torch.ones(0, requires_grad=True))
    int(q)
    bool(q)
    q.item()
    f"{q.sum():.2f}"
    torch.tensor([q, q])
    torch.tensor(q)
    torch.tensor([x[0], x[1]])
    torch.tensor([np.ones(2), [1.0, 2.0]])
    torch.tensor(([np.ones(1)],))
    torch.from_numpy(np.broadcast_to(np.ones(2), (2, 2)))
    torch.as_tensor(np.broadcast_to(np.ones(2), (2, 2)))
    torch.tensor(np.broadcast_to(np.ones(2), (2, 2)))
    torch.from_numpy(np.frombuffer(b"abcdefgh", dtype=np.uint8))
    torch.eq(x, x, out=torch.zeros(3, dtype=torch.bool))
    torch.eq(x, x, out=torch.zeros(0, dtype=torch.bool))
    torch.sum(x, 0, out=torch.zeros(2))
    torch.cat([x, x], out=torch.zeros(2))
    torch.sort(x, out=(torch.zeros(1), torch.zeros(1, dtype=torch.int64)))
    torch.arange(3, out=torch.zeros(2))
    torch.arange(3, out=torch.zeros(5))
    torch.arange(3, out=torch.zeros(0))
    torch.arange(3, out=torch.zeros(3, 1))
    torch.zeros(2, out=torch.zeros(3))
    torch.tensor([-1.0, 0.0]).log()
    torch.ones(2) / 0
    torch.full((2,), 3e38).sum()
    torch.nn.functional.mse_loss(x, torch.ones(1))
"""


@pytest.fixture(autouse=True)
def _each_time() -> Iterator[None]:
    """torch gives some of its warnings once in a process, unless it is told not to."""
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(False)


def _warnings(lib: Any, statement: str) -> list[tuple[type[Warning], str, str]]:
    """The class, the beginning of the text, and the file of every warning."""
    names = {
        **{"torch": lib, "np": np, "x": lib.tensor([1.0, 2.0]), "i": lib.tensor([1, 2])},
        **{"u": lib.tensor([1, 0], dtype=lib.uint8), "q": lib.tensor([1.0], requires_grad=True)},
    }
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        try:
            eval(compile(statement, "statement.py", "eval"), names)
        except (ValueError, RuntimeError) as error:
            names["error"] = error
    return [(w.category, str(w.message)[:50], w.filename) for w in given]


@pytest.mark.parametrize("statement", [line.strip() for line in STATEMENTS.splitlines() if line])
def test_the_warnings_of_torch(statement: str) -> None:
    expected = [(kind, text, "statement.py") for kind, text, _ in _warnings(torch, statement)]
    assert _warnings(minitorch, statement) == expected

"""Parameters that are numbers: a tensor in place of one is read as torch reads it; refused if its gradient is lost."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch.functions.public import TABLE
from minitorch.nn import functional

CALLS = """
torch.add(a, b, alpha=s)
torch.sub(a, b, alpha=s)
torch.rsub(a, b, alpha=s)
a.clone().add_(b, alpha=s)
a.clone().sub_(b, alpha=s)
torch.addcmul(a, a, b, value=s)
a.clone().addcmul_(a, b, value=s)
torch.addcdiv(a, a, b, value=s)
torch.addmm(m, m, m, alpha=s)
torch.addmm(m, m, m, beta=s)
torch.baddbmm(m[None], m[None], m[None], alpha=s)
torch.baddbmm(m[None], m[None], m[None], beta=s)
torch.scalar_tensor(s)
torch.full((2,), s)
torch.full_like(a, s)
a.new_full((2,), s)
torch.arange(s)
torch.arange(0, s)
torch.arange(0, 3, s)
torch.linspace(0, s, 3)
torch.linspace(s, 0, 3)
m.clone().fill_diagonal_(s)
a.index_add(0, i, b, alpha=s)
a.scatter(0, i, value=s)
torch.isclose(a, b, rtol=s)
torch.isclose(a, b, atol=s)
torch.allclose(a, b, rtol=s)
torch.allclose(a, b, atol=s)
a.clone().uniform_(s, 2)
a.clone().uniform_(0, s)
a.clone().normal_(s)
a.clone().normal_(0, s)
a.clone().exponential_(s)
a.clone().geometric_(s / 2)
a.clone().cauchy_(s)
a.clone().cauchy_(0, s)
a.clone().log_normal_(s)
a.clone().log_normal_(0, s)
torch.bernoulli(b / 4, s)
torch.var(m, correction=s)
torch.std(m, correction=s)
torch.var_mean(m, correction=s)
torch.std_mean(m, correction=s)
torch.nan_to_num(a, s)
torch.nan_to_num(a, posinf=s)
torch.nan_to_num(a, neginf=s)
torch.norm(a, s)
torch.clamp(a, 0, s)
F.batch_norm(m, torch.zeros(2), torch.ones(2), training=True, momentum=s)
F.batch_norm(m, None, None, training=True, eps=s)
F.cosine_similarity(m, m, eps=s)
F.cross_entropy(m, i, label_smoothing=s)
F.dropout(a, s)
F.dropout1d(m[None], s)
F.dropout2d(m[None, None], s)
F.elu(a, s)
F.elu_(a.clone(), s)
F.embedding(i, m.clone(), max_norm=s)
F.embedding(i, m.clone(), max_norm=1.0, norm_type=s)
F.group_norm(m[None], 1, eps=s)
F.hardtanh(a, -1.0, s)
F.hardtanh(a, s, 2.0)
F.hardtanh_(a.clone(), -1.0, s)
F.hardtanh_(a.clone(), s, 2.0)
F.huber_loss(a, b, delta=s)
F.layer_norm(a, (2,), eps=s)
F.leaky_relu(a, s)
F.leaky_relu_(a.clone(), s)
F.normalize(m, p=s)
F.normalize(m, eps=s)
F.smooth_l1_loss(a, b, beta=s)
F.softplus(a, s)
F.softplus(a, 1.0, s)
F.pad(m, (1, 1), value=s)
F.rms_norm(m, (2,), eps=s)
""".strip().splitlines()
VALUES = {
    "a number": "1.0",
    "a tensor": "torch.tensor(1.0)",
    "a tensor that requires a gradient": "torch.tensor(1.0, requires_grad=True)",
    "a tensor with dimensions": "torch.tensor([1.0, 1.0])",
    "a NumPy number": "np.float32(1)",
    "a boolean": "True",
    "a list": "[1.0]",
}


def accepts(lib: Any, call: str, value: str) -> bool:
    """Whether a call with `value` in the place of ``s`` succeeds."""
    names = {"torch": lib, "F": lib.nn.functional, "np": np, "a": lib.tensor([1.0, 2.0]), "b": lib.tensor([3.0, 4.0])}
    names |= {"m": lib.ones(2, 2), "i": lib.tensor([0, 1]), "s": eval(value, names)}
    try:
        eval(call, names)
    except (TypeError, RuntimeError, ValueError):
        return False
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS)
def test_numbers(call: str) -> None:
    found = {name: accepts(minitorch, call, value) for name, value in VALUES.items()}
    assert found == {name: accepts(torch, call, value) for name, value in VALUES.items()}


def test_every_parameter_that_is_a_number_is_tried() -> None:
    functions = {name: row.definition for row in TABLE.values() for name in row.names[:1]}
    functions |= {f"F.{name}": f for name, f in vars(functional).items() if inspect.isfunction(f)}
    for name, function in functions.items():
        numbers = [
            p.name
            for p in inspect.signature(function).parameters.values()
            if re.fullmatch(r"(Number|float)( \| str)?( \| None)?", str(p.annotation))
        ]
        calls = [call for call in CALLS if re.search(rf"\b{re.escape(name)}\(", call)]
        assert len(calls) >= len([p for p in numbers if p != "self"]), (name, numbers)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "F.leaky_relu(a, s)",
            "leaky_relu(): argument 'negative_slope' (position 2) must be float, not Tensor: it requ",
        ),
        (
            "a.add_(a, alpha=s)",
            "add(): argument 'alpha' must be Number, not Tensor: it requires a gradient, which would",
        ),
        ("a.normal_(0, a)", "normal_(): argument 'std' (position 2) must be float, not Tensor: it has the shape [2]"),
        ("torch.full((2,), '3')", "full(): argument 'fill_value' (position 2) must be Number, not str"),
    ],
)
def test_messages(call: str, message: str) -> None:
    a, s = minitorch.tensor([1.0, 2.0]), minitorch.tensor(0.5, requires_grad=True)
    with pytest.raises(TypeError, match="^" + re.escape(message)):
        eval(call, {"torch": minitorch, "F": functional, "a": a, "s": s})

"""Statements at the edges of numbers, with torch and with minitorch: infinities, nothing, zeros, mixed dtypes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
import torch

import minitorch

STATEMENTS: dict[str, str] = {
    "integers to negative powers": """
        torch.tensor([2, 3, 0, 1, -1, -1]) ** torch.tensor([-1, 2, -1, -5, -3, -2])
        2 ** torch.tensor([-1, 2])
        torch.tensor([2, 3]) ** torch.tensor(-1)
        torch.tensor(2) ** torch.tensor(-1)
        (-1) ** torch.tensor([-1, -2])
        torch.tensor([2, 3], dtype=torch.int8) ** torch.tensor([-1, 2])
        torch.tensor([2, 3], dtype=torch.int8) ** torch.tensor([-1, 2], dtype=torch.int8)
        torch.tensor([2, 3]).pow_(torch.tensor([-1, 2]))
        torch.tensor([2, 3]) ** -1
        torch.tensor([True, False]) ** torch.tensor([-1, 2])
        torch.tensor([2, 3], dtype=torch.int8) ** 2""",
    "numbers in other precisions": """
        torch.tensor([1.0], dtype=torch.float64).copy_(-0.64)
        torch.tensor([1.0], dtype=torch.float16).copy_(1 / 3)
        torch.tensor([1]).copy_(7)
        torch.clamp(x, torch.tensor(0.5), 2.0)
        torch.clamp(x, 0.5, torch.tensor(2.0))
        torch.clamp(x, torch.ones(1), 2.0)""",
    "sums": """
        i.nansum()
        i.nansum(0, keepdim=True)
        b.nansum()
        torch.tensor([nan, 1.0]).nansum(dtype=torch.int64)
        torch.tensor([nan, 1.0]).half().nansum()
        x.clone().requires_grad_().sum(dtype=torch.int64)
        x.clone().requires_grad_().nansum(0, dtype=torch.uint8)
        x.clone().requires_grad_().prod(dtype=torch.int64)
        x.clone().requires_grad_().cumsum(0, dtype=torch.int64)
        x.clone().requires_grad_().cumprod(0, dtype=torch.int8)
        x.sum(dtype=torch.bool)
        torch.tensor([60000.0, 60000.0, -60000.0]).half().sum()
        torch.tensor([60000.0, 60000.0, -60000.0]).half().cumsum(0)""",
    "deviations": """
        torch.tensor([300.0, -300.0, 400.0]).half().std()
        torch.tensor([300.0, -300.0, 400.0]).half().var()
        torch.tensor([1e38, -1e38, 2e38]).std()
        torch.tensor([[1e38, 3e38], [2e38, 1e38]]).std(0)
        torch.tensor([[1e38, 3e38], [2e38, 1e38]]).std(1)
        torch.tensor([1e25, -1e25]).std()
        torch.tensor([1e-30, -1e-30]).std()
        torch.tensor([1e-30, -1e-30]).var()
        torch.tensor([inf, 1.0]).std()
        torch.tensor([1e300, -1e300], dtype=torch.float64).std()""",
    "products": """
        gradient(lambda x: x.prod(), [inf, 2.0, 3.0])
        gradient(lambda x: x.prod(), [inf, 0.0, 3.0])
        gradient(lambda x: x.prod(), [inf, inf, 3.0])
        gradient(lambda x: x.prod(), [nan, 0.0, 3.0])
        gradient(lambda x: x.prod(), [0.0, 0.0, 3.0])
        gradient(lambda x: x.prod(), [0.0, 2.0, inf])
        gradient(lambda x: x.prod(0), [[0.0, 2.0], [inf, 3.0]])
        gradient(lambda x: x.prod(1), [[0.0, 2.0], [inf, 3.0]])
        gradient(lambda x: x.prod(), [1e30, 1e30, 1e-30])
        gradient(lambda x: x.prod(), 2.0)
        gradient(lambda x: x.cumprod(0), [inf, 2.0, 3.0])
        gradient(lambda x: x.cumprod(0), [0.0, 2.0, inf])
        gradient(lambda x: x.cumprod(0), [inf, 0.0, 3.0])
        gradient(lambda x: x.cumprod(0), [2.0, 0.0, 3.0, 0.0, 5.0])
        gradient(lambda x: x.cumprod(1), [[2.0, 0.0, 3.0], [0.0, 1.0, 4.0]])""",
    "median and norms of nothing": """
        e.median()
        torch.zeros(0, dtype=torch.int64).median()
        torch.zeros(0, dtype=torch.uint8).median()
        torch.zeros(3, 0).median()
        torch.zeros(3, 0).median(1)
        torch.zeros(3, 0).median(0).values
        gradient(lambda x: x.median(), [])
        e.norm(-1)
        e.norm(-inf)
        e.norm(inf)
        e.norm(0)
        e.norm(0.5)
        z.norm(-1, 0)
        z.norm(-1, 1)
        z.norm(inf, 0)
        z.norm(inf, 1)
        z.norm(inf, (0, 1))
        torch.linalg.norm(e, inf)
        torch.linalg.vector_norm(z, -1, 0)
        gradient(lambda x: x.norm(0), [1.0, 2.0])
        gradient(lambda x: x.norm(0) + x.sum(), [1.0, 2.0])
        x.clone().requires_grad_().norm(0).requires_grad""",
    "the sign of zero": """
        1 / torch.tensor([-0.0]).relu()
        1 / torch.tensor([-0.0] * 33).relu()
        1 / torch.nn.functional.relu6(torch.tensor([-0.0] * 33))
        1 / torch.nn.functional.hardtanh(torch.tensor([-0.0] * 33), -1, 0)
        1 / torch.tensor([-0.0, 0.0] * 20).clamp(min=0)
        1 / torch.tensor([-0.0, 0.0] * 20).clamp(max=0)
        1 / torch.tensor([-0.0, 0.0] * 20).clamp(0.0, -0.0)
        torch.tensor([0.0]).atan2(torch.tensor([-0.0]).relu())""",
    "division by zero": """
        torch.tensor([], dtype=torch.int64) // torch.tensor(0)
        torch.tensor([], dtype=torch.int64) % 0
        torch.fmod(torch.tensor([], dtype=torch.int64), 0)
        torch.tensor(1) // torch.tensor([], dtype=torch.int64)
        torch.div(torch.tensor([], dtype=torch.int64), 0, rounding_mode="floor")
        torch.tensor([], dtype=torch.int64).floor_divide_(0)
        5 % torch.tensor([0])
        torch.tensor([1, 2], dtype=torch.uint8) // 256
        torch.tensor([1, 2], dtype=torch.uint8) // torch.tensor(256)
        torch.tensor([1.0, -1.0, 0.0, -0.0]) % 1
        torch.tensor([1.0, -1.0, 0.0, -0.0]) % -1
        torch.remainder(torch.tensor([2.0, -2.0]).half(), torch.tensor([-1.0, 1.0]).half())""",
    "float16 beside wider numbers": """
        (x.half() * 0) * 1e20
        torch.arange(2000).half() * 0.1
        torch.arange(2000).half() / 0.3
        torch.arange(2000).half() * torch.tensor(0.1)
        torch.arange(1, 2000).half() // 0.1
        x.half() / 70000
        70000 - torch.full((2,), 65504.0).half()
        torch.full((2,), 65504.0).half() - 70000
        70000 // x.half()
        torch.tensor(0) * torch.tensor(-1.5, dtype=torch.float16)
        torch.tensor(2.5).half() * torch.tensor(0.1)
        torch.lerp(torch.tensor([6e4, -6e4]).half(), torch.tensor([-6e4, 6e4]).half(), 0.25)
        torch.lerp(x.half(), x.half() * 3, torch.tensor(0.1))
        torch.lerp(x, x + 1, torch.tensor(0.5, dtype=torch.float64))
        torch.lerp(x, x, d)
        torch.addcmul(x.half(), x.half(), x.half(), value=30000)
        torch.addcdiv(x.half(), x.half() * 30000, x.half() / 4)""",
    "dtypes of elementwise functions": """
        torch.addcdiv(x, x, d)
        torch.addcdiv(x, i, d)
        torch.addcdiv(x, torch.tensor(1.0, dtype=torch.float64), x)
        torch.addcdiv(x.half(), x, x.half())
        torch.addcdiv(i, i, i)
        torch.addcmul(x, i, d)
        torch.addcmul(i, i, i, value=1.5)
        torch.addcmul(b, b, b)
        torch.clamp(x, d)
        torch.clamp(i, x, d)
        torch.clamp(i, 0.5)
        torch.clamp(i, torch.tensor(0.5))
        torch.clamp(b, b)""",
    "einsum": """
        torch.einsum("i...,i...->...", torch.tensor([1.0]), torch.tensor([1]))
        torch.einsum("i...,i...->...", i[:1].short(), i[:1].short())
        torch.einsum("i,i->i", x, i)
        torch.einsum("i,j->ij", x, i)
        torch.einsum("i,i->", x, i)
        torch.einsum("i,i->", b, b)
        torch.einsum("i,i->i", b, b)
        torch.einsum("i->", b)
        torch.einsum("i,->", x, torch.tensor(2))
        torch.einsum("i,,i->", b, torch.tensor(True), b)
        torch.einsum("i,i,i->i", x, i, d)
        torch.einsum("ij,j->i", torch.ones(2, 1), i)
        torch.einsum("ij,i->j", torch.ones(1, 2), i)
        torch.einsum("i,i->", torch.ones(1, dtype=torch.int16), torch.ones(3, dtype=torch.int16))
        torch.einsum("i,j->", torch.ones(3, dtype=torch.int16), torch.ones(1, dtype=torch.int16))
        torch.einsum("i,j->i", torch.ones(1, dtype=torch.int16), torch.ones(1, dtype=torch.int16))
        torch.einsum("i,i->", e, torch.zeros(0, dtype=torch.int64))
        torch.einsum("i,i->", torch.zeros(0, dtype=torch.int64), e)
        torch.einsum("i,j->j", e, i)
        torch.einsum("i,i->", e.clone().requires_grad_(), torch.zeros(0, dtype=torch.int32))
        torch.no_grad()(torch.einsum)("i,i->", e.clone().requires_grad_(), torch.zeros(0, dtype=torch.int32))
        torch.einsum("i...,i...->...", e, e.gt(0))""",
    "matrix products": """
        b @ b
        torch.ones(2, 2, dtype=torch.bool) @ b
        torch.ones(2, 2, dtype=torch.bool) @ torch.ones(3, 2, dtype=torch.bool)
        torch.ones(0, 2, dtype=torch.bool) @ torch.ones(2, 2, dtype=torch.bool)
        torch.zeros(0, dtype=torch.bool) @ torch.zeros(0, dtype=torch.bool)
        torch.ones(0, 2) @ i
        torch.outer(b, b)
        torch.baddbmm(torch.ones(1, 2, 2, dtype=torch.int64), torch.ones(1, 2, 2), torch.ones(1, 2, 2))""",
    "losses of mixed dtypes": """
        F.huber_loss(x, d)
        F.huber_loss(d, x, reduction="none")
        F.huber_loss(x, i)
        F.huber_loss(i, x)
        F.huber_loss(i, i)
        F.huber_loss(x.half(), x)
        F.huber_loss(x.half(), x.half() * 2, delta=70000.0)
        F.huber_loss(x, x, delta=nan)
        F.smooth_l1_loss(x, x, beta=nan)
        gradient(lambda y: F.huber_loss(y, d), [1.0, 2.0])
        gradient(lambda y: F.huber_loss(y, i), [1.0, 2.0])
        gradient(lambda y: F.huber_loss(x.half(), y), [1.0, 2.0])
        gradient(lambda y: F.huber_loss(y, x * 2, delta=0.5), [1.25, 4.0])
        F.smooth_l1_loss(x, d)
        F.mse_loss(x, i)
        F.kl_div(x, i)
        F.kl_div(i, x)
        F.binary_cross_entropy_with_logits(d, x)
        F.binary_cross_entropy_with_logits(x, x.half())
        F.binary_cross_entropy_with_logits(x, i)""",
    "normalization of mixed dtypes": """
        F.layer_norm(d, (2,), x)
        F.layer_norm(x, (2,), d)
        F.layer_norm(x, (2,), x, d)
        F.layer_norm(x.half(), (2,), x, x).dtype
        F.layer_norm(x.half(), (2,), x.half(), x.half())
        F.layer_norm(x.half(), (2,), x.half(), x)
        F.layer_norm(x.half(), (2,), None, x)
        F.rms_norm(x, (2,), d).dtype
        F.rms_norm(x.half(), (2,), x)
        F.batch_norm(d.reshape(2, 1), None, None, x[:1], training=True)
        F.batch_norm(x.reshape(2, 1), None, None, d[:1], training=True)
        F.batch_norm(x.reshape(2, 1), d[:1], d[:1])
        F.batch_norm(d.reshape(2, 1), x[:1], x[:1])
        F.batch_norm(x.half().reshape(2, 1), x[1:], x[1:])
        F.batch_norm(x.half().reshape(2, 1), x[:1].clone(), x[:1].clone(), x[:1], x[:1], training=True).dtype
        F.batch_norm(x.half().reshape(2, 1), x[:1].half(), x[:1], training=True)
        F.group_norm(d.reshape(1, 2), 1, x)
        F.group_norm(x.half().reshape(1, 2), 1, x).dtype
        F.group_norm(x.half().reshape(1, 2), 1, x.half(), x)
        F.prelu(d, x[:1])
        F.prelu(x, d[:1])
        F.prelu(x.half(), x[:1])
        F.prelu(-x.half(), x[:1].half())
        F.prelu(i, i[:1])""",
    "normalization of nothing": """
        after_batches(torch.nn.BatchNorm1d(2), torch.zeros(0, 2))
        after_batches(torch.nn.BatchNorm1d(2), torch.zeros(3, 2, 0))
        after_batches(torch.nn.BatchNorm2d(2, momentum=None), torch.zeros(0, 2, 1, 1), torch.ones(1, 2, 1, 2))
        after_batches(tracking_ended(torch.nn.BatchNorm1d(2)), torch.ones(3, 2))
        F.batch_norm(torch.zeros(0, 2).requires_grad_(), None, None, training=True).requires_grad
        F.layer_norm(z.clone().requires_grad_(), (3,)).is_leaf
        F.layer_norm(torch.zeros(2, 0).requires_grad_(), (0,)).requires_grad
        F.group_norm(torch.zeros(0, 2).requires_grad_(), 1).is_leaf
        F.rms_norm(z.clone().requires_grad_(), (3,)).is_leaf""",
    "places that are named twice": """
        gradient(lambda v: torch.zeros(3).index_fill(0, torch.tensor([1, 1]), v), 3.0)
        gradient(lambda v: torch.zeros(2, 3).index_fill(1, torch.tensor([2, -1 + 3]), v), 3.0)
        gradient(lambda v: torch.zeros(3).index_fill(0, torch.tensor([1, 1]), 1.0) + v, [1.0, 2.0, 3.0])
        gradient(lambda v: v.index_fill(0, torch.tensor([1, 1]), 5.0), [1.0, 2.0, 3.0])
        gradient(lambda v: torch.zeros(3).index_put((torch.tensor([1, 1]),), v), 3.0)
        gradient(lambda v: torch.zeros(3).index_copy(0, torch.tensor([1, 1]), v), [3.0, 4.0])
        gradient(lambda v: torch.zeros(3).scatter(0, torch.tensor([1, 1]), v), [3.0, 4.0])
        torch.zeros(2, 3).index_fill(-1, torch.tensor(2), 2.0)
        torch.zeros(2, 0).index_fill(1, torch.tensor([], dtype=torch.int64), 2.0)""",
    "optimizers": """
        stepped(torch.optim.RMSprop, 1e38, centered=True)
        stepped(torch.optim.RMSprop, -3e38, centered=True, momentum=0.9)
        stepped(torch.optim.RMSprop, 1e-30, centered=True)
        stepped(torch.optim.RMSprop, 0.0, centered=True)""",
    "windows, order": """
        torch.tensor(0.5).unfold(0, 0, 1)
        torch.tensor(0.5).unfold(0, 1, 3)
        torch.tensor(0.5).unfold(0, 2, 1)
        gradient(lambda x: x.unfold(0, 1, 1), 2.0)
        reversed(i)
        reversed(torch.tensor([[1, 2], [3, 4]]))
        reversed(torch.tensor(1.0))
        b.topk(1)
        x[np.array([1, 0], dtype=np.uint8)]""",
    "random fills": """
        x.clone().cauchy_(inf, 0.5)
        x.clone().cauchy_(nan, 1)
        d.clone().cauchy_(-inf, 0.5)
        x.clone().normal_(inf, 1)
        torch.zeros(20).normal_(-inf, 1)
        d.clone().log_normal_(inf, 1)
        x.clone().exponential_(inf)
        torch.normal(inf, 1.0, (2,))
        after(i, lambda t: t.uniform_())
        after(i, lambda t: t.normal_())
        after(i, lambda t: t.cauchy_())
        after(i, lambda t: t.geometric_(2))
        after(i, lambda t: t.random_(3, 1))
        after(x, lambda t: t.bernoulli_(torch.tensor([2.0, 0.0])))
        after(x, lambda t: t.bernoulli_(torch.tensor([1.0, 0.0, 1.0])))
        after(x, lambda t: t.normal_(0, -1))
        after(x, lambda t: t.uniform_(2, 1))
        after(b, lambda t: t.exponential_())
        torch.zeros(0, dtype=torch.int64).normal_()
        torch.zeros(0, dtype=torch.bool).normal_()
        torch.zeros(0, dtype=torch.int64).uniform_()
        torch.zeros(0, dtype=torch.int64).exponential_()
        torch.zeros(0, dtype=torch.int64).log_normal_()
        torch.zeros(0, dtype=torch.int64).cauchy_()
        torch.zeros(0).normal_(0, -1)
        torch.randn(0, dtype=torch.int64)
        torch.randperm(3, dtype=torch.bool)""",
    "ranges": """
        torch.arange(inf)
        torch.arange(0, nan)
        torch.arange(0, 1, nan)
        torch.arange(0, 1, inf)
        torch.arange(0, 1, 0)
        torch.arange(1e20)
        torch.arange(0, 3, 0.5, dtype=torch.int64)
        torch.arange(0, 3.5, 1.5, dtype=torch.int64)
        torch.arange(-0.5, 2.5, dtype=torch.int64)
        torch.arange(0.1, 2.9, 0.7, dtype=torch.int32)
        torch.arange(2, dtype=torch.bool)
        torch.arange(3, out=torch.zeros(3, 1))
        torch.linspace(0, 300, 2, dtype=torch.uint8)
        torch.linspace(-1, 3, 3, dtype=torch.uint8)
        torch.linspace(0.5, 10.5, 5, dtype=torch.int64)
        torch.linspace(0, 2**30 + 7, 5, dtype=torch.int64)
        torch.linspace(0, inf, 3)
        torch.linspace(0, 1, 3, dtype=torch.bool)
        torch.isclose(x, x, atol=nan)""",
}


def _namespace(lib: Any) -> dict[str, Any]:
    def gradient(function: Any, value: Any) -> Any:
        x = lib.tensor(value, requires_grad=True)
        function(x).sum().backward()
        return x.grad

    def after(x: Any, fill: Any) -> Any:
        """`x` after a fill that fails, and how it fails."""
        t = x.clone()
        try:
            fill(t)
        except Exception as error:
            return t, isinstance(error, NotImplementedError)
        return t

    def after_batches(layer: Any, *batches: Any) -> Any:
        """The buffers of a layer in training."""
        for batch in batches:
            layer(batch)
        return list(layer.buffers())

    def tracking_ended(layer: Any) -> Any:
        layer.track_running_stats = False
        return layer

    def stepped(kind: Any, grad: float, **options: Any) -> Any:
        p = lib.ones(3, requires_grad=True)
        p.grad = lib.full((3,), grad)
        kind([p], **options).step()
        return p.detach()

    import numpy as np

    x, i = lib.tensor([1.0, 2.0]), lib.tensor([1, 2])
    return {
        **{f.__name__: f for f in (gradient, after, after_batches, tracking_ended, stepped)},
        **{"torch": lib, "F": lib.nn.functional, "np": np, "inf": float("inf"), "nan": float("nan")},
        **{"x": x, "d": x.double(), "i": i, "b": lib.tensor([True, False]), "e": lib.zeros(0), "z": lib.zeros(0, 3)},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor | minitorch.Tensor):
        return str(value.dtype), tuple(value.shape), repr(value.detach().cpu().numpy().tolist())
    return [_plain(v) for v in value] if isinstance(value, Sequence) else str(value)


def _outcome(lib: Any, statement: str) -> Any:
    lib.manual_seed(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _plain(eval(statement, _namespace(lib)))
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("subject", STATEMENTS)
def test_the_same_as_with_torch(subject: str) -> None:
    found = []
    for statement in filter(None, map(str.strip, STATEMENTS[subject].splitlines())):
        expected, got = _outcome(torch, statement), _outcome(minitorch, statement)
        refused = isinstance(expected, type) and isinstance(got, type) and issubclass(got, expected)
        if expected != got and not refused:
            found.append(f"{statement}: torch {expected}, minitorch {got}")
    assert found == []

"""Gradients that change with no input: under `create_graph` they are recorded where torch records them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch

SHAPES = {"x": (2, 4, 4, 4), "s": (2, 4, 4), "m": (3, 4), "kernel": (4, 4, 2, 2), "line": (4, 4, 2), "bias": (4,)}
CALLS = """
    F.max_pool2d(x, 2); F.max_pool1d(s, 2); F.avg_pool2d(x, 2); F.avg_pool1d(s, 2); F.adaptive_avg_pool2d(x, 2)
    F.adaptive_avg_pool1d(s, 2); F.max_pool2d(x, 2, return_indices=True)[0]
    F.pad(x, (1, 1, 1, 1), mode='reflect'); F.pad(x, (1, 1, 1, 1), mode='replicate'); F.pad(s, (1, 1), mode='reflect')
    F.pad(x, (1, 1, 1, 1), mode='circular'); F.pad(x, (1, 1)); F.interpolate(x, scale_factor=2); F.unfold(x, 2)
    F.nll_loss(m, torch.tensor([0, 1, 2])); F.cross_entropy(m, torch.tensor([0, 1, 2])); F.embedding(torch.tensor([1]), m)
    F.conv2d(x, kernel, bias); F.conv2d(x.detach(), kernel, bias); F.conv2d(x, kernel.detach(), bias)
    F.conv2d(x.detach(), kernel.detach(), bias); F.conv1d(s, line, bias); F.conv2d(x, kernel); F.linear(m, m.detach())
    F.relu(m); F.leaky_relu(m); F.hardtanh(m); F.relu6(m); m.abs(); m.clamp(0, 1); m.square(); m ** 2; m ** 1; m * 2
""".replace("\n", ";").split(";")


@pytest.mark.parametrize("call", [call.strip() for call in CALLS if call.strip()])
@pytest.mark.parametrize("factor", ["1", "0.5 * result"])
def test_recorded_as_torch_records_it(call: str, factor: str) -> None:
    found = []
    for lib in (torch, minitorch):
        names: dict[str, Any] = {"torch": lib, "F": lib.nn.functional}
        for name, shape in SHAPES.items():
            values = np.random.default_rng(len(name)).standard_normal(shape)
            names[name] = lib.tensor(values, requires_grad=True)
        result = eval(call, names)
        total = (result * eval(factor, {"result": result})).sum()
        leaves = [names[name] for name in SHAPES]
        first = lib.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
        recorded = [g is not None and g.requires_grad for g in first]
        second: list[Any] = []
        for g, is_recorded in zip(first, recorded, strict=True):
            again = lib.autograd.grad(g.sum(), leaves, retain_graph=True, allow_unused=True) if is_recorded else []
            second.append([None if h is None or not h.any() else h.tolist() for h in again])
        found.append((recorded, second))
    assert found[0][0] == found[1][0]
    for theirs, ours in zip(found[0][1], found[1][1], strict=True):
        for h, own in zip(theirs, ours, strict=True):
            assert (h is None) == (own is None)
            if h is not None:
                np.testing.assert_allclose(own, h, rtol=1e-9, atol=1e-12)

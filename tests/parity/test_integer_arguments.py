"""Sizes, dimensions and other integers, given as booleans, tuples, tensors or too large a number: torch's answers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import minitorch

NAMES = {"x": lambda lib: lib.arange(6.0).reshape(2, 3), "places": lambda lib: lib.zeros(2, 1, dtype=lib.int64)}
BOOLEANS = """
zeros(True) zeros(True,2) zeros((True,2)) zeros([True]) zeros(2,True) empty((2,False)) ones(False) empty(True)
full((True,),1.0) rand(True) randn(2,True) randint(3,(True,)) randperm(True) eye(True) eye(2,True) linspace(0,1,True)
Tensor(True) x.sum(True) x.sum((True,)) x.mean(True) x.prod(True) x.max(True) x.min(dim=True) x.amax(True) x.argmax(True)
x.all(True) x.median(True) x.logsumexp(True) x.softmax(True) x.cumsum(True) x.cummax(True) x.sort(True) x.sort(dim=True)
x.argsort(True) x.topk(True) x.topk(1,True) x.flip(True) x.roll(True,0) x.roll(1,True) x.transpose(0,True)
x.permute(True,False) x.permute((True,False)) x.movedim(0,True) x.squeeze(True) x.unsqueeze(True) x.flatten(False,True)
x.unflatten(True,(3,True)) x.reshape(True,6) x.reshape((True,6)) x.view(6,True) x.view((6,True)) x.expand(True,2,3)
x.expand((True,2,3)) x.expand(2,2,True) x.repeat(True,True) x.repeat((1,True)) x.tile(True) x.repeat_interleave(True)
x.repeat_interleave(2,True) x.narrow(True,0,True) x.select(True,0) x.select(0,True) x.split(True) x.split([1,True])
x.split(1,True) x.chunk(True) x.chunk(2,True) x.unbind(True) x.unfold(True,2,True) x.diagonal(True) x.tril(True)
x.gather(True,places) x.index_select(True,places[0]) x.scatter(True,places,1) cat([x,x],True) stack([x,x],True)
x.size(True) x.stride(True) x.aminmax(dim=True)
"""
OTHERS = """
x.aminmax(dim=(0,)) x.aminmax(dim=(0,1)) nn.functional.cosine_similarity(x,x,(0,)) nn.functional.cosine_similarity(x,x,-1)
nn.functional.normalize(x,dim=(0,1)) x.movedim((0,1),(1,0)) x.movedim((0,1),1) x.movedim(0,(1,)) x.movedim((0,1),(1,))
x.movedim((),()) x.movedim(0.0,1) x.split(tensor(2)) x.split(tensor([1,1])) x.split((tensor(1),1)) x.chunk(tensor(2))
x.split(2.0) x.amax([]) x.amin(()) x[:0].amax([]) x[:0].amax(()) x[:0].amax(0) x[:0].amax(1) x[:0].aminmax(dim=1)
x.select(0,tensor(1)) x.select(0,tensor(1.0)) x.stride(2) x.stride(-3) x.diagonal(1.0) x.repeat_interleave(2.0)
"""
TOO_LARGE = """
x.sum({n}) x.max({n}) x.softmax({n}) x.transpose(0,{n}) x.unsqueeze({n}) x.squeeze({n}) x.cumsum({n}) x.sort({n})
x.select(0,{n}) x[{n}] x.roll({n}) x.split({n}) x.chunk({n}) x.topk({n}) x.tril({n}) x.gather({n},places) cat([x],{n})
stack([x],{n}) x.movedim(0,{n}) x.flatten({n}) x.diagonal({n}) randperm({n})
"""


def outcome(lib: Any, text: str) -> Any:
    lib.manual_seed(0)
    names = {name: make(lib) for name, make in NAMES.items()}
    try:
        found = eval(text if text.startswith("x") else f"lib.{text}", {"lib": lib, "tensor": lib.tensor, **names})
    except Exception as error:
        return type(error).__name__
    results = found if isinstance(found, tuple) else (found,)
    return [(tuple(t.shape), t.tolist()) if "empty" not in text else tuple(t.shape) for t in results]


@pytest.mark.parametrize("text", (BOOLEANS + OTHERS + TOO_LARGE.format(n=2**70)).split())
def test_as_torch(text: str) -> None:
    assert outcome(minitorch, text) == outcome(torch, text)

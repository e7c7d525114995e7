"""The graph keeps nothing longer than necessary: no reference cycles, no recursion, no array after its last use."""

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import autograd


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_chain_of_100_000_ops(no_collector: None) -> None:
    x = minitorch.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 100_001
    node = weakref.ref(y.grad_fn)
    del y
    assert node() is None


def test_a_chain_of_100_000_ops_is_freed_without_a_backward_pass(no_collector: None) -> None:
    x = minitorch.ones(1, requires_grad=True)
    first = y = x * 2
    last = weakref.ref(first.grad_fn)
    del first
    for _ in range(100_000):
        y = y * x
    del y
    assert last() is None


def test_training_leaves_memory_flat(no_collector: None) -> None:
    w1 = minitorch.full((4, 8), 0.1, requires_grad=True)
    w2 = minitorch.full((8, 1), -0.1, requires_grad=True)
    x, target = minitorch.ones(5, 4), minitorch.ones(5, 1)

    def step() -> None:
        hidden = x @ w1
        hidden[:, 0].mul_(0.5)  # in place on a view: the least direct part of the graph
        loss = ((hidden.tanh() @ w2 - target) ** 2).mean()
        loss.backward()
        with minitorch.no_grad():
            for w in (w1, w2):
                w -= 0.01 * w.grad
                w.grad = None

    def arrays() -> int:
        """Bytes of arrays that were made since tracing began."""
        domain = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([domain]).traces)

    for _ in range(3_000):  # until Python's lists of free objects, which only the collector empties, are full
        step()
    blocks, objects = sys.getallocatedblocks(), len(gc.get_objects())
    for _ in range(7_000):
        step()
    assert sys.getallocatedblocks() - blocks < 200
    assert len(gc.get_objects()) - objects < 50
    tracemalloc.start()
    try:
        step()
        before = arrays()
        for _ in range(100):
            step()
        assert arrays() == before
    finally:
        tracemalloc.stop()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        assert not [o for o in gc.garbage if type(o).__module__.startswith("minitorch")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


def weigh(x: Any) -> Any:
    return x.exp()


def test_double_backward_leaves_no_cycle(no_collector: None) -> None:
    def step() -> list[Any]:
        x = minitorch.ones(3, requires_grad=True)
        y = weigh(x * 2)
        (g,) = autograd.grad(y.sum(), x, create_graph=True)
        (g * y).sum().backward(inputs=[x])
        return [weakref.ref(t.grad_fn) for t in (y, g)]

    assert [node() for node in step()] == [None, None]


def test_functions_leave_no_cycle(no_collector: None) -> None:
    class Exp(autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            result = x.exp()
            ctx.save_for_backward(result, x)
            return result

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            result, _ = ctx.saved_tensors
            return g * result

    def step(backward: bool) -> Any:
        x = minitorch.ones(3, requires_grad=True)
        y = Exp.apply(x * 2)
        if backward:
            y.sum().backward()
        return weakref.ref(y.grad_fn)

    assert step(True)() is None
    assert step(False)() is None


def test_in_place_leaves_no_cycle(no_collector: None) -> None:
    def step() -> Any:
        x, w = minitorch.zeros(4), minitorch.ones(2, requires_grad=True)
        view = x[:2]
        view += w
        x.mul_(2)
        x[1:3] = view * w
        return weakref.ref(x.grad_fn), weakref.ref(x), weakref.ref(view)

    assert [r() for r in step()] == [None] * 3


def test_saved_arrays_are_freed_on_the_way() -> None:
    x = minitorch.ones(1000, requires_grad=True)
    y = x * 2
    saved = weakref.ref(y._array)
    z = y.exp()  # keeps its result, not y
    del y
    assert saved() is None
    result = weakref.ref(z._array)
    total = z.sum()
    del z
    assert result() is not None
    total.backward()
    assert result() is None  # although `total` and its graph still live
    assert total.grad_fn is not None


def test_add_saves_nothing() -> None:
    x, y = minitorch.ones(1000, requires_grad=True), minitorch.ones(1000) * 2
    held = weakref.ref(y._array)
    z = x + y
    del y
    assert held() is None
    z.sum().backward()


def test_mul_saves_only_what_is_asked_for() -> None:
    x, y = minitorch.ones(3, requires_grad=True) * 1, minitorch.ones(3) * 2
    z = x * y
    held = weakref.ref(x._array)
    del x
    assert held() is None  # the gradient of x needs y alone
    z.sum().backward()


def test_detach_holds_no_graph() -> None:
    x = minitorch.ones(3, requires_grad=True)
    y = x.exp()
    node, kept = weakref.ref(y.grad_fn), y.detach()
    del y
    assert node() is None
    assert not kept.requires_grad

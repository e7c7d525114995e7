"""Hooks of modules, forward and backward: their arguments, and the effects of their results."""

from __future__ import annotations

import gc
import weakref

import pytest

import minitorch
from tests.both import both, caught
from tests.nn.nets import scale


@both
def test_forward_hooks(torch):
    m = scale(torch, 1)
    seen = []

    def hook(name, result=None):
        def run(module, *rest):
            seen.append((name, rest))
            return result

        return run

    m.register_forward_pre_hook(hook("pre"))
    m.register_forward_pre_hook(hook("pre first"), prepend=True)
    double = m.register_forward_pre_hook(lambda module, args: args[0] * 2)
    m.register_forward_pre_hook(hook("pre kwargs"), with_kwargs=True)
    m.register_forward_hook(hook("post"))
    m.register_forward_hook(hook("post first"), prepend=True)
    m.register_forward_hook(hook("post kwargs"), with_kwargs=True)
    m.register_forward_hook(lambda module, args, out: out + 1)
    results = [m(torch.ones(1)), m(torch.ones(1), power=2)]
    double.remove()
    double.remove()
    with m.register_forward_pre_hook(lambda module, args, kwargs: ((args[0] + 1,), {"power": 2}), with_kwargs=True):
        results.append(m(torch.ones(1)))
    results.append(m(torch.ones(1)))
    m.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
    return results, seen, caught(lambda: m(torch.ones(1))), len(m._forward_hooks), len(m._forward_pre_hooks)


@both
def test_hooks_after_an_error(torch):
    m = scale(torch, 1)
    seen = []
    m.register_forward_hook(lambda *rest: seen.append("never"))
    m.register_forward_hook(lambda module, args, out: seen.append(("always", args, out)), always_call=True)
    m.register_forward_hook(
        lambda module, args, kwargs, out: seen.append(("kwargs", kwargs, out)), always_call=True, with_kwargs=True
    )
    return [str(type(caught(lambda: m("text", power="x")))), seen, m(torch.ones(1)), seen]


@pytest.mark.filterwarnings("ignore")
@both
def test_an_always_called_hook_may_fail(torch):
    m = scale(torch, 1)

    def fail(*rest):
        raise ValueError("hook")

    m.register_forward_hook(fail, always_call=True)
    return [type(caught(lambda: m("text"))).__name__, caught(lambda: m(torch.ones(1)))]


@both
def test_hooks_of_all_modules(torch):
    from importlib import import_module

    module = import_module(f"{torch.__name__}.nn.modules.module")
    m = torch.nn.Sequential(scale(torch, 1), scale(torch, 1))
    seen = []
    m[0].register_forward_hook(lambda *rest: seen.append("own"))
    m[0].register_full_backward_hook(lambda *rest: seen.append("own backward"))
    handles = [
        module.register_module_forward_pre_hook(lambda child, args: seen.append((type(child).__name__, args))),
        module.register_module_forward_hook(lambda child, args, out: seen.append((type(child).__name__, out))),
        module.register_module_full_backward_pre_hook(lambda child, go: seen.append((type(child).__name__, go))),
        module.register_module_full_backward_hook(lambda child, gi, go: seen.append((type(child).__name__, gi, go))),
    ]
    try:
        m(torch.ones(1, requires_grad=True)).backward()
    finally:
        for handle in handles:
            handle.remove()
    count = len(seen)
    m(torch.ones(1))
    return seen, len(seen) - count


@both
def test_full_backward_hooks(torch):
    class Two(torch.nn.Module):
        def forward(self, a, number, b, c):
            return a * b, "text", a + c, c * 2

    m = Two()
    seen = []
    m.register_full_backward_pre_hook(lambda module, go: seen.append(("pre", go)))
    m.register_full_backward_pre_hook(lambda module, go: tuple(None if g is None else 2 * g for g in go))
    m.register_full_backward_hook(lambda module, gi, go: seen.append((gi, go)))
    m.register_full_backward_hook(lambda module, gi, go: seen.append("first"), prepend=True)
    m.register_full_backward_hook(lambda module, gi, go: (gi[0] * 10, *gi[1:]))
    a, b = (torch.full((2,), v, requires_grad=True) for v in (3.0, 5.0))
    c = torch.ones(2)
    outs = m(a, 7, b, c)
    outs[0].sum().backward()
    grads = [a.grad, b.grad]
    outs = m(a, 7, b, c)
    (outs[0] + outs[2]).sum().backward()
    with torch.no_grad():
        quiet = m(a, 7, b, c)
    return grads, a.grad, b.grad, seen, [o.requires_grad for o in outs if o != "text"], quiet


@pytest.mark.filterwarnings("ignore")
@both
def test_backward_hooks_of_a_first_layer(torch):
    m = scale(torch, 2)
    seen = []
    m.register_full_backward_hook(lambda module, gi, go: seen.append((gi, go)))
    m(torch.ones(2)).sum().backward()
    m.register_full_backward_hook(lambda module, gi, go: (torch.ones(2),))
    return seen, m.weight.grad, caught(lambda: m(torch.ones(2)).sum().backward())


@both
def test_backward_hooks_that_return_too_much(torch):
    x = torch.ones(2, requires_grad=True)
    m, n = scale(torch, 2), scale(torch, 2)
    m.register_full_backward_hook(lambda module, gi, go: (*gi, None))
    n.register_full_backward_pre_hook(lambda module, go: (*go, None))
    return [caught(lambda: m(x).sum().backward()), caught(lambda: n(x).sum().backward())]


@both
def test_backward_hooks_in_second_order(torch):
    m = scale(torch, 2)
    seen = []
    m.register_full_backward_hook(lambda module, gi, go: seen.append((gi[0].detach(), go[0].detach())))
    x = torch.arange(1.0, 3.0).requires_grad_()
    y = m(x, power=3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    g.sum().backward()
    return x.grad, m.weight.grad, seen


@both
def test_a_hooked_input_is_not_written_in_place(torch):
    class Inplace(torch.nn.Module):
        def forward(self, x):
            return x.mul_(2)

    m = Inplace()
    m.register_full_backward_hook(lambda *rest: None)
    x = torch.ones(2, requires_grad=True)
    return type(caught(lambda: m(x * 1))).__name__


def test_a_gradient_that_a_hook_kept_is_not_accumulated_into() -> None:
    m = scale(minitorch, 2)
    kept = []
    m.register_full_backward_hook(lambda module, gi, go: kept.append(gi[0]))
    x = minitorch.ones(2, requires_grad=True)
    m(x).sum().backward()
    m(x).sum().backward()
    assert kept[0].tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [4.0, 4.0]


def test_a_hooked_call_leaves_no_cycle() -> None:
    gc.disable()
    try:
        m = scale(minitorch, 2)
        m.register_full_backward_hook(lambda *rest: None)
        y = m(minitorch.ones(2, requires_grad=True)).sum()
        y.backward()
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()

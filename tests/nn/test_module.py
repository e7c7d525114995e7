"""Module, Parameter and Buffer: names, order, texts, messages and copies are torch's."""

from __future__ import annotations

import copy
import pickle

import pytest

import minitorch
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Buffer, Parameter
from tests.both import both, caught
from tests.nn.nets import scale, tree

# -- parameters and buffers


@pytest.mark.host("the texts name the device")
@both
def test_parameters(torch):
    data = torch.arange(3.0)
    p = torch.nn.Parameter(data)
    q = torch.nn.Parameter(data, requires_grad=False)
    data[0] = 7.0
    empty = torch.nn.Parameter()
    computed = (p * 2).relu()
    return (
        [repr(p), repr(q), repr(empty), str(torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64)))],
        [p, q, empty, p + 1, p.data, p.detach()],
        [p.is_leaf, computed.is_leaf, isinstance(p, torch.Tensor), isinstance(data, torch.nn.Parameter)],
        torch.nn.Parameter(computed).is_leaf,
        torch.nn.Parameter(torch.ones(2, dtype=torch.int64), requires_grad=False),
    )


@both
def test_what_is_no_parameter(torch):
    integers = torch.ones(2, dtype=torch.int64)
    return [type(caught(lambda bad=bad: torch.nn.Parameter(bad))).__name__ for bad in (integers, [1.0], 3)]


@both
def test_parameters_are_copied_without_their_gradient(torch):
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    pair = copy.deepcopy([p, p])
    return [
        pair[0],
        pair[0] is pair[1],
        pair[0].grad,
        pair[0].data_ptr() == p.data_ptr(),
        pickle.loads(pickle.dumps(p)),
    ]


@pytest.mark.host("the texts name the device")
@both
def test_buffers(torch):
    class Holder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.kept = torch.nn.Buffer(torch.ones(2))
            self.lost = torch.nn.Buffer(torch.zeros(1), persistent=False)

    m = Holder()
    names = [[n for n, _ in m.named_buffers()], list(m.state_dict())]
    m.kept = torch.arange(2.0)
    m.kept = None
    loaded = pickle.loads(pickle.dumps(torch.nn.Buffer(torch.ones(2), persistent=False)))
    return (
        names,
        list(m.state_dict()),
        m.kept,
        repr(m.lost),
        torch.nn.Buffer(torch.ones(2)).sum().item(),
        loaded.persistent,
    )


def test_a_buffer_is_one_after_copying() -> None:
    b = Buffer(minitorch.ones(2), persistent=False)
    for other in (copy.deepcopy(b), pickle.loads(pickle.dumps(b))):
        assert isinstance(other, Buffer)
        assert other.persistent is False
        assert other.tolist() == [1.0, 1.0]


# -- registration


@pytest.mark.host("the texts name the device")
@both
def test_refused_registrations(torch):
    m = scale(torch, 2)
    m.child = torch.nn.Module()
    p, t = torch.nn.Parameter(torch.ones(1)), torch.ones(1)
    return [
        caught(attempt)
        for attempt in (
            lambda: m.register_parameter("a.b", p),
            lambda: m.register_parameter("", p),
            lambda: m.register_parameter(3, p),
            lambda: m.register_parameter("forward", p),
            lambda: m.register_parameter("count", p),
            lambda: m.register_parameter("w", t),
            lambda: m.register_parameter("w", 3),
            lambda: m.register_buffer("a.b", t),
            lambda: m.register_buffer("", t),
            lambda: m.register_buffer(None, t),
            lambda: m.register_buffer("weight", t),
            lambda: m.register_buffer("b", [1.0]),
            lambda: m.add_module("a.b", torch.nn.Module()),
            lambda: m.add_module("", torch.nn.Module()),
            lambda: m.add_module(3, torch.nn.Module()),
            lambda: m.add_module("weight", torch.nn.Module()),
            lambda: m.add_module("c", t),
            lambda: m.register_module("c", "text"),
            lambda: setattr(m, "weight", t),
            lambda: setattr(m, "weight", 3.0),
            lambda: setattr(m, "child", t),
            lambda: setattr(m, "child", 3),
            lambda: setattr(m, "count", 3),
            lambda: m.nowhere,
            lambda: delattr(m, "nowhere"),
            lambda: torch.nn.Module()(1),
        )
    ]


@both
def test_assigning_before_init(torch):
    class Early(torch.nn.Module):
        def __init__(self, value):
            self.value = value
            super().__init__()

    plain_first = Early(3)
    return [
        caught(lambda: Early(torch.nn.Parameter(torch.ones(1)))),
        caught(lambda: Early(torch.nn.Module())),
        caught(lambda: torch.nn.Module(1)),
        caught(lambda: torch.nn.Module(a=1)),
        plain_first.value,
    ]


@both
def test_one_name_changes_its_kind(torch):
    m = torch.nn.Module()
    seen = []

    def note():
        seen.append([list(m._parameters), list(m._buffers), list(m._modules), "x" in m.__dict__])

    m.x = 1
    note()
    m.x = torch.nn.Parameter(torch.ones(1))
    note()
    del m.x
    m.x = torch.nn.Sequential()
    note()
    m.x = None
    note()
    del m.x
    m.register_buffer("x", torch.ones(1), persistent=False)
    note()
    m.x = torch.nn.Parameter(torch.ones(1))
    note()
    m.x = None
    note()
    m.y = torch.nn.Module()
    del m.x, m.y
    note()
    return seen


@both
def test_attributes_are_listed(torch):
    names = set(dir(tree(torch))) - set(dir(torch.nn.Module))
    return sorted(name for name in names if name[0] != "_"), "0" in dir(torch.nn.Sequential(torch.nn.Module()))


@both
def test_registration_hooks(torch):
    from importlib import import_module

    module = import_module(f"{torch.__name__}.nn.modules.module")
    seen = []

    def note(owner, name, value):
        seen.append((type(owner).__name__, name, type(value).__name__))

    handles = [
        module.register_module_parameter_registration_hook(note),
        module.register_module_buffer_registration_hook(note),
        module.register_module_module_registration_hook(note),
    ]
    try:
        tree(torch)
    finally:
        for handle in handles:
            handle.remove()
    count = len(seen)
    tree(torch)
    return seen, len(seen) == count


# -- the tree


@both
def test_iteration(torch):
    m = tree(torch)
    return (
        [n for n, _ in m.named_parameters()],
        [n for n, _ in m.named_parameters(prefix="net")],
        [n for n, _ in m.named_parameters(recurse=False)],
        [n for n, _ in m.named_parameters(remove_duplicate=False)],
        [n for n, _ in m.named_buffers()],
        [n for n, _ in m.named_buffers(prefix="net", recurse=False, remove_duplicate=False)],
        [n for n, _ in m.named_modules()],
        [n for n, _ in m.named_modules(prefix="net", remove_duplicate=False)],
        [n for n, _ in m.named_children()],
        [type(c).__name__ for c in m.children()],
        [type(c).__name__ for c in m.modules()],
        [tuple(p.shape) for p in m.parameters()],
        [tuple(p.shape) for p in m.parameters(recurse=False)],
        [tuple(b.shape) for b in m.buffers()],
        len(list(m.modules(remove_duplicate=False))),
    )


@both
def test_paths(torch):
    m = tree(torch)
    return [
        m.get_submodule("") is m,
        m.get_submodule("inner.1.0"),
        m.get_parameter("inner.0.weight"),
        m.get_parameter("top"),
        m.get_buffer("first.count"),
        *[
            caught(attempt)
            for attempt in (
                lambda: m.get_submodule("inner.7"),
                lambda: m.get_submodule("top"),
                lambda: m.get_submodule("plain.x"),
                lambda: m.get_parameter("nowhere"),
                lambda: m.get_parameter("first.count"),
                lambda: m.get_buffer("top"),
                lambda: m.get_buffer("nowhere"),
                lambda: m.set_submodule("", torch.nn.Module()),
                lambda: m.set_submodule("inner.new", torch.nn.Module(), strict=True),
                lambda: m.set_submodule("nowhere.new", torch.nn.Module()),
                lambda: m.set_submodule("top", torch.nn.Module()),
                lambda: m.set_submodule("inner.0", 3),
            )
        ],
        m.set_submodule("inner.new", torch.nn.Module()),
        m.set_submodule("inner.0", torch.nn.Sequential(), strict=True),
        repr(m),
    ]


@both
def test_repr(torch):
    class Lines(torch.nn.Module):
        def extra_repr(self):
            return "one\ntwo"

    lines = Lines()
    text = [repr(lines)]
    lines.child = tree(torch)
    lines.other = Lines()
    return [*text, repr(lines), repr(tree(torch)), repr(torch.nn.Module()), repr(scale(torch, 2))]


# -- modes and conversion


@both
def test_modes(torch):
    m = tree(torch)
    seen = [m.training, m.eval() is m, [c.training for c in m.modules()], m.inner.train() is m.inner]
    seen += [[c.training for c in m.modules()], caught(lambda: m.train("yes")), caught(lambda: m.train(1))]
    m.requires_grad_(False)
    return [*seen, [p.requires_grad for p in m.parameters()], m.requires_grad_() is m]


@both
def test_zero_grad(torch):
    m = tree(torch)
    x = torch.ones(3)
    m(x).sum().backward()
    m.zero_grad(set_to_none=False)
    grads = [p.grad for p in m.parameters()]
    m.zero_grad()
    return grads, [p.grad for p in m.parameters()]


@both
def test_apply(torch):
    m = tree(torch)
    seen = []
    result = m.apply(lambda child: seen.append(type(child).__name__))
    return seen, result is m


@both
def test_conversion_keeps_the_parameters(torch):
    m = tree(torch)
    m(torch.ones(3)).sum().backward()
    before = list(m.parameters())
    seen = []
    for convert in (
        lambda: m.double(),
        lambda: m.half(),
        lambda: m.float(),
        lambda: m.to(torch.float64),
        lambda: m.to("cpu"),
        lambda: m.to(torch.device("cpu"), torch.float32),
        lambda: m.to(dtype=torch.float64, device="cpu"),
        lambda: m.to(torch.ones(1)),
        lambda: m.cpu(),
        lambda: m.to("cpu", torch.float64, non_blocking=True),
    ):
        assert convert() is m
        seen.append([str(t.dtype) for t in (*m.parameters(), *m.buffers(), m.top.grad)])
        assert all(a is b for a, b in zip(m.parameters(), before, strict=True))
    m.first.type(torch.float32)
    seen.append([str(t.dtype) for t in (*m.parameters(), *m.buffers(), m.top.grad)])
    return seen, caught(lambda: m.to(torch.int64)), [p.is_leaf for p in m.parameters()], type(caught(lambda: m.to([1])))


@both
def test_an_optimizer_keeps_converted_parameters(torch):
    m = scale(torch, 2)
    optimizer = torch.optim.SGD(m.parameters(), lr=1.0)
    m.double()
    m(torch.ones(2, dtype=torch.float64)).sum().backward()
    optimizer.step()
    return m.weight


# -- copies


class Net(Module):
    """At the top of the file, where pickle finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = Parameter(minitorch.arange(3.0))
        self.register_buffer("count", minitorch.zeros(1), persistent=False)
        self.child = Module()
        self.child.weight = self.weight
        self.note = {"a": 1}

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        return self.weight * x


def announce(module: Module, *rest: object) -> None:
    module.note["called"] = True


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies(duplicate) -> None:
    m = Net().eval()
    m.register_forward_hook(announce)
    twin = duplicate(m)
    assert repr(twin) == repr(m)
    assert isinstance(twin.weight, Parameter)
    assert twin.weight is twin.child.weight
    assert twin.weight is not m.weight
    assert not twin.training
    assert [n for n, _ in twin.named_buffers()] == ["count"]
    assert list(twin.state_dict()) == ["weight", "child.weight"]
    twin(minitorch.ones(3)).sum().backward()
    assert twin.note["called"]
    assert "called" not in m.note
    assert twin.weight.grad.tolist() == [1.0, 1.0, 1.0]
    assert m.weight.grad is None
    other = twin.register_forward_hook(announce)
    assert len(twin._forward_hooks) == 2
    other.remove()
    assert len(twin._forward_hooks) == 1


def test_a_module_pickled_by_an_older_version_gets_what_it_lacks() -> None:
    m = Net()
    state = {k: v for k, v in m.__dict__.items() if "hooks" not in k}
    old = Net.__new__(Net)
    old.__setstate__(state)
    assert old(minitorch.ones(3)).tolist() == [0.0, 1.0, 2.0]
    assert old.state_dict().keys() == m.state_dict().keys()

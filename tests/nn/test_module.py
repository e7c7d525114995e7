"""Module, Parameter and Buffer: names, order, texts, messages and hooks are torch's."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest

import minitorch
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Buffer, Parameter
from tests.both import both, caught


def scale(torch, *shape, buffer=True):
    """A module that multiplies by a weight, with a buffer of each kind."""

    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.full(shape, 2.0))
            self.register_parameter("bias", None)
            if buffer:
                self.register_buffer("count", torch.zeros(2, dtype=torch.int64))
                self.register_buffer("hidden", torch.ones(1), persistent=False)
                self.register_buffer("nothing", None)

        def forward(self, x, power=1):
            return self.weight * x**power

        def extra_repr(self):
            return f"shape={tuple(self.weight.shape)}"

    return Scale()


def tree(torch):
    """A module with nested, shared and missing children, a shared parameter and a parameter of its own."""

    class Tree(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = scale(torch, 3)
            self.inner = torch.nn.Sequential(scale(torch, 1, buffer=False), torch.nn.Sequential(scale(torch, 3)))
            self.again = self.first
            self.gone = None
            self.register_module("none", None)
            self.top = torch.nn.Parameter(torch.arange(3.0))
            self.tied = self.first.weight
            self.plain = [1, 2]

        def forward(self, x):
            return self.inner(self.first(x)) + self.top

    return Tree()


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


# -- calls and hooks


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


# -- state


@both
def test_state_dict(torch):
    m = tree(torch)
    m.double()
    seen = {}
    given = m.state_dict(destination=seen, prefix="net.")
    kept = m.state_dict(keep_vars=True)
    plain_state = m.state_dict()
    return (
        plain_state,
        plain_state._metadata,
        given is seen,
        list(seen),
        kept["top"] is m.top,
        [t.requires_grad for t in kept.values()],
        plain_state["top"].data_ptr() == m.top.data_ptr(),
        type(plain_state).__name__,
    )


@both
def test_loading(torch):
    m = tree(torch)
    other = tree(torch)
    with torch.no_grad():
        for p in other.parameters():
            p.add_(1)
    other.double()
    before = m.top
    result = m.load_state_dict(other.state_dict())
    return m.state_dict(), result, list(result), m.top is before, repr(result), str(result)


@pytest.mark.parametrize("strict", [True, False])
@both
def test_loading_what_does_not_match(torch, strict):
    m = tree(torch)
    state = m.state_dict()
    state["inner.1.0.weight"] = torch.ones(2, 3)
    state["first.count"] = [1, 2]
    state["inner.7.weight"] = torch.ones(1)
    state["inner.0.nothing"] = torch.ones(1)
    state["extra"] = 3
    state["first._extra_state"] = 3
    del state["top"], state["again.weight"]
    return caught(lambda: m.load_state_dict(state, strict=strict))


@both
def test_loading_with_fewer_or_more_keys(torch):
    m = tree(torch)
    state = m.state_dict()
    del state["top"], state["first.weight"]
    state["new"] = torch.ones(1)
    result = m.load_state_dict(state, strict=False)
    return [caught(lambda: m.load_state_dict([])), caught(lambda: m.load_state_dict(state)), repr(result), *result]


@both
def test_loading_odd_values(torch):
    m = torch.nn.Module()
    m.register_buffer("zero", torch.tensor(1.0))
    m.register_buffer("long", torch.ones(2, dtype=torch.int64))
    loaded = m.load_state_dict({"zero": torch.tensor([5.0]), "long": torch.tensor([2.5, 3.5])})
    return loaded, m.zero, m.long, caught(lambda: m.load_state_dict({"zero": torch.ones(2), "long": None}))


@both
def test_assigning(torch):
    m = tree(torch)
    m.top.requires_grad_(False)
    state = {k: v.double() for k, v in m.state_dict().items()}
    result = m.load_state_dict(state, assign=True)
    return result, m.state_dict(keep_vars=True), m.top.data_ptr() == state["top"].data_ptr(), type(m.top).__name__


@both
def test_extra_state_and_versions(torch):
    class Counting(torch.nn.Module):
        _version = 3

        def __init__(self):
            super().__init__()
            self.steps = 4

        def get_extra_state(self):
            return {"steps": self.steps}

        def set_extra_state(self, state):
            self.steps = state["steps"]

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
            self.seen = local_metadata.get("version")
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    m = torch.nn.Sequential(Counting())
    state = m.state_dict()
    m[0].steps = 0
    m.load_state_dict(state)
    seen = [state, state._metadata, m[0].steps, m[0].seen]
    m.load_state_dict(dict(state))
    return [*seen, m[0].seen, caught(lambda: m.load_state_dict({})), caught(lambda: m.load_state_dict({"0.x": 1}))]


@both
def test_state_dict_hooks(torch):
    m = torch.nn.Sequential(scale(torch, 1))
    seen = []
    m[0].register_state_dict_pre_hook(lambda module, prefix, keep: seen.append(("save pre", prefix, keep)))
    m[0].register_state_dict_post_hook(
        lambda module, state, prefix, meta: seen.append((list(state), prefix, dict(meta)))
    )
    m[0]._register_state_dict_hook(lambda module, state, prefix, meta: state.update({prefix + "count": 0}))
    m[0].register_load_state_dict_pre_hook(
        lambda module, state, prefix, *rest: seen.append((type(module).__name__, prefix))
    )
    m[0]._register_load_state_dict_pre_hook(
        lambda state, prefix, *rest: state.update({prefix + "count": torch.ones(2)})
    )
    m[0].register_load_state_dict_post_hook(lambda module, keys: seen.append(keys))
    state = m.state_dict()
    result = m.load_state_dict(state)
    m.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    m.register_load_state_dict_post_hook(lambda module, keys: keys.unexpected_keys.clear())
    forgiving = m.load_state_dict({"other": torch.ones(1)})
    m.register_load_state_dict_post_hook(lambda module, keys: 3)
    wrong = caught(lambda: m.load_state_dict(state))

    def returns(*rest):
        return {}

    m.register_state_dict_post_hook(returns)
    again = caught(lambda: m._register_state_dict_hook(returns))
    return list(state), result, forgiving, wrong, caught(m.state_dict), again, seen


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


def test_state_goes_to_torch_and_back() -> None:
    import torch

    ours, theirs = tree(minitorch), tree(torch)
    with torch.no_grad():
        theirs.top.add_(torch.rand(3))
    ours.load_state_dict({k: minitorch.tensor(v.cpu().numpy()) for k, v in theirs.state_dict().items()})
    assert ours.top.tolist() == theirs.top.tolist()
    theirs.load_state_dict({k: torch.tensor(v.cpu().numpy()) for k, v in ours.state_dict().items()})

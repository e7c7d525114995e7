"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict: everything they do is torch's."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict

import pytest

import minitorch
from minitorch.nn.modules.container import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from tests.both import both, caught


def layer(torch, number):
    """A module known by its number."""

    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.full((1,), float(number)))

        def forward(self, x):
            return self.weight + 2 * x

        def extra_repr(self):
            return str(number)

    return Layer()


def layers(torch, *numbers):
    return [layer(torch, n) for n in numbers]


def what(m):
    """The names and numbers of a container's entries."""
    return [(name, child.extra_repr()) for name, child in m.named_modules(remove_duplicate=False) if name]


@both
def test_sequential(torch):
    m = torch.nn.Sequential(*layers(torch, 0, 1, 2))
    named = torch.nn.Sequential(OrderedDict(a=layer(torch, 3), b=layer(torch, 4)))
    seen = [m(torch.ones(1)), what(m), what(named), repr(m), repr(named), len(m), torch.nn.Sequential()]
    seen += [m[0], m[-1], what(m[1:]), what(m[::-2]), what(named[:1]), named[-1], [x.extra_repr() for x in m]]
    m[0] = layer(torch, 5)
    m[-1] = layer(torch, 6)
    named[1] = layer(torch, 7)
    seen += [what(m), what(named), list(m.state_dict()), torch.nn.Sequential()(3)]
    del m[1]
    seen += [what(m), m.append(layer(torch, 8)) is m, what(m), m.insert(1, layer(torch, 9)) is m, what(m)]
    m.insert(-1, layer(torch, 10)).insert(len(m), layer(torch, 11)).extend(layers(torch, 12, 13))
    seen += [what(m), m.pop(-1), what(m), what(m.pop(slice(0, 2))), what(m)]
    del m[1:3]
    del named[0]
    return [*seen, what(m), what(named), "0" in dir(m)]


@both
def test_sums_and_products_of_sequentials(torch):
    m, n = (torch.nn.Sequential(*layers(torch, *numbers)) for numbers in ((0, 1), (2, 3)))
    seen = [what(m + n), what(m * 2), what(2 * m), (m * 2)[2] is m[0]]
    m += n
    seen.append(what(m))
    m *= 2
    return [
        *seen,
        what(m),
        *[
            caught(attempt)
            for attempt in (
                lambda: m.__add__([1]),
                lambda: m.__iadd__([1]),
                lambda: m * 1.5,
                lambda: m * 0,
                lambda: m.__imul__(-1),
                lambda: m.__imul__("a"),
            )
        ],
    ]


@both
def test_what_a_sequential_refuses(torch):
    m = torch.nn.Sequential(*layers(torch, 0, 1))
    return [
        caught(attempt)
        for attempt in (
            lambda: m[2],
            lambda: m[-3],
            lambda: m["a"],
            lambda: m[1.0],
            lambda: m.__setitem__(5, layer(torch, 1)),
            lambda: m.__setitem__(0, 5),
            lambda: m.__delitem__(2),
            lambda: m.append(3),
            lambda: m.insert(0, 3),
            lambda: m.insert(3, layer(torch, 1)),
            lambda: m.pop(7),
            lambda: torch.nn.Sequential(lambda x: x),
            lambda: torch.nn.Sequential(layers(torch, 1)),
        )
    ]


@both
def test_module_list(torch):
    m = torch.nn.ModuleList(layers(torch, 0, 1, 2))
    seen = [what(m), len(m), m[0], m[-1], what(m[1:]), what(m[::-1]), [x.extra_repr() for x in m], repr(m)]
    m[1] = layer(torch, 5)
    seen += [what(m), m.append(layer(torch, 6)) is m, m.extend(iter(layers(torch, 7, 8))) is m, what(m)]
    seen += [m.insert(1, layer(torch, 9)), what(m), m.pop(0), what(m), what(m.pop(slice(1, 3))), what(m)]
    del m[-1]
    m += layers(torch, 10)
    seen += [what(m), what(m + layers(torch, 11)), what(m + m), list(m.state_dict()), "0" in dir(m)]
    del m[0:2]
    return [*seen, what(m)]


@both
def test_what_a_module_list_refuses(torch):
    m = torch.nn.ModuleList(layers(torch, 0, 1))
    return [
        caught(attempt)
        for attempt in (
            lambda: m[2],
            lambda: m[-3],
            lambda: m["a"],
            lambda: m.append(3),
            lambda: m.extend(3),
            lambda: m.extend([3]),
            lambda: m.pop(4),
            lambda: m.__setitem__(4, layer(torch, 1)),
            lambda: m.__setitem__(0, 4),
            lambda: torch.nn.ModuleList(layer(torch, 1)),
            lambda: m(3),
        )
    ]


@pytest.mark.parametrize("numbers", [(), (1,), (1, 1), (1, 1, 1, 2, 3, 3, 1), (1, 2, 2)], ids=str)
@both
def test_repr_of_repeated_modules(torch, numbers):
    inner = torch.nn.ModuleList(layers(torch, *numbers))
    nested = torch.nn.ModuleList([inner, torch.nn.ModuleList(layers(torch, *numbers)), torch.nn.Sequential(inner)])
    return repr(inner), repr(nested), repr(torch.nn.Sequential(nested))


@both
def test_module_dict(torch):
    m = torch.nn.ModuleDict({"b": layer(torch, 0), "a": layer(torch, 1)})
    pairs = torch.nn.ModuleDict([("x", layer(torch, 2)), ["y", layer(torch, 3)]])
    seen = [what(m), what(pairs), len(m), list(m), list(m.keys()), [v.extra_repr() for v in m.values()], repr(m)]
    seen += [[k for k, _ in m.items()], "a" in m, "z" in m, m["a"]]
    m["c"] = layer(torch, 4)
    m.update(pairs)
    m.update(OrderedDict(z=layer(torch, 5)))
    seen += [what(m), m.pop("a"), what(m)]
    del m["b"]
    seen += [what(m), m.clear(), what(m), torch.nn.ModuleDict()]
    return [
        *seen,
        *[
            caught(attempt)
            for attempt in (
                lambda: m["q"],
                lambda: m.pop("q"),
                lambda: m.update(3),
                lambda: m.update([("a", layer(torch, 1), 2)]),
                lambda: m.update([("b",)]),
                lambda: m.__setitem__("keys", layer(torch, 1)),
                lambda: m.__setitem__("n", 3),
                lambda: m.__setitem__(3, layer(torch, 1)),
                lambda: m.__delitem__("q"),
                lambda: m(3),
            )
        ],
        type(caught(lambda: m.update([3]))).__name__,
    ]


@pytest.mark.host("the texts name the device")
@both
def test_parameter_list(torch):
    m = torch.nn.ParameterList([torch.ones(2), torch.nn.Parameter(torch.zeros(1, 2)), "text", 3])
    seen = [
        repr(m),
        len(m),
        [m[i] for i in range(4)],
        m[-1],
        list(m.state_dict()),
        [n for n, _ in m.named_parameters()],
    ]
    m[0] = torch.zeros(3)
    seen += [m.append(torch.ones(1)) is m, m.extend([torch.ones(4)]) is m, repr(m)]
    m += [torch.nn.Parameter(torch.ones(5), requires_grad=False)]
    seen += [repr(m), len(m), repr(m[1:3]), len(m[::2]), [type(x).__name__ for x in m], "0" in dir(m)]
    return [
        *seen,
        torch.nn.ParameterList(),
        *[
            caught(attempt)
            for attempt in (
                lambda: m[9],
                lambda: m["a"],
                lambda: m.__setitem__(9, torch.ones(1)),
                lambda: m.__setitem__(0, 3),
                lambda: m.extend(3),
                lambda: m.extend(torch.ones(2)),
                lambda: m(3),
            )
        ],
    ]


@pytest.mark.host("the texts name the device")
@both
def test_parameter_dict(torch):
    m = torch.nn.ParameterDict({"b": torch.ones(2), "a": torch.nn.Parameter(torch.zeros(1, 2)), "c": "text"})
    seen = [repr(m), len(m), list(m), list(reversed(m)), list(m.keys()), list(m.values()), list(m.items())]
    seen += [list(m.state_dict()), "a" in m, "z" in m, m.get("a"), m.get("z"), m.get("z", 3), m["a"]]
    m["d"] = torch.zeros(3)
    m.update(OrderedDict(z=torch.ones(1), y=torch.ones(1)))
    m.update([("x", torch.ones(1))])
    other = torch.nn.ParameterDict({"a": torch.ones(7), "new": torch.ones(1)})
    seen += [list(m), m.setdefault("a", 3), m.setdefault("e", torch.ones(1)), list(m), m.pop("b"), m.popitem(), list(m)]
    seen += [m.copy(), m | other, list((m | other)["a"].shape), m.fromkeys(["p", "q"], 3), m.copy()["a"] is m["a"]]
    m |= other
    del m["new"]
    seen += [list(m), m.clear(), list(m), len(m), torch.nn.ParameterDict()]
    return [
        *seen,
        *[
            caught(attempt)
            for attempt in (
                lambda: m["q"],
                lambda: m.pop("q"),
                lambda: m.__setitem__("keys", torch.ones(1)),
                lambda: m.update([("a", 1, 2)]),
                lambda: m.__delitem__("q"),
                lambda: m(3),
            )
        ],
        [type(caught(attempt)).__name__ for attempt in (m.popitem, lambda: m.update([3]), lambda: m.update(3))],
        [type(caught(attempt)).__name__ for attempt in (lambda: m[3], lambda: m.__setitem__(3, torch.ones(1)))],
    ]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies(duplicate) -> None:
    m = ModuleDict(
        {
            "list": ModuleList([Sequential()]),
            "several": ParameterList([minitorch.ones(2)]),
            "named": ParameterDict({"a": minitorch.ones(1)}),
        }
    )
    twin = duplicate(m)
    assert repr(twin) == repr(m)
    assert len(twin["several"]) == len(twin["named"]) == 1
    assert list(twin.state_dict()) == list(m.state_dict()) == ["several.0", "named.a"]
    assert twin["named"]["a"] is not m["named"]["a"]

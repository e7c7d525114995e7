"""State of modules: the results of `state_dict`, the arguments of `load_state_dict`, hooks, versions and messages."""

from __future__ import annotations

import pytest

import minitorch
from tests.both import both, caught
from tests.nn.nets import scale, tree


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


def test_state_goes_to_torch_and_back() -> None:
    import torch

    ours, theirs = tree(minitorch), tree(torch)
    with torch.no_grad():
        theirs.top.add_(torch.rand(3))
    ours.load_state_dict({k: minitorch.tensor(v.cpu().numpy()) for k, v in theirs.state_dict().items()})
    assert ours.top.tolist() == theirs.top.tolist()
    theirs.load_state_dict({k: torch.tensor(v.cpu().numpy()) for k, v in ours.state_dict().items()})

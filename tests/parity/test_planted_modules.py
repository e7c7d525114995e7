"""The checks of modules and optimizers are checked: each planted fault is found as what it is."""

from __future__ import annotations

import types
from typing import Any

import pytest
import torch
from torch import nn

from parity.cases import CASES
from parity.compare.explore import explore
from tests.parity.planted import Planted, explored, found


class WrongInit(nn.Linear):
    def reset_parameters(self) -> None:
        super().reset_parameters()
        with torch.no_grad():
            self.weight *= 1.0001


class WrongOrder(nn.Linear):
    def state_dict(self, *args: Any, **options: Any) -> Any:
        state = super().state_dict(*args, **options)
        return dict(reversed(state.items())) if len(state) > 1 else state


class WrongRepr(nn.Linear):
    def extra_repr(self) -> str:
        return super().extra_repr().replace("in_features", "inputs")


class Deaf(nn.Linear):
    def load_state_dict(self, state: Any, strict: bool = True, assign: bool = False) -> Any:
        return super().load_state_dict({**state, "weight": self.weight.detach().clone()}, strict)


class Lenient(nn.Linear):
    def load_state_dict(self, state: Any, strict: bool = True, assign: bool = False) -> Any:
        return super().load_state_dict(state, strict=False)


class Shallow(nn.Linear):
    def __deepcopy__(self, memo: Any) -> Any:
        twin = Shallow.__new__(Shallow)
        twin.__dict__ = dict(self.__dict__)
        return twin


class Forgetful(nn.Linear):
    def __getstate__(self) -> Any:
        state = dict(self.__dict__)
        state["_parameters"] = {
            k: v if v is None else nn.Parameter(torch.zeros_like(v)) for k, v in self._parameters.items()
        }
        return state


class Always(nn.Dropout):
    def forward(self, x: Any) -> Any:
        return nn.functional.dropout(x, self.p, True, self.inplace)


Always._get_name = lambda self: "Dropout"
for _class in (WrongInit, WrongOrder, WrongRepr, Deaf, Lenient, Shallow, Forgetful):
    _class._get_name = lambda self: "Linear"


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (WrongInit, "weight starts from other values under the same seed"),
        (WrongOrder, "keys of state_dict"),
        (WrongRepr, "repr: expected Linear(in_features="),
        (Deaf, "does not take over the values"),
        (Lenient, "does not raise RuntimeError for missing and unexpected keys"),
        (Shallow, "deepcopy shares the memory of a parameter"),
        (Forgetful, "the module after deepcopy computes something else"),
    ],
)
def test_modules(planted: type, expected: str) -> None:
    library = types.SimpleNamespace(**{**vars(nn), "Linear": planted})
    exploration = explore(CASES["nn.Linear"], "", Planted(torch, {"nn": library}), torch, examples=20, shrink=False)
    assert expected in found(exploration), exploration.report


def test_mode_ignored() -> None:
    assert "forward" in found(explored("nn.Dropout", nn__Dropout=Always))


# -- optimizers


def test_optimizer_wrong_after_the_first_step() -> None:
    class Wrong(torch.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            super().step(closure)
            for state in self.state.values():
                if state.get("momentum_buffer") is not None:
                    state["momentum_buffer"].mul_(0.99)

    assert "forward in float32" in found(explored("optim.SGD", "momentum", optim__SGD=Wrong))
    assert not explored("optim.SGD", "maximize", optim__SGD=torch.optim.SGD).faults


def test_optimizer_state_under_other_names() -> None:
    class Wrong(torch.optim.Adam):
        def state_dict(self) -> Any:
            state = super().state_dict()
            state["state"] = {
                i: {k.replace("exp_avg", "m"): v for k, v in s.items()} for i, s in state["state"].items()
            }
            return state

    assert "structure of the result" in found(explored("optim.Adam", optim__Adam=Wrong))


def test_optimizer_forgets_what_it_loads() -> None:
    class Wrong(torch.optim.Adam):
        def load_state_dict(self, state: Any) -> None:
            super().load_state_dict({**state, "state": {}})

    assert "torch continued by ours" in found(explored("optim.Adam", optim__Adam=Wrong))

"""The effects of grad mode and inference mode: every nesting of their blocks and decorators, compared with torch."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.autograd.worlds import same

SWITCHES: dict[str, Callable[[Any], Any]] = {
    "no_grad": lambda w: w.no_grad(),
    "enable_grad": lambda w: w.enable_grad(),
    "inference": lambda w: w.inference_mode(),
    "no_inference": lambda w: w.inference_mode(False),
    "on": lambda w: w.set_grad_enabled(True),
    "off": lambda w: w.set_grad_enabled(False),
}

PROBES: list[Callable[[Any, Any], Any]] = [
    lambda w, x: x * 2,
    lambda w, x: x[0],
    lambda w, x: x.detach(),
    lambda w, x: x.data,
    lambda w, x: (x * 3)[0],
    lambda w, x: x[0].detach_(),
    lambda w, x: x.clone().detach_(),
    lambda w, x: x.clone().mul_(2),
    lambda w, x: x[0].mul_(2),
    lambda w, x: x.add_(1),
    lambda w, x: w.ones(1),
    lambda w, x: w.ones(2)[0],
    lambda w, x: w.ones(2)[0].detach_(),
    lambda w, x: w.ones(2)[0].requires_grad_(),
    lambda w, x: w.ones(2)[0].mul_(x[0]),
    lambda w, x: w.ones(2, requires_grad=True),
    lambda w, x: w.ones(2, requires_grad=True)[0],
    lambda w, x: w.ones(2, requires_grad=True)[0] * 2,
    lambda w, x: w.nn.Parameter(w.ones(1)).detach_(),
    lambda w, x: w.zeros(2)[w.tensor([0])],
]


def state(w: Any, x: Any) -> list[Any]:
    """The modes, and the flags of each probe's result."""
    seen: list[Any] = [w.is_grad_enabled(), w.is_inference_mode_enabled()]
    for probe in PROBES:
        try:
            t = probe(w, x)
            version = None if t.is_inference() else t._version
            seen.append([t.requires_grad, t.is_leaf, t.grad_fn is None, t.is_inference(), t._is_view(), version])
        except RuntimeError:
            seen.append("refused")
    return seen


@pytest.mark.parametrize("decorated", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
def test_blocks_and_decorators_in_each_other(depth: int, decorated: bool) -> None:
    def program(w: Any, names: tuple[str, ...]) -> Any:
        x = w.ones(2, requires_grad=True)
        seen = []

        def enter(rest: tuple[str, ...]) -> None:
            seen.append(state(w, x))
            if rest and decorated:
                SWITCHES[rest[0]](w)(enter)(rest[1:])
            elif rest:
                with SWITCHES[rest[0]](w):
                    enter(rest[1:])
            seen.append([w.is_grad_enabled(), w.is_inference_mode_enabled()])

        enter(names)
        return seen

    for names in itertools.product(SWITCHES, repeat=depth):
        same(partial(program, names=names))


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("around", ["on", "no_grad", "inference"])
def test_decorated_generators(name: str, around: str) -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        def note(what: object) -> None:
            seen.append([what, w.is_grad_enabled(), w.is_inference_mode_enabled()])

        def steps() -> Any:
            with w.enable_grad():
                note("first")
                note((yield 1))
            try:
                note((yield 2))
            except ValueError:
                note("thrown")
            try:
                yield 3
            finally:
                note("closed")

        generator = SWITCHES[name](w)(steps)
        with SWITCHES[around](w):
            assert inspect.isgeneratorfunction(generator)
            iterator = generator()
            note(next(iterator))
            note(iterator.send("sent"))
            note(iterator.throw(ValueError()))
            iterator.close()
            note("after")
        return seen

    same(program)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_decorated_class_is_deprecated_and_switches_while_it_is_called(name: str) -> None:
    def program(w: Any) -> Any:
        seen = []

        class Decorated:
            def __init__(self) -> None:
                seen.append([w.is_grad_enabled(), w.is_inference_mode_enabled()])

        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            SWITCHES[name](w)(Decorated)()
        return seen, [warning.category.__name__ for warning in found], w.is_grad_enabled()

    same(program)


@pytest.mark.parametrize("mode", ["on", 1, None])
def test_a_mode_is_true_or_false(mode: Any) -> None:
    def program(w: Any, name: str) -> Any:
        with pytest.raises(TypeError), getattr(w, name)(mode=mode):
            pass

    same(lambda w: program(w, "set_grad_enabled"))
    same(lambda w: program(w, "inference_mode"))


def test_inference_tensors_do_not_count_writes() -> None:
    def program(w: Any, data: bool) -> Any:
        with w.inference_mode():
            x = w.ones(2)
        return (x.data.mul_(2) if data else x)._version, x.data.is_inference(), x.detach()[0].is_inference()

    same(partial(program, data=False), says="Inference tensors do not track version counter")
    same(partial(program, data=True))


def test_an_inference_tensor_that_is_converted_cannot_be_saved() -> None:
    def program(w: Any, divide: bool) -> Any:
        x = w.ones(2, dtype=w.float64, requires_grad=True)
        with w.inference_mode():
            y = w.ones(2)
        return (x / y if divide else x + y).requires_grad

    same(partial(program, divide=True), says="Inference tensors cannot be saved for backward")
    same(partial(program, divide=False))

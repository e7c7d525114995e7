"""no_grad, enable_grad, inference_mode and set_grad_enabled: as blocks, as decorators, in threads."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import minitorch
from tests.autograd.worlds import same


def records(w: Any) -> bool:
    x = w.ones(1, requires_grad=True)
    assert (x * 2).requires_grad == w.is_grad_enabled()
    return w.is_grad_enabled()


def test_blocks_nest_and_restore() -> None:
    def program(w: Any) -> Any:
        seen = [records(w)]
        with w.no_grad():
            seen.append(records(w))
            with w.enable_grad():
                seen.append(records(w))
                with w.set_grad_enabled(False):
                    seen.append(records(w))
                seen.append(records(w))
            seen.append(records(w))
        try:
            with w.no_grad():
                raise KeyError
        except KeyError:
            seen.append(records(w))
        return seen

    same(program)


def test_one_object_entered_twice() -> None:
    block = minitorch.no_grad()
    with block:
        with block:
            assert not records(minitorch)
        assert not records(minitorch)
    assert records(minitorch)


def test_the_mode_by_name() -> None:
    def program(w: Any) -> Any:
        with w.set_grad_enabled(mode=False):
            off = records(w)
        with w.inference_mode(mode=False):
            on = records(w)
        w.set_grad_enabled(mode=True)
        return off, on, records(w)

    same(program)


def test_set_grad_enabled_without_a_block() -> None:
    def program(w: Any) -> Any:
        before = records(w)
        w.set_grad_enabled(False)
        off = records(w)
        w.set_grad_enabled(True)
        return before, off, records(w)

    same(program)


@pytest.mark.parametrize(
    "name", ["no_grad()", "no_grad", "enable_grad()", "inference_mode()", "set_grad_enabled(False)"]
)
@pytest.mark.parametrize("around", ["no_grad", "enable_grad"])
def test_decorators(name: str, around: str) -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []
        decorator = eval("w." + name, {"w": w})

        @decorator
        def function(x: Any, *, y: Any) -> Any:
            """What it does."""
            seen.append(w.is_grad_enabled())
            return x + y

        @decorator
        def generator() -> Iterator[Any]:
            seen.append(w.is_grad_enabled())
            got = yield 1
            seen.append((got, w.is_grad_enabled()))
            yield 2
            seen.append(w.is_grad_enabled())

        with getattr(w, around)():
            result = function(1, y=2)
            steps = generator()
            seen.append(next(steps))
            seen.append(w.is_grad_enabled())
            seen.append(steps.send("sent"))
            seen.append(w.is_grad_enabled())
            seen.extend(steps)
        return result, seen, function.__name__, function.__doc__, w.is_grad_enabled()

    same(program)


def test_generators_see_what_is_thrown_in_and_are_closed() -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        @w.no_grad()
        def generator() -> Iterator[int]:
            try:
                yield 1
            except KeyError:
                seen.append(("caught", w.is_grad_enabled()))
            try:
                yield 2
            finally:
                seen.append(("closed", w.is_grad_enabled()))

        steps = generator()
        next(steps)
        seen.append(steps.throw(KeyError()))
        steps.close()
        return seen, w.is_grad_enabled()

    same(program)


def test_every_thread_has_its_own_mode() -> None:
    def program(w: Any) -> Any:
        seen: list[bool] = []
        inside, done = threading.Event(), threading.Event()

        def work() -> None:
            seen.append(w.is_grad_enabled())
            with w.no_grad():
                inside.set()
                done.wait(10)
                seen.append(w.is_grad_enabled())

        with w.no_grad():
            thread = threading.Thread(target=work)
            thread.start()
            inside.wait(10)
            with w.enable_grad():
                seen.append(w.is_grad_enabled())
            done.set()
            thread.join()
        return seen

    same(program)


def test_no_grad_results_are_leaves() -> None:
    def program(w: Any) -> Any:
        x = w.ones(2, requires_grad=True)
        with w.no_grad():
            y = x * 2
            z = w.ones(2, requires_grad=True)
        return y.requires_grad, y.is_leaf, z.requires_grad

    same(program)


def test_inference_mode() -> None:
    def program(w: Any) -> Any:
        x = w.ones(2, requires_grad=True)
        with w.inference_mode():
            y = x * 2
            inside = w.is_inference_mode_enabled(), w.is_grad_enabled(), y.is_inference()
            y.add_(1)
        with w.inference_mode(False):
            z = x * 2
        return inside, w.is_inference_mode_enabled(), y.requires_grad, z.requires_grad, z.is_inference(), (y + 1)

    same(program)


def test_inference_tensors_stay_out_of_graphs() -> None:
    def made(w: Any) -> Any:
        with w.inference_mode():
            return w.ones(2) * 2

    same(lambda w: made(w) * w.ones(2, requires_grad=True), says="Inference tensors cannot be saved for backward")
    same(lambda w: made(w).add_(1), says="Inplace update to inference tensor outside InferenceMode is not allowed")
    same(
        lambda w: made(w).requires_grad_(), says="Setting requires_grad=True on inference tensor outside InferenceMode"
    )
    same(lambda w: (made(w).clone() * w.ones(2, requires_grad=True)).requires_grad)
    same(lambda w: (made(w) + w.ones(2, requires_grad=True)).requires_grad)


def test_backward_does_not_depend_on_the_mode_around_it() -> None:
    def program(w: Any) -> Any:
        x = w.ones(2, requires_grad=True)
        y = (x * x).sum()
        with w.no_grad():
            y.backward()
            enabled = w.is_grad_enabled()
        return x.grad, enabled

    same(program)


def test_create_graph_inside_no_grad() -> None:
    x = minitorch.ones(2, requires_grad=True)
    y = (x * x * x).sum()
    with minitorch.no_grad():
        (g,) = minitorch.autograd.grad(y, x, create_graph=True)
    assert g.requires_grad
    assert minitorch.autograd.grad(g.sum(), x)[0].tolist() == [6, 6]

"""Backward passes inside backward passes, deeper than Python's calls may be nested."""

import threading
from typing import Any

import pytest

import minitorch
from tests.autograd.worlds import same

DEPTH = 500


def nested(w: Any, depth: int, at_the_end: Any) -> Any:
    """The gradient of a function whose backward runs another backward pass, and so on to `depth`."""

    class Nested(w.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, left: int) -> Any:
            ctx.left = left
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            if not ctx.left:
                return at_the_end(g), None
            with w.enable_grad():
                x = w.ones(1, dtype=w.float64, requires_grad=True)
                Nested.apply(x, ctx.left - 1).sum().backward()
            return g * x.grad * 1.001, None

    x = w.ones(1, dtype=w.float64, requires_grad=True)
    Nested.apply(x, depth).sum().backward()
    return x.grad


def test_in_custom_functions() -> None:
    same(lambda w: nested(w, DEPTH, lambda g: g * 2))


def test_in_hooks() -> None:
    def program(w: Any) -> Any:
        calls = []

        def hook(g: Any) -> None:
            calls.append(g.item())
            if len(calls) < DEPTH:
                with w.enable_grad():
                    x = w.ones(1, requires_grad=True)
                    x.register_hook(hook)
                    (x * len(calls)).sum().backward()

        x = w.ones(1, requires_grad=True)
        x.register_hook(hook)
        x.sum().backward()
        return calls

    same(program)


def test_errors_come_back_from_any_depth() -> None:
    def fail(g: Any) -> Any:
        raise KeyError("from the innermost pass")

    with pytest.raises(KeyError, match="from the innermost pass"):
        nested(minitorch, DEPTH, fail)
    assert nested(minitorch, 2, lambda g: g).item() == pytest.approx(1.001**2)  # nothing is left behind


def test_modes_are_those_of_the_thread_that_began() -> None:
    seen = []

    def look(g: Any) -> Any:
        seen.append((minitorch.is_grad_enabled(), minitorch.is_inference_mode_enabled()))
        return g

    nested(minitorch, 1, look)
    nested(minitorch, DEPTH, look)
    assert seen[0] == seen[1]
    assert minitorch.is_grad_enabled()


def test_shallow_passes_stay_in_their_thread() -> None:
    threads = []

    def look(g: Any) -> Any:
        threads.append(threading.current_thread())
        return g

    nested(minitorch, 10, look)
    assert threads == [threading.current_thread()]

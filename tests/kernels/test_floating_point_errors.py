"""Floating-point errors: no warnings in minitorch's computations, and the user's setting everywhere else."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import kernels
import minitorch
from kernels.floating_point_errors import run_again, silent
from minitorch.nn import functional as F

INF = float("inf")
BIG, NEGATIVE, ZERO = (minitorch.full((3,), value, requires_grad=True) for value in (3e38, -1.0, 0.0))
HALF = minitorch.full((3,), 60000.0, dtype=minitorch.float16)
ERRORS: dict[str, Callable[[], Any]] = {
    "add": lambda: BIG + BIG,
    "in place": lambda: BIG.detach().clone().mul_(10),
    "sub": lambda: (BIG * 10) - (BIG * 10),
    "div": lambda: 1 / ZERO,
    "floor_divide": lambda: BIG // ZERO,
    "log": lambda: ZERO.log(),
    "sqrt": lambda: NEGATIVE.sqrt(),
    "exp": lambda: BIG.exp(),
    "sigmoid": lambda: (NEGATIVE * 100).sigmoid(),
    "softplus": lambda: F.softplus(BIG, beta=10),
    "sum": lambda: BIG.sum(),
    "cumsum": lambda: BIG.cumsum(0),
    "prod": lambda: BIG.prod(),
    "mean": lambda: minitorch.zeros(0).mean(),
    "std": lambda: minitorch.full((2,), INF).std(),
    "matmul": lambda: BIG @ BIG,
    "norm": lambda: BIG.norm(3),
    "to float16": lambda: BIG.to(minitorch.float16),
    "to an integer": lambda: minitorch.full((2,), INF).to(minitorch.int64),
    "copy_": lambda: HALF.clone().copy_(BIG.detach()),
    "float16 and a number": lambda: HALF * 1e20,
    "tensor": lambda: minitorch.tensor([1e39, 1.0]),
    "tensor of float16": lambda: minitorch.tensor([1e39, 1.0], dtype=minitorch.float16),
    "linspace": lambda: minitorch.linspace(0, INF, 3),
    "arange": lambda: minitorch.arange(65000, 65600, 100, dtype=minitorch.float16),
    "cauchy_": lambda: minitorch.zeros(3).cauchy_(INF, 1),
    "exponential_": lambda: minitorch.zeros(3).exponential_(1e-300),
    "isclose": lambda: minitorch.isclose(BIG * 10, BIG),
    "nan_to_num": lambda: (BIG * 10).nan_to_num(),
    "layer_norm": lambda: F.layer_norm(BIG * 10, (3,)),
    "cross_entropy": lambda: F.cross_entropy(minitorch.full((1, 3), -INF), minitorch.tensor([1])),
    "backward": lambda: (BIG * 10).log().mul(BIG).sum().backward(),
    "backward, accumulated": lambda: [BIG.mul(3e38).sum().backward() for _ in range(2)],
    "backward, create_graph": lambda: ZERO.sqrt().sum().backward(create_graph=True),
    "repr": lambda: repr(minitorch.tensor([1e-45, INF, float("nan")])),
    "item": lambda: (BIG * 10)[0].item(),
}


@pytest.fixture(autouse=True)
def _as_errors() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Using backward")
        yield
    for x in (BIG, NEGATIVE, ZERO):
        x.grad = None


@pytest.mark.parametrize("name", ERRORS)
def test_no_warning_reaches_the_user(name: str) -> None:
    ERRORS[name]()
    with np.errstate(all="raise"):
        ERRORS[name]()


def test_the_user_gets_the_warnings_of_other_code() -> None:
    (BIG + BIG).sum().backward()
    array = np.full(2, 3e38, "float32")
    with pytest.raises(RuntimeWarning, match="overflow"):
        _ = array * 10
    with np.errstate(over="raise"):
        _ = BIG + BIG
        with pytest.raises(FloatingPointError):
            _ = array * 10


def test_hooks_and_functions_of_the_user_keep_the_setting() -> None:
    seen = []

    class Square(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            seen.append(np.geterr()["over"])
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(np.geterr()["over"])
            return g

    with np.errstate(over="call"):
        y = Square.apply(BIG)
        y.register_hook(lambda g: seen.append(np.geterr()["over"]))
        y.sum().backward()
    assert seen == ["call"] * 3


def test_an_error_leaves_the_setting() -> None:
    with np.errstate(all="raise"):
        with pytest.raises(RuntimeError):
            minitorch.ones(2) + minitorch.ones(3)
        with pytest.raises(RuntimeError):
            minitorch.ones(2, 3) @ minitorch.ones(2, 3)
        assert set(np.geterr().values()) == {"raise"}


def test_ufuncs_of_several_threads() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        x = minitorch.full((200_000,), 3e38)  # a ufunc releases the lock of the interpreter for so many elements
        try:
            with np.errstate(all="raise"):
                for _ in range(20):
                    assert minitorch.isinf(x + x).all()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_ufunc_whose_context_is_in_use() -> None:
    run: Any = silent(np.add)
    x = np.full(2, 3e38, "float32")

    def inside() -> RuntimeError:
        assert np.isinf(kernels.add(x, x)).all()
        assert minitorch.isinf(BIG + BIG).all()
        with pytest.raises(RuntimeError, match="already entered") as caught:
            run(x, x)
        return caught.value

    error = run.func(inside)
    assert np.isinf(run_again(run, (x, x), error)).all()
    with pytest.raises(RuntimeError, match="already entered"):
        run_again(max, (x, x), error)

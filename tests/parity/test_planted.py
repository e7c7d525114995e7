"""The checks are checked: torch against itself passes, and each planted fault is found, in its order and as what it
is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from parity.cases import CASES
from parity.compare.case import Case
from parity.compare.explore import explore, explore_refusals
from tests.parity.planted import Op, Planted, explored, found, refusals


@pytest.mark.parametrize(
    "name",
    [
        "tanh",
        "sum",
        "reshape",
        "Tensor.__getitem__",
        "softmax",
        "nn.functional.conv2d",
        "nn.Linear",
        "nn.Dropout",
        "optim.Adam",
        "rand",
        "nn.CrossEntropyLoss",
        "utils.data.DataLoader",
    ],
)
def test_torch_equals_itself(name: str) -> None:
    case = CASES[name]
    for group in case.groups:
        exploration = explore(case, group, torch, torch, examples=5)
        assert not exploration.faults, exploration.report
        for row in exploration.rows:
            assert row.verdict in ("ok", "torch has none")
            if row.dtype == "float32":
                assert row.ours == row.torch
    assert not explore_refusals(case, torch, torch, examples=5).faults


# -- numbers


def test_wrong_gradient() -> None:
    wrong = Op.make(torch.tanh, lambda g, x: g * (1 - torch.tanh(x) ** 2) * (1 + 1e-5))
    exploration = explored("tanh", tanh=wrong)
    assert "gradient in float32" in found(exploration)
    assert "gradient in float64" in found(exploration)
    assert {row.order for row in exploration.rows if not row.passed} >= {"gradient"}
    assert all(row.passed for row in exploration.rows if row.order == "forward")


def test_gradient_wrong_only_in_a_tie() -> None:
    wrong = Op.make(torch.relu, lambda g, x: g * (x >= 0))
    assert "gradient in float32" in found(explored("relu", relu=wrong))


def test_gradient_missing() -> None:
    assert "expected requires_grad=True, got False" in found(explored("exp", exp=lambda x: torch.exp(x.detach())))


def test_gradient_none_instead_of_zero() -> None:
    wrong = lambda x: torch.floor(x.detach()) + 0 * torch.ones((), requires_grad=True, dtype=x.dtype)  # noqa: E731
    assert "gradient in float32: of x: expected" in found(explored("floor", floor=wrong))


def test_second_order_wrong() -> None:
    wrong = Op.make(torch.sin, lambda g, x: g * torch.cos(x.detach()))
    exploration = explored("sin", sin=wrong)
    assert {fault.order for fault in exploration.faults} == {"second order"}


def test_recorded_gradient_differs() -> None:
    wrong = Op.make(torch.sin, lambda g, x: g * torch.cos(x) * (1.5 if torch.is_grad_enabled() else 1))
    assert "of x, recorded" in found(explored("sin", sin=wrong))


def test_gradient_of_a_broadcast_operand() -> None:
    class Add(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.shapes = x.shape, y.shape
            return x + y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            def first(shape: Any) -> Any:  # takes one slice where it should sum
                return g[
                    tuple(
                        slice(1) if i < g.ndim - len(shape) or shape[i - g.ndim] == 1 else slice(None)
                        for i in range(g.ndim)
                    )
                ].reshape(shape)

            return first(ctx.shapes[0]), first(ctx.shapes[1])

    def add(x: Any, y: Any) -> Any:
        return Add.apply(x, y) if isinstance(y, torch.Tensor) else x + y

    assert "gradient" in found(explored("add", add=add, examples=60))


def test_float32_less_precise_than_torch() -> None:
    def coarse(x: Any) -> Any:  # two digits short: far below what any absolute tolerance would see at this size
        return torch.exp(x) * (1 + 2e-6) if x.dtype == torch.float32 else torch.exp(x)

    exploration = explored("exp", exp=coarse)
    assert "forward in float32" in found(exploration)
    assert "float64" not in found(exploration)


def test_float64_computed_in_float32() -> None:
    exploration = explored("log", log=lambda x: torch.log(x.float()).to(x.dtype))
    assert "forward in float64" in found(exploration)
    assert "forward in float32" not in found(exploration)


def test_inaccurate_sum() -> None:
    def naive(x: Any, *args: Any, **options: Any) -> Any:  # accumulates in half precision
        return torch.sum(x.half(), *args, **options).to(options.get("dtype", x.dtype))

    assert "forward" in found(explored("sum", sum=naive))


def test_cancellation() -> None:
    assert "forward in float32" in found(explored("expm1", expm1=lambda x: torch.exp(x) - 1))


def test_nan_lost() -> None:
    wrong = lambda x: torch.where(x > 0, x, 0.0)  # noqa: E731
    assert "0 where torch has NaN" in found(explored("relu", "special", relu=wrong))
    assert not explored("square", square=lambda x: x * x).faults


def test_rounding_of_another_order_passes() -> None:
    def otherwise(x: Any, *args: Any, **options: Any) -> Any:
        return (
            torch.sum(x.flip(tuple(range(x.ndim))), *args, **options).flip(())
            if not args and not options
            else torch.sum(x, *args, **options)
        )

    assert not explored("sum", sum=otherwise).faults
    assert not explored("sigmoid", sigmoid=lambda x: 1 / (1 + torch.exp(-x))).faults


def test_random_numbers_of_another_stream() -> None:
    wrong = lambda *args, **options: 1 - torch.rand(*args, **options)  # noqa: E731
    assert "bit for bit" in found(explored("rand", rand=wrong))


def test_integers_wrong() -> None:
    def wrong(x, *args, **options):
        return torch.argmax(x.flip(0) if x.ndim else x, *args, **options)

    assert "expected int64" in found(explored("argmax", argmax=wrong))


# -- behaviour


def test_wrong_dtype() -> None:
    assert "got float64[" in found(explored("exp", exp=lambda x: torch.exp(x.double())))


def test_wrong_shape() -> None:
    assert "got float32[1]" in found(explored("exp", exp=lambda x: torch.exp(x).reshape(-1)))


def test_wrong_structure() -> None:
    def wrong(x: Any, *args: Any, **options: Any) -> Any:
        return tuple(torch.aminmax(x, *args, **options))[::-1]

    assert "forward" in found(explored("aminmax", aminmax=wrong))
    assert "structure" in found(explored("aminmax", aminmax=lambda x, **o: (*torch.aminmax(x, **o), 1)))


def test_input_written() -> None:
    def wrong(x: Any) -> Any:
        with torch.no_grad():
            out = torch.sqrt(x)
            x.view(-1)[:1].mul_(2) if x.is_contiguous() else x.mul_(1)
        return out + 0 * x

    exploration = explored("sqrt", sqrt=wrong)
    assert "wrote to its inputs ['x']" in found(exploration)


def test_copy_where_torch_gives_a_view() -> None:
    assert "shares memory: expected out with x, got nothing" in found(
        explored("transpose", permute=lambda x, *d: torch.permute(x, *d).clone())
    )


def test_view_where_torch_copies() -> None:
    assert "shares memory: expected nothing, got out with x" in found(
        explored("clone", clone=lambda x: x.view(x.shape))
    )


def test_memory_order_taken_for_granted() -> None:
    def wrong(x: Any) -> Any:
        base = x if x.is_contiguous() else torch.as_strided(x, x.shape, torch.empty(x.shape).stride())
        return torch.sin(base)

    assert "forward" in found(explored("sin", sin=wrong, examples=60))


def test_recorded_under_no_grad() -> None:
    def wrong(x: Any) -> Any:
        with torch.enable_grad():
            return torch.cos(x)

    assert "recorded under no_grad" in found(explored("cos", cos=wrong))


def test_result_changes_when_repeated() -> None:
    calls = []

    def wrong(x: Any) -> Any:
        calls.append(1)
        return torch.ceil(x) + (len(calls) % 2)

    assert "ceil" not in found(explored("ceil", ceil=wrong)) or calls
    assert explored("ceil", ceil=wrong).faults


def test_raises_where_torch_does_not() -> None:
    def wrong(x: Any) -> Any:
        if not x.numel():
            raise ValueError("empty")
        return torch.atan(x)

    assert "raised ValueError: empty" in found(explored("atan", atan=wrong, examples=200))


# -- refusals


def test_accepts_what_torch_refuses() -> None:
    assert "accepted what torch refuses with RuntimeError" in refusals("matmul", ones=lambda *s, **o: torch.ones(3, 3))


def test_wrong_type_of_error() -> None:
    def wrong(*args: Any, **options: Any) -> Any:
        try:
            return nn.functional.conv2d(*args, **options)
        except RuntimeError as error:
            raise ValueError(str(error)) from None

    assert "expected RuntimeError" in refusals("nn.functional.conv2d", nn__functional__conv2d=wrong)
    assert "got ValueError" in refusals("nn.functional.conv2d", nn__functional__conv2d=wrong)


def test_error_without_a_message() -> None:
    def wrong(*args: Any, **options: Any) -> Any:
        try:
            return nn.functional.nll_loss(*args, **options)
        except Exception as error:
            raise type(error) from None

    assert "without a message" in refusals("nn.functional.nll_loss", nn__functional__nll_loss=wrong)


# -- the tool itself


def test_the_script_of_a_failure_shows_it(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = Op.make(torch.tanh, lambda g, x: 2 * g)
    script = explored("tanh", tanh=wrong, shrink=True).script
    assert script.count("minitorch") == 2  # imported, and run
    runnable = script.replace("import minitorch\n", "").replace("run(minitorch)", "run(planted)")
    try:
        exec(compile(runnable, "script", "exec"), {"planted": Planted(torch, {"tanh": wrong})})
    finally:
        torch.set_printoptions(profile="default")
    first, second = capsys.readouterr().out.split("gradients")[1:]
    assert first.splitlines()[0] != second.splitlines()[0]


def test_the_smallest_example_is_small() -> None:
    def wrong(x: Any) -> Any:
        return torch.square(x) + (x.numel() > 5)

    script = explored("square", square=wrong, examples=60, shrink=True).script
    values = script.split("torch.tensor(")[1].split(", dtype")[0]
    assert 5 < np.asarray(eval(values)).size < 9


def test_examples_are_the_same_every_time() -> None:
    rows = [
        [(row.ours, row.torch, row.tried) for row in explore(CASES["matmul"], "batched", torch, torch, 10).rows]
        for _ in range(2)
    ]
    assert rows[0] == rows[1]
    assert rows[0] != [
        (row.ours, row.torch, row.tried) for row in explore(CASES["matmul"], "batched", torch, torch, 10, seed=1).rows
    ]


def test_a_case_that_draws_what_torch_refuses_is_a_mistake() -> None:
    case = Case("x", lambda d: f"torch.ones(2) + {d.floats('x', (3,))}")
    with pytest.raises(ValueError, match="torch refuses what the case draws as valid"):
        explore(case, "", torch, torch, 3)
    case.refuses("torch.ones(2)")
    with pytest.raises(ValueError, match="torch accepts what the case draws as invalid"):
        explore_refusals(case, torch, torch, 3)

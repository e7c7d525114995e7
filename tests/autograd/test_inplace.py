"""torch's rules for writing in place, one by one (random programs are in `test_inplace_programs`)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from tests.autograd.worlds import same


def leaf(w: Any, *values: float) -> Any:
    return w.tensor(list(values), dtype=w.float64, requires_grad=True)


def test_leaf_that_requires_grad() -> None:
    says = "a leaf Variable that requires grad"
    same(lambda w: leaf(w, 1, 2).add_(1), says=says)
    same(lambda w: leaf(w, 1, 2).__setitem__(0, 1.0), says=says)
    same(lambda w: leaf(w, 1, 2)[0].mul_(2), says=says)
    same(lambda w: leaf(w, 1, 2).view(2, 1).zero_(), says=says)


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("change", [lambda a, d: None, lambda a, d: a.mul_(d), lambda a, d: a.add_(1)])
def test_a_view_that_is_a_leaf(change: Callable[[Any, Any], Any], look: bool) -> None:
    """It gets a node after a write to its base, when the program asks for it; until then it may not be written to."""

    def made(w: Any) -> Any:
        a = w.tensor([1.0, 2.0])
        d = a.view(-1)
        d.requires_grad = True
        change(a, d)
        if look:
            _ = d.grad_fn
        return d

    def tried(program: Callable[[], Any]) -> Any:
        try:
            return program()
        except RuntimeError as error:
            return str(error)[:20]

    def differentiated(d: Any) -> Any:
        (d * 2).sum().backward()
        return d.grad

    same(lambda w: tried(lambda: made(w).mul_(2)))
    same(lambda w: tried(lambda: differentiated(made(w))))


def test_leaf_under_no_grad() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        with w.no_grad():
            x.add_(1)
            x[0] = 7
        (x * x).sum().backward()
        return x, x.grad, x.is_leaf, x._version

    same(program)


def test_leaf_becomes_part_of_the_graph() -> None:
    def program(w: Any) -> Any:
        x, y = w.zeros(3, dtype=w.float64), leaf(w, 1, 2, 3)
        x.add_(y).mul_(y)
        x[1] = y[0] * 3
        flags = x.requires_grad, x.is_leaf, x._version
        (x * x).sum().backward()
        return flags, x, y.grad

    same(program)


@pytest.mark.parametrize("operation", ["exp", "tanh", "sigmoid", "sqrt"])
def test_overwritten_result_that_was_saved(operation: str) -> None:
    def program(w: Any) -> Any:
        y = getattr(leaf(w, 1, 2), operation)()
        y.add_(1)
        y.sum().backward()

    same(program, says="has been modified by an inplace operation")


@pytest.mark.parametrize(
    "write", [lambda t: t.add_(1), lambda t: t.__setitem__(0, 5.0), lambda t: t.view(-1)[:1].zero_()]
)
def test_overwritten_operand_that_was_saved(write: Callable[[Any], Any]) -> None:
    def program(w: Any) -> Any:
        x, c = leaf(w, 1, 2), w.ones(2, dtype=w.float64)
        y = (x * c).sum()
        write(c)
        y.backward()

    same(program, says="expected version 0 instead")


def test_overwritten_operand_that_was_not_saved() -> None:
    def program(w: Any) -> Any:
        x, c = leaf(w, 1, 2), w.ones(2, dtype=w.float64)
        y = (x + c).sum()
        c.add_(1)
        y.backward()
        return x.grad

    same(program)


def test_the_error_says_what_is_where() -> None:
    x, c = leaf(minitorch, 1, 2), minitorch.ones(2, dtype=minitorch.float64)
    y = (x * c).sum()
    c.add_(1)
    with pytest.raises(RuntimeError, match=r"float64 \[2\].*argument 'y' of mul.*is at version 1; expected version 0"):
        y.backward()


def test_writes_through_detach_are_noticed_and_through_data_are_not() -> None:
    def program(w: Any, how: str) -> Any:
        x, c = leaf(w, 1, 2), w.ones(2, dtype=w.float64)
        y = (x * c).sum()
        (c.detach() if how == "detach" else c.data).zero_()
        y.backward()
        return x.grad

    same(lambda w: program(w, "detach"), says="modified by an inplace operation")
    same(lambda w: program(w, "data"))


def test_in_place_result_of_what_the_operation_itself_saved() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3, 4)
        z = x * 1
        z.mul_(y)  # the gradient of y needs the old z
        z.pow_(3)
        z.sum().backward()
        return z, x.grad, y.grad

    same(program)


def test_views_follow_their_base_and_the_base_its_views() -> None:
    def program(w: Any) -> Any:
        x, s = leaf(w, 1, 2, 3, 4), leaf(w, 5)
        base = x * 1
        matrix, first, last = base.view(2, 2), base[0], base[-2:]
        base.mul_(s)
        first.add_(s[0])
        matrix[1].mul_(s)
        diagonal = matrix.diagonal()
        diagonal.square_()
        total = (base * 1).sum() + (matrix * 2).sum() + first * 3 + (last * last).sum() + diagonal.sum()
        total.backward()
        return base, matrix, first, last, diagonal, x.grad, s.grad

    same(program)


def test_views_of_views() -> None:
    def program(w: Any) -> Any:
        x = w.arange(24, dtype=w.float64).reshape(2, 3, 4).requires_grad_()
        y = x * 1
        part = y.transpose(0, 2)[1:].narrow(1, 0, 2)
        part[0].mul_(part[1].clone())
        part.unsqueeze(0)[..., 0] = 2.5
        (y * y).sum().backward()
        return y, part, x.grad, part._base is y

    same(program)


def test_view_made_under_no_grad() -> None:
    def program(w: Any) -> Any:
        y = leaf(w, 1, 2) * 1
        with w.no_grad():
            v = y[0:1]
        v.mul_(y[1])

    same(program, says="no_grad mode")


def test_expanded_tensors_are_not_written() -> None:
    same(lambda w: w.zeros(1).expand(3).add_(1), says="single memory location")
    with pytest.raises(RuntimeError, match="clone"):
        minitorch.zeros(4).unfold(0, 2, 1).add_(1)  # windows overlap: what torch leaves undefined
    same(lambda w: w.zeros(4).expand(2, 4)[0].add_(1))


WRITES_OF_ONE_NUMBER: list[Callable[[Any, Any], Any]] = [
    lambda w, x: x.index_fill_(1, w.tensor([0]), 1),
    lambda w, x: x.index_fill_(1, w.tensor([0]), True),
    lambda w, x: x.masked_fill_(w.tensor([True, False, False]), 1),
    lambda w, x: x.index_put_((w.tensor([0]),), w.tensor(1.0)),
    lambda w, x: x.fill_diagonal_(1),
]


@pytest.mark.filterwarnings("ignore:Use of .* on expanded tensors is deprecated")
@pytest.mark.parametrize("write", WRITES_OF_ONE_NUMBER)
def test_one_number_is_written_to_expanded_tensors(write: Callable[[Any, Any], Any]) -> None:
    same(lambda w: write(w, w.zeros(1, 3).expand(3, 3)))

    def to_an_inference_tensor(w: Any) -> Any:
        with w.inference_mode():
            x = w.zeros(1, 3).expand(3, 3)
        return write(w, x)

    same(to_an_inference_tensor, says="Inplace update to inference tensor outside InferenceMode")


def test_shapes_and_dtypes_that_do_not_fit() -> None:
    same(lambda w: w.ones(2).add_(w.ones(3, 2)), says="doesn't match the broadcast shape")
    same(lambda w: w.ones(2, dtype=w.int64).add_(1.5), says="can't be cast")
    same(lambda w: w.ones(2, dtype=w.int64).div_(2), says="can't be cast")
    same(lambda w: w.ones(2).add_(w.ones(2, dtype=w.float64)))


def test_gradient_through_a_conversion_in_place() -> None:
    def program(w: Any) -> Any:
        x, y = w.ones(2, requires_grad=True), leaf(w, 3, 4)
        z = x * 1
        z.mul_(y)
        z.sum().backward()
        return z, x.grad, y.grad

    same(program)


def test_constants_cut_the_graph() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2, 3)
        a, b, c = x * 1, x * 1, x * 1
        a.zero_()
        b[0] = 5.0
        c.copy_(w.ones(3, dtype=w.float64))
        (a * x + b + c).sum().backward()
        return x.grad

    same(program)


@pytest.mark.parametrize("name", ["uniform_", "normal_", "zero_", "fill_diagonal_"])
def test_filling_cuts_the_graph(name: str) -> None:
    def program(w: Any) -> Any:
        x = w.ones(2, 2, requires_grad=True)
        y = x * 2
        getattr(y, name)(*([3.0] if name == "fill_diagonal_" else []))
        y.sum().backward()
        return x.grad

    same(program)


def test_inplace_on_part_of_a_split() -> None:

    # torch forbids this; here the views of chunk are views like others, and the gradient must be right.
    x = leaf(minitorch, 1, 2, 3, 4)
    y = x * 1
    y.chunk(2)[0].mul_(3)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.cpu().numpy(), [3, 3, 1, 1])


def test_hooks_and_versions_after_a_write() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 2
        v = y[:1]
        y.add_(1)
        v.mul_(2)
        seen: list[Any] = []
        y.register_hook(lambda g: seen.append(g.tolist()))
        (y * y).sum().backward()
        return seen, x.grad, y._version, v._version

    same(program)


def test_views_that_no_gradient_passes() -> None:
    def program(w: Any, make: Any) -> Any:
        base, view = make(w)
        y = view.sin()
        flags = [(t.requires_grad, t.is_leaf) for t in (view, y, view[:1], view * w.ones(2, dtype=w.float64))]
        next_functions = y.grad_fn.next_functions
        (y.sum() + (base * 3).sum()).backward()
        (unused,) = w.autograd.grad(view.exp().sum(), view, allow_unused=True)
        return flags, next_functions, view.grad, base.grad if base.is_leaf else None, unused

    def under_no_grad(w: Any) -> Any:
        x = leaf(w, 1, 2)
        with w.no_grad():
            return x, x[:]

    def of_a_computed_tensor(w: Any) -> Any:
        y = leaf(w, 1, 2) * 1
        with w.no_grad():
            return y, y.view(1, 2)[0]

    def before_its_base_requires_a_gradient(w: Any) -> Any:
        x = leaf(w, 1, 2).detach()
        view = x[:]
        return x.requires_grad_(), view

    for make in (under_no_grad, of_a_computed_tensor, before_its_base_requires_a_gradient):
        same(lambda w, make=make: program(w, make))
        same(lambda w, make=make: make(w)[1].sum().backward(retain_graph=True))
        same(
            lambda w, make=make: make(w)[1].backward(w.ones(2)),
            says="does not require grad and does not have a grad_fn",
        )
        same(lambda w, make=make: w.autograd.grad(make(w)[1].sum(), make(w)[0]), says="not have been used in the graph")


def test_a_view_made_under_no_grad_is_not_written_recorded() -> None:
    def program(w: Any, number: bool) -> Any:
        x = leaf(w, 1, 2)
        with w.no_grad():
            v = x[:]
        v.mul_(2 if number else x)

    same(lambda w: program(w, True), says="no_grad mode")
    same(lambda w: program(w, False), says="no_grad mode")

"""`autograd.functional` against torch: values, shapes, flags and errors; and `gradcheck`."""

from typing import Any

import pytest

import minitorch
from minitorch.autograd import GradcheckError, gradcheck, gradgradcheck
from tests.autograd.worlds import same

OPTIONS = [{"create_graph": g, "strict": s} for g in (False, True) for s in (False, True)]


def numbers(w: Any, n: int, scale: float = 1.0, requires_grad: bool = False) -> Any:
    t = (w.arange(n, dtype=w.float64) + 1) * (scale / 3)
    return t.requires_grad_(requires_grad)


def agree(program: Any) -> None:
    """The same results, with the same flags, or the same kind of error."""

    def flagged(value: Any) -> Any:
        if isinstance(value, tuple):
            return [flagged(v) for v in value]
        return value, value.requires_grad

    def outcome(w: Any) -> Any:
        try:
            return flagged(program(w, w.autograd.functional))
        except Exception as error:
            return type(error).__name__, str(error).split("(")[0][:40]

    same(outcome, rtol=1e-10)


JACOBIANS = {
    "one": (lambda x, y: x.exp() * x.sum(), 1),
    "two": (lambda x, y: (x * y.sum(), y * y), 2),
    "independent": (lambda x, y: (x * y.sum(), x * x), 2),
    "linear": (lambda x, y: 2 * x, 1),
    "matrix": (lambda x, y: x[:, None] * y, 2),
}
SCALARS = {
    "one": (lambda x, y: (x**3).sum(), 1),
    "two": (lambda x, y: (x**3).sum() * (y * y).sum(), 2),
    "independent": (lambda x, y: (x**3).sum(), 2),
    "linear": (lambda x, y: x.sum(), 1),
    "not a scalar": (lambda x, y: x * 2, 1),
    "a tuple": (lambda x, y: (x.sum(),), 1),
}


def arguments(w: Any, count: int, function: Any, create_graph: bool) -> tuple[Any, Any]:
    x, y = numbers(w, 3, requires_grad=create_graph), numbers(w, 2, 2.0, requires_grad=create_graph)
    return (lambda a: function(a, None), x) if count == 1 else (function, (x, y))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", JACOBIANS)
def test_jacobian(name: str, options: dict[str, bool]) -> None:
    function, count = JACOBIANS[name]
    agree(lambda w, f: f.jacobian(*arguments(w, count, function, options["create_graph"]), **options))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", SCALARS)
def test_hessian(name: str, options: dict[str, bool]) -> None:
    function, count = SCALARS[name]
    agree(lambda w, f: f.hessian(*arguments(w, count, function, options["create_graph"]), **options))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", JACOBIANS)
@pytest.mark.parametrize("product", ["vjp", "jvp"])
def test_jacobian_products(product: str, name: str, options: dict[str, bool]) -> None:
    function, count = JACOBIANS[name]

    def program(w: Any, f: Any) -> Any:
        call, inputs = arguments(w, count, function, options["create_graph"])
        like = call(*inputs) if count == 2 else call(inputs)
        like = inputs if product == "jvp" else like
        v = tuple(w.cos(t.detach()) for t in like) if isinstance(like, tuple) else w.cos(like.detach())
        return getattr(f, product)(call, inputs, v, **options)

    agree(program)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("product", ["vhp", "hvp"])
def test_hessian_products(product: str, name: str, options: dict[str, bool]) -> None:
    function, count = SCALARS[name]

    def program(w: Any, f: Any) -> Any:
        call, inputs = arguments(w, count, function, options["create_graph"])
        v = tuple(t.detach().cos() for t in inputs) if count == 2 else inputs.detach().cos()
        return getattr(f, product)(call, inputs, v, **options)

    agree(program)


@pytest.mark.parametrize("product", ["vjp", "jvp", "vhp", "hvp"])
def test_the_vector(product: str) -> None:
    def call(x: Any) -> Any:
        return (x**3).sum()

    agree(lambda w, f: getattr(f, product)(call, numbers(w, 1)))
    agree(lambda w, f: getattr(f, product)(lambda x: x * 2, numbers(w, 3)))
    agree(lambda w, f: getattr(f, product)(call, numbers(w, 3), numbers(w, 5)))
    agree(lambda w, f: getattr(f, product)(call, numbers(w, 3), (numbers(w, 3), numbers(w, 3))))
    agree(lambda w, f: getattr(f, product)(call, [1.0]))
    agree(lambda w, f: getattr(f, product)(call, (numbers(w, 1), 2)))
    agree(lambda w, f: getattr(f, product)(lambda x: 3, numbers(w, 1), numbers(w, 1)))


def test_options() -> None:
    agree(lambda w, f: f.jacobian(lambda x: x.exp() * x.sum(), numbers(w, 3), vectorize=True))
    agree(lambda w, f: f.hessian(lambda x: x.exp().sum(), numbers(w, 3), vectorize=True))
    agree(lambda w, f: f.jacobian(lambda x: x.exp(), numbers(w, 3), vectorize=True, strategy="forward-mode"))
    with pytest.raises(RuntimeError, match="not supported together"):
        minitorch.autograd.functional.jacobian(lambda x: x, numbers(minitorch, 3), strict=True, vectorize=True)
    with pytest.raises(AssertionError, match="strategy"):
        minitorch.autograd.functional.jacobian(lambda x: x, numbers(minitorch, 3), strategy="sideways")


def own(w: Any, backward: Any) -> Any:
    methods = {"forward": staticmethod(lambda ctx, x: x * x), "backward": staticmethod(backward)}
    return type("Own", (w.autograd.Function,), methods).apply


def test_gradcheck_finds_a_wrong_gradient() -> None:
    def program(w: Any) -> Any:
        return w.autograd.gradcheck(own(w, lambda ctx, g: g), (numbers(w, 3, requires_grad=True),))

    same(program, says="Jacobian mismatch for output 0 with respect to input 0")
    x = numbers(minitorch, 3, requires_grad=True)
    assert not gradcheck(own(minitorch, lambda ctx, g: g), x, raise_exception=False)
    assert issubclass(GradcheckError, RuntimeError)


def test_gradcheck_finds_a_gradient_that_changes() -> None:
    def program(w: Any) -> Any:
        calls = [0]

        def backward(ctx: Any, g: Any) -> Any:
            calls[0] += 1
            return g * 2 * value * (1 + 1e-7 * calls[0])

        value = numbers(w, 3)
        return w.autograd.gradcheck(own(w, backward), (numbers(w, 3, requires_grad=True),))

    same(program, says="Backward is not reentrant")


def test_gradcheck_finds_a_gradient_that_ignores_what_comes_in() -> None:
    with pytest.raises(GradcheckError, match="backward not multiplied by grad_output"):
        gradcheck(
            lambda x: own(minitorch, lambda ctx, g: g * 2 / 3 + (g == 0))(x),
            numbers(minitorch, 1, requires_grad=True),
        )


def test_gradcheck_of_what_is_wrongly_detached() -> None:
    says = "Numerical gradient for function expected to be zero"
    same(lambda w: w.autograd.gradcheck(lambda x: x.detach() * 2, (numbers(w, 2, requires_grad=True),)), says=says)
    same(lambda w: w.autograd.gradcheck(lambda x: x.detach() * 0, (numbers(w, 2, requires_grad=True),)))


def test_gradcheck_inputs() -> None:
    same(
        lambda w: w.autograd.gradcheck(lambda x: x, (numbers(w, 2),)),
        says="at least one input tensor to require gradient",
    )
    same(lambda w: w.autograd.gradcheck(lambda x: x, (w.ones(1).double().expand(3).requires_grad_(),)), says="stride 0")
    with pytest.warns(UserWarning, match="not a double precision"):
        gradcheck(lambda x: x * 2, minitorch.ones(2, requires_grad=True), eps=1e-2, atol=1e-2)
    with pytest.raises(NotImplementedError, match="backward mode"):
        gradcheck(lambda x: x, numbers(minitorch, 2, requires_grad=True), check_forward_ad=True)


def test_gradcheck_of_several_inputs_and_outputs() -> None:
    def program(w: Any) -> Any:
        x, y = numbers(w, 3, requires_grad=True), numbers(w, 2, requires_grad=True)
        return w.autograd.gradcheck(lambda x, c, y: (x[:, None] * y * c, x.exp(), y.sum()), (x, 2.0, y))

    same(program)


def test_gradgradcheck() -> None:
    def program(w: Any) -> Any:
        x, y = numbers(w, 3, requires_grad=True), numbers(w, 3, requires_grad=True)
        check = w.autograd.gradgradcheck
        return [
            check(lambda x, y: x**3 * y.sin(), (x, y)),
            check(lambda x: x * x, x, numbers(w, 3, requires_grad=True)),
            check(lambda x: x.exp(), x, gen_non_contig_grad_outputs=True),
        ]

    same(program)
    x = numbers(minitorch, 3, requires_grad=True)
    with pytest.raises(GradcheckError):
        gradgradcheck(own(minitorch, lambda ctx, g: g * g * x.detach()), x)

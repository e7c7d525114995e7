"""`Op`: how an operation is defined, what it saves, and the forms that fused operations use."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kernels
import minitorch
from minitorch.autograd import grad, gradcheck, gradgradcheck
from minitorch.autograd.op import Op
from minitorch.ops import elementwise as ew


def leaf(*values: float) -> Any:
    return minitorch.tensor(list(values), dtype=minitorch.float64, requires_grad=True)


def test_an_op_takes_arrays_and_tensors() -> None:
    cube = Op(lambda x: x**3, name="cube", x=lambda g, x: g * 3 * x * x)
    assert isinstance(cube(np.ones(2)), np.ndarray)
    x = leaf(1, 2)
    y = cube(x)
    assert y.grad_fn.name() == "CubeBackward0"
    assert gradcheck(cube, (x,))
    assert gradgradcheck(cube, (x,))


def test_what_is_saved() -> None:
    def saved(op: Op, *args: Any) -> list[Any]:
        return list(op(*args).grad_fn.saved)

    x, y, c = leaf(1, 2), leaf(3, 4), leaf(5, 6).detach()
    assert saved(ew.add, x, y) == []
    assert [s is a._array for s, a in zip(saved(ew.mul, x, y), (y, x), strict=True)] == [True, True]
    assert len(saved(ew.mul, x, c)) == 1
    out = ew.exp(x)
    assert out.grad_fn.saved[0] is out._array


def test_unknown_names_are_refused() -> None:
    broken = Op(lambda x: x + 1, name="broken", x=lambda g, nonsense: g)
    with pytest.raises(TypeError, match="a gradient of broken asks for 'nonsense'"):
        broken(leaf(1))


def fused(calls: list[str]) -> Op:
    """x·tanh(y·x), as a fused operation whose backward kernel works only on arrays."""

    def forward(x: Any, y: Any, scale: float) -> Any:
        return x * np.tanh(y * x) * scale, np.tanh(y * x)

    def backward(g: Any, x: Any, y: Any, hidden: Any, scale: float) -> Any:
        calls.append(type(x).__name__)
        g = g[0] * scale
        slope = g * x * (1 - hidden * hidden)
        return g * hidden + slope * y, slope * x

    return Op(
        forward,
        name="fused",
        outputs=("out", "hidden"),
        composite=lambda x, y, scale: (x * (y * x).tanh() * scale, (y * x).tanh()),
        joint=(("x", "y"), lambda g, x, y, hidden, scale: backward(g, x, y, hidden, scale)),
    )


@pytest.mark.host("its kernel is written in NumPy")
def test_composite_serves_higher_orders_alone() -> None:
    calls: list[str] = []
    op = fused(calls)
    x, y = leaf(0.5, -1), leaf(2, 0.3)
    out, _ = op(x, y, 2.0)
    plain = grad(out.sum(), [x, y])
    assert calls == ["ndarray"]

    def composite(x: Any, y: Any) -> Any:
        return x * (y * x).tanh() * 2.0

    first = grad(op(x, y, 2.0)[0].sum(), [x, y], create_graph=True)
    assert calls == ["ndarray"]  # the fused kernel knows no tensors
    expected = grad(composite(x, y).sum(), [x, y], create_graph=True)
    for p, f, e in zip(plain, first, expected, strict=True):
        np.testing.assert_allclose(p.cpu().numpy(), e.detach().cpu().numpy(), rtol=1e-12)
        np.testing.assert_allclose(f.detach().cpu().numpy(), e.detach().cpu().numpy(), rtol=1e-12)
    second = grad(sum((g * g).sum() for g in first), [x, y], create_graph=True)
    expected = grad(sum((g * g).sum() for g in expected), [x, y], create_graph=True)
    third = grad(sum(g.sum() for g in second), [x, y])
    for a, e in zip(second, expected, strict=True):
        np.testing.assert_allclose(a.detach().cpu().numpy(), e.detach().cpu().numpy(), rtol=1e-12)
    for a, e in zip(third, grad(sum(g.sum() for g in expected), [x, y]), strict=True):
        np.testing.assert_allclose(a.cpu().numpy(), e.cpu().numpy(), rtol=1e-12)


@pytest.mark.host("its kernel is written in NumPy")
def test_composite_when_an_input_is_used_twice() -> None:
    op, x = fused([]), leaf(0.5, -1)
    assert gradcheck(lambda x: op(x, x, 1.0)[0], (x,))
    assert gradgradcheck(lambda x: op(x, x, 1.0)[0], (x,))


@pytest.mark.host("its kernel is written in NumPy")
def test_composite_when_one_input_needs_no_gradient() -> None:
    op, x, y = fused([]), leaf(0.5, -1), leaf(2, 0.3)
    assert gradgradcheck(lambda x: op(x, y.detach(), 1.0)[0], (x,))
    assert gradgradcheck(lambda y: op(x.detach(), y, 1.0)[0], (y,))


@pytest.mark.host("its kernel is written in NumPy")
def test_joint_gradients_of_a_variadic_op() -> None:
    def weighted(scale: float, *parts: Any) -> Any:
        return scale * np.concatenate(parts)

    def split(g: Any, scale: float, parts_shape: Any) -> list[Any]:
        found, start = [], 0
        for (n,) in parts_shape:
            found.append(scale * g[start : start + n])
            start += n
        return found

    op = Op(weighted, name="weighted", joint=(("parts",), split))
    parts = [leaf(1, 2), leaf(3).detach(), leaf(4, 5, 6)]
    assert gradcheck(lambda a, b: op(2.0, a, parts[1], b), (parts[0], parts[2]))
    assert gradcheck(lambda a: op(2.0, a), (parts[0],))
    assert gradgradcheck(lambda a, b: op(2.0, a * a, parts[1], b * a.sum()), (parts[0], parts[2]))


def test_outputs_that_are_not_floating_point() -> None:
    op = Op(lambda x: (x * 2, x > 0), name="two", outputs=("out", "mask"), x=lambda g: g[0] * 2)
    x = leaf(1, -2)
    out, mask = op(x)
    assert not mask.requires_grad
    assert mask.dtype is minitorch.bool
    assert grad(out.sum(), x)[0].tolist() == [2, 2]


def test_several_outputs_used_in_part() -> None:
    op = Op(
        lambda x: (x * 2, x * 3),
        name="both",
        outputs=("double", "triple"),
        x=lambda g: (0 if g[0] is None else g[0] * 2) + (0 if g[1] is None else g[1] * 3),
    )
    x = leaf(1, -2)
    assert grad(op(x)[0].sum(), x)[0].tolist() == [2, 2]
    assert grad(op(x)[1].sum(), x)[0].tolist() == [3, 3]
    a, b = op(x)
    assert grad((a * b).sum(), x)[0].tolist() == [12, -24]
    assert gradgradcheck(op, (x,))


def test_arithmetic_scalars_keep_the_dtype() -> None:
    x = minitorch.ones(3, requires_grad=True)
    for y in (
        x + 1,
        1 - x,
        x * 2.5,
        2 / x,
        x**2,
        x**0.5,
        2.0**x,
        x.clamp(0, 2),
        x + True,
        minitorch.where(x > 0, x, 0.0),
    ):
        (g,) = grad(y.sum(), x)
        assert y._array.dtype == np.float32
        assert g._array.dtype == np.float32


@pytest.mark.host("one of the two devices")
def test_mixing_devices_names_everything() -> None:
    class Elsewhere(np.ndarray):
        pass

    class Device(kernels.Backend):
        name = library = "elsewhere"
        xp = SimpleNamespace(
            **vars(np) | {"zeros": lambda *args, **options: np.zeros(*args, **options).view(Elsewhere)}
        )
        array_types = (Elsewhere,)

        def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> Any:
            return np.asarray(value, dtype).view(Elsewhere)

        def to_host(self, array: Any) -> np.ndarray:
            return np.asarray(array)

    from kernels import backend

    kernels.register(Device())
    try:
        from minitorch.autograd.graph import wrap

        there = wrap(np.ones(2, np.float32).view(Elsewhere))
        with pytest.raises(RuntimeError) as caught:
            minitorch.ones(3) + there
        for part in ("same device", "In add(", "shape=[3]", "shape=[2]", "float32", "cpu", "elsewhere", ".to(device)"):
            assert part in str(caught.value)
        assert isinstance((minitorch.tensor(2.0) * there)._array, Elsewhere)  # without dimensions it may mix
    finally:
        del backend._BACKENDS["elsewhere"]
        del backend._BY_TYPE[Elsewhere]
        for k in kernels.KERNELS.values():
            k.by_type.pop(Elsewhere, None)


@pytest.mark.host("its kernel is written in NumPy")
def test_composite_on_the_way_to_chosen_inputs() -> None:
    op, x, y = fused([]), leaf(0.5, -1), leaf(2, 0.3)
    hidden = x * 3
    out = op(hidden, y, 2.0)[0].sum()
    whole = grad(out, [x, y, hidden], create_graph=True)
    for i, t in enumerate((x, y, hidden)):
        (g,) = grad(out, t, create_graph=True)
        assert g.tolist() == whole[i].tolist()
        (second,) = grad(g.sum(), x, retain_graph=True)
        assert second.tolist() == grad(whole[i].sum(), x, retain_graph=True)[0].tolist()
    out.backward(inputs=[hidden], create_graph=True)
    assert hidden.grad.tolist() == whole[2].tolist()
    assert x.grad is None
    assert y.grad is None


@pytest.mark.host("its kernel is written in NumPy")
def test_the_nodes_of_a_composite_outlive_the_pass_that_frees_the_graph() -> None:
    op, x, y = fused([]), leaf(0.5, -1), leaf(2, 0.3)
    first = grad(op(x, y, 2.0)[0].sum(), x, create_graph=True, retain_graph=False)[0]
    expected = grad(op(x, y, 2.0)[0].sum(), x, create_graph=True)[0]
    assert grad(first.sum(), x)[0].tolist() == grad(expected.sum(), x)[0].tolist()


@pytest.mark.host("its kernel is written in NumPy")
def test_hooks_see_the_gradients_of_a_composite_once() -> None:
    op, x, y = fused([]), leaf(0.5, -1), leaf(2, 0.3)
    hidden, seen = x * 3, []
    hidden.register_hook(lambda g: seen.append(g.detach().tolist()))
    out = op(hidden, y, 2.0)[0].sum()
    out.backward(retain_graph=True)
    out.backward(create_graph=True)
    assert len(seen) == 2
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-12)

"""The course in docs/steps: every chapter runs and prints what it says, and computes what torch computes."""

import importlib
import random
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.host("the course computes with NumPy, without minitorch's tensors")

STEPS = Path(__file__).parents[1] / "docs" / "steps"
CHAPTERS = sorted(STEPS.glob("step*.py"))
PRINTED = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)  # a line that prints, and what
DOUBLE = 1e-12  # relative: some thousand roundings of float64, far below the error of a wrong formula


@pytest.fixture(autouse=True)
def folder(monkeypatch):
    """Chapters find each other, as when they are run as scripts."""
    monkeypatch.syspath_prepend(str(STEPS))


def chapter(number):
    """The module of a chapter."""
    return importlib.import_module(next(path.stem for path in CHAPTERS if path.stem.startswith(f"step{number:02}")))


def assert_close(ours, theirs, tolerance=DOUBLE):
    np.testing.assert_allclose(
        getattr(ours, "array", ours), theirs.detach().numpy(), rtol=tolerance, atol=tolerance, strict=False
    )


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_prints_what_its_comments_say(path, capsys):
    said = PRINTED.findall(path.read_text(encoding="utf-8"))
    assert said
    runpy.run_path(str(path), run_name="__main__")
    printed = iter(capsys.readouterr().out.splitlines())
    for line in said:
        assert line in printed, f"{path.name} says that it prints {line!r}"  # `in` goes on from the line found before


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_is_short_and_names_the_files_that_it_grew_into(path):
    text = path.read_text(encoding="utf-8")
    assert 40 <= len(text.splitlines()) <= 150
    _, marker, end = text.partition("# What it grew into")
    assert marker
    files = re.findall(r"(?:\.\./)+[\w/]+\.\w+", end)
    assert files
    for file in files:
        assert (STEPS / file).is_file(), file


def test_the_table_of_contents_names_every_chapter():
    contents = (STEPS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((step\w+\.py)\)", contents) == [path.name for path in CHAPTERS]


# -- 1


@pytest.mark.parametrize("seed", range(20))
def test_derivatives_of_random_formulas(seed):
    step, draw = chapter(1), random.Random(seed)
    values = [draw.uniform(-1, 1) for _ in range(3)]
    ours = [step.Number(value) for value in values]
    theirs = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    for _ in range(20):
        i, j = draw.randrange(len(ours)), draw.randrange(len(ours))
        kind = draw.choice(["add", "mul", "tanh"])
        for found, tanh in ((ours, step.tanh), (theirs, torch.tanh)):
            x, y = found[i], found[j]
            found.append(x + y if kind == "add" else x * y if kind == "mul" else tanh(x))
    result, expected = ours[-1] * ours[0] + ours[1], theirs[-1] * theirs[0] + theirs[1]
    step.backward(result)
    expected.backward()
    assert result.value == pytest.approx(expected.item(), rel=DOUBLE)
    for x, y in zip(ours[:3], theirs[:3], strict=True):
        assert x.grad == pytest.approx(0.0 if y.grad is None else y.grad.item(), rel=DOUBLE, abs=DOUBLE)


# -- 2, 3: each op with torch's function of the same name; the number of inputs

ELEMENTWISE = {"add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "exp": 1, "tanh": 1, "sin": 1, "cos": 1}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_first_three_derivatives_of_an_op(name):
    ops, step = chapter(2), chapter(3)
    op = getattr(ops, name, None) or getattr(step, name)
    arrays = [numbers(4, seed=i) for i in range(ELEMENTWISE[name])]
    ours = [ops.Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.from_numpy(a).requires_grad_() for a in arrays]
    y, expected = op(*ours), getattr(torch, name)(*theirs)
    for order in (1, 2, 3):
        # Multiplied by its inputs, so that each derivative depends on them.
        for x, t in zip(ours, theirs, strict=True):
            y, expected = y * x, expected * t
        found = step.grad(y, ours, create_graph=True)
        right = torch.autograd.grad(expected.sum(), theirs, create_graph=True)
        for a, b in zip(found, right, strict=True):
            assert_close(a, b)
        y, expected = found[order % len(found)], right[order % len(right)]


def test_only_what_a_rule_names_is_saved():
    ops = chapter(2)
    x, c = ops.Tensor([1.0, 2.0], requires_grad=True), ops.Tensor([3.0, 4.0])
    assert ops.mul(x, c).node.saved.keys() == {"y"}
    assert ops.mul(x, x).node.saved.keys() == {"x", "y"}
    assert ops.mul(c, c).node is None
    assert ops.add(x, c).node.saved == {}


def test_powers():
    ops, step = chapter(2), chapter(3)
    x, t = ops.Tensor(numbers(4), requires_grad=True), torch.from_numpy(numbers(4)).requires_grad_()
    y, expected = x**3, t**3
    for _ in range(3):
        (y,) = step.grad(y, [x], create_graph=True)
        (expected,) = torch.autograd.grad(expected.sum(), t, create_graph=True)
        assert_close(y, expected)


# -- 4


@pytest.mark.parametrize(
    "shapes", [((2, 3), (3,)), ((2, 1), (1, 3)), ((2, 3), ()), ((4, 1, 3), (2, 1)), ((1,), (1, 1)), ((2, 3), (2, 3))]
)
def test_gradients_of_broadcast_inputs(shapes):
    step = chapter(4)
    arrays = [numbers(*shape, seed=i) for i, shape in enumerate(shapes)]
    ours = [step.Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.from_numpy(np.array(a)).requires_grad_() for a in arrays]
    first = step.grad((ours[0] * ours[1] + ours[1]) / ours[0], ours, create_graph=True)
    expected = torch.autograd.grad(((theirs[0] * theirs[1] + theirs[1]) / theirs[0]).sum(), theirs, create_graph=True)
    for a, b in zip(first, expected, strict=True):
        assert_close(a, b)
    second = step.grad(step.total(first[0]) * step.total(first[1]), ours)
    for a, b in zip(second, torch.autograd.grad(expected[0].sum() * expected[1].sum(), theirs), strict=True):
        assert_close(a, b)


def test_ops_that_change_shapes():
    step = chapter(4)
    arrays = [numbers(2, 3), numbers(3, 4, seed=1)]
    x, y = (step.Tensor(a, requires_grad=True) for a in arrays)
    t, u = (torch.from_numpy(a).requires_grad_() for a in arrays)
    z = step.total(step.reshape(x @ y, (4, 2)) ** 2, 1) * step.reshape(step.transpose(x @ y), (2, 4))
    expected = ((t @ u).reshape(4, 2) ** 2).sum(1) * (t @ u).T.reshape(2, 4)
    assert_close(z, expected)
    for a, b in zip(step.grad(z, [x, y]), torch.autograd.grad(expected.sum(), (t, u)), strict=True):
        assert_close(a, b)


# -- 5: programs that read the same for both

PROGRAMS = {
    "mul_": lambda x, table, exp: (x * 3).mul_(x + 1),
    "add_, then used": lambda x, table, exp: exp((x * 3).add_(x)) * x,
    "a row": lambda x, table, exp: set_item(table, 1, x * x) * 10,
    "a row twice": lambda x, table, exp: set_item(set_item(table, 1, x * x), 1, x + 1) * 2,
    "a number into a slice": lambda x, table, exp: set_item(x * x, slice(0, 2), 5.0) * 3,
    "a view, then its base": lambda x, table, exp: base_after_view(x * x),
    "a view of a view": lambda x, table, exp: view_of_view(table, x),
    "the base through a view": lambda x, table, exp: exp(through_view(x * x)),
    "an old view of what had no gradient": lambda x, table, exp: old_view(table, x),
}
FORBIDDEN = {
    "the result of exp": lambda x, table, exp: (lambda y: (y, y.add_(1))[0])(exp(x)),
    "a factor": lambda x, table, exp: (lambda y: (y * x, y.add_(1))[0])(x + 1),
    "a factor, through a view": lambda x, table, exp: (lambda y: (y * x, y[:2].mul_(2))[0])(x + 1),
    "a leaf": lambda x, table, exp: x.add_(1),
    "a view of a leaf": lambda x, table, exp: x[:2].add_(1),
}


def set_item(x, index, value):
    x[index] = value
    return x


def base_after_view(table):
    head = table[:2]
    table.mul_(10)
    return head * head


def view_of_view(table, x):
    table.add_(x)
    cell = table[1][1:]
    table.mul_(3)
    cell.mul_(x[1:])
    return table * table


def through_view(y):
    y[:2].mul_(y[1:] * 1)
    return y


def old_view(table, x):
    row = table[1]
    table[1] = x * x
    return row * 2


def run_program(program):
    """The result and the gradient, by ours and by torch."""
    step = chapter(5)
    x, t = step.Tensor(numbers(3), requires_grad=True), torch.from_numpy(numbers(3)).requires_grad_()
    y = program(x, step.Tensor(np.zeros((2, 3))), step.exp)
    step.backward(y, step.Sweep)
    expected = program(t, torch.zeros(2, 3, dtype=torch.float64), torch.exp)
    expected.sum().backward()
    return (y, x.grad), (expected, t.grad)


@pytest.mark.parametrize("program", PROGRAMS)
def test_writing_in_place(program):
    ours, theirs = run_program(PROGRAMS[program])
    for a, b in zip(ours, theirs, strict=True):
        assert_close(a, b)


@pytest.mark.parametrize("program", FORBIDDEN)
def test_what_cannot_be_right_is_an_error(program):
    with pytest.raises(RuntimeError, match=r"written since|cannot be written"):
        run_program(FORBIDDEN[program])
    t = torch.from_numpy(numbers(3)).requires_grad_()
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation|leaf Variable that requires grad"):
        FORBIDDEN[program](t, torch.zeros(2, 3, dtype=torch.float64), torch.exp).sum().backward()


# -- 6, 9, 10: a network and its training


def torch_twin(net):
    """The network of step 6 in torch, with the same parameters."""
    twin = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)).double()
    for (_, p), t in zip(net.named_parameters(), twin.parameters(), strict=True):
        t.data = torch.from_numpy(p.array.astype("float64"))
        p.array = p.array.astype("float64")
    return twin


def torch_step(twin, optimizer, images, targets):
    loss = torch.nn.functional.cross_entropy(twin(torch.from_numpy(images)), torch.from_numpy(targets))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_training_steps(momentum):
    step = chapter(6)
    rng = np.random.default_rng(1)
    net = step.Net(rng)
    twin = torch_twin(net)
    ours = step.SGD([p for _, p in net.named_parameters()], lr=0.1, momentum=momentum)
    theirs = torch.optim.SGD(twin.parameters(), lr=0.1, momentum=momentum)
    for _ in range(5):
        images, targets = rng.normal(size=(20, 64)), np.eye(10)[rng.integers(10, size=20)]
        assert_close(step.train_step(net, ours, images, targets), torch_step(twin, theirs, images, targets))
    for (_, p), t in zip(net.named_parameters(), twin.parameters(), strict=True):
        assert_close(p, t)


def test_names_of_parameters():
    names = [name for name, _ in chapter(6).Net(np.random.default_rng(0)).named_parameters()]
    assert names == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]


def test_log_softmax_twice_differentiated():
    step, engine = chapter(6), chapter(4)
    x, t = step.Tensor(numbers(3, 4) * 100, requires_grad=True), torch.from_numpy(numbers(3, 4) * 100).requires_grad_()
    weights = numbers(3, 4, seed=1)
    (first,) = engine.grad(step.log_softmax(x) * weights, [x], create_graph=True)
    expected = (torch.log_softmax(t, 1) * torch.from_numpy(weights)).sum()
    (right,) = torch.autograd.grad(expected, t, create_graph=True)
    assert_close(first, right)
    (second,) = engine.grad(first * weights, [x])
    assert_close(second, torch.autograd.grad((right * torch.from_numpy(weights)).sum(), t)[0])


def test_another_library_computes_the_same_and_refuses_numpy():
    step = chapter(9)
    on_device, on_host = step.net_and_data(step.Array), step.net_and_data()
    for _ in range(3):
        assert step.train_step(*on_device).array.to_host() == step.train_step(*on_host).array
    for (_, p), (_, q) in zip(on_device[0].named_parameters(), on_host[0].named_parameters(), strict=True):
        np.testing.assert_array_equal(p.array.to_host(), q.array)
    for wrong in (lambda x: x + np.ones(64, "float32"), lambda x: np.ones(64, "float32") * x, np.exp, np.asarray):
        with pytest.raises(TypeError):
            wrong(on_device[2])


def test_a_recorded_step_is_torchs():
    step = chapter(10)
    net, optimizer, images, targets = step.net_and_data()
    twin = torch_twin(net)
    theirs = torch.optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
    images, targets = images.astype("float64"), targets.astype("float64")
    step.train_step(net, optimizer, images, targets)
    source = step.record(net, optimizer, images, targets)
    for _ in range(2):
        torch_step(twin, theirs, images, targets)
    program = {}
    exec(source, program)
    assert {name for name in program if name in ("step02_ops", "minitorch")} == set()
    state = [p.array for p in optimizer.parameters] + optimizer.velocity
    for seed in range(5):
        images = np.random.default_rng(seed).normal(size=(50, 64))  # other images than those of the recording
        loss, state = program["step"](state, images, targets)
        assert_close(loss, torch_step(twin, theirs, images, targets))
    for array, t in zip(state, twin.parameters(), strict=False):
        assert_close(array, t)


def test_what_cannot_be_recorded_is_refused():
    step = chapter(10)
    box = step.Box(np.ones(3), "x")
    for wrong in (bool, float, np.asarray, lambda x: x if x > 0 else -x, lambda x: x + np.ones(3)):
        with pytest.raises(TypeError):
            wrong(box)


# -- 7


def test_a_convolution_and_its_gradients_of_second_order():
    step, engine = chapter(7), chapter(4)
    arrays = [numbers(2, 3, 6, 5), numbers(4, 3, 3, 3, seed=1)]
    ours = [step.Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.from_numpy(a).requires_grad_() for a in arrays]
    y, expected = step.conv2d(*ours), torch.nn.functional.conv2d(*theirs)
    assert_close(y, expected)
    first = engine.grad(y * y * y, ours, create_graph=True)
    right = torch.autograd.grad((expected**3).sum(), theirs, create_graph=True)
    for i in range(2):
        assert_close(first[i], right[i])
        second = engine.grad(first[i] * first[i], ours)
        for a, b in zip(second, torch.autograd.grad((right[i] ** 2).sum(), theirs, retain_graph=True), strict=True):
            assert_close(a, b)


def test_a_convolution_saves_no_windows():
    step = chapter(7)
    x, weight = (step.Tensor(a, requires_grad=True) for a in (numbers(2, 3, 6, 5), numbers(4, 3, 3, 3)))
    saved = step.conv2d(x, weight).node.saved
    assert saved["x"] is x.array
    assert {name for name, value in saved.items() if hasattr(value, "dtype")} == {"x", "weight"}


# -- 8


@pytest.mark.parametrize("form", ["rnn", "composite"])
def test_a_recurrent_layer_and_its_gradients_of_second_order(form):
    step = chapter(8)
    steps, n, size = 5, 3, 4
    arrays = [numbers(steps * n, size) - 1, numbers(n, size, seed=1) - 1, numbers(size, size, seed=2) - 1]
    ours = [step.Tensor(a, requires_grad=True) for a in arrays]
    z, h, weight = theirs = [torch.from_numpy(a).requires_grad_() for a in arrays]
    layer = torch.nn.RNN(size, size, bias=False).double()
    parameters = {"weight_ih_l0": torch.eye(size, dtype=torch.float64), "weight_hh_l0": weight}
    states, _ = torch.func.functional_call(layer, parameters, (z.reshape(steps, n, size), h[None]))
    y = getattr(step, form)(*ours)
    assert_close(y, states.reshape(steps * n, size))
    first = step.grad(y * y, ours, create_graph=True, sweep=step.Sweep)
    plain = step.grad(y * y, ours, sweep=step.Sweep)
    right = torch.autograd.grad((states**2).sum(), theirs, create_graph=True)
    for i in range(3):
        assert_close(first[i], right[i])
        assert_close(plain[i], right[i])
        second = step.grad(first[i] * first[i], ours, sweep=step.Sweep)
        for a, b in zip(second, torch.autograd.grad((right[i] ** 2).sum(), theirs, retain_graph=True), strict=True):
            assert_close(a, b)

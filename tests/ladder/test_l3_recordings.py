"""Steps that `record` captures as one CUDA graph: the numbers of the steps themselves, and what a replay launches."""

from __future__ import annotations

import importlib.util
import sys
import threading

import numpy as np
import pytest

import minitorch
import minitorch.nn.functional as F
from minitorch import datasets, nn, optim
from minitorch.recording.capture import leaves_of
from minitorch.recording.graphed import Graphed
from parity.runs import trace
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("each tensor names its device"),
]

MODELS = ("cnn", "lstm", "rnn", "autoencoder", "gan", "dqn", "dropout", "batchnorm")
NEAR = 1e-4  # of the host's losses, which are rounded otherwise


@pytest.mark.parametrize("model", MODELS)
def test_a_recorded_run_equals_the_run(model: str, monkeypatch: pytest.MonkeyPatch):
    """Bit for bit on the device, and nearly on the host."""
    digits = datasets.load_digits(28)
    few = datasets.Split(*(a[:n] for a, n in zip(vars(digits).values(), (230, 230, 20, 20), strict=True)))
    monkeypatch.setattr(datasets, "load_digits", lambda *_: few)  # four batches and a part: the emulation is slow
    if model == "dqn" and importlib.util.find_spec("gymnasium") is None:
        pytest.skip("dqn needs gymnasium, which is not installed")
    runs = {"eager": ["--device", "cuda"], "recorded": ["--device", "cuda", "--record"], "host": ["--device", "cpu"]}
    eager, recorded, host = (trace.train(model, minitorch, options, short=True) for options in runs.values())
    np.testing.assert_array_equal(recorded.losses, eager.losses)
    assert recorded.metrics == eager.metrics
    if model != "dqn":  # which takes other ways in its game as soon as one number is rounded otherwise
        np.testing.assert_allclose(recorded.losses, host.losses, rtol=NEAR)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.drop, self.out = nn.Dropout(0.3), nn.Linear(12, 4)

    def forward(self, x):
        return self.out(self.drop(self.layers(x)))


def trainer(name: str = "Adam", zero_first: bool = True, **options):
    minitorch.manual_seed(0)
    net = Net().to("cuda")
    optimizer = getattr(optim, name)(net.parameters(), **options)

    def step(x, y):
        if zero_first:
            optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return net, optimizer, step


def batches(count: int):
    random = np.random.default_rng(0)
    for _ in range(count):
        x, y = random.normal(size=(5, 1, 6, 6)).astype("float32"), random.integers(0, 4, 5)
        yield minitorch.tensor(x).to("cuda"), minitorch.tensor(y).to("cuda")


def state_of(net, optimizer):
    tensors = [*net.state_dict().values(), *(p.grad for p in net.parameters() if p.grad is not None)]
    tensors += [t for kept in optimizer.state.values() for t in kept.values()]
    return [(t.detach().cpu().numpy(), t._version, t.requires_grad) for t in tensors]


def compare(change, *, zero_first: bool = True, name: str = "Adam", **options):
    """Run 8 steps as they are and recorded, with ``change(i, net, optimizer)`` before each."""
    found = []
    for record in (False, True):
        net, optimizer, step = trainer(name, zero_first, **options)
        run = minitorch.record(step, on_change="record") if record else step
        minitorch.manual_seed(1)
        losses = []
        for i, (x, y) in enumerate(batches(8)):
            change(i, net, optimizer)
            losses.append(run(x, y))
        found.append(([loss.item() for loss in losses], state_of(net, optimizer), run))
    assert found[0][0] == found[1][0]
    for (ours, *our_flags), (theirs, *their_flags) in zip(found[1][1], found[0][1], strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert our_flags == their_flags
    return found[1][2]


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry for each capture of a step."""
    found: list[int] = []
    capture = Graphed._capture
    monkeypatch.setattr(Graphed, "_capture", lambda self, *args: found.append(1) or capture(self, *args))
    return found


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("Adam", {"lr": 0.01, "amsgrad": True, "capturable": True}),
        ("AdamW", {"lr": 0.01, "capturable": True}),
        ("RMSprop", {"lr": 0.01}),
        ("Adadelta", {}),
    ],
)
def test_optimizers(name: str, options: dict, captures: list[int]):
    compare(lambda *_: None, name=name, **options)
    assert len(captures) == 1


def test_what_changes_between_steps(captures: list[int]):
    """Learning rate, a parameter's memory, gradients: the call captures the step anew where it must."""

    def change(i, net, optimizer):
        if i in (3, 5):
            optimizer.param_groups[0]["lr"] /= 2
        if i == 4:
            net.out.weight.data = net.out.weight.data.clone()
        if i == 6:
            net.load_state_dict(net.state_dict())

    compare(change, lr=0.02, capturable=True)
    assert len(captures) == 1 + 3


def test_gradients_that_add_up(captures: list[int]):
    """There is a graph for each pattern of gradients that are there: the third capture reads the second's gradients."""
    compare(lambda *_: None, zero_first=False, lr=0.02, capturable=True)
    assert len(captures) == 1
    del captures[:]

    def zero(i, net, optimizer):
        if i % 2 == 0:
            optimizer.zero_grad(set_to_none=i % 3 == 0)

    compare(zero, zero_first=False, lr=0.02, capturable=True)
    assert len(captures) == 3


def test_gradients_that_the_program_writes_and_replaces():
    def write(i, net, optimizer):
        if i > 1:
            net.out.weight.grad.mul_(2)
            net.layers[0].weight.grad.requires_grad_()
        if i in (3, 5):
            net.out.bias.grad = minitorch.ones_like(net.out.bias)
            net.layers[1].weight.grad = None

    compare(write, lr=0.02, capturable=True)


def test_gradients_and_results_that_are_kept_stay_as_they_were(captures: list[int]):
    kept: dict[bool, list] = {}
    for record in (False, True):
        net, _, step = trainer(lr=0.02, capturable=True)
        run = minitorch.record(step, on_change="record") if record else step
        found = kept[record] = []
        for x, y in batches(6):
            found += [run(x, y), net.out.weight.grad, net.out.bias.grad[1:]]
    assert [t.tolist() for t in kept[False]] == [t.tolist() for t in kept[True]]
    assert len(captures) == 2, "from the second capture on, a gradient that is kept is a copy"


W: dict[str, minitorch.Tensor] = {}


LAYOUTS = {
    "rows": lambda x: x[:6].reshape(2, 3),
    "columns": lambda x: x[:6].reshape(3, 2).T,
    "expanded": lambda x: x[:3].expand(2, 3),
    "with gaps": lambda x: x.reshape(2, 9)[:, 1:6:2],
    "overlapping": lambda x: x[:5].unfold(0, 3, 2),
}


def clipped(x):
    W["w"].grad = None
    (x * W["w"]).sum().backward()
    return nn.utils.clip_grad_norm_(W["w"], 0.1), W["w"].grad


def gradient_and_views(x):
    (x * W["w"]).sum().backward()
    return W["w"].grad, W["w"].grad[1:], W["w"].detach()[:2], {"w": W["w"]}


def tensors_with_gradients(x):
    x = x.detach().requires_grad_()
    middle = x * W["w"]
    middle.retain_grad()
    middle.square().sum().backward()
    return x, middle, middle.grad


def gradient_of_input(x):
    x = x.detach().requires_grad_()
    slope = minitorch.autograd.grad((x**3 * W["w"]).sum(), x, create_graph=True)[0]
    return (slope.norm(dim=1) - 1).square().mean()


@pytest.mark.parametrize(
    "step",
    [
        lambda x: (lambda y: (y, [y, y.T], {"row": y[0]}, y.detach(), y.expand(2, 2, 3)))(x * 2),
        lambda x: (x, x.T, x.detach()[0], x.sum()),
        lambda x: (x * 2)[0],
        lambda x: (x * W["w"]).T,
        clipped,
        gradient_and_views,
        gradient_of_input,
        tensors_with_gradients,
    ],
)
@pytest.mark.parametrize("layout", ["rows", "columns", "expanded", "with gaps", "overlapping"])
def test_results_share_memory_as_those_of_the_step(step, layout: str):
    """They are the same objects, views of one memory, of inputs and parameters; with the same strides and counters."""
    found = []
    for record in (False, True):
        W["w"] = minitorch.ones(3, device="cuda", requires_grad=True)
        run = minitorch.record(step, on_change="record") if record else step
        calls = []
        for i in range(3):
            x = LAYOUTS[layout](minitorch.arange(18.0, device="cuda") * (i + 1))
            tensors = [*leaves_of(run(x)), x, W["w"], W["w"].grad]
            tensors += [t._grad for t in tensors if t is not None]
            tensors = [t for t in tensors if t is not None]
            calls += [[t.tolist(), t.stride(), t.requires_grad, t._version, t.is_leaf] for t in tensors]
            calls += [[a is b for b in tensors] + [a._counter is b._counter for b in tensors] for a in tensors]
            with minitorch.no_grad():
                for t in tensors:
                    if 0 not in t.stride() and (layout != "overlapping" or t._counter is not x._counter):
                        t.add_(1)
            calls.append([t.tolist() for t in tensors])
        found.append(calls)
    assert found[0] == found[1]


def test_inputs_that_are_written_and_have_gradients():
    def step(x, w):
        x.mul_(2)
        (x * w).sum().backward()
        return x, w.grad.clone(), w

    found = []
    for record in (False, True):
        run = minitorch.record(step, on_change="record") if record else step
        out = []
        for i in range(4):
            x = minitorch.full((3,), float(i), device="cuda")
            w = minitorch.ones(3, device="cuda", requires_grad=True)
            before = x._version
            a, b, c = run(x, w)
            assert a is x
            assert c is w
            out += [x.tolist(), b.tolist(), w.grad.tolist(), x._version - before]
        found.append(out)
    assert found[0] == found[1]


def test_recordings_that_take_turns_are_captured_once_each(captures: list[int]):
    """They replace each other's gradients, which is no reason to capture anew."""
    net, optimizer, step = trainer("SGD", lr=0.1)
    runs = [minitorch.record(step, on_change="record"), minitorch.record(lambda x, y: step(x, y), on_change="record")]
    for i, (x, y) in enumerate(batches(12)):
        size = 5 - i % 3 // 2
        runs[i % 2](x[:size].clone(), y[:size].clone())
        net.out.weight.grad.add_(1)
        del x, y
    assert len(captures) == 4, "two recordings for two sizes of batches"
    assert len(optimizer.state) == 0


def test_example_inputs_take_two_real_steps():
    net, _, step = trainer(lr=0.02)
    x, y = next(batches(1))
    recording = minitorch.record(step, x, y)
    assert recording.steps_taken == 2
    assert repr(recording) == "<recording of step: a CUDA graph, 2 steps taken>"
    assert all(p.grad is not None for p in net.parameters())
    with pytest.raises(minitorch.recording.RecordingError, match="record it with its tensors on the CPU"):
        recording.source()
    with pytest.raises(minitorch.recording.RecordingError, match="the step was recorded with"):
        recording(x[:3], y[:3])
    with pytest.raises(
        minitorch.recording.RecordingError, match=r"the step was recorded with \(.* on GPU 0, .* on GPU 0"
    ):
        recording(x.cpu(), y.cpu())
    net.eval()
    with pytest.raises(minitorch.recording.RecordingError, match="training is False"):
        recording(x, y)
    with pytest.raises(RuntimeError, match="a replay has no graph"):
        recording.first_results[0].backward()


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda x: x * 2 if x.sum() > 0 else x, "cannot repeat"),
        (lambda x: x * minitorch.tensor([1.0, 2.0, 3.0], device="cuda"), "copy from the host"),
        (lambda x: x * minitorch.randn(3, device="cuda", generator=ON_GPU["g"]), "generator on the GPU"),
        (lambda x: KEPT.append(x * 2), "KEPT has"),
    ],
)
def test_what_a_graph_cannot_repeat_is_refused_and_nothing_is_done(step, says: str):
    ON_GPU["g"] = minitorch.Generator(device="cuda").manual_seed(1)
    x = minitorch.ones(3, device="cuda")
    with pytest.raises(minitorch.recording.RecordingError, match=says) as refused:
        minitorch.record(step, x)
    if "KEPT" not in says:
        assert "test_l3_recordings.py" in str(refused.value)
    assert (x * 2).tolist() == [2, 2, 2]


def add_to_parameter(x, y):
    with minitorch.no_grad():
        W["w"].add_(1)
    return x * y


def add_to_input(x, y):
    x.add_(1)
    return x * y


@pytest.mark.parametrize(
    ("step", "inputs", "says"),
    [
        (lambda x, y: x * y, lambda x: (x, (W["w"] * 2)), "input 1 of the step has a history .*detach"),
        (lambda x, y: x * y, lambda x: (x, minitorch.tensor(2.0)), "input 1 of the step is on the CPU"),
        (lambda x, y: x * y * W["w"], lambda x: (x, W["w"]), "input 1 .* the step finds by itself"),
        (add_to_parameter, lambda x: (x, W["w"].detach()), "input 1 of the step shares memory"),
        (add_to_input, lambda x: (x, x[:]), "input 0 of the step shares memory"),
        (lambda x, y: (minitorch.rand(3), x)[1], lambda x: (x, x), "cannot repeat"),
        (lambda x, y: minitorch.manual_seed(1) and x, lambda x: (x, x), "manual_seed of a generator"),
    ],
)
def test_inputs_that_a_copy_cannot_replace_are_refused(step, inputs, says: str):
    W["w"] = minitorch.ones(3, device="cuda", requires_grad=True)
    run = minitorch.record(step, on_change="record")
    x = minitorch.ones(3, device="cuda")
    run(*inputs(x))
    before = W["w"]._version, x._version, minitorch.get_rng_state().tolist()
    with pytest.raises(minitorch.recording.RecordingError, match=says):
        run(*inputs(x))
    assert (W["w"]._version, x._version, minitorch.get_rng_state().tolist()) == before


def test_a_recorded_step_inside_of_a_step_is_refused():
    inner = minitorch.record(lambda x: x * 2, minitorch.ones(3, device="cuda"))
    with pytest.raises(minitorch.recording.RecordingError, match="inside of a step that is being recorded"):
        minitorch.record(lambda x: inner(x) + 1, minitorch.ones(3, device="cuda"))


@pytest.mark.parametrize("error", [ValueError("of the user"), RuntimeError("of the user"), KeyboardInterrupt()])
def test_an_error_of_the_user_leaves_nothing(error: BaseException):
    """In the first capture, and in a later one: what is there is as before, and the next call is a step."""
    name = threading.current_thread().name
    net, optimizer, step = trainer(lr=0.02)
    random = minitorch.get_rng_state

    def then_raise(x, y):
        loss = step(x, y)
        if threading.current_thread().name == "raises":
            raise error
        return loss

    run = minitorch.record(then_raise, on_change="record")
    for i, (x, y) in enumerate(batches(4)):
        if i in (1, 3):
            optimizer.param_groups[0]["lr"] /= 2
            grads = [p.grad for p in net.parameters()]
            before = [*state_of(net, optimizer), random().tolist()]
            threading.current_thread().name = "raises"
            try:
                with pytest.raises(type(error)) as raised:
                    run(x, y)
            finally:
                threading.current_thread().name = name
            assert raised.value is error
            assert all(p.grad is grad for p, grad in zip(net.parameters(), grads, strict=True))
            assert all(type(grad) is minitorch.Tensor for grad in grads)
            np.testing.assert_equal([*state_of(net, optimizer), random().tolist()], before)
            assert not hasattr(minitorch.Generator.uniform, "__wrapped__")
            del raised, grads
        run(x, y)


def test_parameters_without_a_state_take_a_real_step_first():
    _, optimizer, step = trainer(lr=0.02, capturable=True)
    fresh = optimizer.state_dict()
    run = minitorch.record(step, on_change="record")
    for i, (x, y) in enumerate(batches(5)):
        if i == 3:
            optimizer.load_state_dict({**fresh, "state": {}})
        run(x, y)
    assert run.steps_taken == 4
    assert {kept["step"].item() for kept in optimizer.state.values()} == {2.0}


def test_calls_in_several_streams_wait_for_each_other():
    """They use the same memory, though the step's own calls need not wait."""
    w = minitorch.linspace(0, 1, 9, device="cuda").reshape(3, 3)
    run = minitorch.record(lambda x: (x @ w).softmax(1), minitorch.ones(4, 3, device="cuda"))
    inputs = [minitorch.full((4, 3), float(i), device="cuda") for i in range(6)]
    streams = [minitorch.cuda.Stream(), minitorch.cuda.Stream(), minitorch.cuda.current_stream()]
    minitorch.cuda.synchronize()
    results = []
    for i, x in enumerate(inputs):
        with minitorch.cuda.stream(streams[i % 3]):
            results.append(run(x))
    minitorch.cuda.synchronize()
    assert [t.tolist() for t in results] == [(x @ w).softmax(1).tolist() for x in inputs]


ON_GPU: dict[str, minitorch.Generator] = {}
KEPT: list = []


def test_a_refused_capture_leaves_gradients_and_random_numbers_as_they_were():
    w = minitorch.ones(3, device="cuda", requires_grad=True)
    calls = []

    def step(x):
        w.grad = None
        loss = (F.dropout(x, 0.5) * w).sum()
        loss.backward()
        return loss.item() if len(calls) else loss

    recording = minitorch.record(step, on_change="record")
    x = minitorch.ones(3, device="cuda")
    recording(x)
    calls.append(1)
    before = w.grad.tolist(), minitorch.get_rng_state().tolist()
    with pytest.raises(minitorch.recording.RecordingError):
        recording(x)
    assert (w.grad.tolist(), minitorch.get_rng_state().tolist()) == before


def test_a_call_launches_one_graph_and_copies_its_inputs_and_its_result():
    emulator = sys.modules.get("kernels.cusim.emulator")
    if emulator is None:
        pytest.skip("only the emulation counts launches")
    _, _, step = trainer("SGD", lr=0.1)
    data = list(batches(4))
    recording = minitorch.record(step, *data[0])
    recording(*data[1])
    minitorch.cuda.synchronize()
    before = emulator.current().counters()
    loss = recording(*data[2])
    minitorch.cuda.synchronize()
    work = emulator.current().counters() - before
    loss.item()
    assert (emulator.current().counters() - before).copies_to_host == 1
    assert work.graph_launches == 1
    assert work.copies_to_host == 0
    assert work.copies_to_device == 1  # dropout's random numbers, which are drawn on the host
    assert work.synchronizations == 1  # this test's
    assert work.launches - work.launches_in_graphs <= 4  # two inputs, the numbers, the loss; or they are plain copies

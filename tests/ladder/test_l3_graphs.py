"""CUDA graphs: a training step recorded once and replayed, against the same steps on the CPU."""

import sys
from copy import deepcopy

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("each tensor names its device"),
]


def network():
    return nn.Sequential(
        nn.Conv2d(
            1, 3, 3, padding=1, bias=False
        ),  # batch norm takes a bias away; what is left of its gradient is noise
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(27, 8),
        nn.GELU(),
        nn.Linear(8, 4),
    )


def batches(count):
    random = np.random.default_rng(0)
    for _ in range(count):
        x, y = random.normal(size=(5, 1, 6, 6)).astype("float32"), random.integers(0, 4, 5)
        yield minitorch.tensor(x), minitorch.tensor(y)


def trainer(device, optimizer, **options):
    minitorch.manual_seed(0)
    net = network().to(device)
    chosen = getattr(minitorch.optim, optimizer)(net.parameters(), **options)

    def step(x, y):
        chosen.zero_grad(set_to_none=False)
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        chosen.step()
        return loss

    return step, net


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("Adam", {"lr": 0.01, "capturable": True, "amsgrad": True}),
        ("AdamW", {"lr": 0.01, "capturable": True}),
        ("RMSprop", {"lr": 0.01}),
        ("Adagrad", {"lr": 0.1}),
        ("Adadelta", {}),
    ],
)
def test_replayed_steps_equal_those_of_the_cpu(optimizer, options):
    data = list(batches(7))
    step, cpu = trainer("cpu", optimizer, **options)
    expected = [step(x, y).item() for x, y in data]
    step, net = trainer("cuda", optimizer, **options)
    static_x, static_y = (t.to("cuda") for t in data[0])
    losses = []
    aside = minitorch.cuda.Stream()
    aside.wait_stream(minitorch.cuda.current_stream())
    with minitorch.cuda.stream(aside):
        for x, y in data[:3]:
            static_x.copy_(x)
            static_y.copy_(y)
            losses.append(step(static_x, static_y).item())
    minitorch.cuda.synchronize()
    g = minitorch.cuda.CUDAGraph()
    with minitorch.cuda.graph(g):
        assert minitorch.cuda.is_current_stream_capturing()
        loss = step(static_x, static_y)
    assert not minitorch.cuda.is_current_stream_capturing()
    for x, y in data[3:]:
        static_x.copy_(x)
        static_y.copy_(y)
        # new arrays, which must not get memory that the graph writes to
        noise = [minitorch.full((64, 64), float("nan"), device="cuda") for _ in range(4)]
        g.replay()
        losses.append(loss.item())
        del noise
    np.testing.assert_allclose(losses, expected, rtol=2e-5)
    for ours, theirs in zip(net.parameters(), cpu.parameters(), strict=True):
        np.testing.assert_allclose(ours.detach().cpu().numpy(), theirs.detach().numpy(), rtol=1e-3, atol=2e-5)


def test_steps_that_are_counted_on_the_gpu():
    """The state says how many steps there were, replayed or not, and a checkpoint is continued."""
    w = minitorch.tensor([1.0, -2.0, 3.0]).to("cuda").requires_grad_()
    plain = minitorch.tensor([1.0, -2.0, 3.0]).to("cuda").requires_grad_()
    w.grad, plain.grad = minitorch.ones(3, device="cuda"), minitorch.ones(3, device="cuda")
    counted = minitorch.optim.Adam([w], lr=0.1, capturable=True)
    usual = minitorch.optim.Adam([plain], lr=0.1)
    counted.step()
    assert str(counted.state[w]["step"].device) == "cuda:0"
    g = minitorch.cuda.CUDAGraph()
    with minitorch.cuda.graph(g):
        counted.step()
    for _ in range(3):
        g.replay()
    for _ in range(4):
        usual.step()
    assert counted.state[w]["step"].item() == 4
    assert w.tolist() == plain.tolist()  # to the last bit
    again = minitorch.optim.Adam([w], lr=0.1, capturable=True)
    again.load_state_dict(deepcopy(usual.state_dict()))
    again.param_groups[0]["capturable"] = True
    again.step()
    usual.step()
    assert again.state[w]["step"].item() == 5
    assert w.tolist() == plain.tolist()


def test_work_that_a_replay_would_not_repeat_is_refused():
    x, y = (t.to("cuda") for t in next(iter(batches(1))))
    step, _ = trainer("cuda", "Adam")
    step(x, y)
    with pytest.raises(RuntimeError, match="instance of Adam"), minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):
        step(x, y)
    with pytest.raises(RuntimeError, match="copy from the host"), minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):
        x * minitorch.tensor([1.0, 2.0], device="cuda")
    with pytest.raises(Exception, match="captur"), minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):
        x.sum().item()
    assert step(x, y).item() > 0  # and work goes on after the errors


def test_a_replay_sorts_anew():
    """The gradients of indexing, gather and embedding sort the indices, which a replay may find changed."""
    table = minitorch.arange(12.0).reshape(6, 2).to("cuda").requires_grad_()
    index = minitorch.tensor([0, 0, 1, 2]).to("cuda")
    weights = minitorch.tensor([[1.0], [2.0], [4.0], [8.0]]).to("cuda")

    def step():
        table.grad.zero_()
        rows = nn.functional.embedding(index, table) + table[index] + table.gather(0, index[:, None].expand(4, 2))
        (rows * weights).sum().backward()

    table.grad = minitorch.zeros_like(table)
    aside = minitorch.cuda.Stream()
    aside.wait_stream(minitorch.cuda.current_stream())
    with minitorch.cuda.stream(aside):
        step()
    minitorch.cuda.synchronize()
    g = minitorch.cuda.CUDAGraph()
    with minitorch.cuda.graph(g):
        step()
    for chosen in ([0, 0, 1, 2], [5, 1, 5, 1], [3, 3, 3, 3]):
        index.copy_(minitorch.tensor(chosen))
        g.replay()
        expected = [0.0] * 6
        for place, weight in zip(chosen, (1.0, 2.0, 4.0, 8.0), strict=True):
            expected[place] += 3 * weight
        assert table.grad.tolist() == [[e, e] for e in expected]


def test_captures_begin_and_end_in_order():
    g = minitorch.cuda.CUDAGraph()
    with pytest.raises(RuntimeError, match="without a preceding successful capture"):
        g.replay()
    with pytest.raises(RuntimeError, match="nothing is being recorded"):
        g.capture_end()
    with pytest.raises(RuntimeError, match="non-default stream"):
        g.capture_begin()
    with pytest.raises(ValueError, match="capture_error_mode"):
        g.capture_begin(capture_error_mode="strict")
    x = minitorch.zeros(3, device="cuda")
    with minitorch.cuda.graph(g):
        x += 1
    assert x.tolist() == [0, 0, 0]
    g.replay()
    g.replay()
    assert x.tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="already owns a captured graph"), minitorch.cuda.graph(g):
        pass
    g.reset()
    with minitorch.cuda.graph(g):
        x *= 2
    g.replay()
    assert x.tolist() == [4, 4, 4]


def test_the_memory_of_a_graph_is_freed_with_it():
    emulator = sys.modules.get("kernels.cusim.emulator")
    if emulator is None:
        pytest.skip("on a GPU other processes use memory too")
    x = minitorch.ones(1 << 18, device="cuda")
    with minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):  # which empties the cache
        pass
    before = emulator.current().used_memory()
    for _ in range(3):
        g = minitorch.cuda.CUDAGraph()
        with minitorch.cuda.graph(g):
            y = (x + 1) * 2
        g.replay()
        assert emulator.current().used_memory() > before
        assert y[0].item() == 4.0
        del y, g
        assert emulator.current().used_memory() == before
    with minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):
        kept = x[:1000] + 1
        other = x + 1
    del other
    used = emulator.current().used_memory()
    del kept  # after its graph: freed with the next one
    with minitorch.cuda.graph(minitorch.cuda.CUDAGraph()):
        pass
    assert emulator.current().used_memory() == before < used

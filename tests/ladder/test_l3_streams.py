"""Streams: what waits for what, and whose memory is whose.

Each test fails with lazy streams (``python -m kernels.cusim --lazy pytest tests/ladder/test_l3_streams.py``) if its
wait is missing; tests/ladder/test_planted_stream_faults.py removes the waits one by one and looks.
"""

import numpy as np
import pytest

import minitorch
from minitorch import cuda, nn
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("each tensor names its device"),
]


def test_a_copy_from_pinned_memory_waits():
    x = minitorch.ones(1000).pin_memory()
    copies = [x.to("cuda"), x.cuda(), minitorch.zeros(1000, device="cuda").copy_(x), x.to("cuda", None, False)]
    x.fill_(2)
    for y in copies:
        assert float(y.sum()) == 1000.0


def test_a_copy_that_need_not_wait_keeps_its_source_until_it_is_done():
    side, found = cuda.Stream(), []
    with cuda.stream(side):
        for i in range(8):  # the pinned memory of each is freed at once; the next one must not get it
            found.append(minitorch.full((1000,), float(i)).pin_memory().to("cuda", non_blocking=True))
    side.synchronize()
    assert [float(y[0]) for y in found] == list(range(8))


@pytest.mark.parametrize("how", ["block", "set_stream"])
def test_backward_runs_in_the_stream_of_the_forward(how):
    """As in torch: the gradient is that of the host, in whatever stream backward() is called."""

    def gradient(device, inside):
        minitorch.manual_seed(0)
        net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1)).to(device)
        x = minitorch.linspace(-1, 1, 30).reshape(5, 6).to(device)
        loss = inside(lambda: net(x).sum())
        loss.backward()
        return [p.grad.detach().cpu().numpy() for p in net.parameters()]

    side = cuda.Stream()

    def in_side_stream(forward):
        side.wait_stream(cuda.current_stream())
        if how == "block":
            with cuda.stream(side):
                return forward()
        try:
            cuda.set_stream(side)
            return forward()
        finally:
            cuda.set_stream(cuda.default_stream())

    for ours, theirs in zip(gradient("cuda", in_side_stream), gradient("cpu", lambda f: f()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_a_graph_over_two_streams_and_gradients_of_gradients():
    first, second = cuda.Stream(), cuda.Stream()
    x = minitorch.arange(1.0, 5.0, device="cuda").requires_grad_()
    first.wait_stream(cuda.current_stream())
    with cuda.stream(first):
        y = x * x * x
    second.wait_stream(first)
    with cuda.stream(second):
        y.record_stream(second)
        z = (y * x).sum()
    (g,) = minitorch.autograd.grad(z, x, create_graph=True)
    assert g.tolist() == [4.0, 32.0, 108.0, 256.0]
    g.sum().backward()
    assert x.grad.tolist() == [12.0, 48.0, 108.0, 192.0]


def test_backward_inside_a_stream_waits_for_a_forward_outside():
    x = minitorch.ones(1000, device="cuda").requires_grad_()
    y = (x * 3).exp().log().sum()
    side = cuda.Stream()
    side.wait_stream(cuda.current_stream())
    with cuda.stream(side):
        y.backward()
        total = x.grad.sum()
    side.synchronize()
    np.testing.assert_allclose(float(total), 3000.0, rtol=1e-5)


def test_recorded_memory_is_not_used_again_too_early():
    side = cuda.Stream()
    totals = []
    with cuda.stream(side):
        total = minitorch.zeros((), device="cuda")
    cuda.synchronize()
    for i in range(4):
        x = minitorch.full((5000,), float(i), device="cuda")
        side.wait_stream(cuda.current_stream())
        with cuda.stream(side):
            total = total + x.sum()
            totals.append(total)
        x.record_stream(side)
        del x
        minitorch.full((5000,), float("nan"), device="cuda")
    cuda.current_stream().synchronize()  # which does not wait for the side stream
    side.synchronize()
    assert [float(t) for t in totals] == [0.0, 5000.0, 15000.0, 30000.0]


def test_recorded_memory_is_given_back():
    side = cuda.Stream()
    cuda.synchronize()
    minitorch.ones(1, device="cuda")  # gives up what earlier tests recorded
    before = cuda.memory_allocated()
    x = minitorch.ones(5000, device="cuda")
    x.record_stream(side)
    x.record_stream(side)
    del x
    side.synchronize()
    for _ in range(2):  # an allocation finds that the memory is unused, and a later one that the stream is done
        minitorch.ones(1, device="cuda")
        cuda.synchronize()
    assert cuda.memory_allocated() == before
    with pytest.raises(NotImplementedError, match="record_stream"):
        minitorch.ones(2).record_stream(side)

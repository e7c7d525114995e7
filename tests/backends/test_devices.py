"""Everything works on a device that is not the host, and its results stay there."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch as torch
from minitorch import distributions, nn
from minitorch.nn import functional as F
from minitorch.utils.data import DataLoader, TensorDataset, default_collate

pytestmark = pytest.mark.host("tensors are put where they are wanted, one by one")


def places(value: Any) -> set[str]:
    """The devices of all tensors in a result."""
    if isinstance(value, torch.Tensor):
        return {str(value.device)}
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*map(places, value)) if isinstance(value, list | tuple) else set()


def values(value: Any) -> Any:
    """The numbers of a tensor, or of several."""
    return [values(v) for v in value] if isinstance(value, list | tuple) else value.tolist()


CREATION: dict[str, Callable[[str], Any]] = {
    "tensor": lambda d: torch.tensor([[1.0, 2.0]], device=d),
    "as_tensor": lambda d: torch.as_tensor(np.arange(3), device=d),
    "asarray": lambda d: torch.asarray([1.0, 2.0], device=d),
    "zeros": lambda d: torch.zeros(2, 3, device=d),
    "ones": lambda d: torch.ones(2, 3, device=d),
    "empty": lambda d: torch.empty(2, 3, device=d).zero_(),
    "full": lambda d: torch.full((2, 3), 1.5, device=d),
    "eye": lambda d: torch.eye(3, 4, device=d),
    "arange": lambda d: torch.arange(1, 9, 2, device=d),
    "linspace": lambda d: torch.linspace(0, 1, 5, device=d),
    "scalar_tensor": lambda d: torch.scalar_tensor(3, device=d),
    "zeros_like": lambda d: torch.zeros_like(torch.ones(2, device=d)),
    "ones_like": lambda d: torch.ones_like(torch.zeros(2), device=d),
    "full_like": lambda d: torch.full_like(torch.zeros(2, device=d), 7),
    "empty_like": lambda d: torch.empty_like(torch.zeros(2, 3, device=d).t()).zero_(),
    "new_tensor": lambda d: torch.zeros(2, device=d).new_tensor([1, 2]),
    "new_zeros": lambda d: torch.zeros(2, device=d).new_zeros(3),
    "new_ones": lambda d: torch.zeros(2, device=d).new_ones(3),
    "new_full": lambda d: torch.zeros(2, device=d).new_full((2,), 4),
    "new": lambda d: torch.zeros(2, device=d).new([1.0, 2.0]),
    "meshgrid": lambda d: torch.meshgrid(torch.arange(2, device=d), torch.arange(3, device=d), indexing="ij"),
    "Tensor": lambda d: torch.Tensor([1.0, 2.0], device=d),
}

RANDOM: dict[str, Callable[[str], Any]] = {
    "rand": lambda d: torch.rand(3, 4, device=d),
    "randn": lambda d: torch.randn(30, device=d),
    "randint": lambda d: torch.randint(5, (7,), device=d),
    "randperm": lambda d: torch.randperm(9, device=d),
    "rand_like": lambda d: torch.rand_like(torch.empty(4, 5, device=d).t()),
    "randn_like": lambda d: torch.randn_like(torch.empty(4, 5, device=d).t()),
    "randint_like": lambda d: torch.randint_like(torch.empty(4, 5, device=d).t(), 9),
    "normal": lambda d: torch.normal(torch.zeros(3, device=d), torch.ones(3, device=d)),
    "bernoulli": lambda d: torch.bernoulli(torch.full((3, 4), 0.5, device=d)),
    "multinomial": lambda d: torch.multinomial(torch.ones(3, 4, device=d), 2),
    "uniform_": lambda d: torch.empty(4, 5, device=d).t().uniform_(-1, 1),
    "normal_": lambda d: torch.empty(4, 5, device=d).t().normal_(),
    "random_": lambda d: torch.empty(9, device=d).random_(10),
    "bernoulli_": lambda d: torch.empty(9, device=d).bernoulli_(0.3),
    "bernoulli_(tensor)": lambda d: torch.empty(2, 9, device=d).bernoulli_(torch.full((9,), 0.5, device=d)),
    "exponential_": lambda d: torch.empty(9, device=d).exponential_(2),
    "geometric_": lambda d: torch.empty(9, device=d).geometric_(0.3),
    "cauchy_": lambda d: torch.empty(9, device=d).cauchy_(),
    "log_normal_": lambda d: torch.empty(9, device=d).log_normal_(),
    "dropout": lambda d: F.dropout(torch.ones(4, 5, device=d).t()),
    "dropout2d": lambda d: F.dropout2d(torch.ones(2, 3, 4, 5, device=d)),
    "kaiming_uniform_": lambda d: nn.init.kaiming_uniform_(torch.empty(4, 5, device=d)),
    "trunc_normal_": lambda d: nn.init.trunc_normal_(torch.empty(4, 5, device=d)),
    "orthogonal_": lambda d: nn.init.orthogonal_(torch.empty(4, 5, device=d)),
    "Linear": lambda d: list(nn.Linear(3, 4, device=d).parameters()),
    "LSTM": lambda d: list(nn.LSTM(3, 4, device=d).parameters()),
    "Conv2d": lambda d: list(nn.Conv2d(1, 2, 3, device=d).parameters()),
    "Normal": lambda d: distributions.Normal(torch.zeros(3, device=d), torch.ones(3, device=d)).rsample((2,)),
    "Categorical": lambda d: distributions.Categorical(logits=torch.zeros(3, 4, device=d)).sample((5,)),
    "Bernoulli": lambda d: distributions.Bernoulli(torch.full((3,), 0.4, device=d)).sample((5,)),
    "Uniform": lambda d: distributions.Uniform(torch.zeros(3, device=d), torch.ones(3, device=d)).rsample(),
}


@pytest.mark.parametrize("name", CREATION)
def test_creation(name: str, device: str):
    made, expected = CREATION[name](device), CREATION[name]("cpu")
    assert places(made) == {device}
    assert values(made) == values(expected)


@pytest.mark.parametrize("name", RANDOM)
def test_the_same_seed_gives_the_same_numbers(name: str, device: str):
    drawn = []
    for where in (device, "cpu"):
        torch.manual_seed(3)
        found = RANDOM[name](where)
        assert places(found) == {where}
        drawn.append(values(found))
    assert drawn[0] == drawn[1]


def test_the_default_device(device: str):
    with torch.device(device):
        assert places([torch.ones(2), torch.rand(2), nn.Linear(2, 2).weight, torch.tensor(1.0)]) == {device}
    assert places(torch.ones(2)) == {"cpu"}


@pytest.mark.parametrize(
    "read",
    [
        lambda x, d: x[1],
        lambda x, d: x[..., ::2],
        lambda x, d: x[[0, 2]],
        lambda x, d: x[torch.tensor([0, 2], device=d)],
        lambda x, d: x[torch.tensor([0, 2])],  # from the host, as in torch
        lambda x, d: x[np.array([0, 2])],
        lambda x, d: x[x > 3],
        lambda x, d: x[torch.tensor(1, device=d)],
        lambda x, d: x[None, :, True],
        lambda x, d: x.nonzero(),
        lambda x, d: torch.where(x > 3),
        lambda x, d: x.gather(1, torch.tensor([[0], [1], [2]], device=d)),
        lambda x, d: x.index_select(0, torch.tensor([1], device=d)),
        lambda x, d: x.masked_select(x > 4),
        lambda x, d: x.take(torch.tensor([0, 5], device=d)),
        lambda x, d: F.one_hot(torch.tensor([0, 2], device=d)),
        lambda x, d: F.embedding(torch.tensor([0, 2], device=d), x, padding_idx=0),
        lambda x, d: x.sort(descending=True),
        lambda x, d: x.topk(2),
        lambda x, d: x.cumsum(1),
        lambda x, d: x.unfold(1, 2, 1),
        lambda x, d: torch.einsum("ij,kj->ik", x, x),
    ],
)
def test_reading(read: Callable[[Any, str], Any], device: str):
    found, expected = (read(torch.arange(12.0, device=d).reshape(3, 4), d) for d in (device, "cpu"))
    assert places(found) == {device}
    assert values(found) == values(expected)


@pytest.mark.parametrize(
    "write",
    [
        lambda x, d: x.__setitem__(0, 1.5),
        lambda x, d: x.__setitem__(0, np.float64(1.5)),
        lambda x, d: x.__setitem__((slice(None), 1), torch.ones(3)),  # from the host, as in torch
        lambda x, d: x.__setitem__(x > 3, 0),
        lambda x, d: x.__setitem__([0, 1], torch.ones(4, device=d)),
        lambda x, d: x.copy_(torch.ones(4)),
        lambda x, d: x.fill_diagonal_(7),
        lambda x, d: x.index_fill_(0, torch.tensor([1], device=d), 2),
        lambda x, d: x.scatter_(1, torch.tensor([[0], [1], [2]], device=d), 9.0),
        lambda x, d: x.index_add_(0, torch.tensor([1, 1, 0], device=d), torch.ones(3, 4, device=d)),
        lambda x, d: x.masked_fill_(x > 3, -1),
        lambda x, d: x.add_(torch.tensor(2.0)),  # a host tensor without dimensions mixes with any device
        lambda x, d: x.resize_(2, 8)[:, :3].zero_(),
        lambda x, d: torch.mul(x, 2, out=x),
    ],
)
def test_writing(write: Callable[[Any, str], Any], device: str):
    results = []
    for d in (device, "cpu"):
        x = torch.arange(12.0, device=d).reshape(3, 4).clone()
        write(x, d)
        assert places(x) == {d}
        results.append(x.tolist())
    assert results[0] == results[1]


def test_printing(device: str):
    x = torch.arange(3.0, device=device)
    assert repr(x) == f"tensor([0., 1., 2.], device='{device}')"
    assert f"{x.sum():.1f}" == "3.0"
    assert (
        repr(nn.Parameter(x)) == f"Parameter containing:\ntensor([0., 1., 2.], device='{device}', requires_grad=True)"
    )


def test_what_goes_to_the_host_says_so(device: str):
    x = torch.ones(2, device=device)
    with pytest.raises(TypeError, match=rf"can't convert {device} device type tensor to numpy. Use Tensor.cpu\(\)"):
        x.numpy()
    with pytest.raises(TypeError, match="can't convert"):
        np.asarray(x)
    assert x.cpu().numpy().tolist() == x.numpy(force=True).tolist() == x.tolist() == [1.0, 1.0]


def network(device: str) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(36, 8), nn.LayerNorm(8), nn.Linear(8, 3),
    ).to(device)  # fmt: skip


OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "SGD": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, 0.01, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, 0.01),
    "RMSprop": lambda p: torch.optim.RMSprop(p, 0.01, centered=True, momentum=0.5),
    "Adagrad": lambda p: torch.optim.Adagrad(p, 0.1),
    "Adadelta": lambda p: torch.optim.Adadelta(p),
}


def trained(net: nn.Module, optimizer: torch.optim.Optimizer, device: str, steps: int = 4) -> list[float]:
    losses = []
    for step in range(steps):
        torch.manual_seed(step)
        x, y = torch.randn(5, 1, 8, 8, device=device), torch.randint(3, (5,), device=device)
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training(name: str, device: str):
    losses = {}
    for d in (device, "cpu"):
        net = network(d)
        optimizer = OPTIMIZERS[name](net.parameters())
        losses[d] = trained(net, optimizer, d)
        assert places(net.state_dict()) == {d}
        assert places([p.grad for p in net.parameters()]) == {d}
        state = [v for entry in optimizer.state.values() for k, v in entry.items() if k != "step"]
        assert places(state) == {d}
    np.testing.assert_allclose(losses[device], losses["cpu"], rtol=2e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_of_an_optimizer_follows_its_parameters(name: str, device: str):
    still, moved = network("cpu"), network("cpu")
    first, second = (OPTIMIZERS[name](net.parameters()) for net in (still, moved))
    expected = trained(still, first, "cpu", 2) + trained(still, first, "cpu", 2)
    found = trained(moved, second, "cpu", 2)
    moved.to(device)
    found += trained(moved, second, device, 2)
    np.testing.assert_allclose(found, expected, rtol=2e-5)
    assert places([v for entry in second.state.values() for k, v in entry.items() if k != "step"]) == {device}


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_recurrent_layers(kind: str, device: str):
    results = []
    for d in (device, "cpu"):
        torch.manual_seed(0)
        net = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True).to(d)
        x = torch.randn(5, 2, 3, device=d, requires_grad=True)
        packed = nn.utils.rnn.pack_padded_sequence(x, [3, 5], enforce_sorted=False)
        out, state = net(packed)
        padded, lengths = nn.utils.rnn.pad_packed_sequence(out)
        padded.square().sum().backward()
        assert places([padded, state, x.grad, [p.grad for p in net.parameters()]]) == {d}
        assert lengths.tolist() == [3, 5]
        results.append((padded.detach().cpu().numpy(), x.grad.cpu().numpy()))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["Normal", "Categorical", "Bernoulli", "Uniform"])
def test_distributions(kind: str, device: str):
    ones = torch.full((3,), 0.5, device=device)
    d = {
        "Normal": lambda: distributions.Normal(ones, ones),
        "Categorical": lambda: distributions.Categorical(ones),
        "Bernoulli": lambda: distributions.Bernoulli(ones),
        "Uniform": lambda: distributions.Uniform(ones - 1, ones),
    }[kind]()
    drawn = d.sample((4,))
    assert places([drawn, d.log_prob(drawn), d.entropy(), d.mean if kind != "Categorical" else d.probs]) == {device}


def test_loading_data(device: str):
    data = TensorDataset(torch.arange(10.0, device=device), torch.arange(10))
    for x, y in DataLoader(data, batch_size=4, shuffle=True):
        assert (places(x), places(y)) == ({device}, {"cpu"})
        assert x.tolist() == y.tolist()
    samples = [{"a": torch.ones(2, device=device)}, {"a": torch.zeros(2, device=device)}]
    assert places(default_collate(samples)) == {device}
    with torch.device(device):
        batches = [batch for (batch,) in DataLoader(TensorDataset(torch.arange(6)), 2, shuffle=True)]
    assert places(batches) == {device}


@pytest.mark.parametrize("zipped", [True, False])
def test_checkpoints_go_from_device_to_device(zipped: bool, device: str):
    net = network(device)
    view = torch.arange(6.0, device=device).reshape(2, 3).t()[1:]
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "view": view}, file, _use_new_zipfile_serialization=zipped)
    choices: dict[str, tuple[Any, str]] = {
        "where it was": (None, device),
        "a name": ("cpu", "cpu"),
        "a device": (torch.device("cpu"), "cpu"),
        "a dict": ({device: "cpu"}, "cpu"),
        "another dict": ({"cuda:5": "cpu"}, device),
        "a function": (lambda storage, location: storage if location == device else None, "cpu"),
        "a function that leaves it": (lambda storage, location: None, device),
    }
    for choice, where in choices.values():
        file.seek(0)
        loaded = torch.load(file, map_location=choice)
        assert places(loaded) == {where}
        assert loaded["view"].tolist() == view.tolist()
        fresh = network("cpu")
        fresh.load_state_dict(loaded["net"])
        assert places(fresh.state_dict()) == {"cpu"}
        assert values(list(fresh.parameters())) == values(list(net.parameters()))


def test_gradients_cross_devices(device: str):
    x = torch.ones(3, requires_grad=True)
    (x.to(device) * 2).cpu().sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    assert places(x.grad) == {"cpu"}


def test_a_gradient_from_elsewhere_is_refused(device: str):
    x = torch.ones(2, device=device, requires_grad=True)
    with pytest.raises(RuntimeError, match="device"):
        x.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match=r"move the gradient with"):
        (x * 2).backward(torch.ones(2))
    with pytest.raises(RuntimeError, match="indices should be either on cpu or on the same device"):
        torch.ones(2)[torch.tensor([0], device=device)]

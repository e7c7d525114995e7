"""A generator on a device: it makes Philox's numbers there."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch as torch
from minitorch.random.device_generator import DeviceGenerator

pytestmark = pytest.mark.host("generators are made where they are wanted")
N = 20_000
DRAWS: dict[str, tuple[Callable[[str, Any], Any], float, float]] = {  # a draw, its mean and standard deviation
    "rand": (lambda d, g: torch.rand(N, device=d, generator=g), 0.5, 12**-0.5),
    "rand(float64)": (lambda d, g: torch.rand(N, device=d, generator=g, dtype=torch.float64), 0.5, 12**-0.5),
    "randn": (lambda d, g: torch.randn(N + 1, device=d, generator=g), 0, 1),
    "normal_": (lambda d, g: torch.empty(N, device=d).normal_(3, 2, generator=g), 3, 2),
    "randint": (lambda d, g: torch.randint(-5, 6, (N,), device=d, generator=g).double(), 0, 10**0.5),
    "randperm": (lambda d, g: torch.randperm(N, device=d, generator=g).double(), (N - 1) / 2, N * 12**-0.5),
    "bernoulli_": (lambda d, g: torch.empty(N, device=d).bernoulli_(0.3, generator=g), 0.3, 0.21**0.5),
    "bernoulli": (lambda d, g: torch.bernoulli(torch.full((N,), 0.3, device=d), generator=g), 0.3, 0.21**0.5),
    "exponential_": (lambda d, g: torch.empty(N, device=d).exponential_(2, generator=g), 0.5, 0.5),
    "geometric_": (lambda d, g: torch.empty(N, device=d).geometric_(0.25, generator=g), 4, 12**0.5),
    "multinomial": (
        lambda d, g: torch.multinomial(torch.tensor([1.0, 0, 3], device=d), N, True, generator=g).double(),
        1.5, 0.75**0.5,
    ),
}  # fmt: skip


@pytest.fixture
def generator(device: str) -> DeviceGenerator:
    return torch.Generator(device=device).manual_seed(5)


@pytest.mark.parametrize("name", DRAWS)
def test_moments(name: str, device: str, generator: DeviceGenerator):
    draw, mean, std = DRAWS[name]
    x = draw(device, generator)
    assert str(x.device) == device
    values = x.cpu().numpy().astype("float64")
    assert abs(values.mean() - mean) < 5 * std / N**0.5
    assert abs(values.std() / std - 1) < 0.1
    assert not np.array_equal(draw(device, generator).cpu().numpy(), values)
    generator.manual_seed(5)
    assert np.array_equal(draw(device, generator).cpu().numpy(), values)


def test_uniform_numbers_are_the_words(device: str, generator: DeviceGenerator):
    """The first words of the published vector for key and counter 0, their upper 24 bits as fractions."""
    words = [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    generator.manual_seed(0)
    assert torch.rand(4, device=device, generator=generator).tolist() == [(w >> 8) * 2.0**-24 for w in words]


def test_state(device: str, generator: DeviceGenerator):
    def draw(g: Any) -> Any:
        return torch.randn(5, device=device, generator=g).tolist()

    draw(generator)
    state, twins = generator.get_state(), [pickle.loads(pickle.dumps(generator)), copy.deepcopy(generator)]
    twins.append(generator.clone_state())
    expected = draw(generator)
    assert [draw(g) for g in twins] == [expected] * 3
    generator.set_state(state)
    assert draw(generator) == expected
    assert generator.initial_seed() == 5
    for bad, error in ((3, TypeError), (torch.zeros(3, dtype=torch.uint8), RuntimeError)):
        with pytest.raises(error):
            generator.set_state(bad)


def test_without_replacement_no_index_comes_twice(device: str, generator: DeviceGenerator):
    picks = torch.multinomial(torch.tensor([[1.0, 2, 3, 0], [0, 1, 1, 1]], device=device), 3, generator=generator)
    assert [sorted(row) for row in picks.tolist()] == [[0, 1, 2], [1, 2, 3]]
    with pytest.raises(RuntimeError, match="without replacement"):
        torch.multinomial(torch.ones(2, device=device), 3, generator=generator)


def test_arguments_are_checked_as_on_the_host(device: str, generator: DeviceGenerator):
    x = torch.empty(3, device=device)
    for wrong in (
        lambda g: x.normal_(0, -1, generator=g),
        lambda g: x.uniform_(2, 1, generator=g),
        lambda g: x.bernoulli_(2, generator=g),
        lambda g: x.random_(3, 3, generator=g),
        lambda g: x.exponential_(-1, generator=g),
    ):
        messages = []
        for g in (generator, torch.Generator()):
            with pytest.raises(RuntimeError) as caught:
                wrong(g)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


def test_a_tensor_elsewhere_is_refused(device: str, generator: DeviceGenerator):
    for use in (lambda: torch.rand(3, generator=generator), lambda: torch.empty(3).normal_(generator=generator)):
        with pytest.raises(RuntimeError, match=f"Expected a 'cpu' device type for generator but found '{device}'"):
            use()
    host = torch.Generator().manual_seed(1)
    assert (
        torch.rand(3, device=device, generator=host).tolist() == torch.rand(3, generator=host.manual_seed(1)).tolist()
    )

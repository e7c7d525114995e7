"""Seeds, states, copies and threads of the generator: as torch's, byte for byte."""

import copy
import pickle
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest
import torch

from minitorch.random import default_generator
from minitorch.random.generator import Generator
from minitorch.random.mersenne_twister import DEFAULT_SEED
from minitorch.random.rounding import fused_multiply_add
from tests.random.test_generator import assert_same, assert_same_state

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="torch's loops are compiled otherwise for this processor, and round otherwise",
)


@pytest.mark.parametrize("seed", [0, 1, -1, -5, 2**31, 2**32, 2**32 + 1, -(2**63), 2**63, 2**64 - 1, DEFAULT_SEED])
def test_seeds_equal_torch(seed):
    ours, theirs = Generator(), torch.Generator()
    assert ours.manual_seed(seed) is ours
    theirs.manual_seed(seed)
    assert ours.initial_seed() == theirs.initial_seed()
    assert_same_state(ours, theirs)
    assert_same(ours.uniform((700,), np.float32), torch.rand(700, generator=theirs))


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, 1.5, "3", True, None])
def test_seeds_that_torch_refuses_are_refused(seed):
    with pytest.raises((RuntimeError, ValueError)) as theirs:
        torch.Generator().manual_seed(seed)
    ours = Generator()
    with pytest.raises(theirs.type, match=r"Overflow when unpacking|expected a long, but got"):
        ours.manual_seed(seed)
    assert_same_state(ours, torch.Generator())


def test_numpy_integers_are_seeds():
    assert Generator().manual_seed(np.int64(-2)).initial_seed() == 2**64 - 2


def test_a_new_generator_starts_as_torchs():
    ours, theirs = Generator(), torch.Generator()
    assert ours.initial_seed() == theirs.initial_seed() == DEFAULT_SEED
    assert ours.device == "cpu"
    assert_same_state(ours, theirs)
    with pytest.raises(RuntimeError, match="device type, but got: nonsense"):
        Generator("nonsense")


def test_seeding_from_the_operating_system():
    ours = Generator()
    seeds = {ours.seed() for _ in range(5)}
    assert len(seeds) == 5
    assert ours.initial_seed() in seeds
    again = Generator().manual_seed(ours.initial_seed())
    np.testing.assert_array_equal(ours.uniform((5,), np.float32), again.uniform((5,), np.float32))


def test_the_default_generator_is_not_seeded_with_a_constant():
    assert isinstance(default_generator, Generator)
    assert default_generator.initial_seed() != DEFAULT_SEED


@pytest.mark.parametrize("words", [0, 1, 2, 100, 623, 624, 625, 1247, 1248, 1249])
@pytest.mark.parametrize("kept_normal", [False, True])
def test_states_are_exchanged_with_torch_in_the_middle_of_a_stream(words, kept_normal):
    ours, theirs = Generator().manual_seed(7), torch.Generator().manual_seed(7)
    ours.uniform((words,), np.float32)
    torch.rand(words, generator=theirs)
    if kept_normal:
        ours.normal((3,), np.float32)
        torch.randn(3, generator=theirs)
    assert_same_state(ours, theirs)
    resumed, resumed_theirs = Generator(), torch.Generator()
    resumed.set_state(theirs.get_state().numpy())
    resumed_theirs.set_state(torch.from_numpy(ours.get_state()))
    assert_same_state(resumed, theirs)
    assert resumed.initial_seed() == 7
    for shape in ((5,), (40,), (2,)):
        expected = torch.randn(shape, dtype=torch.float64, generator=theirs)
        assert torch.equal(torch.randn(shape, dtype=torch.float64, generator=resumed_theirs), expected)
        assert_same(resumed.normal(shape, np.float64), expected)
        assert_same(ours.normal(shape, np.float64), expected)
    assert_same_state(resumed, theirs)


def test_the_state_keeps_a_single_precision_sample():
    state = torch.Generator().get_state().numpy().copy()
    state[5048:5052] = np.array([1.5], np.float32).view(np.uint8)
    state[5052] = 1
    theirs, ours = torch.Generator(), Generator()
    theirs.set_state(torch.from_numpy(state))
    ours.set_state(state)
    assert_same_state(ours, theirs)
    ours.manual_seed(1)
    assert_same_state(ours, torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("spoil", "error", "match"),
    [
        (lambda s: s[:-1], RuntimeError, "of size 5056 but found the input RNG state size to be 5055"),
        (lambda s: s.view(np.int8), TypeError, "must be a torch.ByteTensor"),
        (lambda s: np.zeros_like(s), RuntimeError, "Invalid mt19937 state"),
        (lambda s: np.where(np.arange(5056) == 17, 9, s).astype(np.uint8), RuntimeError, "Invalid mt19937 state"),
        (lambda s: np.where(np.arange(5056) == 8, 0, s).astype(np.uint8), RuntimeError, "Invalid mt19937 state"),
    ],
)
def test_spoiled_states_are_refused_and_change_nothing(spoil, error, match):
    ours = Generator()
    bad = spoil(ours.get_state())
    with pytest.raises(error, match=match):
        torch.Generator().set_state(torch.from_numpy(bad))
    with pytest.raises(error, match=match):
        ours.set_state(bad)
    assert_same_state(ours, torch.Generator())


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g)), Generator.clone_state]
)
def test_copies_go_on_alone_from_the_same_state(copied):
    ours = Generator().manual_seed(3)
    ours.normal((3,), np.float32)
    other = copied(ours)
    np.testing.assert_array_equal(other.get_state(), ours.get_state())
    drawn = other.normal((5,), np.float32)
    np.testing.assert_array_equal(ours.normal((5,), np.float32), drawn)
    assert other.initial_seed() == 3


@pytest.fixture
def restless_threads():
    """Python changes threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize("size", [3, 17])  # a kept normal; a block drawn again
@pytest.mark.usefixtures("restless_threads")
def test_threads_share_a_stream_without_corrupting_it(size):
    ours = Generator().manual_seed(0)
    drawn = []

    def draw():
        for _ in range(100):
            drawn.append(ours.normal((size,), np.float64))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = Generator().manual_seed(0)
    expected = [alone.normal((size,), np.float64) for _ in range(400)]
    np.testing.assert_array_equal(ours.get_state(), alone.get_state())
    np.testing.assert_array_equal(sorted(map(tuple, drawn)), sorted(map(tuple, expected)))


def test_fused_multiply_add_rounds_once():
    source = np.random.RandomState(1)
    for dtype in (np.float32, np.float64):
        for b, c in source.standard_normal((20, 2)).astype(dtype).tolist():
            near = -c / b * (1 + source.standard_normal(50) * 1e-7)  # products that all but cancel c
            a = np.concatenate([near, source.standard_normal(50)]).astype(dtype)
            exact = [Fraction(x) * Fraction(b) + Fraction(c) for x in a.tolist()]
            expected = np.array([float(x) for x in exact])  # rounded once to float64
            np.testing.assert_array_equal(fused_multiply_add(a, b, c), expected.astype(dtype))
    huge = np.array([0.25])
    np.testing.assert_array_equal(fused_multiply_add(huge, 1e308, 1e307), huge * 1e308 + 1e307)

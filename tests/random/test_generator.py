"""The numbers of `minitorch.random.generator` are torch's: bit for bit, and so is the state after drawing them."""

import math
import random

import numpy as np
import pytest
import torch

from minitorch.random.generator import Generator, dense_like, in_memory_order

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="torch's loops are compiled otherwise for this processor, and round otherwise",
)

FLOATS = [torch.float16, torch.float32, torch.float64]
INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
DTYPES = [torch.bool, *INTEGERS, *FLOATS]
SHAPES = [
    (),
    (0,),
    (1,),
    (2,),
    (3,),
    (15,),
    (16,),
    (17,),
    (31,),
    (32,),
    (33,),
    (2, 0, 3),
    (5, 3, 7),
    (1000,),
    (33, 1025),
]


def numpy_dtype(dtype):
    return torch.empty(0, dtype=dtype).numpy().dtype


def torch_draws_from_mkl():
    """Whether torch takes `bernoulli_(p)` and `exponential_` from Intel's library, as on Intel's processors."""
    theirs = torch.Generator().manual_seed(0)
    torch.empty(4).bernoulli_(0.5, generator=theirs)
    ours = Generator().manual_seed(0)
    ours.bernoulli((4,), np.float32, 0.5)
    return not np.array_equal(theirs.get_state().numpy(), ours.get_state())


not_from_mkl = pytest.mark.skipif(torch_draws_from_mkl(), reason="torch draws these from Intel's library here")


@pytest.fixture
def pair():
    """Our generator and torch's, with the same seed."""
    return Generator().manual_seed(2024), torch.Generator().manual_seed(2024)


def assert_same(ours, theirs):
    theirs = theirs.numpy()
    assert isinstance(ours, np.ndarray)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(ours, theirs)


def assert_same_state(ours, theirs):
    np.testing.assert_array_equal(ours.get_state(), theirs.get_state().numpy())


def torch_empty(shape, dtype):
    return torch.empty(shape, dtype=dtype)


# name: (dtypes, ours of (generator, shape, numpy dtype), torch's of (generator, tensor to fill))
FILLS = {
    "uniform": (FLOATS, lambda g, s, d: g.uniform(s, d), lambda g, t: t.uniform_(generator=g)),
    "uniform in a range": (
        FLOATS,
        lambda g, s, d: g.uniform(s, d, -0.3, 1.7),
        lambda g, t: t.uniform_(-0.3, 1.7, generator=g),
    ),
    "uniform of no width": (FLOATS, lambda g, s, d: g.uniform(s, d, 2, 2), lambda g, t: t.uniform_(2, 2, generator=g)),
    "normal": (FLOATS, lambda g, s, d: g.normal(s, d), lambda g, t: t.normal_(generator=g)),
    "normal scaled": (
        FLOATS,
        lambda g, s, d: g.normal(s, d, -1.3, 0.7),
        lambda g, t: t.normal_(-1.3, 0.7, generator=g),
    ),
    "normal of no width": (FLOATS, lambda g, s, d: g.normal(s, d, 3, 0), lambda g, t: t.normal_(3, 0, generator=g)),
    "log_normal": (FLOATS, lambda g, s, d: g.log_normal(s, d), lambda g, t: t.log_normal_(generator=g)),
    "log_normal scaled": (
        FLOATS,
        lambda g, s, d: g.log_normal(s, d, 0.2, 0.5),
        lambda g, t: t.log_normal_(0.2, 0.5, generator=g),
    ),
    "log_normal too large": (
        FLOATS,
        lambda g, s, d: g.log_normal(s, d, 700, 20),
        lambda g, t: t.log_normal_(700, 20, generator=g),
    ),
    "exponential": (FLOATS, lambda g, s, d: g.exponential(s, d), lambda g, t: t.exponential_(generator=g)),
    "exponential scaled": (
        FLOATS,
        lambda g, s, d: g.exponential(s, d, 2.7),
        lambda g, t: t.exponential_(2.7, generator=g),
    ),
    "cauchy": (FLOATS, lambda g, s, d: g.cauchy(s, d), lambda g, t: t.cauchy_(generator=g)),
    "cauchy scaled": (FLOATS, lambda g, s, d: g.cauchy(s, d, 0.3, 1.9), lambda g, t: t.cauchy_(0.3, 1.9, generator=g)),
    "geometric": (
        INTEGERS + FLOATS,
        lambda g, s, d: g.geometric(s, d, 0.3),
        lambda g, t: t.geometric_(0.3, generator=g),
    ),
    "bernoulli": (DTYPES, lambda g, s, d: g.bernoulli(s, d, 0.3), lambda g, t: t.bernoulli_(0.3, generator=g)),
    "bernoulli never": (DTYPES, lambda g, s, d: g.bernoulli(s, d, 0), lambda g, t: t.bernoulli_(0, generator=g)),
    "bernoulli always": (DTYPES, lambda g, s, d: g.bernoulli(s, d, 1), lambda g, t: t.bernoulli_(1, generator=g)),
    "integers": (
        DTYPES[1:],
        lambda g, s, d: g.integers(s, d, 0, 100),
        lambda g, t: t.random_(0, 100, generator=g),
    ),
    "bits": (DTYPES, lambda g, s, d: g.integers(s, d, 0, 2), lambda g, t: t.random_(2, generator=g)),
    "integers from 1 on": (
        DTYPES,
        lambda g, s, d: g.integers(s, d, 1, None),
        lambda g, t: t.random_(1, None, generator=g),
    ),
    "full range": (DTYPES, lambda g, s, d: g.full_range(s, d), lambda g, t: t.random_(generator=g)),
}
FROM_MKL = {"exponential", "exponential scaled", "bernoulli", "bernoulli never", "bernoulli always"}


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(name, dtype, marks=[not_from_mkl] if name in FROM_MKL else [])
        for name, (dtypes, _, _) in FILLS.items()
        for dtype in dtypes
    ],
)
def test_fills_equal_torch(pair, name, dtype):
    ours, theirs = pair
    _, draw, fill = FILLS[name]
    for shape in SHAPES:
        assert_same(draw(ours, shape, numpy_dtype(dtype)), fill(theirs, torch_empty(shape, dtype)))
    assert_same_state(ours, theirs)


@pytest.mark.parametrize("p", [0, 1, 0.5, 0.25, 0.3, 0.7, 1 / 3, 1 - 2**-53, 2**-53, 2**-40, 1e-300, 5e-324])
def test_comparing_uniform_numbers_in_integers(p):
    drawn, compared = Generator().manual_seed(3), Generator().manual_seed(3)
    assert np.array_equal(compared.unit_less(5000, p), drawn.unit(5000, np.float64) < p)
    assert np.array_equal(compared.get_state(), drawn.get_state())


def test_a_uniform_number_just_at_the_probability():
    """Where the upper 21 bits of number and probability are equal, the other 32 decide."""
    for number in Generator().manual_seed(3).unit(50, np.float64):
        for p in (number, np.nextafter(number, 1), np.nextafter(number, 0)):
            drawn, compared = Generator().manual_seed(3), Generator().manual_seed(3)
            assert np.array_equal(compared.unit_less(50, float(p)), drawn.unit(50, np.float64) < p)


@pytest.mark.parametrize("dtype", FLOATS)
def test_many_normals_equal_torch(pair, dtype):
    ours, theirs = pair
    assert_same(ours.normal((100_003,), numpy_dtype(dtype)), torch.randn(100_003, dtype=dtype, generator=theirs))


LAYOUTS = {
    "transposed": lambda d: torch.empty(5, 7, dtype=d).t(),
    "small transposed": lambda d: torch.empty(2, 3, dtype=d).t(),
    "one row transposed": lambda d: torch.empty(1, 20, dtype=d).t(),
    "every other": lambda d: torch.empty(6, 14, dtype=d)[:, ::2],
    "permuted": lambda d: torch.empty(2, 3, 4, dtype=d).permute(1, 2, 0),
    "channels last": lambda d: torch.empty(2, 3, 4, 5, dtype=d).to(memory_format=torch.channels_last),
    "a column": lambda d: torch.empty(40, 3, dtype=d)[:, 1],
    "large transposed": lambda d: torch.empty(50, 31, dtype=d).t(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_targets_of_any_layout_are_filled_in_the_order_of_their_memory(pair, layout, dtype):
    ours, theirs = pair
    for name in ("normal", "uniform", "normal scaled", "full range", "normal"):
        target, result = LAYOUTS[layout](dtype), LAYOUTS[layout](dtype).numpy()
        mine = in_memory_order(result)
        if name.startswith("normal"):
            mean, std = (-1.3, 0.7) if "scaled" in name else (0.0, 1.0)
            mine[...] = ours.normal(mine.shape, mine.dtype, mean, std, contiguous=target.is_contiguous())
        else:
            mine[...] = FILLS[name][1](ours, mine.shape, mine.dtype)
        assert_same(result, FILLS[name][2](theirs, target))
    assert_same_state(ours, theirs)


@pytest.mark.parametrize("seed", range(3))
@not_from_mkl
def test_any_succession_of_calls_equals_torch(seed):
    ours, theirs = Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    choose = random.Random(seed)
    for _ in range(150):
        name = choose.choice(list(FILLS))
        dtypes, draw, fill = FILLS[name]
        dtype, shape = choose.choice(dtypes), choose.choice(SHAPES[:-2])
        assert_same(draw(ours, shape, numpy_dtype(dtype)), fill(theirs, torch_empty(shape, dtype)))
    assert_same_state(ours, theirs)


RANGES = [
    (0, 1),
    (-5, 5),
    (0, 2**24),
    (0, 2**28 - 1),
    (0, 2**28),
    (-(2**31), 2**31),
    (7, 2**32 + 7),
    (0, 2**32 - 1),
    (-(2**40), 2**40 + 1),
    (-(2**63), 2**63 - 1),
    (-(2**63) + 1, None),
    (-(2**63), None),
    (-1, None),
    (2**30, None),
    (0, 65504),
    (0, 65505),
    (0, 100_000),
    (-4097, 4099),
    (-(2**24) - 3, 2**24 + 5),
    (2**25 + 3, 2**26 + 7),
    (-(2**60) - 12345, 2**60 + 12345),
    (5, 5),
    (6, 5),
    (2**24 + 1, 2**24 + 2),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.filterwarnings("ignore:.*is out of bounds")
def test_integers_of_any_range_equal_torch_or_raise_as_torch(pair, dtype):
    ours, theirs = pair
    for low, high in RANGES:
        target = torch.empty(37, dtype=dtype)
        try:
            target.random_(low, high, generator=theirs)
        except (RuntimeError, NotImplementedError):
            with pytest.raises(RuntimeError):
                ours.integers((37,), numpy_dtype(dtype), low, high)
        else:
            assert_same(ours.integers((37,), numpy_dtype(dtype), low, high), target)
    assert_same_state(ours, theirs)


def test_integers_warn_where_floats_have_gaps(pair):
    with pytest.warns(UserWarning, match=r"to - 1 is out of bounds \[-\(2\^24\), 2\^24\]"):
        pair[0].integers((3,), np.float32, 0, 2**25)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 10, 100, 625, 1437, 60_000])
def test_permutations_equal_torch(pair, n):
    ours, theirs = pair
    for _ in range(3):
        assert_same(ours.permutation(n), torch.randperm(n, generator=theirs))
    assert_same_state(ours, theirs)


def test_impossible_permutations_are_refused(pair):
    with pytest.raises(RuntimeError, match="negative dimension -1"):
        pair[0].permutation(-1)
    with pytest.raises(NotImplementedError, match="expected fewer than 214748364 numbers, got 214748364"):
        pair[0].permutation(214_748_364)


@pytest.mark.parametrize("of_p", FLOATS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_bernoulli_with_an_array_of_probabilities_equals_torch(pair, dtype, of_p):
    ours, theirs = pair
    p = torch.linspace(0, 1, 60, dtype=torch.float64).to(of_p)
    for chosen, shape in ((p, (60,)), (p, (9, 60)), (p[:5, None], (5, 7)), (p[7], (4, 5)), (p[7], ()), (p[:0], (0,))):
        drawn = ours.bernoulli(shape, numpy_dtype(dtype), np.asarray(chosen.numpy()))
        assert_same(drawn, torch_empty(shape, dtype).bernoulli_(chosen, generator=theirs))
    assert_same(ours.bernoulli((60,), p.numpy().dtype, p.numpy()), torch.bernoulli(p, generator=theirs))
    assert_same_state(ours, theirs)


@pytest.mark.parametrize("dtype", FLOATS)
@not_from_mkl
def test_dropout_equals_torch(dtype):
    torch.manual_seed(5)
    ours = Generator().manual_seed(5)
    for p in (0.5, 0.0, 0.1, 1.0, 0.3, 1 / 3, 0.999):
        for shape in ((), (0,), (7,), (20, 30)):
            ones = torch.ones(shape, dtype=dtype, requires_grad=p == 0.3)
            assert_same(ours.dropout(shape, numpy_dtype(dtype), p), torch.nn.functional.dropout(ones, p).detach())
    assert_same_state(ours, torch.default_generator)


@pytest.mark.parametrize(
    "layout",
    [
        lambda: torch.ones(5, 7).t(),
        lambda: torch.ones(5, 14)[:, ::2].t(),
        lambda: torch.ones(7, 1).expand(7, 5),
        lambda: torch.ones(1, 5).expand(7, 5),
        lambda: torch.ones(3, 1, 4).permute(2, 0, 1).expand(4, 3, 6),
        lambda: torch.ones(2, 3, 4, 4).to(memory_format=torch.channels_last),
        lambda: torch.ones(1, 3, 4).permute(2, 0, 1),
        lambda: torch.ones(()).expand(3, 4),
        lambda: torch.ones(2, 3, 4).transpose(0, 2)[::2],
    ],
)
@not_from_mkl
def test_dropout_is_drawn_in_the_order_of_the_inputs_memory(layout):
    x = layout()
    torch.manual_seed(5)
    expected = torch.nn.functional.dropout(x, 0.5)
    result = dense_like(x.numpy())
    assert result.strides == torch.empty_like(x).numpy().strides
    view = in_memory_order(result)
    view[...] = Generator().manual_seed(5).dropout(view.shape, view.dtype, 0.5)
    assert_same(result, expected)


@pytest.mark.parametrize("dtype", FLOATS)
@not_from_mkl
def test_multinomial_equals_torch(pair, dtype):
    ours, theirs = pair
    weights = torch.from_numpy(np.random.RandomState(0).random_sample((6, 50)) + 0.01).to(dtype)
    weights[2, 10:40] = 0
    for p in (
        weights,
        weights[0],
        weights[2],
        weights[:, :1],
        weights[:, :30].t(),
        weights[0, ::2],
        weights[:0],
        weights[1].expand(3, 50),
    ):
        samples = [(1, False), (1, True), (3, True), (200, True)]
        if dtype != torch.float16:  # whose quotients coincide too often
            samples.append((min(15, p.shape[-1]), False))
        for count, replacement in samples:
            theirs_drawn = torch.multinomial(p, count, replacement, generator=theirs)
            assert_same(ours.multinomial(p.numpy(), count, replacement), theirs_drawn)
    assert_same_state(ours, theirs)


def test_multinomial_without_replacement_in_float16_draws_different_places(pair):
    drawn = pair[0].multinomial(np.ones((4, 20), np.float16), 20)
    np.testing.assert_array_equal(np.sort(drawn), np.broadcast_to(np.arange(20), (4, 20)))


@pytest.mark.parametrize(
    ("weights", "samples", "replacement"),
    [
        ([], 1, False),
        ([], 2, True),
        ([1.0, 1.0], 3, False),
        ([1.0, 1.0], 0, True),
        ([1.0, -1.0], 1, False),
        ([1.0, -1.0], 2, True),
        ([1.0, math.nan], 1, False),
        ([1.0, math.inf], 2, True),
        ([0.0, 0.0], 1, False),
        ([[1.0, 1.0], [0.0, 0.0]], 2, True),
        (1.0, 1, False),
        ([[[1.0]]], 1, False),
        ([1, 1], 1, False),
    ],
)
def test_multinomial_raises_as_torch(pair, weights, samples, replacement):
    ours, theirs = pair
    tensor = torch.tensor(weights)
    with pytest.raises(RuntimeError):
        torch.multinomial(tensor, samples, replacement, generator=theirs)
    with pytest.raises(RuntimeError):
        ours.multinomial(tensor.numpy(), samples, replacement)
    assert_same_state(ours, torch.Generator().manual_seed(2024))


f32, i64 = torch.float32, torch.int64


@pytest.mark.parametrize(
    ("call", "dtype", "arguments", "match"),
    [
        ("uniform", i64, (), "not implemented for"),
        ("uniform", f32, (2, 1), r"\[from, to\) range, but found from=2 > to=1"),
        ("uniform", f32, (-3e38, 3e38), "exceed the limit"),
        ("uniform", f32, (0, 1e39), "to is out of bounds for"),
        ("uniform", f32, (math.nan, 1), "from is out of bounds for"),
        ("uniform", torch.float16, (0, 70000), "to is out of bounds for"),
        ("uniform", torch.float16, (-60000, 60000), "exceed the limit"),
        ("normal", i64, (), "not implemented for"),
        ("normal", f32, (0, -1), "expects std >= 0.0, but found std -1"),
        ("normal", f32, (0, math.nan), "expects std >= 0.0, but found std nan"),
        ("log_normal", i64, (), "not implemented for"),
        ("log_normal", f32, (0, 0), "expects std > 0.0, but found std=0"),
        ("exponential", i64, (), "continuous probability distribution"),
        ("exponential", f32, (0,), "expects lambda > 0.0, but found lambda=0"),
        ("cauchy", i64, (), "continuous probability distribution"),
        ("cauchy", f32, (0, 0), "expects sigma > 0.0, but found sigma=0"),
        ("geometric", torch.bool, (0.5,), "not implemented for"),
        ("geometric", f32, (1,), r"expects p to be in \(0, 1\), but got p=1"),
        ("bernoulli", f32, (1.5,), r"expects p to be in \[0, 1\], but got p=1.5"),
        ("bernoulli", f32, (math.nan,), r"expects p to be in \[0, 1\], but got p=nan"),
        ("bernoulli", f32, (torch.tensor([0.5, 2, 0.1]),), "Expected p_in >= 0 && p_in <= 1"),
        ("bernoulli", f32, (torch.tensor([0.5, math.nan, 0.1]),), "Expected p_in >= 0 && p_in <= 1"),
        ("bernoulli", f32, (torch.tensor([0.5, 0.1]),), "must match the existing size"),
        ("bernoulli", f32, (torch.tensor([1, 1, 0]),), "not implemented for"),
    ],
)
def test_bad_arguments_raise_as_torch(call, dtype, arguments, match):
    target = torch.empty(3, dtype=dtype)
    with pytest.raises(RuntimeError, match=match) as theirs:
        getattr(target, call + "_")(*arguments)
    mine = [a.numpy() if isinstance(a, torch.Tensor) else a for a in arguments]
    ours = Generator()
    with pytest.raises(theirs.type, match=match):
        getattr(ours, call)((3,), numpy_dtype(dtype), *mine)
    assert_same_state(ours, torch.Generator())


def test_dropout_refuses_what_is_no_probability_or_no_float(pair):
    with pytest.raises(RuntimeError, match=r"dropout probability has to be between 0 and 1, but got 1\.5"):
        pair[0].dropout((3,), np.float32, 1.5)
    with pytest.raises(NotImplementedError, match="expected a floating-point dtype"):
        pair[0].dropout((3,), np.int64, 0.5)

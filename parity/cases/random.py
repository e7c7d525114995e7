"""Random numbers, equal for the same seed. Each text draws twice, so that the generator's state after a call counts too."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

PLACES = (
    "torch.empty({})",
    "torch.empty({}, dtype=dtype).transpose(-1, -2)",
    "torch.empty({}, dtype=dtype)[..., ::2]",
    "torch.empty({}, dtype=dtype)",
)


def _size(d: Draw) -> tuple[int, ...]:
    return d.choose(d.shape(), (d.integer(1, 40),), (16,), (15,), (17,), (64,), (5, 7), (1000,))


def _twice(text: str) -> str:
    return f"{text}, torch.rand(3), {text}"


def _target(d: Draw) -> str:
    shape = _size(d)
    return d.choose(*PLACES[: 4 if len(shape) > 1 else 1], PLACES[3]).format(shape or ())


@case("rand", also=["rand_like", "Tensor.uniform_"], exact=True)
def rand(d: Draw) -> str:
    shape, low = _size(d), d.choose(-1.0, 0.0, 2.5)
    return _twice(
        d.choose(
            f"torch.rand({shape})",
            f"torch.rand({shape}, dtype=dtype)",
            f"torch.rand_like(torch.empty({shape}, dtype=dtype))",
            f"{_target(d)}.uniform_()",
            f"{_target(d)}.uniform_({low}, {low + d.choose(1.0, 0.3, 10.0)})",
        )
    )


rand.refuses(
    "torch.rand(-1)",
    "torch.rand('a')",
    "torch.rand(2, dtype=torch.int64)",
    "torch.ones(2).uniform_(1, 0)",
    "torch.ones(2, dtype=torch.int64).uniform_()",
    "torch.rand(2, generator=3)",
)


@case("randn", also=["randn_like", "Tensor.normal_", "normal"], sampled=True)
def randn(d: Draw) -> str:
    shape = _size(d)
    mean, std = d.floats("mean", shape, "normal", grad=False), d.floats("std", shape, "positive", grad=False)
    return _twice(
        d.choose(
            f"torch.randn({shape})",
            f"torch.randn({shape}, dtype=dtype)",
            f"torch.randn_like(torch.empty({shape}, dtype=dtype))",
            f"{_target(d)}.normal_()",
            f"{_target(d)}.normal_({d.choose(-1.0, 5.0)}, {d.choose(0.5, 3.0)})",
            f"torch.normal({d.choose(0.0, 2.0)}, {d.choose(1.0, 0.5)}, {shape})",
            f"torch.normal({mean}, {std})",
            f"torch.normal({mean}, 2.0)",
            f"torch.normal(1.0, {std})",
        )
    )


randn.refuses(
    "torch.randn(-1)",
    "torch.randn(2, dtype=torch.int64)",
    "torch.ones(2).normal_(0, -1)",
    "torch.normal(0.0, -1.0, (2,))",
    "torch.normal('a', 1.0, (2,))",
    "torch.normal(0.0, 1.0)",
    *(
        f"torch.normal({arguments})"
        for arguments in (
            "torch.zeros(2), torch.tensor([1.0, nan])",
            "torch.zeros(2), torch.tensor([-1, 1])",
            "torch.zeros(2), torch.ones(3)",
            "0.0, torch.ones(2, dtype=torch.int32)",
            "0.0, torch.tensor(2)",
            "torch.zeros(2, dtype=torch.int32), torch.ones(2)",
            "0, torch.ones(3), (3,)",
            "torch.zeros(3), 1, (3,)",
            "torch.tensor(0.0, requires_grad=True), 1.0, (3,)",
        )
    ),
)
randn.example(  # with a size, tensors without dimensions are numbers; integers are allowed as standard deviations
    "torch.normal(0, torch.tensor(2), (3,))",
    "torch.normal(torch.tensor(1), torch.tensor(0.5), (2, 2))",
    "torch.normal(torch.zeros(2), torch.tensor(2))",
    "torch.normal(torch.zeros(2, 1), torch.tensor([1, 0, 3]))",
    "torch.normal(torch.zeros(2), torch.tensor([True, False]))",
)


@case("randint", also=["randint_like", "Tensor.random_"], exact=True)
def randint(d: Draw) -> str:
    shape, low = _size(d), d.choose(0, -5, 3)
    high = low + d.choose(1, 2, 10, 1000, 2**31, 2**40)
    small = d.choose("", "", ", dtype=dtype", ", dtype=torch.int32")
    if high > 2**20:
        small = ""
    return _twice(
        d.choose(
            f"torch.randint({low}, {high}, {shape}{small})",
            f"torch.randint({d.choose(1, 10, 256)}, {shape}{small})",
            f"torch.randint_like(torch.zeros({shape}, dtype=torch.int64), {low}, {high})",
            f"torch.randint_like(torch.zeros({shape}, dtype=dtype), 10)",
            f"torch.empty({shape}, dtype=torch.int64).random_({low}, {high})",
            f"torch.empty({shape}, dtype=torch.int64).random_({d.choose(2, 100)})",
            f"torch.empty({shape}, dtype={d.choose('dtype', 'torch.int64', 'torch.int32', 'torch.uint8')}).random_()",
        )
    )


randint.refuses(
    "torch.randint(5, 5, (2,))",
    "torch.randint(5, 2, (2,))",
    "torch.randint(0, (2,))",
    "torch.randint(3)",
    "torch.ones(2).random_(5, 2)",
)


@case("randperm", exact=True)
def randperm(d: Draw) -> str:
    return _twice(
        f"torch.randperm({d.choose(d.integer(0, 30), 1, 100, 1437)}{d.choose('', '', ', dtype=torch.int32', ', dtype=dtype')})"
    )


randperm.refuses("torch.randperm(-1)", "torch.randperm('a')", "torch.randperm(300, dtype=torch.uint8)")


@case("bernoulli", also=["Tensor.bernoulli_", "Tensor.bernoulli"], exact=True)
def bernoulli(d: Draw) -> str:
    shape = _size(d)
    p = d.floats("p", shape, "unit", grad=False)
    return _twice(
        d.choose(
            f"torch.bernoulli({p})",
            f"{p}.bernoulli()",
            f"{_target(d)}.bernoulli_({d.choose(0.5, 0.0, 1.0, 0.3)})",
            f"torch.empty({shape}, dtype=dtype).bernoulli_({p})",
            f"torch.empty({shape}, dtype=dtype).bernoulli_({d.floats('q', shape, 'unit')})",
            f"{_target(d)}.bernoulli_()",
        )
    )


bernoulli.refuses(
    "torch.bernoulli(torch.tensor([1.5]))", "torch.bernoulli(torch.tensor([1]))", "torch.ones(2).bernoulli_(-0.5)"
)


@case("multinomial", also=["Tensor.multinomial"], exact=True)
def multinomial(d: Draw) -> str:
    shape = (*d.choose((), (), (d.integer(1, 4),)), d.integer(2, 9))
    p = d.floats("p", shape, "positive", grad=False, layout="contiguous")
    replaced = d.flag()
    return _twice(d.spell("multinomial", p, d.integer(1, 20 if replaced else shape[-1]), f"replacement={replaced}"))


multinomial.refuses(
    "torch.multinomial(torch.ones(3), 4)",
    "torch.multinomial(torch.tensor([-1.0, 1.0]), 1)",
    "torch.multinomial(torch.zeros(3), 1)",
    "torch.multinomial(torch.ones(3), 0)",
    "torch.multinomial(torch.ones(1, 2, 3), 1)",
    "torch.multinomial(torch.tensor([1, 2]), 1)",
)


@case("Tensor.exponential_", also=["Tensor.geometric_", "Tensor.cauchy_", "Tensor.log_normal_"], sampled=True)
def exponential(d: Draw) -> str:
    name = d.choose("exponential_", "geometric_", "cauchy_", "log_normal_")
    arguments = {
        "exponential_": ("", "2.0"),
        "geometric_": ("0.3", "0.9"),
        "cauchy_": ("", "1.0, 2.0"),
        "log_normal_": ("", "0.5, 0.25"),
    }[name]
    return _twice(f"torch.empty({_size(d)}, dtype=dtype).{name}({d.choose(*arguments)})")


exponential.refuses(
    "torch.ones(2).exponential_(-1.0)",
    "torch.ones(2).geometric_(1.5)",
    "torch.ones(2).log_normal_(0, -1.0)",
    "torch.ones(2, dtype=torch.int64).exponential_()",
)


@case(
    "Generator",
    also=["manual_seed", "get_rng_state", "set_rng_state", "seed", "initial_seed", "default_generator"],
    exact=True,
)
def generator(d: Draw) -> str:
    seed, shape = d.choose(d.integer(0, 2**31), 2**32 + 5, 2**63 - 1, -3), _size(d)
    return d.choose(
        f"g = torch.Generator().manual_seed({seed})\nout = torch.rand({shape}, generator=g), torch.randperm(9, generator=g), g.initial_seed()",
        f"torch.manual_seed({seed})\nout = torch.rand({shape}), torch.initial_seed()",
        f"torch.manual_seed({seed})\nstate = torch.get_rng_state()\na = torch.rand({shape})\ntorch.set_rng_state(state)\nout = a, torch.rand({shape}), state.dtype",
        f"g = torch.Generator()\ng.manual_seed({seed})\ns = g.get_state()\na = torch.randint(9, {shape}, generator=g)\ng.set_state(s)\nout = a, torch.randint(9, {shape}, generator=g), g.device",
        f"torch.default_generator.manual_seed({seed})\nout = torch.rand({shape})",
        "n = torch.seed()\na = torch.rand(3)\ntorch.manual_seed(n)\nout = bool((a == torch.rand(3)).all()), n == torch.initial_seed()",
    )


generator.refuses(
    "torch.manual_seed('a')",
    "torch.set_rng_state(torch.ones(3))",
    "torch.set_rng_state(torch.zeros(3, dtype=torch.uint8))",
    "torch.Generator(device='nowhere')",
)

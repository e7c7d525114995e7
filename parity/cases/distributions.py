"""Probability distributions: densities, moments, divergences; and draws, equal for the same seed."""

from __future__ import annotations

from string import Template

from parity.compare.case import case
from parity.compare.draw import Draw, Shape

PLAIN = ("mean", "variance", "stddev", "mode", "entropy()", "perplexity()")


def _normal(d: Draw, shape: Shape, name: str) -> str:
    loc, scale = (
        d.floats(f"{name}_loc", d.broadcastable(shape), "normal|zeros"),
        d.floats(f"{name}_scale", shape, (0.1, 3.0)),
    )
    loc_scale = d.choose((loc, scale), (loc, scale), (0.5, scale), (loc, 2))
    return f"torch.distributions.Normal({loc_scale[0]}, {loc_scale[1]})"


def _uniform(d: Draw, shape: Shape, name: str) -> str:
    low, high = (
        d.floats(f"{name}_low", d.broadcastable(shape), (-3.0, 0.5)),
        d.floats(f"{name}_high", shape, (1.0, 4.0)),
    )
    ends = d.choose((low, high), (low, high), (-1, high), (low, 2.5))
    return f"torch.distributions.Uniform({ends[0]}, {ends[1]})"


def _bernoulli(d: Draw, shape: Shape, name: str) -> str:
    p, logits = d.floats(f"{name}_p", shape, (0.0, 1.0)), d.floats(f"{name}_logits", shape, "normal|zeros|big")
    return f"torch.distributions.Bernoulli({d.choose(f'probs={p}', f'logits={logits}')})"


def _categorical(d: Draw, shape: Shape, name: str) -> str:
    shape = (*shape, d.integer(1, 6))
    p, logits = d.floats(f"{name}_p", shape, (0.05, 2.0)), d.floats(f"{name}_logits", shape, "normal|zeros|big")
    d.terms = max(d.terms, shape[-1])
    return f"torch.distributions.Categorical({d.choose(f'probs={p}', f'logits={logits}')})"


def _expanded(d: Draw, made: str, shape: Shape) -> str:
    return d.choose(made, made, f"{made}.expand({(2, *shape)})") if "=" in made else made


@case("distributions.Normal")
def normal(d: Draw) -> str:
    shape = d.shape(most=2)
    made, value = _normal(d, shape, "a"), d.floats("value", shape, "normal|zeros")
    return f"{made}.{d.choose(f'log_prob({value})', f'cdf({value})', f'icdf(torch.sigmoid({value}))', *PLAIN)}"


@case("distributions.Uniform")
def uniform(d: Draw) -> str:
    shape = d.shape(most=2)
    made, value = _uniform(d, shape, "a"), d.floats("value", shape, (0.55, 0.95))
    return f"{made}.{d.choose(f'log_prob({value})', f'cdf({value})', f'icdf({value})', *PLAIN)}"


@case("distributions.Bernoulli")
def bernoulli(d: Draw) -> str:
    shape = d.shape(most=2)
    made = _expanded(d, _bernoulli(d, shape, "a"), shape)
    value = d.integers("value", shape, 0, 2)
    return f"{made}.{d.choose(f'log_prob({value}.to(dtype))', 'logits', 'probs', 'enumerate_support()', *PLAIN)}"


@case("distributions.Categorical")
def categorical(d: Draw) -> str:
    shape = d.shape(most=2, empty=False)
    made = _expanded(d, _categorical(d, shape, "a"), shape)
    value = d.choose("torch.tensor(0)", "torch.zeros(4, 1, " + "1, " * len(shape) + "dtype=torch.int64)")
    return f"{made}.{d.choose(f'log_prob({value})', 'logits', 'probs', 'enumerate_support()', *PLAIN)}"


@case("distributions.kl_divergence")
def kl_divergence(d: Draw) -> str:
    shape = d.shape(most=2, empty=False)
    family = d.choose(_normal, _uniform, _bernoulli, _categorical)
    p = family(d, shape, "p")
    d.terms = max(2 * d.terms, 4)  # a divergence near 0 is a sum of probabilities times logarithms, which cancel
    if family is _categorical:  # over the same number of classes
        q = p.replace("p_p", "p_p.flip(-1)").replace("p_logits", "(-p_logits)")
        return f"torch.distributions.kl_divergence({p}, {q})"
    return f"torch.distributions.kl_divergence({p}, {family(d, shape, 'q')})"


@case("distributions.Distribution.sample", also=["distributions.Distribution.rsample"], sampled=True)
def draws(d: Draw) -> str:
    shape = d.shape(most=2, empty=False)
    family = d.choose(_normal, _uniform, _bernoulli, _categorical)
    d.gradient_terms = 100
    made, method = family(d, shape, "a"), d.choose("sample", "rsample") if family in (_normal, _uniform) else "sample"
    return f"{made}.{method}({d.choose('', '(3,)', '(2, 5)', '(40,)')}), torch.rand(2)"


draws.example(  # torch draws in the order of the memory of the probabilities
    "torch.distributions.Categorical(logits=x.detach().t()).sample()",
    "torch.distributions.Categorical(logits=x.detach().t()).sample((3,))",
    "torch.distributions.Bernoulli(logits=x.detach().t()).sample((3,))",
    "torch.distributions.Normal(x.detach().t(), 1.0).sample((3,))",
    "torch.distributions.Uniform(x.detach().t() - 9, x.detach().t() + 9).sample((3,))",
    x=(3, 4),
)
normal.refuses(
    "torch.distributions.Normal(0.0, 0.0)",
    "torch.distributions.Normal(torch.ones(2), torch.ones(3))",
    "torch.distributions.Normal(nan, 1.0)",
    "torch.distributions.Normal(0.0, 1.0).log_prob(1.0)",
    "torch.distributions.Normal(torch.zeros(3), 1.0).log_prob(torch.zeros(2))",
)
uniform.refuses(
    "torch.distributions.Uniform(1.0, 1.0)",
    "torch.distributions.Uniform(0.0, 1.0).log_prob(torch.tensor(2.0))",
    "torch.distributions.Uniform('a', 1.0)",
)
bernoulli.refuses(
    "torch.distributions.Bernoulli()",
    "torch.distributions.Bernoulli(0.5, 0.5)",
    "torch.distributions.Bernoulli(1.5)",
    "torch.distributions.Bernoulli(0.5).log_prob(torch.tensor(0.5))",
    "torch.distributions.Bernoulli(0.5).rsample()",
)
categorical.refuses(
    "torch.distributions.Categorical()",
    "torch.distributions.Categorical(torch.tensor(1.0))",
    "torch.distributions.Categorical(torch.tensor([0.5, -0.1]))",
    "torch.distributions.Categorical(torch.ones(3)).log_prob(torch.tensor(3))",
    "torch.distributions.Categorical(torch.ones(3)).log_prob(torch.tensor(0.5))",
)
kl_divergence.refuses(
    "torch.distributions.kl_divergence(torch.distributions.Normal(0, 1), torch.distributions.Bernoulli(0.5))",
    "torch.distributions.kl_divergence(torch.ones(2), torch.ones(2))",
)


DISTRIBUTION = """class Point(torch.distributions.Distribution):
    arg_constraints = {}

    def __init__(self, at):
        self.at = at
        super().__init__(at.shape[:$BATCH], at.shape[$BATCH:], validate_args=False)

    def sample(self, sample_shape=()):
        return self.at.expand(self._extended_shape(torch.Size(sample_shape)))

    def log_prob(self, value):
        return torch.where(value == self.at, 0.0, -inf)

class Far(Point):
    pass

@torch.distributions.register_kl(Point, Point)
def kl(p, q):
    return (p.at - q.at).abs()

p, q = Point($X), Far($Y)
kl_divergence = torch.distributions.kl_divergence
out = p.sample($SHAPE), p.log_prob(p.at), p.batch_shape, p.event_shape, kl_divergence(p, q), kl_divergence(q, q)"""


@case("distributions.Distribution", also=["distributions.register_kl"])
def distribution(d: Draw) -> str:
    shape = d.shape(least=1, most=3, elements=40)
    x, y = d.floats("x", shape), d.floats("y", shape)
    d.terms, d.gradient_terms = 2, 6
    batch, more = d.integer(0, len(shape)), d.choose("", "(3,)", "(2, 1)")
    return Template(DISTRIBUTION).substitute(X=x, Y=y, BATCH=batch, SHAPE=more)


distribution.refuses(
    "torch.distributions.Distribution(validate_args=False).sample()",
    "torch.distributions.Distribution(validate_args=False).log_prob(torch.ones(1))",
    "torch.distributions.Distribution(validate_args=False).mean",
    "torch.distributions.Distribution(validate_args=False).entropy()",
    "torch.distributions.Distribution(validate_args=False).expand((2,))",
)

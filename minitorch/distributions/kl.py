"""The Kullback–Leibler divergence KL(p‖q) = ∫ p ln(p/q), in closed form for pairs of families."""

from __future__ import annotations

import math
from collections.abc import Callable

from minitorch._tensor import Tensor
from minitorch.distributions.bernoulli import Bernoulli
from minitorch.distributions.categorical import Categorical
from minitorch.distributions.distribution import Distribution
from minitorch.distributions.normal import Normal
from minitorch.distributions.uniform import Uniform
from minitorch.functions.creation import full_like
from minitorch.nn.functional import softplus

Formula = Callable[..., Tensor]
_FORMULAS: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """Decorate a function of (p, q) that computes the divergence between distributions of these families.

    Raises:
        TypeError: if a class is not a subclass of `Distribution`.
    """
    for name, family in (("type_p", type_p), ("type_q", type_q)):
        if not (isinstance(family, type) and issubclass(family, Distribution)):
            raise TypeError(f"Expected {name} to be a Distribution subclass but got {family}")

    def register(formula: Formula) -> Formula:
        _FORMULAS[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p‖q), of shape ``batch_shape``; of several formulas that fit, the one for the nearest base classes is used.

    Raises:
        NotImplementedError: if there is no formula for the two families.
    """
    for family_p in type(p).__mro__:
        for family_q in type(q).__mro__:
            if (family_p, family_q) in _FORMULAS:
                return _FORMULAS[family_p, family_q](p, q)
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
    )


@register_kl(Normal, Normal)
def _normal_normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


@register_kl(Bernoulli, Bernoulli)
def _bernoulli_bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    one = one.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0)
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return one + zero.masked_fill(q.probs == 1, math.inf).masked_fill(p.probs == 1, 0)


@register_kl(Categorical, Categorical)
def _categorical_categorical(p: Categorical, q: Categorical) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    return terms.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0).sum(-1)


@register_kl(Uniform, Uniform)
def _uniform_uniform(p: Uniform, q: Uniform) -> Tensor:
    inside = ((q.high - q.low) / (p.high - p.low)).log()
    return inside.masked_fill((q.low > p.low) | (q.high < p.high), math.inf)


@register_kl(Uniform, Normal)
def _uniform_normal(p: Uniform, q: Normal) -> Tensor:
    width = p.high - p.low
    offset = ((p.high + p.low - 2 * q.loc) / 2).pow(2)
    return (math.sqrt(math.pi * 2) * q.scale / width).log() + 0.5 * (width.pow(2) / 12 + offset) / q.scale.pow(2)


@register_kl(Normal, Uniform)
def _normal_uniform(p: Normal, q: Uniform) -> Tensor:
    return full_like(p.loc, math.inf)

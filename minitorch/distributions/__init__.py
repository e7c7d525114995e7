"""Probability distributions: draws, densities, entropies and divergences, batched and differentiable as in torch.

Imported when it is first used: ``minitorch.distributions``.
"""

from minitorch.distributions import constraints
from minitorch.distributions.bernoulli import Bernoulli
from minitorch.distributions.categorical import Categorical
from minitorch.distributions.distribution import Distribution
from minitorch.distributions.kl import kl_divergence, register_kl
from minitorch.distributions.normal import Normal
from minitorch.distributions.uniform import Uniform

__all__ = [
    "Bernoulli",
    "Categorical",
    "Distribution",
    "Normal",
    "Uniform",
    "constraints",
    "kl_divergence",
    "register_kl",
]

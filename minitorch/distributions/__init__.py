"""Probability distributions: draws, densities, entropies and divergences, batched and differentiable as in torch.

Imported when it is first used: ``minitorch.distributions``.
"""

import sys as _sys
import typing as _typing

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

if not _typing.TYPE_CHECKING:  # for a type checker a name that is not here is an error

    def __getattr__(name: str) -> _typing.Any:
        """The error for a name that is not here, with the nearest."""
        from minitorch.near_names import no_attribute

        raise no_attribute(_sys.modules[__name__], name)

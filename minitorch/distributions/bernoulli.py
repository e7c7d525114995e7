"""The Bernoulli distribution: 1 with probability p, else 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from minitorch._tensor import Size, Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.distributions import constraints
from minitorch.distributions.distribution import Distribution, broadcast_all, lazy_property
from minitorch.dtypes import finfo
from minitorch.functions import random
from minitorch.functions.creation import arange
from minitorch.nn.functional import binary_cross_entropy_with_logits

Parameter = TypeVar("Parameter", bound=Tensor | float)


def one_of(probs: Parameter | None, logits: Parameter | None) -> tuple[str, Parameter]:
    """The parameter that was given, with its name.

    Raises:
        ValueError: if both were given, or neither.
    """
    if probs is not None and logits is None:
        return "probs", probs
    if logits is not None and probs is None:
        return "logits", logits
    raise ValueError("Either `probs` or `logits` must be specified, but not both.")


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities clipped to [ε, 1 - ε], for the machine epsilon ε of their dtype."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


class Bernoulli(Distribution):
    """1 with probability `probs`, else 0; `logits` = ln (p / (1 - p)) may be given instead.

    Args:
        probs: the probability of 1, a tensor or a number.
        logits: the log-odds of 1, a tensor or a number.
        validate_args: see `Distribution`.

    Raises:
        ValueError: if both are given or neither, or a probability is outside [0, 1].
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}  # noqa: RUF012 - as in torch
    support = constraints.boolean
    has_enumerate_support = True

    def __init__(
        self,
        probs: Tensor | float | None = None,
        logits: Tensor | float | None = None,
        validate_args: bool | None = None,
    ) -> None:
        name, value = one_of(probs, logits)
        (self.__dict__[name],) = broadcast_all(value)
        super().__init__(self._param.shape, validate_args=validate_args)

    @lazy_property
    def probs(self) -> Tensor:
        """The probability of 1."""
        return self.logits.sigmoid()

    @lazy_property
    def logits(self) -> Tensor:
        """The log-odds of 1, finite also where the probability is 0 or 1."""
        p = clamp_probs(self.probs)
        return p.log() - (-p).log1p()

    @property
    def _param(self) -> Tensor:
        return self.__dict__[self._given()[0]]

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        mode = (self.probs >= 0.5).to(self.probs)
        return mode.masked_fill(self.probs == 0.5, math.nan)

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    @no_grad()
    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        return random.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """value · ln p + (1 - value) · ln (1 - p)."""
        self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Tensor:
        """-p ln p - (1 - p) ln (1 - p)."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = arange(2, dtype=self._param.dtype, device=self._param.device)
        values = values.view(-1, *(1 for _ in self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values

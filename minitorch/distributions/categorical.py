"""The categorical distribution: one of K classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minitorch._tensor import Size, Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.distributions import constraints
from minitorch.distributions.bernoulli import clamp_probs, one_of
from minitorch.distributions.distribution import Distribution, lazy_property
from minitorch.dtypes import finfo
from minitorch.functions import random
from minitorch.functions.broadcasting import broadcast_tensors
from minitorch.functions.creation import arange, full


class Categorical(Distribution):
    """One of the classes 0 … K-1, with the probabilities in the last dimension of `probs` or of exp(`logits`).

    Args:
        probs: nonnegative weights (…, K); they are divided by their sum.
        logits: logarithms of weights (…, K), any numbers; normalized in the same way.
        validate_args: see `Distribution`.

    Raises:
        ValueError: if both are given or neither, or the parameter has no dimensions or invalid values.
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}  # noqa: RUF012 - as in torch
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        name, value = one_of(probs, logits)
        if value.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if name == "probs":
            self.__dict__[name] = value / value.sum(-1, keepdim=True)
        else:
            self.__dict__[name] = value - value.logsumexp(dim=-1, keepdim=True)
        super().__init__(value.shape[:-1], validate_args=validate_args)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities (…, K)."""
        return self.logits.softmax(-1)

    @lazy_property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities (…, K), finite also where they are 0."""
        return clamp_probs(self.probs).log()

    @property
    def _param(self) -> Tensor:
        return self.__dict__[self._given()[0]]

    @property
    def _num_events(self) -> int:
        return int(self._param.shape[-1])

    @property
    def param_shape(self) -> Size:
        """The shape of the parameter."""
        return self._param.shape

    @property
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Tensor:
        """NaN: classes have no mean."""
        return full(self._extended_shape(), math.nan, dtype=self.probs.dtype, device=self.probs.device)

    @property
    def mode(self) -> Tensor:
        """The most likely class."""
        return self.probs.argmax(dim=-1)

    @property
    def variance(self) -> Tensor:
        """NaN: classes have no variance."""
        return self.mean

    @no_grad()
    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        rows = self.probs.reshape(-1, self._num_events)
        draws = random.multinomial(rows, Size(sample_shape).numel(), True).T
        return draws.reshape(self._extended_shape(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logit of class `value`."""
        self._validate_sample(value)
        index, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, index[..., :1]).squeeze(-1)

    def entropy(self) -> Tensor:
        """-Σ p ln p over the classes."""
        logits = self.logits.clamp(min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = arange(self._num_events, device=self._param.device).view(-1, *(1 for _ in self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values

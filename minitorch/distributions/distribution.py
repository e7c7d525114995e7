"""The base class of distributions: shapes, the checks of parameters and values, expansion, `repr`."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any, Self, TypeVar

from minitorch._tensor import Size, Tensor
from minitorch.autograd.grad_mode import enable_grad, no_grad
from minitorch.distributions.constraints import Constraint
from minitorch.functions.broadcasting import broadcast_tensors
from minitorch.functions.data import tensor

T = TypeVar("T")


def broadcast_all(*values: Tensor | float) -> tuple[Tensor, ...]:
    """Tensors and numbers as tensors of one shape; numbers get the dtype and device of the first tensor.

    Raises:
        ValueError: if one is neither a tensor nor a number.
    """
    for value in values:
        if not isinstance(value, Tensor | int | float):
            raise ValueError(
                f"Input arguments must all be tensors or numbers, but one is of type {type(value).__name__}"
            )
    like = next((value for value in values if isinstance(value, Tensor)), None)
    options: dict[str, Any] = {} if like is None else {"dtype": like.dtype, "device": like.device}
    if like is None:
        values = tuple(float(value) for value in values)
    return tuple(broadcast_tensors(*(v if isinstance(v, Tensor) else tensor(v, **options) for v in values)))


class lazy_property(functools.cached_property[T]):
    """A parameter that is computed from another one when it is first read; recorded even inside `no_grad`."""

    def __get__(self, instance: Any, owner: Any = None) -> T:  # type: ignore[override]  # read from an instance
        if instance is None:
            return self  # type: ignore[return-value]  # read from the class
        with enable_grad():
            return super().__get__(instance, owner)


class Distribution:
    """A batch of independent distributions of one family.

    A draw has the shape ``sample_shape + batch_shape + event_shape``.

    Args:
        batch_shape: the shape of the batch of distributions.
        event_shape: the shape of one draw from one distribution.
        validate_args: whether parameters, and values given to `log_prob` and `cdf`, are checked; None means the
            default, which is to check unless Python runs with ``-O``.

    Raises:
        ValueError: if parameters are checked and one violates its constraint.
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Set the default of `validate_args`.

        Raises:
            ValueError: if `value` is not a boolean.
        """
        if value not in (True, False):
            raise ValueError(f"expected True or False, got {value!r}")
        Distribution._validate_args = value

    def __init__(
        self,
        batch_shape: Sequence[int] = (),
        event_shape: Sequence[int] = (),
        validate_args: bool | None = None,
    ) -> None:
        self._batch_shape = Size(batch_shape)
        self._event_shape = Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if not self._validate_args:
            return
        for name in self._given():
            value, constraint = getattr(self, name), self.arg_constraints[name]
            if not constraint.check(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    def _given(self) -> list[str]:
        """The names of the parameters that the user gave; others are computed when they are read."""
        return [name for name in self.arg_constraints if name in self.__dict__]

    @property
    def arg_constraints(self) -> dict[str, Constraint]:
        """By parameter, its constraint; parameters without one are not checked."""
        return {}

    @property
    def support(self) -> Constraint | None:
        """The constraint that draws satisfy; None if values are not checked."""
        return None

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one draw from one distribution."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        """The mean, of shape ``batch_shape``."""
        raise self._without("mean")

    @property
    def mode(self) -> Tensor:
        """The most likely value; NaN if there are several."""
        raise self._without("mode")

    @property
    def variance(self) -> Tensor:
        """The variance, of shape ``batch_shape``."""
        raise self._without("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, of shape ``batch_shape``."""
        return self.variance.sqrt()

    @no_grad()
    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws, outside the graph."""
        return self.rsample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws that are differentiable functions of the parameters; not every family has them."""
        raise self._without("rsample")

    def sample_n(self, n: int) -> Tensor:
        """The older name for ``sample((n,))``."""
        warnings.warn("`sample_n(n)` will be deprecated. Use `sample((n,))` instead.", FutureWarning, stacklevel=2)
        return self.sample((n,))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, at `value`."""
        raise self._without("log_prob")

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a draw of at most `value`."""
        raise self._without("cdf")

    def icdf(self, value: Tensor) -> Tensor:
        """The inverse of `cdf`."""
        raise self._without("icdf")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution, along dimension 0; with `expand`, for each one of the batch."""
        raise self._without("enumerate_support")

    def entropy(self) -> Tensor:
        """The entropy in nats, of shape ``batch_shape``."""
        raise self._without("entropy")

    def perplexity(self) -> Tensor:
        """The exponential of the entropy."""
        return self.entropy().exp()

    def expand(self, batch_shape: Sequence[int], _instance: Any = None) -> Self:
        """The same distributions, repeated to `batch_shape` without copying.

        Raises:
            NotImplementedError: for the base class, or for a subclass of a family that defines ``__init__`` but not
                `expand`.
        """
        family = next(cls for cls in type(self).__mro__ if "arg_constraints" in cls.__dict__)
        if family is Distribution:
            raise NotImplementedError(f"{type(self).__name__} does not define expand()")
        if _instance is None and type(self).__init__ is not family.__init__:  # type: ignore[misc]  # compared, not called
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {family.__name__} that defines a custom __init__ method must also "
                "define a custom .expand() method."
            )
        new = object.__new__(type(self)) if _instance is None else _instance
        new.__dict__.update({k: v for k, v in self.__dict__.items() if k not in new.__dict__})
        shape = Size(batch_shape)
        for name in self._given():
            parameter = self.__dict__[name]
            last = parameter.shape[parameter.dim() - self.arg_constraints[name].event_dim :]
            new.__dict__[name] = parameter.expand(shape + last)
        new._batch_shape = shape
        return new

    def _without(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} does not implement {what}")

    def _extended_shape(self, sample_shape: Sequence[int] = ()) -> Size:
        return Size(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value: Any) -> None:
        """Raise ValueError if `value` cannot be a draw: not a tensor, of an unfit shape, or outside the support."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError(
                f"The value argument to log_prob must be a Tensor, but it is of type {type(value).__name__}"
            )
        expected = self._batch_shape + self._event_shape
        for actual, wanted in zip(reversed(value.shape), reversed(expected), strict=False):
            if actual != wanted and actual != 1 and wanted != 1:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
                )
        if self.support is not None and not self.support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({self.support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        shown = {name: self.__dict__[name] for name in self._given()}
        texts = (f"{name}: {value if value.numel() == 1 else value.shape}" for name, value in shown.items())
        return f"{type(self).__name__}({', '.join(texts)})"

"""Results that go into given tensors: ``add_`` made from ``add``, and the argument ``out=``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from minitorch.autograd.grad_mode import state
from minitorch.autograd.inplace import check_writable, write
from minitorch.autograd.variable import Variable


def into(out: Any, result: Any) -> Any:
    """What a function with an argument `out=` returns: the result, written into `out` if that is given.

    Raises:
        RuntimeError: if `out` requires a gradient or cannot hold the result.
    """
    if out is None:
        return result
    if out._requires_grad or (result._requires_grad and state.enabled):
        raise RuntimeError(
            "functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad."
        )
    if out._array.shape != result._array.shape:
        out.resize_(result._array.shape)
    return write(out, result, "out=")


def taking_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with torch's keyword argument ``out=`` for its result, or each of its results; methods have none."""

    @functools.wraps(function)
    def with_out(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if out is None:
            return result
        if not isinstance(result, tuple):
            return into(out, result)
        return type(result)(*map(into, out, result))

    own = inspect.signature(function)
    keyword = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)
    parameters = list(own.parameters.values())
    place = next((i for i, p in enumerate(parameters) if p.kind is p.VAR_KEYWORD), len(parameters))
    parameters.insert(place, keyword)
    with_out.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_out


def from_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method that writes a function's result into its first argument."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        operands = (self, *args, *kwargs.values())
        check_writable(self, any(isinstance(a, Variable) and a._requires_grad for a in operands))
        return write(self, function(self, *args, **kwargs), function.__name__)

    method.__wrapped__ = function  # type: ignore[attr-defined]  # whose signature it has
    method.__name__ = method.__qualname__ = function.__name__ + "_"
    method.__doc__ = f"`{function.__name__}` in place: {function.__doc__}"
    return method

"""Running one piece of code with torch and with minitorch, and comparing the results."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

import minitorch
import minitorch.nn
import minitorch.optim
import minitorch.utils.hooks


def both(scenario: Callable[..., Any]) -> Callable[..., None]:
    """A test of a function of a library (and of parametrized arguments): its result is the same with either one."""

    def test(**arguments: Any) -> None:
        expected = plain(scenario(torch, **arguments))
        assert expected is not None
        assert expected != []
        found = plain(scenario(minitorch, **arguments))
        assert found == expected, f"minitorch and torch differ:\n{found}\n{expected}"

    functools.update_wrapper(test, scenario)
    del test.__wrapped__
    parameters = list(inspect.signature(scenario).parameters.values())[1:]
    test.__signature__ = inspect.Signature([p.replace(kind=p.KEYWORD_ONLY) for p in parameters])
    return test


def plain(value: Any) -> Any:
    """`value` in a form that can be compared: texts without their names, tensors as dtype, shape and numbers."""
    if isinstance(value, torch.Tensor | minitorch.Tensor):
        array = value.detach().cpu().numpy()
        return (type(value).__name__, str(value.dtype), array.shape, value.requires_grad, repr(array.tolist()))
    if isinstance(value, str):
        return value.replace("minitorch.", "torch.")
    if isinstance(value, BaseException):
        return (type(value).__name__, plain(str(value)))
    if isinstance(value, Mapping):
        return [(plain(k), plain(v)) for k, v in value.items()]
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if value is None or isinstance(value, bool | int | float | np.generic):
        return value
    if type(value).__module__.split(".")[0] in ("torch", "minitorch"):
        return plain(repr(value))
    return type(value).__name__


def caught(function: Callable[[], Any]) -> Any:
    """The error that `function` raises, or its result."""
    try:
        return function()
    except Exception as error:
        return error

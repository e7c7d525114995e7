"""Overflow, division by zero and invalid operations give infinities and NaN without a warning, as in torch.

NumPy warns of them, or raises, as `np.errstate` says. That setting is the value of one context variable. Entering
``with np.errstate(all="ignore")`` takes longer than adding two small arrays, so functions that are called often set
the variable themselves, or run in a context in which it is set. The caller's own NumPy code keeps the caller's setting.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial, wraps
from typing import Any

import numpy as np


def _handling() -> tuple[ContextVar[Any], Any]:
    """NumPy's context variable, and its value under ``np.errstate(all="ignore")``.

    A NumPy that keeps the setting elsewhere has no such variable: then one is returned that nothing reads.
    """
    outside = copy_context()
    with np.errstate(all="ignore"):
        for variable, value in copy_context().items():
            if outside.get(variable) is not value:
                return variable, value
    return ContextVar("handling", default=None), None


_variable, IGNORE = _handling()
get_handling, set_handling = _variable.get, _variable.set
_silent = Context()
_silent.run(set_handling, IGNORE)


def silent(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with floating-point errors ignored.

    A ufunc of NumPy calls no Python code. So it can run in a context of its own, which costs least. A context serves
    one call at a time: a second thread's call raises RuntimeError, which the caller answers with `run_again`.
    """
    if isinstance(function, np.ufunc):
        return partial(_silent.run, function)

    @wraps(function)
    def run(*args: Any) -> Any:
        handling = get_handling()
        if handling is IGNORE:
            return function(*args)
        try:
            set_handling(IGNORE)
            return function(*args)
        finally:
            set_handling(handling)

    return run


def run_again(run: Callable[..., Any], args: Any, error: RuntimeError) -> Any:
    """The result of ``run(*args)``, which raised `error` if it is a ufunc, whose context was in use.

    Raises:
        RuntimeError: `error`, if `run` is another function.
    """
    if not (isinstance(run, partial) and isinstance(run.args[0], np.ufunc)):
        raise error
    with np.errstate(all="ignore"):
        return run.args[0](*args)

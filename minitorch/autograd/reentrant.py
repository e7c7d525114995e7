"""Backward passes inside backward passes, as a hook or a custom Function may start them, to any depth.

Python limits how deep the calls of one thread may be nested. So after some levels the next pass runs in a new thread,
for which the thread that started it waits.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from minitorch.autograd.graph import this_thread

LEVELS_PER_THREAD = 25  # of about ten calls each, besides the user's; Python's limit is 1000 calls


def run_nested(function: Callable[..., None], *args: Any) -> None:
    """Call `function`, which runs a backward pass."""
    this_thread.passes += 1
    try:
        if this_thread.passes % LEVELS_PER_THREAD:
            function(*args)
        else:
            _run_in_thread(function, args)
    finally:
        this_thread.passes -= 1


def _run_in_thread(function: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Call `function` in a new thread, with the modes and context variables of this thread."""
    modes, context, errors = dict(vars(this_thread)), contextvars.copy_context(), []

    def run() -> None:
        vars(this_thread).update(modes)
        try:
            context.run(function, *args)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="backward")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]

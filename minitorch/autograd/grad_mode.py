"""The context managers that set whether operations are recorded, in the thread that enters them."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any, Self, TypeVar, overload

from minitorch.autograd.graph import this_thread

Function = TypeVar("Function", bound=Callable[..., Any])


class _Switch:
    """A context manager that sets grad mode on entry and restores it on exit, and a decorator that does so around a
    function or around every step of a generator function, written with or without parentheses.
    """

    @overload
    def __new__(cls, function: Function, /) -> Function: ...  # type: ignore[misc]  # the decorated function

    @overload
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if args and callable(args[0]):
            switch: Any = cls
            return switch()(args[0])
        return super().__new__(cls)

    def __init__(self, enabled: bool, inference: bool | None = None) -> None:
        self.enabled = enabled
        self.inference = inference
        self._saved: list[tuple[bool, bool, bool]] = []

    def __enter__(self) -> None:
        self._saved.append(_modes())
        self._switch()

    def _switch(self) -> None:
        inference = this_thread.inference_mode if self.inference is None else self.inference
        this_thread.inference_mode = inference
        this_thread.grad_enabled = self.enabled and not inference
        this_thread.enabled_in_inference_mode = self.enabled and inference

    def __exit__(self, *error: object) -> None:
        # Ctrl-C raises KeyboardInterrupt at the beginning of a function or after a call, so the modes are restored
        # before `pop` is called. At the beginning of this function nothing can be done about it; therefore functions
        # of this library are decorated instead: `wrapper` below has no such place.
        (
            this_thread.grad_enabled,
            this_thread.inference_mode,
            this_thread.enabled_in_inference_mode,
        ) = self._saved[-1]
        self._saved.pop()

    def __call__(self, function: Function) -> Function:
        def switch() -> _Switch:
            fresh: _Switch = object.__new__(type(self))
            _Switch.__init__(fresh, self.enabled, self.inference)
            return fresh

        if inspect.isclass(function):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate "
                f"functions or methods: decorate {function.__name__}.__init__ instead.",
                FutureWarning,
                stacklevel=2,
            )

        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                iterator = function(*args, **kwargs)
                step: Callable[[Any], Any] = iterator.send
                sent: Any = None
                while True:
                    with switch():  # the consumer's code, between two values, runs in the consumer's mode
                        try:
                            value = step(sent)
                        except StopIteration as stop:
                            return stop.value
                    try:
                        step, sent = iterator.send, (yield value)
                    except GeneratorExit:
                        with switch():
                            iterator.close()
                        raise
                    except BaseException as error:
                        step, sent = iterator.throw, error

            return generator  # type: ignore[return-value]  # called like `function`

        @functools.wraps(function, updated=() if inspect.isclass(function) else functools.WRAPPER_UPDATES)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            # Without ``with``: Ctrl-C at the beginning of `__exit__` would leave the modes changed.
            before = _modes()
            self._switch()
            try:
                return function(*args, **kwargs)
            finally:
                this_thread.grad_enabled, this_thread.inference_mode, this_thread.enabled_in_inference_mode = before

        return wrapper  # type: ignore[return-value]  # called like `function`


def _modes() -> tuple[bool, bool, bool]:
    """The modes of this thread that a switch sets."""
    return this_thread.grad_enabled, this_thread.inference_mode, this_thread.enabled_in_inference_mode


def _check_mode(mode: object) -> None:
    if not isinstance(mode, bool):
        raise TypeError(f"mode must be True or False, but got {mode!r}")


class no_grad(_Switch):
    """In this context nothing is recorded: results of operations do not require a gradient."""

    def __init__(self) -> None:
        super().__init__(enabled=False)


class enable_grad(_Switch):
    """In this context operations are recorded, also inside `no_grad`. Inside `inference_mode` nothing is recorded,
    although `is_grad_enabled` is True.
    """

    def __init__(self) -> None:
        super().__init__(enabled=True)


class inference_mode(_Switch):
    """Like `no_grad`; in addition, tensors that are made in this context can never be part of a graph.

    Args:
        mode: if False, the context changes nothing and operations are recorded as usual.
    """

    def __init__(self, mode: bool = True) -> None:
        _check_mode(mode)
        super().__init__(enabled=not mode, inference=mode)


class set_grad_enabled(_Switch):
    """Set recording on or off at once; as a context manager, restore it at the end of the block.

    Args:
        mode: whether operations are recorded.
    """

    def __init__(self, mode: bool) -> None:
        _check_mode(mode)
        super().__init__(enabled=mode)
        self._before = _modes()
        self._switch()

    def __enter__(self) -> None:
        self._switch()

    def __exit__(self, *error: object) -> None:
        this_thread.grad_enabled, this_thread.inference_mode, this_thread.enabled_in_inference_mode = self._before

    def __call__(self, function: Function) -> Function:
        self.__exit__()  # a decorator switches only while the function runs
        return enable_grad()(function) if self.enabled else no_grad()(function)


def is_grad_enabled() -> bool:
    """Whether operations are recorded in this thread now; inside `inference_mode`, whether they would be outside."""
    return this_thread.grad_enabled or this_thread.enabled_in_inference_mode


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside `inference_mode` now."""
    return this_thread.inference_mode

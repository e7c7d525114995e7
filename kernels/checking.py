"""Checking the forms of kernels while a program runs: `checked`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kernels.backend import backend_of, is_array
from kernels.dispatch import Form, Kernel, _arrays, _check, asked_each_time


@contextmanager
def checked() -> Iterator[None]:
    """Within the block, in this context only, compare what each form returns with what its reference returns.

    A form that returns another number of arrays, or arrays of another shape, dtype or array library, raises a TypeError
    at the call. Values are not compared: `parity backends` does that. Each kernel that has a form computes everything
    twice.
    """
    with asked_each_time(_check, _compared):
        yield


def _compared(kernel: Kernel, form: Form) -> Form:
    """A function that calls `form`, and raises TypeError if its results are not of the reference's kind."""

    def run_and_compare(*args: Any) -> Any:
        copies = _copied(args)  # a form may write to its arguments
        out = form(*args)
        found, expected = (
            [(f"{a.dtype}{list(a.shape)}", backend_of(a).library) for a in _arrays([result])]
            for result in (out, kernel.reference(*copies))
        )
        if found != expected:
            only_library = [kind for kind, _ in found] == [kind for kind, _ in expected]
            raise TypeError(
                f"the form {getattr(form, '__qualname__', repr(form))} of the kernel {kernel.name} returns "
                f"{_shown(found, only_library)}, but the reference returns {_shown(expected, only_library)}"
            )
        return out

    return run_and_compare


def _copied(value: Any) -> Any:
    """Arguments with copies of their arrays, also in tuples and lists."""
    if is_array(value):
        return value.copy()
    if isinstance(value, tuple | list):
        parts = [_copied(v) for v in value]
        return value._make(parts) if hasattr(value, "_make") else type(value)(parts)  # a NamedTuple has _make
    return value


def _shown(results: list[tuple[str, str]], with_library: bool) -> str:
    words = (f"{kind} of the library {library}" if with_library else kind for kind, library in results)
    return ", ".join(words) or "no array"

"""``python -m parity backends``: every kernel on every backend: which form runs, its error, its time.

The arguments come from calls that the parity cases make, forward and backward; of the calls of each kernel the
largest is used. Every form gets copies of the same arguments and is compared with the reference form on NumPy.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed as seeded, settings
from tabulate import tabulate

import kernels
import minitorch
from kernels.dispatch import Kernel
from parity.cases import select
from parity.compare.call import Call
from parity.compare.case import Case
from parity.compare.even_draws import BACKEND
from parity.compare.library import Library, evaluate

Arguments = tuple[Any, ...]
LEGEND = """\
form: the form that runs for the backend's arrays: the reference, which is the formula in the array library's functions,
or a special form. error: the largest deviation from the reference on NumPy, in units in the last place of the largest
number; 0 is equal bit for bit. time: the median of several calls, each until its work is done."""
LIMIT = 1 << 22  # bytes of arguments to keep for one kernel


@dataclass
class Outcome:
    """The result of a kernel on a backend.

    Attributes:
        form: the form that ran: ``reference``, or the name of the library that a form is registered for.
        error: in units in the last place of the largest number; None if the kernel did not run.
        seconds: of a call.
        failure: why it did not run.
    """

    form: str
    error: float | None = None
    seconds: float = 0.0
    failure: str = ""


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 when a kernel fails on a backend, 2 when there is nothing to do."""
    options = _parser().parse_args(argv)
    for module in options.load:
        importlib.import_module(module)
    try:
        backends = [minitorch.device(name).backend for name in options.backends or _available()]
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    calls = recorded([c for c in select() if options.cases in c.name])
    names = sorted(name for name in calls if options.kernel in name)
    if not names:
        print(f"no kernel whose name contains {options.kernel!r} was called", file=sys.stderr)
        return 2
    found = {name: [outcome(kernels.KERNELS[name], calls[name], b, options.repeat) for b in backends] for name in names}
    print(table(found, [b.name for b in backends]))
    print(f"\n{LEGEND}\n")
    missing = sorted(set(kernels.KERNELS) - set(calls))
    print(f"{len(names)} kernels. Not called by these cases: {', '.join(missing) or 'none'}.")
    failed = [(name, b.name, o) for name in names for b, o in zip(backends, found[name], strict=True) if o.failure]
    for name, backend, o in failed:
        print(f"{name} on {backend}: {o.failure}")
    return 1 if failed else 0


def _available() -> list[str]:
    """The backends that are installed and find a device."""
    found = []
    for name in sorted(kernels.backend_names(), key=lambda name: name != "cpu"):
        try:
            if kernels.get_backend(name).is_available():
                found.append(name)
        except RuntimeError:  # its library is not installed
            continue
    return found


def recorded(cases: Sequence[Case]) -> dict[str, Arguments]:
    """By kernel, the arguments of its largest call in one example of each option group."""
    kept: dict[str, tuple[int, Arguments]] = {}
    library = Library(minitorch, "float32")

    def keep(kernel: Kernel, args: Arguments) -> None:
        size = sum(a.nbytes for a in arrays(args))
        if kept.get(kernel.name, (-1, ()))[0] < size <= LIMIT:
            kept[kernel.name] = size, _copied(args)

    def run(call: Call) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluate(call, library)

    with minitorch.device("cpu"), _observed(keep):
        for c in cases:
            for group in c.groups:
                _drawn(c, group, run)
    return {name: args for name, (_, args) in kept.items()}


@contextmanager
def _observed(keep: Callable[[Kernel, Arguments], None]) -> Iterator[None]:
    """A context in which `keep` is called before every call of a kernel on the host."""
    original = Kernel.chosen

    def chosen(self: Kernel, args: Arguments) -> Callable[..., Any]:
        keep(self, args)
        return original(self, args)

    # every kernel calls this method; `finally` restores it
    Kernel.chosen = chosen  # type: ignore[method-assign]
    try:
        with kernels.using("numpy"):  # then kernels choose a form anew for each call
            yield
    finally:
        Kernel.chosen = original  # type: ignore[method-assign]


def _drawn(case: Case, group: str, see: Callable[[Call], None]) -> None:
    """Show one example of an option group."""

    def one(call: Call) -> None:
        see(call)

    test = settings(
        backend=BACKEND, max_examples=2, phases=[Phase.generate], database=None, deadline=None,
        verbosity=Verbosity.quiet, suppress_health_check=list(HealthCheck),
    )(given(call=case.calls(group))(one))  # fmt: skip
    seeded(0)(test)()


def arrays(value: Any) -> Iterator[Any]:
    """The arrays in nested tuples and lists."""
    if kernels.is_array(value):
        yield value
    elif isinstance(value, tuple | list):
        for v in value:
            yield from arrays(v)


def _moved(value: Any, put: Callable[[Any], Any]) -> Any:
    """`value` with ``put`` applied to its arrays."""
    if kernels.is_array(value):
        return put(value)
    if isinstance(value, tuple | list):
        parts = [_moved(v, put) for v in value]
        return value._make(parts) if hasattr(value, "_make") else type(value)(parts)  # a NamedTuple has _make
    return value


def _copied(args: Arguments) -> Arguments:
    return tuple(_moved(a, lambda x: np.array(x, order="K")) for a in copy.copy(args))


def outcome(kernel: Kernel, args: Arguments, backend: kernels.Backend, repeat: int = 5) -> Outcome:
    """Run a kernel on a backend, compare its results and writes with the reference, and measure the time."""
    found = Outcome(backend.library if backend.library in kernel.implementations else "reference")
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with kernels.using("reference"):
                right = _results(kernel, _copied(args), np.asarray)
            found.error = error(_results(kernel, _there(args, backend), backend.to_host), right)
            found.seconds = _time(kernel, args, backend, repeat)
    except Exception as failure:
        found.failure = f"{type(failure).__name__}: {failure}"
    return found


def _there(args: Arguments, backend: kernels.Backend) -> Arguments:
    return tuple(_moved(a, lambda x: backend.asarray(np.array(x, order="K"))) for a in args)


def _results(kernel: Kernel, args: Arguments, to_host: Callable[[Any], np.ndarray]) -> list[np.ndarray]:
    """All arrays that the kernel returns, and its arguments after the call, some of which it may have written to."""
    return [np.array(to_host(a)) for a in arrays([kernel(*args), *args])]


def error(ours: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> float:
    """The largest deviation, in units in the last place of the largest number of its array; infinite if NaN or
    infinities are in other places, or shapes, dtypes or integers differ.
    """
    if [(a.shape, a.dtype) for a in ours] != [(a.shape, a.dtype) for a in right]:
        return float("inf")
    worst = 0.0
    for a, b in zip(ours, right, strict=True):
        if b.dtype.kind != "f":
            worst = worst if np.array_equal(a, b) else float("inf")
            continue
        finite = np.isfinite(b)
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
            return float("inf")
        if finite.any():
            unit = float(np.spacing(np.abs(b[finite]).max()))
            worst = max(worst, float(np.abs(a[finite].astype("float64") - b[finite]).max()) / unit)
    return worst


def _time(kernel: Kernel, args: Arguments, backend: kernels.Backend, repeat: int) -> float:
    """The median time of a call, with its arguments already on the device, until the device is done."""
    times = []
    for _ in range(repeat):
        there = _there(args, backend)
        backend.synchronize()
        start = time.perf_counter()
        kernel(*there)
        backend.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def table(found: dict[str, list[Outcome]], names: Sequence[str]) -> str:
    """The table as text: a row for each kernel, three columns for each backend."""
    headers = ["kernel", *[f"{name}: {column}" for name in names for column in ("form", "error", "time, µs")]]
    rows = [
        [name, *[cell for o in outcomes for cell in ((o.form, "failed", "") if o.error is None else _cells(o))]]
        for name, outcomes in found.items()
    ]
    return tabulate(rows, headers, disable_numparse=True)


def _cells(o: Outcome) -> tuple[str, str, str]:
    return o.form, f"{o.error:.3g}", f"{o.seconds * 1e6:.0f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parity backends", description=__doc__)
    parser.add_argument("backends", nargs="*", metavar="BACKEND", help="default: all that find a device")
    parser.add_argument("--load", action="append", default=[], metavar="MODULE", help="import it: it registers one")
    parser.add_argument("--kernel", default="", help="only kernels whose name contains this")
    parser.add_argument("--cases", default="", help="only calls of the parity cases whose name contains this")
    parser.add_argument("--repeat", type=int, default=5, help="calls to take the time of (%(default)s)")
    return parser

"""``python -m parity backends``: every kernel on every backend: which form runs, its error, its time.

The arguments come from calls that the parity cases make, forward and backward; of the calls of each kernel the
largest is used. Every form gets copies of the same arguments and is compared with the reference form on NumPy.
"""

from __future__ import annotations

import statistics
import sys
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import Phase

import kernels
import minitorch
from kernels.dispatch import Kernel
from minitorch.command_line import Parser
from minitorch.counting import counted
from minitorch.errors import UsageError
from minitorch.training.options import count
from parity.cases import select
from parity.commands.kernel_variants import Arguments, is_elementwise, variants, with_arrays
from parity.compare.call import Call
from parity.compare.case import Case
from parity.compare.explore import drive
from parity.compare.library import Library, evaluate
from parity.compare.loading import backend_named, load
from parity.report.lines import width

LEGEND = (
    "form: the form that runs for the backend's arrays: the reference, which is the formula in the array library's "
    "functions, or a special form. error: the largest deviation from the reference on NumPy, in units in the last "
    "place of the largest number; 0 is equal bit for bit. special: whether results are equal too where arguments are "
    "NaN, infinite, −0, denormal, empty, strided, transposed or overlapping. µs: the median time of several calls, "
    "each until its work is done."
)
LIMIT = 1 << 22  # bytes of arguments to keep for one kernel
ROUNDINGS = 2000.0
"""The largest error, in units in the last place, that rounding makes: the longest sums have so many terms."""


@dataclass
class Outcome:
    """The result of a kernel on a backend.

    Attributes:
        form: the form that ran: ``reference``, or the name of the library that a form is registered for.
        error: in units in the last place of the largest number; None if the kernel did not run.
        seconds: of a call.
        failure: why it did not run.
        usual: what differs with the arguments as they are.
        special: what differs with changed arguments (`kernel_variants`): the change, and how.
    """

    form: str
    error: float | None = None
    seconds: float = 0.0
    failure: str = ""
    usual: str = ""
    special: tuple[str, ...] = ()

    @property
    def wrong(self) -> str:
        """Why it is not right, empty if it is."""
        return self.failure or "; ".join(filter(None, (self.usual, *self.special)))


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 when a kernel is wrong or fails on a backend, 2 if there is nothing to do."""
    options = _parser().parse_args(argv)
    load(options.load)
    if options.compare:
        from parity.commands.compare_forms import compare

        if not options.shape and not options.call:
            raise UsageError("--compare needs sizes: --shape 50,16,28,28 (also several times), or --call 'F.relu(…)'")
        return compare(options.compare, options.kernel, options.shape, options.call, options.repeat, options.cases)
    backends = [backend_named(name) for name in options.backends or _available()]
    calls = recorded([c for c in select() if options.cases in c.name])
    names = sorted(name for name in calls if options.kernel in name)
    if not names:
        print(f"no kernel whose name contains {options.kernel!r} was called", file=sys.stderr)
        return 2
    found = {name: [outcome(kernels.KERNELS[name], calls[name], b, options.repeat) for b in backends] for name in names}
    print(table(found, [b.name for b in backends]))
    print(f"\n{textwrap.fill(LEGEND, width())}\n")
    print(f"{counted(len(names), 'kernel')}.")
    missing = sorted(set(kernels.KERNELS) - set(calls))
    if missing and not options.cases and not options.kernel:
        print(f"Not called by the cases: {', '.join(missing)}.")
    failed = [(name, b.name, o) for name in names for b, o in zip(backends, found[name], strict=True) if o.wrong]
    for name, backend, o in failed:
        print(textwrap.fill(f"{name} on {backend}: {o.wrong}", width(), subsequent_indent="  "))
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
    """By kernel, the arguments of its largest call on the way through two examples of each option group."""
    library = Library(minitorch, "float32")

    def run(call: Call) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluate(call, library)

    def run_all() -> None:
        for c in cases:
            for group in c.groups:
                drive(run, c.calls(group), 2, 0, Phase.generate)

    return kernels_of(run_all, LIMIT)


def kernels_of(run: Callable[[], None], limit: int | None = None) -> dict[str, Arguments]:
    """By kernel, the arguments of its largest call while `run` runs on the host.

    Args:
        run: calls kernels, through minitorch.
        limit: the largest number of bytes of the arguments that are kept.
    """
    kept: dict[str, tuple[int, Arguments]] = {}

    def keep(kernel: Kernel, args: Arguments) -> None:
        size = sum(a.nbytes for a in arrays(args))
        if kept.get(kernel.name, (-1, ()))[0] < size and (limit is None or size <= limit):
            kept[kernel.name] = size, _copied(args)

    with minitorch.device("cpu"), _observed(keep):
        run()
    return {name: args for name, (_, args) in kept.items()}


@contextmanager
def _observed(keep: Callable[[Kernel, Arguments], None]) -> Iterator[None]:
    """A context in which `keep` is called before every call of a kernel on the host."""
    original = Kernel.chosen

    def chosen(self: Kernel, args: Arguments) -> Callable[..., Any]:
        keep(self, args)
        return original(self, args)

    Kernel.chosen = chosen  # type: ignore[method-assign]  # every kernel calls it; `finally` restores it
    try:
        with kernels.using("numpy"):  # then kernels choose a form anew for each call
            yield
    finally:
        Kernel.chosen = original  # type: ignore[method-assign]  # as above


def arrays(value: Any) -> Iterator[Any]:
    """The arrays in nested tuples and lists."""
    if kernels.is_array(value):
        yield value
    elif isinstance(value, tuple | list):
        for v in value:
            yield from arrays(v)


def _copied(args: Arguments) -> Arguments:
    return tuple(with_arrays(a, lambda x: np.array(x, order="K")) for a in args)


def outcome(kernel: Kernel, args: Arguments, backend: kernels.Backend, repeat: int = 5, forced: str = "") -> Outcome:
    """Run a kernel on a backend, compare what it returns and writes with the reference, and take the time.

    Args:
        kernel: the kernel.
        args: its arguments, with arrays on the host.
        backend: where it runs.
        repeat: how often it is timed; 0: not at all.
        forced: the form that runs, as for `kernels.using`; default: as the backend's arrays ask for.
    """
    library = forced or backend.library
    found = Outcome(library if library in kernel.implementations else "reference")
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with kernels.using("reference"):
                right = _results(kernel, _copied(args), kernels.get_backend("cpu"))
            with kernels.using(forced) if forced else nullcontext():
                ours = _results(kernel, _there(args, backend), backend)
                found.error, found.usual = error(ours, right), difference(ours, right, signs=False)
                found.special = tuple(_special(kernel, args, backend))
                times = [seconds(kernel, args, backend) for _ in range(repeat)]
            found.seconds = statistics.median(times) if times else 0.0
    except Exception as failure:
        found.failure = f"{type(failure).__name__}: {failure}"
    return found


def _special(kernel: Kernel, args: Arguments, backend: kernels.Backend) -> Iterator[str]:
    """What differs from the reference on NumPy with changed arguments, unless the reference refuses them."""
    for name, changed in variants(kernel, args):
        try:
            with kernels.using("reference"):
                right = _results(kernel, changed(np.array), kernels.get_backend("cpu"))
        except Exception:
            continue
        try:
            ours = _results(kernel, changed(backend.asarray), backend)
        except Exception as failure:
            yield f"{name}: {type(failure).__name__}: {failure}"
            continue
        where = difference(ours, right, signs=name == "−0" and is_elementwise(kernel))
        if where:
            yield f"{name}: {where}"


def difference(ours: Sequence[np.ndarray], right: Sequence[np.ndarray], signs: bool) -> str:
    """The first thing that differs by more than rounding, in words; empty if nothing does.

    Args:
        ours: all results.
        right: the reference's.
        signs: whether the signs of zeros are compared.
    """
    if len(ours) != len(right):
        return (
            f"{counted(abs(len(ours) - len(right)), 'array')} {'fewer' if len(ours) < len(right) else 'more'} than "
            "the reference returns"
        )
    for a, b in zip(ours, right, strict=True):
        if (a.shape, a.dtype) != (b.shape, b.dtype):
            return f"{a.dtype}{list(a.shape)} where the reference has {b.dtype}{list(b.shape)}"
        apart = ~((a == b) | ((a != a) & (b != b)))
        if b.dtype.kind == "f":
            apart &= ~(np.isfinite(a) & np.isfinite(b))
            if signs and not apart.any():
                apart = (np.signbit(a) != np.signbit(b)) & (a == 0) & (b == 0)
        if apart.any():
            i = tuple(int(n) for n in np.argwhere(apart)[0])
            return f"{_word(a[i])} where the reference has {_word(b[i])} ({int(apart.sum())} of {a.size} elements)"
    worst = error(ours, right)
    return f"the error is {worst:.3g} units" if worst > ROUNDINGS else ""


def _word(value: Any) -> str:
    return f"{float(value):.6g}".replace("nan", "NaN").replace("-", "−") if value.dtype.kind == "f" else str(value)


def _there(args: Arguments, backend: kernels.Backend) -> Arguments:
    return tuple(with_arrays(a, lambda x: backend.asarray(np.array(x, order="K"))) for a in args)


def _results(kernel: Kernel, args: Arguments, backend: kernels.Backend) -> list[np.ndarray]:
    """The arrays that the kernel returns, and its arguments after the call: it may have written to some.

    Raises:
        TypeError: if it returns an array of another backend than its arguments'.
    """
    returned = list(arrays([kernel(*args)]))
    for a in returned:
        owner = kernels.backend_of(a)
        if owner is not backend:
            raise TypeError(f"returns an array of the device {owner.name} for arrays of the device {backend.name}")
    return [np.array(backend.to_host(a)) for a in (*returned, *arrays(args))]


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


def seconds(kernel: Kernel, args: Arguments, backend: kernels.Backend) -> float:
    """The time of a call with new arguments that are already there, until the device is done."""
    there = _there(args, backend)
    backend.synchronize()
    start = time.perf_counter()
    kernel(*there)
    backend.synchronize()
    return time.perf_counter() - start


COLUMNS = (("form", 10), ("error", 7), ("special", 9), ("µs", 7))


def table(found: dict[str, list[Outcome]], names: Sequence[str]) -> str:
    """The table as text: a row for each kernel, four columns for each backend."""
    longest = max(map(len, found), default=0)
    room = max(24, min(longest, width() - len(names) * sum(n for _, n in COLUMNS)))
    each = "".join(f"{name:>{n}}" for name, n in COLUMNS)
    lines = [" " * room + "".join(f"{name:>{len(each)}}" for name in names), " " * room + each * len(names)]
    for kernel, outcomes in found.items():
        name = kernel if len(kernel) <= room else "…" + kernel[1 - room :]
        lines.append(f"{name:{room}}" + "".join(map(_cells, outcomes)))
    return "\n".join(lines)


def _cells(o: Outcome) -> str:
    special = f"{len(o.special)} differ" if o.special else "equal"
    cells = (o.form, "failed", "", "") if o.error is None else (o.form, f"{o.error:.3g}", special, _micro(o.seconds))
    return "".join(f"{cell:>{n}}" for cell, (_, n) in zip(cells, COLUMNS, strict=True))


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}"


def _parser() -> Parser:
    parser = Parser(prog="parity backends", description=__doc__)
    parser.add_argument("backends", nargs="*", metavar="BACKEND", help="default: all that find a device")
    parser.add_argument(
        "--load", action="append", default=[], metavar="MODULE", help="import a module or FILE.py: it registers one"
    )
    parser.add_argument("--kernel", default="", help="only kernels whose name contains this")
    parser.add_argument("--cases", default="", help="only calls of the parity cases whose name contains this")
    parser.add_argument("--repeat", type=count, default=5, help="calls to take the time of (%(default)s)")
    sizes = parser.add_argument_group("forms side by side")
    sizes.add_argument(
        "--compare",
        type=lambda text: text.split(","),
        metavar="FORM,FORM",
        help="error and time of these forms: reference, an array library (numpy, cupy), or a backend",
    )
    sizes.add_argument(
        "--shape", type=_shape, action="append", default=[], metavar="N,N,…", help="of the kernel's first array"
    )
    sizes.add_argument("--call", default="", metavar="TEXT", help="compare the kernels of 'F.relu(torch.randn(5, 3))'")
    return parser


def _shape(text: str) -> tuple[int, ...]:
    """``50,16,28,28`` as numbers (for argparse)."""
    return tuple(count(part) for part in text.split(","))

"""``parity backends --compare``: forms of a kernel side by side, at sizes of the user's choice: error and time.

The forms are called in turn, so that a machine that is busy for a while slows all of them.
"""

from __future__ import annotations

import statistics
import textwrap
import warnings
from collections.abc import Iterator, Sequence

import numpy as np

import kernels
import minitorch
from kernels.dispatch import Kernel
from minitorch.errors import UsageError
from parity.commands import backends
from parity.commands.kernel_variants import Arguments
from parity.report.lines import width


class Form:
    """A form of kernels: what to call it, the backend of its arrays, and what forces it.

    Attributes:
        name: ``reference``, the name of an array library, or of a backend.
        backend: where its arrays are.
        forced: what `kernels.using` gets.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.backend = _backend("cpu" if name == "reference" else name)
        self.forced = "reference" if name == "reference" else self.backend.library

    def of(self, kernel: Kernel) -> str:
        """Which form of a kernel really runs."""
        return self.name if self.forced in ("reference", *kernel.implementations) else "reference"


def _backend(name: str) -> kernels.Backend:
    """The backend of an array library or of that name.

    Raises:
        UsageError: if there is none, or it has no device.
    """
    by_library: dict[str, kernels.Backend] = {}
    for known in kernels.backend_names():
        try:
            found = kernels.get_backend(known)
        except RuntimeError:  # its library is not installed
            continue
        by_library |= {found.library: found, found.name: found}
    if name not in by_library:
        known = ", ".join(["reference", *sorted(by_library)])
        raise UsageError(f"--compare: there is no form {name!r}; forms: {known} (--load registers others)")
    if not by_library[name].is_available():
        raise UsageError(f"--compare: {by_library[name].unavailable_because()}")
    return by_library[name]


def compare(
    forms: Sequence[str], pattern: str, shapes: Sequence[tuple[int, ...]], call: str, repeat: int, cases: str
) -> int:
    """Print a table for each kernel and shape; 1 if a form is wrong or fails.

    Args:
        forms: names of forms; the times are given as multiples of the first one's.
        pattern: of the kernels' names.
        shapes: of the first array of each kernel, and of all that have its shape in the parity cases.
        call: instead of shapes: an expression such as ``F.relu(torch.randn(5, 3))``, whose kernels are compared, those
            of its backward pass too.
        repeat: how often each form is timed.
        cases: the parity cases that other arguments are taken from.

    Raises:
        UsageError: if nothing fits.
    """
    chosen = [Form(name) for name in forms]
    wrong = False
    for kernel, args, title in _calls(pattern, shapes, call, cases):
        print(title)
        wrong |= _table(kernel, args, chosen, repeat)
    print(
        textwrap.fill(
            "error: the largest deviation from the reference on NumPy, in units in the last place of the largest "
            f"number. time: the median of {repeat} calls, taken in turn.",
            width(),
        )
    )
    return int(wrong)


def _calls(
    pattern: str, shapes: Sequence[tuple[int, ...]], call: str, cases: str
) -> Iterator[tuple[Kernel, Arguments, str]]:
    """Each kernel with arguments and a title."""
    if call:
        kept = backends.kernels_of(lambda: _run(call))
        recorded = {name: args for name, args in kept.items() if pattern in name}
        if not recorded:
            raise UsageError(f"--call uses no kernel whose name contains {pattern!r}, but {', '.join(sorted(kept))}")
        for name, args in sorted(recorded.items()):
            yield kernels.KERNELS[name], args, f"{name}, in {call}"
        return
    from parity.cases import select

    recorded = backends.recorded([c for c in select() if cases in c.name])
    names = [name for name in ([pattern] if pattern in recorded else sorted(recorded)) if pattern in name]
    if not names:
        raise UsageError(f"no kernel whose name contains {pattern!r} was called")
    for name in names:
        for shape in shapes:
            kernel, args = kernels.KERNELS[name], resized(recorded[name], shape)
            _check(kernel, args, shape)
            yield kernel, args, f"{name}, {'×'.join(map(str, shape))}"


def _run(text: str) -> None:
    """Evaluate an expression with minitorch, and differentiate what it gives."""
    names = {"torch": minitorch, "minitorch": minitorch, "nn": minitorch.nn, "F": minitorch.nn.functional}
    minitorch.manual_seed(0)
    try:
        out = eval(text, names)
        if isinstance(out, minitorch.Tensor) and out.requires_grad:
            out.sum().backward()
    except Exception as error:
        raise UsageError(f"--call {text!r} raises {type(error).__name__}: {error}") from None


def resized(args: Arguments, shape: tuple[int, ...]) -> Arguments:
    """The arguments with new normal numbers of `shape` in place of the first array and of all of the same shape."""
    first = next(a for a in args if kernels.is_array(a))
    rng = np.random.default_rng(0)

    def new(a: np.ndarray) -> np.ndarray:
        if a.shape != first.shape:
            return a
        values = rng.standard_normal(shape)
        return np.asarray(values if a.dtype.kind == "f" else values > 0, a.dtype)

    return tuple(new(a) if kernels.is_array(a) else a for a in args)


def _check(kernel: Kernel, args: Arguments, shape: tuple[int, ...]) -> None:
    try:
        with kernels.using("reference"), np.errstate(all="ignore"):
            kernel(*args)
    except Exception as error:
        raise UsageError(
            f"the kernel {kernel.name} does not take a first array of shape {shape} with its other arguments "
            f"({error}): give --call, for example "
            "--call 'F.conv2d(torch.randn(50, 16, 28, 28), torch.randn(32, 16, 3, 3))'"
        ) from None


def _table(kernel: Kernel, args: Arguments, forms: Sequence[Form], repeat: int) -> bool:
    """Print a line for each form; whether one is wrong."""
    found = [backends.outcome(kernel, args, f.backend, 0, f.forced) for f in forms]
    times = _times(kernel, args, [f for f, o in zip(forms, found, strict=True) if not o.failure], repeat)
    first = next(iter(times.values()), 1.0)
    name_width = max(map(len, (f.name for f in forms))) + 2
    for f, o in zip(forms, found, strict=True):
        if o.failure:
            print(textwrap.fill(f"  {f.name:{name_width}}{o.failure}", width(), subsequent_indent=" " * 4))
            continue
        form = "" if f.of(kernel) == f.name else "  (has no form: the reference)"
        seconds = times[f.name]
        print(f"  {f.name:{name_width}}{o.error:>9.3g}{_time(seconds):>11}{seconds / first:>8.2f}×{form}")
        if o.wrong:
            print(textwrap.fill(o.wrong, width(), initial_indent=" " * 4, subsequent_indent=" " * 4))
    return any(o.wrong for o in found)


def _times(kernel: Kernel, args: Arguments, forms: Sequence[Form], repeat: int) -> dict[str, float]:
    """The median time of each form, by name; the forms take turns."""
    taken: dict[str, list[float]] = {f.name: [] for f in forms}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(repeat + 1):
            for f in forms:
                with kernels.using(f.forced):
                    seconds = backends.seconds(kernel, args, f.backend)
                if i:  # the first round warms up
                    taken[f.name].append(seconds)
    return {name: statistics.median(values) for name, values in taken.items()}


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"

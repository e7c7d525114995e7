"""Sections that compare with a reference: each kernel with its reference on NumPy, each parity case with torch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import kernels
import minitorch
from parity.cases import CASES, select
from parity.commands import backends
from parity.commands.kernel_variants import Arguments
from parity.compare.explore import explore
from parity.gpu.section import Options, Outcome, Section
from parity.speed.on_gpu import torch_in_float32


@cache
def _calls(pattern: str) -> dict[str, Arguments]:
    return backends.recorded([c for c in select() if pattern in c.name])


def _kernel(options: Options, item: str) -> Iterator[Outcome]:
    """A kernel on the host and on the GPU, against its reference on NumPy."""
    row, failures = [item], []
    for name in ("cpu", "cuda"):
        found = backends.outcome(
            kernels.KERNELS[item], _calls(options.cases)[item], kernels.get_backend(name), options.repeat
        )
        special = "; ".join(found.special) or "equal"
        row += (
            [found.form, f"{found.error:.3g}", special, f"{found.seconds * 1e6:.0f}"]
            if found.error is not None
            else [found.form, "failed", "", ""]
        )
        failures += [f"{item} on {name}: {found.wrong}"] if found.wrong else []
    yield Outcome([row], failures)


class OnGpu:
    """torch with the tensors that a comparison makes on the GPU."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)

    def tensor(self, *args: Any, **options: Any) -> Any:
        """A tensor on the GPU."""
        return self._torch.tensor(*args, **{"device": "cuda", **options})


@cache
def _groups(pattern: str) -> dict[str, tuple[str, str]]:
    """Each case with each of its option groups, by the two names in one; first the first group of every case."""
    found = [(i, c.name, g) for c in select(pattern) for i, g in enumerate(c.groups)]
    return {f"{name} {group}".strip(): (name, group) for _, name, group in sorted(found, key=lambda each: each[0])}


def _case(options: Options, item: str) -> Iterator[Outcome]:
    """A parity case on the host, on the GPU, and with torch's own GPU code in our place, all by the same budget."""
    torch = torch_in_float32()
    torch.set_num_threads(1)
    name, group = _groups(options.cases)[item]
    row: list[str] = [name, group]
    faults: dict[str, str] = {}
    libraries: dict[str, tuple[Any, str]] = {"GPU": (minitorch, "cuda"), "NumPy": (minitorch, "cpu")}
    if torch.cuda.is_available():
        libraries["torch on the GPU"] = OnGpu(torch), "cpu"
    for who, (library, device) in libraries.items():
        try:
            with minitorch.device(device):
                found = explore(CASES[name], group, library, torch, options.examples, shrink=False)
        except Exception as error:  # of the case itself: an older torch may refuse what it draws, on the host too
            row.append("raised")
            faults[who] = f"{item}: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        else:
            row.append(f"{max((r.ratio for r in found.rows if r.ratio is not None), default=0.0):.3g}")
            if found.faults:
                faults[who] = f"{item}: {found.faults[0]}"
        wrong = [faults["GPU"]] if "GPU" in faults else []
        yield Outcome([row], [], wrong) if "NumPy" in faults else Outcome([row], wrong)


KERNELS = Section(
    "kernels",
    "Kernels: NumPy and the GPU",
    ("kernel", *(f"{where}: {what}" for where in ("cpu", "cuda") for what in ("form", "error", "special", "µs"))),
    lambda options: sorted(_calls(options.cases)),
    _kernel,
    share=0.3,
    workers=12,
    note=backends.LEGEND,
)
PARITY = Section(
    "parity",
    "Parity",
    ("case", "options", "GPU", "NumPy", "torch on the GPU"),
    lambda options: list(_groups(options.cases)),
    _case,
    share=1.0,
    workers=14,
    note="The worst error of each, relative to torch's own in float32 on the host (the budget of docs/parity.md).",
)

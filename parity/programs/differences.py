"""What differs from torch on purpose, each with its reason; ``docs/differences.md`` is made from this."""

from __future__ import annotations

from parity.programs.accepted import ACCEPTED
from parity.programs.difference import Difference
from parity.programs.missing import MISSING
from parity.programs.otherwise import OTHERWISE
from parity.programs.shown import SHOWN

DIFFERENCES: dict[str, tuple[Difference, ...]] = {
    "What torch refuses and minitorch computes": ACCEPTED,
    "What torch computes otherwise": OTHERWISE,
    "What minitorch does not have": MISSING,
    "What looks different": SHOWN,
}

UNTESTED: dict[str, str] = {
    "Messages of errors": "They say the same in other words; the classes of the errors are torch's.",
    "`torch.save` and `torch.load`": "Tensors with metadata, such as names, are refused. With `weights_only=True`, the "
    "default, no code from the file is executed.",
    "Permutations of 214,748,364 numbers or more": "torch draws them with another generator, of 64 bits.",
    "Random numbers on a GPU": "Functions with an argument `generator` draw Philox's numbers if it is on a GPU; all "
    "others draw on the host (see [gpu.md](gpu.md)).",
    "Convolutions of float32 on a GPU": "torch rounds the numbers to TF32 before it multiplies them, unless "
    "`torch.backends.cudnn.allow_tf32` is False. In minitorch it is False unless the program sets it.",
    "CUDA events between processes, `CUDAGraph(keep_graph=True)`": "CuPy does not have them.",
    "Operations on subclasses of `Tensor`": "Their results are plain tensors; in torch they have the subclass, unless "
    "it defines `__torch_function__`.",
    "Memory that cannot be had": "MemoryError, which is NumPy's; in torch RuntimeError.",
    "Packages on torch's internals, such as torchvision": "They do not run on minitorch; see [scripts.md](scripts.md).",
    "Rounding": "Sums are computed in another order, so the last digits differ; [parity.md](parity.md) says by how "
    "much they may. A chaotic problem has different results after thousands of steps, as it "
    "has with torch on another processor.",
}
"""Differences that no program shows by itself."""

ALL: tuple[Difference, ...] = tuple(d for group in DIFFERENCES.values() for d in group)

_HEAD = """# Where minitorch differs from PyTorch

PyTorch is the specification. This page lists all deliberate differences of minitorch, each with its reason and a
program that shows it. It is made by `parity programs --differences` from `parity/programs/differences.py`; the tests
run each program under both libraries, and random programs (`parity programs`) may find nothing else.
"""


def page() -> str:
    """``docs/differences.md``."""
    parts = [_HEAD]
    for title, group in DIFFERENCES.items():
        parts.append(f"## {title}\n")
        for d in group:
            example = "\n".join(d.example)
            parts.append(f"### {d.name}\n\n{d.reason}\n\n```text\n{example}\n```\n")
    parts.append("## Without a program\n\n| | |\n|---|---|")
    parts.extend(f"| {name} | {reason} |" for name, reason in UNTESTED.items())
    return "\n".join(parts) + "\n"

"""The section with the times of the lessons' steps, beside torch's on the same GPU, taken while nothing else runs."""

from __future__ import annotations

from collections.abc import Iterator

from parity.gpu.section import Options, Outcome, Section
from parity.speed import lessons, on_gpu


def _items(options: Options) -> list[str]:
    chosen = [name for name in lessons.NAMES if name in (options.models or lessons.NAMES)]
    kinds = on_gpu.EAGER, on_gpu.GRAPH
    return [f"{name} {library}: {what}" for what in kinds for name in chosen for library in on_gpu.libraries()]


def _step(options: Options, item: str) -> Iterator[Outcome]:
    """The times of one lesson's step under one library."""
    who, _, what = item.partition(": ")
    lesson, _, library = who.partition(" ")
    yield Outcome([[lesson, library, what, *on_gpu.measure(lesson, library, what, options.seconds).cells()]])


STEPS = Section(
    "steps",
    "Times of a step",
    ("lesson", "library", "", *on_gpu.COLUMNS),
    _items,
    _step,
    share=0.3,
    note=" ".join((on_gpu.__doc__ or "").split("\n\n")[1].split()),
)

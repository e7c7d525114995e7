"""The process that checks items of a section: it reads their names from standard input, and writes what it found.

Each line is JSON. The first one written is ``{"items": […]}``, the names of the section's items. Then, for each name
that is read: ``{"rows": …, "failures": …}``, once or more, and ``{"end": lost}``. `lost` is the error with which the
GPU refuses all further work, or null: after an illegal access, CUDA refuses everything until the process ends.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import traceback
from typing import Any

from parity.gpu.section import Options, Outcome, Section


def work(section: Section, options: Options) -> None:
    """Check the items that are named on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what else is printed goes to standard error

    def answer(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    answer({"items": section.items(options)})
    for line in sys.stdin:
        item = json.loads(line)
        last = Outcome()
        try:
            for last in section.check(options, item):
                answer(dataclasses.asdict(last))
        except Exception as error:  # of one item: the report says so, and the next item follows
            traceback.print_exc()
            answer(dataclasses.asdict(with_reason(last, item, f"{type(error).__name__}: {error}")))
        answer({"end": _lost()})


def with_reason(found: Outcome, item: str, reason: str) -> Outcome:
    """`found` so far, with a row and a failure that say why the item has no other result."""
    reason = " ".join(reason.split())[:300]
    return Outcome([*found.rows, [item, reason]], [*found.failures, f"{item}: {reason}"], found.elsewhere)


def _lost() -> str | None:
    """The error with which the GPU refuses all work of this process; None if it still works, or was not used."""
    if "cupy" not in sys.modules:
        return None
    try:
        sys.modules["cupy"].cuda.runtime.deviceSynchronize()
    except Exception as error:
        return str(error)
    return None

"""What differs between torch and minitorch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.programs.compare import Finding
from parity.programs.program import Program


@dataclass(frozen=True)
class Difference:
    """A cause of differences, and how its findings are recognised: all patterns must be found.

    Attributes:
        name: a few words.
        reason: why it is so.
        example: a program that shows it.
        kinds: kinds of findings, separated by commas; see `parity.programs.compare.Finding`.
        statement: a pattern of the statement that differs; of the whole program if a value differs at its end.
        program: a pattern of the program up to that statement.
        past: a pattern of torch's errors and warnings up to there, also in its result, of a fact of `memory_facts`, or
            of ``found: KIND`` for earlier findings.
        torch: a pattern of torch's result.
        ours: a pattern of minitorch's result.
    """

    name: str
    reason: str
    example: Program
    kinds: str
    statement: str = ""
    torch: str = ""
    ours: str = ""
    program: str = ""
    past: str = ""

    def explains(self, program: Program, finding: Finding) -> bool:
        """Whether this is the cause of a finding."""
        whole = "\n".join(program[: None if finding.index is None else finding.index + 1])
        text = whole if finding.index is None else program[finding.index]
        return (
            finding.kind in self.kinds.split(", ")
            and bool(re.search(self.statement, text))
            and bool(re.search(self.program, whole))
            and bool(re.search(self.past, f"{finding.past}\n{finding.torch}"))
            and bool(re.search(self.torch, finding.torch))
            and bool(re.search(self.ours, finding.ours))
        )


def cause(program: Program, finding: Finding, table: Sequence[Difference]) -> Difference | None:
    """The first of the causes in a table that explains a finding; None if there is none."""
    return next((d for d in table if d.explains(program, finding)), None)

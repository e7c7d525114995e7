"""The result of comparing one example: measured errors, faults, remarks."""

from __future__ import annotations

from dataclasses import dataclass, field

from parity.compare.budget import Measure

DTYPES = ("float32", "float64")
ORDERS = ("forward", "gradient", "second order")
BEHAVIOUR = "behaviour"
REFUSAL = "refusal"


@dataclass(frozen=True)
class Fault:
    """Something that differs from torch.

    Attributes:
        order: one of `ORDERS` for numbers, `BEHAVIOUR` for everything else, `REFUSAL` for errors.
        dtype: the dtype of the run, or empty.
        what: what differs.
    """

    order: str
    dtype: str
    what: str

    def __str__(self) -> str:
        return f"{self.order}{self.dtype and f' in {self.dtype}'}: {self.what}"


@dataclass
class Findings:
    """The result of comparing one call.

    Attributes:
        measures: the worst one by (dtype, order).
        faults: what differs from torch.
        remarks: why nothing could be compared, by (dtype, order).
    """

    measures: dict[tuple[str, str], Measure] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    remarks: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, dtype: str, order: str, m: Measure, what: str) -> None:
        """Record the measure of one result."""
        worst = self.measures.get((dtype, order))
        if worst is None or m.ratio > worst.ratio:
            self.measures[dtype, order] = m
        if m.fault:
            self.fault(order, dtype, f"{what}: {m.fault}")

    def fault(self, order: str, dtype: str, what: str) -> None:
        """Record something that differs."""
        self.faults.append(Fault(order, dtype, what))

    def add(self, other: Findings) -> None:
        """Add the findings of another dtype."""
        self.measures |= other.measures
        self.faults += other.faults
        self.remarks |= other.remarks

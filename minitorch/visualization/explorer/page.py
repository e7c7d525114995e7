"""The explorer's page: a trace as data, and the page's own files, put together into one HTML file."""

from __future__ import annotations

import base64
import hashlib
import json
import linecache
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minitorch.version import __version__
from minitorch.visualization.explorer.names import Names
from minitorch.visualization.explorer.source import rule_of
from minitorch.visualization.explorer.trace import Event, Kept, Part, Trace, corner

DATA = 4_000_000
"""How many characters of elements a page has at most, unless a few of each array are more."""
ELEMENTS = (16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64)
"""How many elements of each array are put into the page: the first of these numbers with which all fit into `DATA`."""
SCRIPTS = ("data.js", "script.js", "graph.js", "cards.js", "pictures.js", "products.js", "steps.js")
"""The files that make up the page's script, in order; they share their names."""
_LINES = 5000


class Compared(NamedTuple):
    """A result of an event beside torch's for the same inputs.

    Attributes:
        values: torch's; None if torch has none, and `fault` says why.
        ours: the largest error of minitorch's, in units of the error budget.
        torch: torch's own.
        allowed: how many units are allowed.
        fault: why it is past its budget; else empty.
    """

    values: np.ndarray | None
    ours: float
    torch: float
    allowed: float
    fault: str


class Torch(NamedTuple):
    """What torch computes in the place of a trace's events.

    Attributes:
        version: of torch; empty if there is no comparison.
        note: what was compared, or why nothing was.
        results: by (event, number of the output).
    """

    version: str
    note: str
    results: Mapping[tuple[int, int], Compared]


def page(trace: Trace, title: str, torch: Torch) -> str:
    """The page.

    Args:
        trace: what it shows.
        title: what was run.
        torch: what torch computes.
    """
    data = page_data(trace, title, torch)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    html, style, *scripts = map(_part, ("page.html", "style.css", *SCRIPTS))
    script = "".join(scripts)
    parts = {
        "TITLE": escape(title),
        "STYLE": style,
        "STYLE_HASH": _hash(style),
        "SCRIPT": script,
        "SCRIPT_HASH": _hash(script),
        "DATA": text,
    }
    first, *rest = html.split("{{")
    return first + "".join(parts[name] + after for name, _, after in (part.partition("}}") for part in rest))


def _part(name: str) -> str:
    """A file of the page."""
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The hash by which a page's policy allows a style or script that is written into it, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page_data(trace: Trace, title: str, torch: Torch) -> dict[str, Any]:
    """What the page shows, as the page's script reads it."""
    return _Data(trace, torch).all(title)


class _Data:
    def __init__(self, trace: Trace, torch: Torch) -> None:
        self.trace, self.torch = trace, torch
        self.names = Names(trace)
        self.files: dict[str, int] = {}
        self.rules: dict[Any, int] = {}

    def all(self, title: str) -> dict[str, Any]:
        """The data of the whole page."""
        events = [self._event(event) for event in self.trace.events]
        return {
            "title": title,
            "minitorch": __version__,
            "torch": {"version": self.torch.version, "note": self.torch.note},
            "files": [_file(name) for name in self.files],
            "rules": [self._rule(rule) for rule in self.rules],
            "calls": [{"path": path, "kind": kind} for path, kind in self.names.calls],
            "leaves": [{"name": name} for name in self.names.leaves],
            "arrays": self._arrays(),
            "events": events,
        }

    def _event(self, event: Event) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": event.kind, "name": event.name, "held": event.held}
        found["lines"] = [[self.files.setdefault(at.file, len(self.files)), at.line, at.function] for at in event.lines]
        found["modules"] = event.modules
        if event.rule is not None:
            found["rule"] = self.rules.setdefault(event.rule, len(self.rules))
        found["inputs"] = [self._part(part) for part in event.inputs]
        found["outputs"] = [self._part(part, (event.number, i)) for i, part in enumerate(event.outputs)]
        if event.saved:
            found["saved"] = [self._part(part) for part in event.saved]
        for name in ("recorded", "forward", "freed", "inside"):
            value = getattr(event, name)
            if value is not None and value is not False:
                found[name] = value
        return found

    def _part(self, part: Part, place: tuple[int, int] | None = None) -> dict[str, Any]:
        found = {k: v for k, v in vars(part).items() if v not in (None, "") and (k != "nbytes" or v)}
        compared = None if place is None else self.torch.results.get(place)
        if compared is not None and compared.values is not None:
            found["torch"] = {
                "array": self.trace.arrays.add(compared.values),
                "ours": _number(compared.ours),
                "own": _number(compared.torch),
                "allowed": _number(compared.allowed),
                "fault": compared.fault,
            }
        elif compared is not None:
            found["without_torch"] = compared.fault
        return found

    def _arrays(self) -> list[dict[str, Any]]:
        kept_arrays = self.trace.arrays.kept
        for limit in ELEMENTS:
            samples = [corner(kept.data, limit) for kept in kept_arrays]
            if sum(s.nbytes for s in samples) * 4 // 3 <= DATA:
                break
        return [_array(kept, sample) for kept, sample in zip(kept_arrays, samples, strict=True)]

    def _rule(self, rule: Any) -> dict[str, Any]:
        found = rule_of(rule)
        return {
            "kernel": getattr(getattr(rule, "kernel", None), "__name__", ""),
            "formula": found.formula,
            "excerpts": [e._asdict() for e in found.excerpts],
            "gradients": [g._asdict() for g in found.gradients],
            "form": found.form,
        }


def _array(kept: Kept, sample: np.ndarray) -> dict[str, Any]:
    little = np.ascontiguousarray(sample, sample.dtype.newbyteorder("<"))
    return {
        "shape": list(kept.shape),
        "dtype": kept.dtype.name,
        "numbers": {k: _number(v) for k, v in kept.numbers.items()},
        "sample": list(sample.shape),
        "data": base64.b64encode(little.tobytes()).decode(),
    }


def _number(value: Any) -> Any:
    """A number as JSON has it: infinities and NaN as text."""
    return repr(value) if isinstance(value, float) and not np.isfinite(value) else value


def _file(name: str) -> dict[str, Any]:
    lines = [line.rstrip("\n") for line in linecache.getlines(name)[:_LINES]]
    return {"name": Path(name).name, "lines": lines}

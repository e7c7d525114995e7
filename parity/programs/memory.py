"""What the statements of a program do to memory with torch, where its result depends on the order of its loops."""

from __future__ import annotations

import re
import warnings
from itertools import product
from typing import Any, NamedTuple

from parity.programs.program import WRITTEN, Program, execute, names_for

READS = "reads what it writes"
COMPUTES = "computes into its operand"
SHARED = "writes to elements that share memory"
RESHAPES = "gives another shape to a tensor that shares memory"
RESHAPES_RECORDED = "gives another shape to a tensor that requires a gradient"

_NAME = re.compile(r"\b[a-z]\b")

_WHOLE = re.compile(
    r"(?:masked_scatter|scatter_add|scatter|index_\w+|cum\w+)_\(|torch\.(?:matmul|sum|mean)\("
)  # reads elements that it has written


class _Place(NamedTuple):
    """Where the elements of a tensor are.

    Attributes:
        storage: the identity of its storage.
        layout: the number of its first element there, its shape and its strides.
        version: how often the storage was written.
        requires_grad: whether the tensor requires a gradient.
        is_view: whether the tensor is a view.
    """

    storage: int
    layout: tuple[int, tuple[int, ...], tuple[int, ...]]
    version: int
    requires_grad: bool
    is_view: bool


def memory_facts(program: Program, torch: Any) -> list[str]:
    """For each statement what is true of it: some of `READS`, `COMPUTES`, `SHARED` and so on, one in a line."""
    names = names_for(torch)
    facts = []
    torch.default_generator.manual_seed(0)
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        for statement in program:
            before = _places(names, torch)
            execute(statement, names)
            facts.append("\n".join(_facts(statement, before, _places(names, torch))))
    return facts


def _places(names: dict[str, Any], torch: Any) -> dict[str, _Place]:
    found = {}
    for name, t in names.items():
        if isinstance(t, torch.Tensor):
            storage, layout = t.untyped_storage(), (t.storage_offset(), tuple(t.shape), tuple(t.stride()))
            version = 0 if t.is_inference() else t._version
            found[name] = _Place(storage._cdata, layout, version, t.requires_grad, t._is_view())
    return found


def _facts(statement: str, before: dict[str, _Place], after: dict[str, _Place]) -> list[str]:
    used = _NAME.findall(statement)
    match = WRITTEN.match(statement)  # a call that fails, or is made under inference_mode, may not count as a write
    targets, out = (set(match.groups()), match[2]) if match else (set(), None)
    known = [n for n in used if n in before and n in after]
    written = [n for n in known if n in targets or before[n].version != after[n].version]
    facts = []
    for target in dict.fromkeys(written):
        others = list(used)
        others.remove(target)
        for other in [o for o in others if o in before and before[o].storage == before[target].storage]:
            if before[other].layout != before[target].layout or _WHOLE.search(statement):
                facts.append(COMPUTES if target == out else READS)
        if _repeats(before[target].layout):
            facts.append(SHARED)
        places = [place.storage for place in before.values()]
        shared = before[target].is_view or places.count(before[target].storage) > 1
        if out and shared and before[target].layout != after[target].layout:
            facts.append(RESHAPES)
        recorded = before[target].requires_grad or after[target].requires_grad
        if out and before[target].layout[1] != after[target].layout[1] and recorded:
            facts.append(RESHAPES_RECORDED)
    if re.search(r"\b([a-z])\.\w+_\(.*\b\1\.\w", statement):  # as of `a.add_(a.diagonal())`
        facts.append(READS)
    return list(dict.fromkeys(facts))


def _repeats(layout: tuple[int, tuple[int, ...], tuple[int, ...]]) -> bool:
    """Whether two elements of a tensor have the same place."""
    _, shape, strides = layout
    places = [sum(i * s for i, s in zip(index, strides, strict=True)) for index in product(*map(range, shape))]
    return len(set(places)) < len(places)

"""``python -m parity ops``: every op with its formula, gradients, saved values, kernel forms, names."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from minitorch.command_line import Parser
from minitorch.files import atomic_write
from parity.commands import op_facts
from parity.commands.formatted import formatted
from parity.commands.op_facts import OPERATORS, Entry

LIBRARIES = {"numpy": "NumPy", "cupy": "CuPy"}
SHOWN = 4  # how many functions or cases of one op are shown; the others are counted
FORMS = ("function", "linalg", "method", "in place", "F", "module")


def page() -> str:
    """The text of ``docs/ops.md``."""
    known = op_facts.entries()
    rest = op_facts.kernels_without_op(known)
    families: dict[str, list[Entry]] = {}
    for entry in known:
        families.setdefault(entry.module, []).append(entry)
    ordered = sorted(families.items(), key=lambda item: _title(item[0]))
    index = [f"[{_title(module)}](#{_title(module)}) ({len(entries)})" for module, entries in ordered]
    parts = [
        "# The ops",
        "Made by `parity ops --write docs/ops.md` from the ops themselves, which a test checks. Do not edit.",
        f"There are {len(known)} ops over {len({id(e.op.kernel) for e in known})} kernels, by the files that define "
        f"them: {', '.join(index)}; and {len(rest)} [kernels without an op](#kernels-without-an-op).",
        _LEGEND,
        *(part for module, entries in ordered for part in _family(module, entries)),
        "## Kernels without an op",
        "They are never differentiated: gradients without a gradient, the steps of optimizers, "
        "random numbers and constants.",
        _table(
            ("kernel", "computes", "other forms"),
            ((f"`{k.name}`", _cell(op_facts.summary(k.__doc__)[0]), _forms(op_facts.forms(k))) for k in rest),
        ),
    ]
    return "\n\n".join(parts) + "\n"


_LEGEND = """\
How to read it ([The engine in an evening](engine.md) explains what an op is):

- **computes**: the first paragraph of the kernel's docstring, its formula.
- **names**: what users call. *function* is `torch.name`, *method* `x.name(…)`, *in place* `x.name_(…)`, *F*
  `torch.nn.functional.name`, *module* `torch.nn.Name`. *internal*: no public function computes it; the ops follow
  that use it in their gradients.
- **other forms**: the libraries for which the kernel has a form beside the reference, which runs on every library.
- **parity**: the cases that compare these names with PyTorch's.
- **Gradients**: the gradient of each input, as written in the op's file. `g` is the incoming gradient (`h` in the
  gradient of a gradient), `out` the result; `x_shape` and `x_dtype` are the shape and the dtype of `x`. `keeps` lists
  what the graph saves for that gradient, if the input requires one. Functions that are called there and are no ops are
  printed below."""


def _title(module: str) -> str:
    """The name of a family: of the file of its ops."""
    return module.rpartition(".")[2].lstrip("_")


def _family(module: str, entries: Sequence[Entry]) -> list[str]:
    entries = sorted(entries, key=lambda e: e.name)
    described, _ = op_facts.summary(sys.modules[module].__doc__)
    file = module.replace(".", "/") + ".py"
    rows = [
        (f"`{e.name}`", _cell(e.formula), _names(e), _forms(e.forms), _first(", ", [f"`{c}`" for c in e.cases]))
        for e in entries
    ]
    notes = [(e, _notes(e)) for e in entries]
    parts = [
        f"## {_title(module)}",
        f"[{file}](../{file}): {_inline(described)}",
        _table(("op", "computes", "names", "other forms", "parity"), rows),
    ]
    parts += [f"`{e.name}`:{chr(10) * 2 if note.startswith('```') else ' '}{note}" for e, note in notes if note]
    differentiable = [e for e in entries if e.gradients]
    if differentiable:
        parts += ["Gradients:", f"```text\n{_gradients(differentiable)}\n```"]
    helpers = dict.fromkeys(h for e in differentiable for h in e.helpers)
    if helpers:
        text = "\n".join(op_facts.definition(h) for h in sorted(helpers, key=lambda h: h.__code__.co_firstlineno))
        parts.append(f"```python\n{formatted(text, file)}```")
    constant = [f"`{e.name}`" for e in entries if not e.gradients]
    if constant:
        parts.append(f"Without a gradient: {', '.join(constant)}.")
    return parts


def _gradients(entries: Sequence[Entry]) -> str:
    """A line for each gradient: the op, the input, the text, what the graph saves."""
    width = max(len(e.name) for e in entries)
    lines = []
    for e in entries:
        for i, gradient in enumerate(e.gradients):
            inputs = ", ".join(gradient.inputs)
            kept = ", ".join(op_facts.kept(p) for p in gradient.parameters[1:] if op_facts.is_kept(p))
            call = f"{gradient.text}({', '.join(gradient.parameters)})" if gradient.text.isidentifier() else None
            text = call if call and gradient.text in {h.__name__ for h in e.helpers} else gradient.text
            lines.append(f"{'' if i else e.name:{width}}  {inputs}: {text}" + (f"   keeps {kept}" if kept else ""))
        if e.op.composite is not None:
            lines.append(f"{'':{width}}  gradients of gradients: through {e.op.composite.__name__}")
    return "\n".join(lines)


def _names(entry: Entry) -> str:
    """The public names: for each function its names, and in which forms there are."""
    if not entry.names:
        return f"internal: {', '.join(f'`{name}`' for name in entry.within) or 'the engine'}"
    return _first("; ", [_faces(group) for group in entry.names])


def _first(separator: str, parts: Sequence[str]) -> str:
    """The first parts, and how many more there are."""
    more = len(parts) - SHOWN
    return separator.join([*parts[:SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _faces(group: Iterable[str]) -> str:
    names: dict[str, None] = {}
    found: dict[str, None] = {}
    for full in group:
        owner, _, name = full.rpartition(".")
        if name in OPERATORS:
            found[f"`{OPERATORS[name]}`"] = None
            continue
        in_place = owner == "Tensor" and name.endswith("_")
        where = {"": "function", "Tensor": "method", "nn.functional": "F", "linalg": "linalg", "nn": "module"}[owner]
        names[name.removesuffix("_") if in_place else name] = None
        found["in place" if in_place else where] = None
    ordered = sorted(found, key=lambda form: FORMS.index(form) if form in FORMS else len(FORMS))
    return f"{' '.join(f'`{name}`' for name in names)} {', '.join(ordered)}".strip()


def _forms(libraries: Iterable[str]) -> str:
    return ", ".join(LIBRARIES.get(library, library) for library in libraries)


def _notes(entry: Entry) -> str:
    """The paragraphs after the formula, but not the ones about the gradient: its text is printed anyway."""
    kept = [p for p in entry.notes if not re.match(r"(Linear\. )?Gradients? |Linear\.$", p)]
    return "\n\n".join(f"```text\n{textwrap.dedent(p)}\n```" if p.startswith("    ") else _inline(p) for p in kept)


def _inline(text: str) -> str:
    """A docstring's code as Markdown writes it."""
    return re.sub(r"``(.+?)``", r"`\1`", text)


def _cell(text: str) -> str:
    """Text in which an asterisk outside of code is one that shows."""
    parts = _inline(text).split("`")
    parts[::2] = [part.replace("*", "\\*") for part in parts[::2]]
    return "`".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in cells] for cells in lines)  # in code too
    return "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the page, or write it."""
    parser = Parser(prog="parity ops", description="Every op: formula, gradients, names, parity cases.")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there (docs/ops.md)")
    options = parser.parse_args(argv)
    if options.write is None:
        print(page(), end="")
        return 0
    with atomic_write(options.write, text=True) as file:
        file.write(page())
    return 0

"""Run all rungs of the ladder (docs/gpu.md), and print which each kernel passed.

    python -m tests.ladder                          print the table
    python -m tests.ladder --write docs/gpu.md      put it into the file, in place of the last one

L0 reads names, L1 compiles with NVRTC, L2 runs the kernels' text on the host, L3 runs CuPy on an emulation of CUDA, or
on a GPU where there is one. For a rung that cannot run here the table has the reason.
"""

from __future__ import annotations

import argparse
import inspect
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import kernels
from kernels.cuda import all_kernels as all_kernels, launch
from kernels.dispatch import KERNELS
from minitorch.files import atomic_write
from tests.kernels.compare import forms
from tests.ladder import names

BEGIN, END = "<!-- ladder: written by `python -m tests.ladder --write` -->", "<!-- end of ladder -->"
L0, L1, L2 = ([f"tests/ladder/{name}.py"] for name in ("test_l0_names", "test_l1_nvrtc", "test_l2_host"))
L3 = [
    "tests/kernels/test_forms.py",
    *(
        f"tests/ladder/test_l3_{n}.py"
        for n in ("graphs", "products", "recurrent", "special_values", "steps", "streams")
    ),
]
Outcomes = dict[str, str]
"""By test, named as `file::function[parameters]`: "passed", or "failed", or "skipped: …"."""


def run(tests: Sequence[str], emulated: bool) -> Outcomes:
    """The outcomes of some test files, run in a separate process."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        start = ["-m", "kernels.cusim", "pytest"] if emulated else ["-m", "pytest"]
        command = [sys.executable, *start, "-q", *tests, f"--junitxml={report}"]
        done = subprocess.run(command, cwd=names.ROOT, env={**os.environ, "PYTHONPATH": str(names.ROOT)}, check=False)
        if not report.exists():
            return {"": f"not run: {' '.join(command[1:])} ended with {done.returncode}"}
        found = {}
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                found[name] = "failed"
            else:
                found[name] = "passed" if skipped is None else f"skipped: {skipped.get('message', '')}"
        return found


def worst(found: Sequence[str]) -> str:
    """One outcome for several: the first that failed, was skipped or not run, else "passed"."""
    if not found:
        return "not run"
    return next((f for kind in ("failed", "skipped", "not run") for f in found if f.startswith(kind)), "passed")


def table(outcomes: Outcomes) -> str:
    """The kernels with a form for CuPy, and the steps that each passed, in Markdown."""
    lines = ["| kernel | text | L0 | L1 | L2 | L3 |", "|---|---|---|---|---|---|"]
    for name in forms("cupy"):
        file = inspect.getmodule(KERNELS[name].implementations["cupy"]).__name__.rpartition(".")[2] + ".cu"
        rungs = [
            [o for test, o in outcomes.items() if test.startswith("test_l0_names::test_all_names_of_neutral")],
            [o for test, o in outcomes.items() if f"compiles_without_spills[{file}-" in test],
            [o for test, o in outcomes.items() if test.startswith("test_l2_host::") and _about(test, name)],
            [o for test, o in outcomes.items() if test.startswith("test_forms::test_on_a_gpu") and _about(test, name)],
        ]
        marks = [worst(found).partition(":")[0] for found in rungs]
        text = f"`{file}`"
        if not files("kernels.cuda").joinpath(file).is_file():
            text, marks[1] = "no kernel of its own", "–"
        lines.append(f"| `{name}` | {text} | {' | '.join(marks)} |")
    return "\n".join(lines)


def _about(test: str, name: str) -> bool:
    return test.endswith(f"[{name}]") or f"[{name}-" in test


def section(outcomes: Outcomes, where: str) -> str:
    """The section of the file between `BEGIN` and `END`."""
    own = len(forms("cupy"))
    count = sum(len(t.expressions()) for t in launch.TEMPLATES)
    wrong = sorted({f"{test or 'L3'}: {o}" for test, o in outcomes.items() if o != "passed"})
    text = [
        BEGIN,
        f"{own} of {len(KERNELS)} kernels have a form of their own for CuPy, of {len(launch.TEMPLATES)} templates in "
        f"{count} instances. The others are their reference on CuPy's own functions, of which L0 finds every name and "
        "keyword.",
        f"L3 here: {where}.",
        table(outcomes),
    ]
    if wrong:
        text.append("What did not pass:\n\n" + "\n".join(f"- {line}" for line in wrong))
    return "\n\n".join([*text, END])


def put(path: Path, text: str) -> None:
    """Replace the section between the marks in a file; if it has none, add it at the end."""
    before = path.read_text(encoding="utf-8") if path.exists() else "# CuPy and CUDA kernels\n"
    start, found, rest = before.partition(BEGIN)
    if not found:
        start, rest = before.rstrip() + "\n\n## Which rung each kernel passed\n\n", END + "\n"
    _, closed, after = rest.partition(END)
    if not closed:
        raise ValueError(f"{path}: expected {END} after {BEGIN}")
    with atomic_write(path, text=True) as file:
        file.write(start + text + after)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rungs, print the table, write it with ``--write``."""
    parser = argparse.ArgumentParser(prog="python -m tests.ladder", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the table into FILE, in place of the last one")
    args = parser.parse_args(arguments)
    try:
        backend = kernels.get_backend("cuda")
        gpu = backend.is_available()
    except RuntimeError:
        gpu = False
    outcomes = run(L0 + L1 + L2, emulated=False)
    outcomes |= run(L3, emulated=not gpu)
    where = (
        "CuPy on a GPU"
        if gpu
        else "EMULATED, the unmodified CuPy on `kernels.cusim`; a GPU runs the same tests in `parity gpu`"
    )
    text = section(outcomes, where)
    print(text)
    if args.write is not None:
        put(args.write, text)
    return int(any(o == "failed" or o.startswith("not run") for o in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())

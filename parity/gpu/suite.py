"""The section that runs the project's tests on the GPU, a process for each file."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from parity.gpu.each_test import PART, WHERE
from parity.gpu.processes import ROOT
from parity.gpu.section import Options, Outcome, Section, emulated

LIMIT = 60
"""Seconds of one test."""
LONG = {"tests/kernels/test_forms.py": 6}
"""Files whose tests take minutes, most of them for compiling, and in how many parts they are run."""


def _files(options: Options) -> list[str]:
    """The test files among the paths of ``--suite``, in that order; a long one in parts: ``file 2/6``."""
    found: list[str] = []
    for path in options.suite.split():
        chosen = sorted((ROOT / path).rglob("test_*.py")) if (ROOT / path).is_dir() else [ROOT / path]
        for name in [str(file.relative_to(ROOT)) for file in chosen if file.exists()]:
            parts = LONG.get(name, 1)
            found += [name] if parts == 1 else [f"{name} {i}/{parts}" for i in range(1, parts + 1)]
    return found


def _log(options: Options, item: str) -> IO[bytes]:
    """A file for what pytest prints: in the folder of ``--logs``, or a temporary one."""
    if options.logs is None:
        return tempfile.TemporaryFile()
    options.logs.mkdir(parents=True, exist_ok=True)
    return (options.logs / f"{item.replace(os.sep, '.').replace(' ', '.')}.txt").open("w+b")


def _run(options: Options, item: str) -> Iterator[Outcome]:
    """The tests of a file. An outcome follows each of them. Those that fail are then run on the host."""
    counts: Counter[str] = Counter()
    failures: dict[str, str] = {}

    def outcome(remark: str = "", elsewhere: Iterable[str] = ()) -> Outcome:
        row = [item, *(str(counts[how]) for how in ("passed", "failed", "skipped")), remark]
        there = set(elsewhere)
        texts = {name: f"{name}: {reason}" for name, reason in failures.items()}
        return Outcome([row], [t for n, t in texts.items() if n not in there], [texts[n] for n in there])

    file, _, part = item.partition(" ")
    process, printed, tests = _pytest(options, [file, "--backend", "cuda"], item, part)
    for name, how, reason in tests:
        counts[how] += 1
        if how == "failed":
            failures[name] = reason
        yield outcome("not finished")
    if process.wait() not in (0, 1, 5) or (process.returncode == 1 and not failures):  # 5: nothing to run
        printed.seek(0)
        lines = printed.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "no output"
        failures[item] = f"pytest ended with {process.returncode}: {last}"
    names = [name for name in failures if name != item]
    if names:
        yield outcome("not tried on the host")
        yield outcome(
            "", [name for name, how, _ in _pytest(options, names, item + " on the host")[2] if how == "failed"]
        )
    else:
        yield outcome()


def _pytest(
    options: Options, arguments: Sequence[str], what: str, part: str = ""
) -> tuple[subprocess.Popen[bytes], IO[bytes], Iterator[tuple[str, str, str]]]:
    """A process of pytest, the file that it prints into, and each test as it ends: name, how it ended, and why."""
    start = ["-m", "kernels.cusim", "pytest"] if emulated() else ["-m", "pytest"]
    command = [sys.executable, *start, "-q", "-p", "no:cacheprovider", "-p", "parity.gpu.each_test", "-o", "addopts="]
    if importlib.util.find_spec("pytest_timeout"):
        command += ["--timeout", str(LIMIT)]
    reading, writing = os.pipe()
    # Into a file: pytest would wait for a reader of a full pipe, while this function waits for pytest's next test.
    printed = _log(options, what)
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        env={**os.environ, WHERE: str(writing), **({PART: part} if part else {})},
        pass_fds=(writing,),
        stdout=printed,
        stderr=subprocess.STDOUT,
    )
    os.close(writing)

    def tests() -> Iterator[tuple[str, str, str]]:
        with os.fdopen(reading, encoding="utf-8") as lines:
            for line in lines:
                name, how, reason = json.loads(line)
                yield name, how, reason

    return process, printed, tests()


_L3 = " ".join(
    f"tests/ladder/test_l3_{name}.py" for name in ("graphs", "recordings", "products", "steps", "streams", "recurrent")
)
PATHS = f"{_L3} tests/backends tests/kernels tests/nn tests/autograd tests/optim"
"""The tests that run on a GPU by default: first the tests about GPUs."""
SUITE = Section(
    "suite",
    "The tests on the GPU",
    ("file", "passed", "failed", "skipped", ""),
    _files,
    _run,
    share=0.6,
    limit=300.0,
    workers=14,
)

"""``python -m parity``: the comparison with torch, printed as a table."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

# One thread in each library: results do not depend on the number of cores then. The libraries read these when first
# imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from parity.cases import select  # noqa: E402
from parity.commands import backends, gpu, ops, programs, runs, speed, stubs, surface  # noqa: E402
from parity.compare.case import Case  # noqa: E402
from parity.compare.findings import DTYPES  # noqa: E402
from parity.runs import run_budget  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 when something is over budget or wrong, 2 when no case fits."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["surface"]:
        return surface.main(arguments[1:])
    if arguments[:1] == ["runs"]:
        return runs.main(arguments[1:])
    if arguments[:1] == ["backends"]:
        return backends.main(arguments[1:])
    if arguments[:1] == ["stubs"]:
        return stubs.main(arguments[1:])
    if arguments[:1] == ["ops"]:
        return ops.main(arguments[1:])
    if arguments[:1] == ["gpu"]:
        return gpu.main(arguments[1:])
    if arguments[:1] == ["programs"]:
        return programs.main(arguments[1:])
    if arguments[:1] == ["speed"]:
        return speed.main(arguments[1:])
    options = _parser().parse_args(arguments)
    if options.from_:
        return _show(_read(options.from_), options)
    for module in options.load:
        importlib.import_module(module)
    cases, models = select(options.pattern), run_budget.select(options.pattern)
    if not cases and not models:
        print(f"no case's name contains {options.pattern!r}; --list shows them all", file=sys.stderr)
        return 2
    if options.list:
        print(
            "\n".join(
                [f"{c.name}  {' '.join(filter(None, c.groups))}".rstrip() for c in cases]
                + [run_budget.PREFIX + name for name in models]
            )
        )
        return 0
    missing = _without(options.backend)
    if missing:
        print(missing, file=sys.stderr)
        return 2
    return _compare(cases, models, options)


def _without(backend: str) -> str:
    """Why there is no such backend here; empty if there is."""
    import minitorch

    try:
        return "" if minitorch.device(backend).backend else backend
    except RuntimeError as error:
        return str(error)


def _compare(cases: Sequence[Case], models: Sequence[str], options: argparse.Namespace) -> int:
    import torch

    import minitorch
    from parity import tasks
    from parity.report import table

    started = time.monotonic()
    todo, found = tasks.part(tasks.tasks(cases, models), *options.part), []
    dtypes = (options.dtype,) if options.dtype else DTYPES
    _progress(f"0/{len(todo)}")
    for task, exploration in zip(
        todo,
        tasks.done(todo, options.examples, options.seed, dtypes, options.jobs, options.backend, options.load),
        strict=True,
    ):
        found.append(exploration)
        _progress(f"{len(found)}/{len(todo)} {task.name}")
    _progress("")
    command = {name: getattr(options, name) for name in ("pattern", "examples", "seed", "dtype")}
    date = time.strftime("%Y-%m-%d", time.gmtime())
    content = table.content(command, table.versions(minitorch, torch), date, found)
    code = _show(content, options)
    print(f"{time.monotonic() - started:.0f} s")
    return code


def _show(content: dict[str, Any], options: argparse.Namespace) -> int:
    """Print the table, and write the files that the options name."""
    from parity.report import html, markdown, table

    print(f"{table.text(content['rows'])}\n\n{table.LEGEND}\n")
    print(", ".join(f"{name} {version}" for name, version in content["versions"].items()))
    for failure in content["failures"]:
        print(f"\n{failure['title']}\n{failure['report']}")
    print(f"\n{table.closing(content['rows'])}")
    writers: tuple[tuple[str | None, Callable[[dict[str, Any]], str]], ...] = (
        (options.json, lambda c: json.dumps(c, indent=1)),
        (options.html, html.page),
        (options.markdown, markdown.document),
    )
    for file, write in writers:
        if file:
            with open(file, "w", encoding="utf-8") as opened:
                opened.write(write(content))
    return 0 if all(row["passed"] for row in content["rows"]) else 1


def _read(files: Sequence[str]) -> dict[str, Any]:
    """The contents of files that --json wrote, as one; a row that is in several files is taken from the last.

    Raises:
        SystemExit: if they compared other versions, or drew their examples in other ways.
    """
    contents = []
    for name in files:
        with open(name, encoding="utf-8") as file:
            contents.append(json.load(file))
    first = contents[0]
    for name, other in zip(files, contents, strict=True):
        for key in ("examples", "seed", "dtype"):
            if other["command"][key] != first["command"][key]:
                raise SystemExit(f"{name} has {key} {other['command'][key]}, {files[0]} {first['command'][key]}")
        if other["versions"] != first["versions"]:
            raise SystemExit(f"{name} compares {other['versions']}, {files[0]} {first['versions']}")
    patterns = list(dict.fromkeys(c["command"]["pattern"] for c in contents))
    rows = {(r["case"], r["group"], r["dtype"], r["order"]): r for c in contents for r in c["rows"]}
    wrong = {(r["case"], r["group"]) for r in rows.values() if not r["passed"]}
    failures = {(f["case"], f["group"]): f for c in contents for f in c["failures"]}
    return {
        **first,
        "command": {**first["command"], "pattern": "" if "" in patterns else " ".join(patterns), "parts": len(files)},
        "date": max(c["date"] for c in contents),
        "rows": list(rows.values()),
        "failures": [failure for place, failure in failures.items() if place in wrong],
    }


def _progress(what: str) -> None:
    """Show on a terminal what has been compared."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _part(text: str) -> tuple[int, int]:
    """``2/8`` as numbers."""
    i, n = (int(number) for number in text.split("/"))
    if not 1 <= i <= n:
        raise ValueError(text)
    return i, n


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parity",
        description="Compare minitorch with torch, case by case.",
        epilog="parity surface --help: which of torch's names there are. parity runs --help: whole trainings. "
        "parity backends --help: every kernel on every backend. parity gpu --help: a report from a GPU. "
        "parity programs --help: random programs. parity speed --help: times. "
        "parity ops --help: every op. parity stubs --help: what type checkers "
        "read.",
    )
    parser.add_argument("pattern", nargs="?", default="", help="only cases whose name contains this")
    parser.add_argument(
        "--examples", type=int, default=20, help="examples per case and option group (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the examples (default: %(default)s)")
    parser.add_argument("--dtype", choices=DTYPES, help="only this dtype (default: both)")
    parser.add_argument("--jobs", type=int, default=1, help="processes to use (default: %(default)s)")
    parser.add_argument(
        "--part", type=_part, default=(1, 1), metavar="I/N", help="only this of N parts of the work, for --from to join"
    )
    parser.add_argument("--json", metavar="FILE", help="write the rows, with the script of each row's worst example")
    parser.add_argument("--html", metavar="FILE", help="write a page with the table, plots and scripts")
    parser.add_argument("--markdown", metavar="FILE", help="write the table for the docs")
    parser.add_argument(
        "--from", dest="from_", nargs="+", metavar="FILE", help="show what --json has written, compare nothing"
    )
    parser.add_argument(
        "--backend", default="cpu", help="the device of minitorch's tensors: cuda, or what --load registers (cpu)"
    )
    parser.add_argument(
        "--load", action="append", default=[], metavar="MODULE", help="import it: it registers cases or a backend"
    )
    parser.add_argument("--list", action="store_true", help="print the names of the cases and their option groups")
    return parser


if __name__ == "__main__":
    sys.exit(main())

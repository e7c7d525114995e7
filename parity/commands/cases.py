"""``parity``: the cases compared with torch, a line for each."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from minitorch.command_line import Parser
from minitorch.errors import UsageError
from minitorch.files import atomic_write
from minitorch.training.options import count, existing_file, output_file
from parity.compare.findings import DTYPES

if TYPE_CHECKING:
    from parity.compare.case import Case
    from parity.compare.explore import Exploration
    from parity.tasks import Task

EXAMPLES, QUICK = 20, 5
"""How many examples are drawn for each case and option group: of chosen cases, and of all."""


def main(argv: Sequence[str]) -> int:
    """Run the command; see `parity.__main__.main` for its exit code."""
    options = _parser().parse_args(argv)
    if options.from_:
        from parity.report import lines

        content = _read(options.from_)
        for rows, reason in lines.of_groups(content):
            _print_line(rows, reason, options)
        return _finish(content, options)
    from parity.cases import select
    from parity.compare.loading import backend_named
    from parity.runs import run_budget

    cases, models = _chosen(options)
    if not cases and not models:
        raise UsageError(_no_such(options.pattern, [c.name for c in select()] + run_budget.select()))
    if options.list:
        listed = [f"{c.name}  {' '.join(filter(None, c.groups))}".rstrip() for c in cases]
        print("\n".join(listed + [run_budget.PREFIX + name for name in models]))
        return 0
    backend_named(options.backend)
    return _compare(cases, models, options)


def _chosen(options: argparse.Namespace) -> tuple[list[Case], list[str]]:
    """The cases and models that the options choose, after what they load has been imported.

    Sets `options.load` to all that is loaded, `options.quick`, and `options.examples` where it is not given.
    """
    from parity.cases import select
    from parity.compare.loading import LOADED, load
    from parity.runs import run_budget

    LOADED.clear()
    own = options.pattern if options.pattern.endswith(".py") else ""
    options.load = [*options.load, *([own] if own else [])]
    modules = load(options.load)
    options.quick = not options.pattern and options.examples is None
    if options.examples is None:
        options.examples = QUICK if options.quick else EXAMPLES
    if own:
        cases = [c for c in select() if c.body.__module__ == modules[-1]]
        if not cases:
            raise UsageError(f"{own} registers no case; `parity init FILE` writes one to start from")
        return cases, []
    return select(options.pattern), [] if options.quick and not options.list else run_budget.select(options.pattern)


def _no_such(pattern: str, names: Sequence[str]) -> str:
    """The message where no case fits, with the names that are nearest."""
    from difflib import get_close_matches

    from parity.__main__ import COMMANDS

    command = get_close_matches(pattern, COMMANDS, 1, 0.75)
    if command:
        return f"no case's name contains {pattern!r}; did you mean the command parity {command[0]}?"
    by_end = {name.rpartition(".")[2].lower(): name for name in names}
    near = [by_end[end] for end in get_close_matches(pattern.rpartition(".")[2].lower(), by_end, 3)]
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no case's name contains {pattern!r}{hint} (--list shows them all; --load imports your own)"


def _compare(cases: Sequence[Case], models: Sequence[str], options: argparse.Namespace) -> int:
    """Compare, print a line for each task when it is done, and finish with what there is, also after Ctrl-C."""
    import torch

    import minitorch
    from parity import tasks
    from parity.report import lines, table

    started, stopped = time.monotonic(), False
    todo: Sequence[Task] = tasks.part(tasks.tasks(cases, models), *options.part)
    found: list[Exploration] = []
    dtypes = (options.dtype,) if options.dtype else DTYPES
    print(lines.head(lines.width()), flush=True)
    doing = tasks.done(todo, options.examples, options.seed, dtypes, options.jobs, options.backend, options.load)
    try:
        with _noted_interrupts() as interrupts:
            for exploration in _timed(doing, todo):
                if interrupts:
                    raise KeyboardInterrupt
                found.append(exploration)
                _print_line(table.records(exploration.rows, scripts=False), table.reason(exploration), options)
                if options.exitfirst and exploration.faults:
                    print(f"stopped at the first difference; {len(todo) - len(found)} of {len(todo)} were not compared")
                    break
    except KeyboardInterrupt:
        stopped = True
        print(f"\nstopped; {len(found)} of {len(todo)} were compared", file=sys.stderr)
    doing.close()
    command = {name: getattr(options, name) for name in ("pattern", "examples", "seed", "dtype")}
    date = time.strftime("%Y-%m-%d", time.gmtime())
    with minitorch.device(options.backend):  # where the scripts put minitorch's tensors
        content = table.content(command, table.versions(minitorch, torch), date, found)
    code = _finish(content, options)
    print(f"{time.monotonic() - started:.0f} s")
    if options.quick:
        print(
            f"A quick look: {QUICK} examples of each case, no training runs.\n"
            f"Deeper: parity --examples {EXAMPLES} (some minutes), or a part: parity conv2d --examples 200"
        )
    return 130 if stopped else code


@contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """Ctrl-C raises KeyboardInterrupt as ever, and is noted in the list that is given.

    An exception can be lost where Python cannot raise it, as in a finalizer that happens to run at that moment, or be
    taken for a result of the call that is compared; then the note is left.
    """
    noted: list[int] = []

    def on_interrupt(number: int, frame: object) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()  # no other thread may set a handler
    if not main or before is not signal.default_int_handler:
        yield noted
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _timed(doing: Iterator[Exploration], todo: Sequence[Task]) -> Iterator[Exploration]:
    """What is `doing`; on a terminal, standard error shows how far it is and the time left."""
    from parity.report.lines import width

    began, shown = time.monotonic(), sys.stderr.isatty()
    for i, task in enumerate(todo):
        if shown:
            passed = time.monotonic() - began
            left = f", {passed / i * (len(todo) - i):.0f} s left" if i > 10 and passed > 2 else ""
            where = f"{i + 1}/{len(todo)}{left} {task.name}"[: width() - 1]
            print(f"\r\033[K{where}", end="", file=sys.stderr, flush=True)
        exploration = next(doing, None)
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        if exploration is None:
            return
        yield exploration


def _print_line(rows: Sequence[dict[str, Any]], reason: str, options: argparse.Namespace) -> None:
    from parity.report import lines

    if not options.failed or lines.verdict(rows) == "FAIL":
        print(lines.line(rows, reason, lines.width()), flush=True)


def _finish(content: dict[str, Any], options: argparse.Namespace) -> int:
    """Print what differs and the totals, and write the files that the options name."""
    from parity.report import html, lines, markdown, table

    rows, columns = content["rows"], lines.width()
    for failure in content["failures"]:
        print(f"\n{failure['title']}\n{failure['report']}")
    if options.rows:
        print(f"\n{table.text(rows)}\n\n{table.LEGEND}")
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    print(f"\n{lines.closing(rows, columns)}\n")
    for paragraph in ([lines.LEGEND] if columns >= lines.WIDE else []) + [versions]:
        print(textwrap.fill(paragraph, columns))
    writers: tuple[tuple[str | None, Callable[[dict[str, Any]], str]], ...] = (
        (options.json, lambda c: json.dumps(c, indent=1)),
        (options.html, html.page),
        (options.markdown, markdown.document),
    )
    for file, write in writers:
        if file:
            with atomic_write(file, text=True) as opened:
                opened.write(write(content))
            print(f"wrote {file}")
    return {"PASS": 0, "FAIL": 1, "SKIP": 2}[lines.verdict(rows)]


def _read(files: Sequence[str]) -> dict[str, Any]:
    """The contents of files that --json wrote, as one; a row that is in several files is taken from the last.

    Raises:
        UsageError: if they compared other versions, or drew their examples in other ways.
    """
    contents = []
    for name in files:
        with open(name, encoding="utf-8") as file:
            contents.append(json.load(file))
    first = contents[0]
    for name, other in zip(files, contents, strict=True):
        for key in ("examples", "seed", "dtype"):
            if other["command"][key] != first["command"][key]:
                raise UsageError(f"{name} has {key} {other['command'][key]}, {files[0]} {first['command'][key]}")
        if other["versions"] != first["versions"]:
            raise UsageError(f"{name} compares {other['versions']}, {files[0]} {first['versions']}")
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


def _part(text: str) -> tuple[int, int]:
    """``2/8`` as numbers."""
    i, n = (int(number) for number in text.split("/"))
    if not 1 <= i <= n:
        raise ValueError(text)
    return i, n


def _parser() -> Parser:
    parser = Parser(
        prog="parity",
        description="Compare minitorch with torch, case by case. Without a pattern: a quick look at all cases.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""\
other commands, each with --help:
  parity init FILE   a start for comparing something of your own
  parity diff FILE   where a script of yours parts from torch
  parity runs        whole trainings
  parity backends    every kernel on every backend
  parity programs    random programs
  parity speed       times beside torch
  parity surface     which of torch's names there are
  parity gpu         a report from a GPU
  parity ops, parity stubs   the page of all ops; what type checkers read

exit codes: 0 all agrees, 1 something differs, 2 nothing could be compared, 130 stopped by Ctrl-C
""",
    )
    parser.add_argument(
        "pattern", nargs="?", default="", help="only cases whose name contains this; FILE.py: the cases in that file"
    )
    work = parser.add_argument_group("what is compared")
    work.add_argument(
        "--examples",
        type=count,
        metavar="N",
        help=f"examples per case and option group (default: {EXAMPLES}; of all cases: {QUICK}, and no training runs)",
    )
    work.add_argument("--seed", type=int, default=0, metavar="N", help="of the examples (default: %(default)s)")
    work.add_argument("--dtype", choices=DTYPES, help="only this dtype (default: both)")
    work.add_argument("--jobs", type=count, default=1, metavar="N", help="processes to use (default: %(default)s)")
    work.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first difference")
    work.add_argument(
        "--part", type=_part, default=(1, 1), metavar="I/N", help="only this of N parts of the work, for --from to join"
    )
    work.add_argument(
        "--backend",
        default="cpu",
        metavar="NAME",
        help="the device of minitorch's tensors: cuda, or what --load registers (default: %(default)s)",
    )
    work.add_argument(
        "--load",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module or FILE.py before: it registers cases, kernels or a backend",
    )
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--list", action="store_true", help="print the names of the cases and their option groups")
    shown.add_argument("--failed", action="store_true", help="print the lines of what differs only")
    shown.add_argument("--rows", action="store_true", help="print a table of all rows: dtypes, orders, errors in units")
    shown.add_argument("--json", type=output_file, metavar="FILE", help="write the rows, with the worst examples")
    shown.add_argument("--html", type=output_file, metavar="FILE", help="write a page with table, plots and scripts")
    shown.add_argument("--markdown", type=output_file, metavar="FILE", help="write the table for the docs")
    shown.add_argument(
        "--from",
        dest="from_",
        nargs="+",
        type=existing_file,
        metavar="FILE",
        help="show what --json has written, compare nothing",
    )
    return parser

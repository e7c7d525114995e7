"""``python -m parity speed``: training steps, kernels, memory and imports, timed beside torch."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from minitorch import cuda
from minitorch.command_line import Parser
from minitorch.errors import UsageError
from minitorch.files import atomic_write
from minitorch.training.metrics import write_json
from minitorch.training.options import count, existing_file, output_file
from parity.gpu.section import no_gpu
from parity.report import marks
from parity.speed import benchmark, contestants, lessons, machine, on_gpu
from parity.speed.report import html, tables
from parity.speed.timing import Effort

MARK = "parity speed"
"""The name of the command between a page's marks."""
APART_BUDGET = 8.0
"""With ``--apart``, the seconds after which no further round of a row begins: the sides rest before each turn."""


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 when a side computes something else than torch, 2 for a wrong command,
    130 after Ctrl-C, which leaves what was complete by then, and no Markdown.
    """
    options = _parser().parse_args(argv)
    if options.device == "cuda":
        return _on_gpu(options)
    options.threads = options.threads or (1 if options.quick else machine.cores())
    try:
        content = _read(options.from_) if options.from_ else _measured(options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    print(tables.text(content))
    if options.json:
        write_json(options.json, content)
    if options.html:
        with atomic_write(options.html, text=True) as file:
            file.write(html.page(content))
    if options.markdown and not content["stopped"]:  # a page keeps its whole table
        _write_markdown(options.markdown, tables.markdown(content))
    if content["stopped"]:
        print("stopped: the rows that were complete are shown", file=sys.stderr)
        return 130
    return 1 if benchmark.wrong(content) else 0


def _on_gpu(options: argparse.Namespace) -> int:
    """Print the table of the steps on a GPU, and write it; exit code 2 if there is no GPU."""
    given = {"--only": options.only, "--with": options.with_, "--json": options.json, "--html": options.html}
    given |= {"--apart": options.apart, "--threads": options.threads, "--from": options.from_}
    for name, value in given.items():
        if value:
            print(f"{name} cannot be combined with --device cuda, which takes --quick and --markdown", file=sys.stderr)
            return 2
    missing = no_gpu()
    if missing is not None:
        print(missing, file=sys.stderr)
        return 2
    text = f"On {cuda.get_device_name()}.\n\n" + on_gpu.table(
        lessons.NAMES, 0.05 if options.quick else 1.0, _progress()
    )
    print(text)
    if options.markdown:
        _write_markdown(options.markdown, text)
    return 0


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    names = list(dict.fromkeys(options.with_))
    for name in names:
        contestants.check(name)
    chosen = [contestants.CONTESTANTS[name] for name in names]
    further = [c for c in chosen if c.file]
    settings = benchmark.Settings(
        sections=options.only or benchmark.SECTIONS,
        threads=options.threads,
        apart=options.apart,
        effort=Effort(rounds=options.rounds, budget=APART_BUDGET) if options.apart else Effort(rounds=options.rounds),
        quick=options.quick,
        further={name: contestants.side(name, options.threads) for name in names},
        packages=[c.distribution for c in further],
        modules=[c.package for c in further],
        progress=_progress(),
    )
    return {"command": _command(options), **benchmark.run(settings)}


def _progress() -> Callable[[str], None]:
    """Shows on a terminal what is being measured."""
    if not sys.stderr.isatty():
        return lambda what: None
    return lambda what: print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _command(options: argparse.Namespace) -> str:
    """The command line that measures the same."""
    words = [MARK, *(f"--only {section}" for section in options.only)]
    words += [f"--with {name}" for name in options.with_] + ["--quick"] * options.quick
    words += ["--apart"] * options.apart
    words += [f"--threads {options.threads}", *([f"--rounds {options.rounds}"] if options.rounds != 15 else [])]
    return " ".join(words)


def _read(file: Path) -> dict[str, Any]:
    """What --json wrote.

    Raises:
        UsageError: if the file is something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        _ = (
            content["command"],
            content["machine"]["versions"],
            content["limits"]["flops"],
            content["stopped"],
            content["sections"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is not what parity speed --json writes: {error!r}") from None
    found: dict[str, Any] = content
    return found


def _write_markdown(file: Path, text: str) -> None:
    """Write the tables; into a page that has the command's marks, between these."""
    if file.is_file() and marks.is_marked(file, MARK):
        marks.put(file, MARK, text)
        return
    with atomic_write(file, text=True) as opened:
        opened.write(f"{text}\n")


def _parser() -> Parser:
    parser = Parser(
        prog=MARK, description="Time minitorch beside torch: both compute the same before anything is timed."
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=benchmark.SECTIONS,
        help="only this section; several may be given",
    )
    parser.add_argument(
        "--with",
        dest="with_",
        action="append",
        default=[],
        metavar="LIBRARY",
        help=f"take the steps of the lessons with this one too: {', '.join(contestants.CONTESTANTS)}",
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="cuda: the lessons' steps on a GPU, eager and as CUDA graphs; of the other options it takes --quick and "
        "--markdown (default: %(default)s)",
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument(
        "--threads", type=count, help=f"of each library (default: all cores, here {machine.cores()}; 1 with --quick)"
    )
    parser.add_argument(
        "--apart",
        action="store_true",
        help="each side in a process of its own, with its library's threads alone; they are timed in turn",
    )
    parser.add_argument("--rounds", type=count, default=15, help="how often each side is timed (default: %(default)s)")
    parser.add_argument("--json", type=output_file, metavar="FILE", help="write all numbers to FILE")
    parser.add_argument("--html", type=output_file, metavar="FILE", help="write a page with tables and plots")
    parser.add_argument(
        "--markdown",
        type=output_file,
        metavar="FILE",
        help=f"write the tables; in a page with a line {marks.BEGIN.format(MARK)}, up to the line {marks.END}",
    )
    parser.add_argument(
        "--from", dest="from_", type=existing_file, metavar="FILE", help="show what --json has written, time nothing"
    )
    return parser

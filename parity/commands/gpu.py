"""``python -m parity gpu --report FILE``: all checks of this code on a GPU, and a report.

On a machine with an NVIDIA GPU, it shows whether the code, which was checked without one, is right there. Under
the emulation, ``python -m kernels.cusim parity gpu --report FILE``, the command tests itself; the report is then marked
EMULATED, and its times say nothing about any GPU.

The report is written while the command runs, and each section runs in processes of its own: a crash or a hang costs
one row. With ``--budget`` the command ends within so many seconds; the sections that say most come first.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from minitorch.command_line import Parser
from parity.gpu import processes
from parity.gpu.checks import COMPILED, ENVIRONMENT, EXCHANGE, TRAINING
from parity.gpu.comparisons import KERNELS, PARITY
from parity.gpu.report import Report
from parity.gpu.section import Section, no_gpu
from parity.gpu.steps import STEPS
from parity.gpu.suite import PATHS, SUITE
from parity.gpu.worker import work
from parity.runs.comparison import NAMES

ALL = (ENVIRONMENT, COMPILED, EXCHANGE, STEPS, TRAINING, SUITE, KERNELS, PARITY)
MARGIN = 8.0
"""Seconds of the budget for what is not counted: the start of Python, and the end of processes."""
LEAST = 12.0
"""Seconds that a section has at least, if so many are left: its first process needs some of them to begin."""


def main(argv: Sequence[str]) -> int:
    """Run the command.

    The exit code is 0 if everything was run and holds, 1 if something fails, 2 if there is no GPU, 3 if what was run
    holds but the budget ended first.
    """
    options = _parser().parse_args(argv)
    sections = [s for s in ALL if s.name not in options.skip and (not options.only or s.name in options.only)]
    if options.worker:
        work(next(s for s in ALL if s.name == options.worker), options)
        return 0
    missing = no_gpu()
    if missing is not None:
        print(missing, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    return run(sections, options.report, options.budget, list(argv))


def run(sections: Sequence[Section], path: Path, budget: float | None, argv: Sequence[str]) -> int:
    """Run sections and write the report to `path`; returns the exit code."""
    report = Report(path, [s.name for s in sections])
    end = time.monotonic() + (budget - min(MARGIN, budget / 5) if budget else float("inf"))
    try:
        for section in sections:
            left = end - time.monotonic()
            if left <= 0:
                break
            print(f"{section.name} …", file=sys.stderr, flush=True)
            deadline = time.monotonic() + max(left * section.share, min(left, LEAST))
            command = processes.worker_command(section.name, argv)
            report.show(processes.run(section, command, deadline, report.show), now=True)
    finally:
        report.write()
    print("\n".join(report.failures) or "what ran holds", file=sys.stderr)
    if report.missing:
        print("not run, or not to the end: " + "; ".join(report.missing), file=sys.stderr)
    return 1 if report.failures else 3 if report.missing else 0


def _stop(*_: object) -> NoReturn:
    """End the command as Ctrl-C does: the processes are ended, and the report is written."""
    raise KeyboardInterrupt


def _models(text: str) -> list[str]:
    unknown = set(text.split(",")) - set(NAMES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no model {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return text.split(",")


def _parser() -> Parser:
    names = [s.name for s in ALL]
    parser = Parser(prog="parity gpu", description=__doc__)
    parser.add_argument("--report", type=Path, required=True, metavar="FILE", help="the Markdown file to write")
    parser.add_argument(
        "--budget", type=float, metavar="SECONDS", help="end within so many seconds (default: no limit)"
    )
    parser.add_argument("--only", nargs="+", choices=names, default=[], metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--skip", nargs="+", choices=names, default=[], metavar="NAME", help="leave these sections out")
    parser.add_argument("--cases", default="", help="only parity cases whose name contains this")
    parser.add_argument("--examples", type=int, default=4, help="examples of each case and option group (%(default)s)")
    parser.add_argument("--models", type=_models, default=[], metavar="NAME,…", help="only these models")
    parser.add_argument("--suite", default=PATHS, metavar="PATHS", help="the tests to run (%(default)s)")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep what pytest prints, a file each")
    parser.add_argument("--repeat", type=int, default=5, help="calls of a kernel to take the time of (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.4, help="for the times of each step (%(default)s)")
    parser.add_argument("--worker", choices=names, help=argparse.SUPPRESS)
    return parser

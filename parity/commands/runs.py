"""``python -m parity runs``: every model trained with minitorch and with torch from the same seed, and compared."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tabulate import tabulate

from minitorch.command_line import Parser
from minitorch.errors import UsageError
from minitorch.training.figures import save_figure
from minitorch.training.metrics import write_json
from minitorch.training.options import count, existing_file, output_file, seed
from parity.report import marks, table
from parity.runs.comparison import (
    CLOSE,
    EARLY,
    NAMES,
    STRETCH,
    Comparison,
    Distribution,
    compare,
    distributions,
    select,
)
from parity.runs.figures import draw
from parity.runs.trace import SHORT

LEGEND = f"""\
start: the parameters before the first step: equal bit for bit, or the difference in units in the last place. The
columns of steps: the largest relative difference of a loss from torch's, over the first {EARLY} (at most {CLOSE:g} is
required), the first {STRETCH} and all. torch itself: the same between torch in float32 and torch in float64: the effect
of rounding on this model. past {CLOSE:g}: the first step with a larger difference, for minitorch, and for torch itself.
If torch itself exceeds {CLOSE:g} the model is chaotic: two implementations drift apart, and final metrics should be
compared over several seeds (--seeds)."""
SEEDS_LEGEND = """\
torch, minitorch: mean ± standard deviation of the final metric over the seeds. p: how often chance alone makes the
means differ as much, by the exact permutation test."""
HEADERS = (
    "model", "seed", "steps", "start", f"first {EARLY}", f"first {STRETCH}", "all", "torch itself",
    f"past {CLOSE:g}", "torch itself", "metric", "torch", "minitorch",
)  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 if a model differs, 2 if none could be compared, 130 after Ctrl-C,
    which prints the table of the complete runs.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    models = select(*options.pattern)
    if not models:
        print(f"no model has such a name; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    if options.page and not marks.is_marked(options.page, _command(options)):
        parser.error(f"{options.page} has no line {marks.BEGIN.format(_command(options))}")
    began, found, stopped = time.monotonic(), [], False
    try:
        for c in _train(models, options):
            found.append(c)
    except KeyboardInterrupt:
        print(f"stopped; {len(found)} runs were complete", file=sys.stderr)
        stopped = True
    if not found:
        return 130 if stopped else 2
    summary = _summary(found, time.monotonic() - began)
    print("\n\n".join([*_tables(found, "simple"), LEGEND, summary]))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        size = (15.0, 3.2 * -(-len(found) // 3))
        if save_figure(options.out / "runs.png", lambda figure: draw(figure, found), size):
            print(f"figure {options.out / 'runs.png'}")
    if options.json:
        write_json(options.json, _record(found, options))
    if stopped:
        return 130
    if options.page:
        marks.put(options.page, _command(options), "\n\n".join([*_tables(found, "github"), summary]))
    return 0 if all(c.passed for c in found) else 1


def _train(models: Sequence[str], options: argparse.Namespace) -> Iterator[Comparison]:
    """The comparisons, one after the other; for a model that cannot run here, a line on standard error."""
    import torch

    import minitorch

    torch.set_num_threads(1)
    settings = ["--data", options.data, *(["--data-dir", str(options.data_dir)] if options.data_dir else [])]
    for model in models:
        for n in range(options.seeds):
            if sys.stderr.isatty():
                print(f"{model}, seed {options.seed + n}", file=sys.stderr, flush=True)
            try:
                yield compare(
                    model, minitorch, torch, settings,
                    seed=options.seed + n, short=options.short, oracle=n == 0 and not options.no_oracle,
                )  # fmt: skip
            except (UsageError, OSError) as error:
                print(f"{model} is left out: {error}", file=sys.stderr)
                break


def _tables(found: Sequence[Comparison], form: str) -> list[str]:
    """The table of runs, and with several seeds a table of final metrics."""
    align: tuple[str, ...] = ("left", *("right",) * 9, "left", "right", "right")
    tables = [tabulate([_cells(c) for c in found], HEADERS, form, disable_numparse=True, colalign=align)]
    rows = [_distribution_cells(d) for d in distributions(found)]
    if rows:
        headers = ("model", "metric", "seeds", "torch", "minitorch", "p", "torch by seed", "minitorch by seed")
        align = ("left", "left", *("right",) * 4, "left", "left")
        tables += [tabulate(rows, headers, form, disable_numparse=True, colalign=align), SEEDS_LEGEND]
    return tables


def _cells(c: Comparison) -> list[str]:
    off, own = c.differences, c.torch_differences
    start = "equal" if c.ulp == 0 else f"{c.ulp:g} ulp"
    return [
        c.model + ("" if c.passed else "  DIFFERS"),
        str(c.seed),
        str(len(c.torch.losses)),
        start,
        *(f"{off[:steps].max(initial=0.0):.1e}" for steps in (EARLY, STRETCH, len(off))),
        "" if own is None else f"{own.max(initial=0.0):.1e}",
        str(c.past(off) or "never"),
        "" if own is None else str(c.past(own) or "never"),
        c.metric,
        f"{c.torch.metrics[c.metric]:.5g}",
        f"{c.ours.metrics[c.metric]:.5g}",
    ]


def _distribution_cells(d: Distribution) -> list[str]:
    sides = (d.torch, d.ours)
    means = [f"{statistics.fmean(side):.4g} ± {statistics.stdev(side):.2g}" for side in sides]
    return [
        d.model,
        d.metric,
        str(len(d.ours)),
        *means,
        f"{d.p:.2f}",
        *(" ".join(f"{v:.4g}" for v in s) for s in sides),
    ]


def _summary(found: Sequence[Comparison], seconds: float) -> str:
    import torch

    import minitorch

    versions = ", ".join(f"{name} {version}" for name, version in table.versions(minitorch, torch).items())
    wrong = [f"{c.model} (seed {c.seed})" for c in found if not c.passed]
    verdict = f"these differ: {', '.join(wrong)}" if wrong else "all agree"
    return f"{versions}\n\n{len(found)} runs, {verdict} over the first {EARLY} steps; {seconds:.0f} s"


def _record(found: Sequence[Comparison], options: argparse.Namespace) -> dict[str, Any]:
    """The content of the JSON file; infinite differences are null there."""
    import torch

    import minitorch

    def run(c: Comparison) -> dict[str, Any]:
        off, own = c.differences, c.torch_differences
        return {
            "model": c.model,
            "seed": c.seed,
            "passed": c.passed,
            "chaotic": c.chaotic if own is not None else None,
            "steps": len(c.torch.losses),
            "start_ulp": c.ulp,
            **{f"first_{n}": off[:n].max(initial=0.0) for n in (EARLY, STRETCH)},
            "all": off.max(initial=0.0),
            "torch_itself": None if own is None else own.max(initial=0.0),
            "past": c.past(off),
            "torch_itself_past": None if own is None else c.past(own),
            "metrics": {"torch": c.torch.metrics, "minitorch": c.ours.metrics},
            "losses": {"torch": c.torch.losses, "minitorch": c.ours.losses},
        }

    return {
        "command": vars(options),
        "versions": table.versions(minitorch, torch),
        "runs": [run(c) for c in found],
        "distributions": [{**vars(d), "p": d.p} for d in distributions(found)],
    }


def _command(options: argparse.Namespace) -> str:
    """The command that gives the same table, as a page names it."""
    words = ["parity runs", *options.pattern]
    words += [f"--seed {options.seed}"] if options.seed else []
    words += [f"--seeds {options.seeds}"] if options.seeds > 1 else []
    words += ["--short"] if options.short else []
    words += [f"--data {options.data}"] if options.data != "digits" else []
    return " ".join(words)


def _parser() -> Parser:
    parser = Parser(
        prog="parity runs",
        description="Train the models of minitorch with minitorch and with torch from the same seed, and compare.",
    )
    parser.add_argument("pattern", nargs="*", help="only models whose name contains one of these, or is it")
    parser.add_argument("--seed", type=seed, default=0, help="of all random numbers (default: %(default)s)")
    parser.add_argument(
        "--seeds", type=count, default=1, metavar="N", help="train with N seeds, from --seed on (default: %(default)s)"
    )
    parser.add_argument("--short", action="store_true", help=f"train for {SHORT} steps or one epoch, not in full")
    parser.add_argument(
        "--no-oracle", action="store_true", help="leave out torch in float64, which the first seed is trained with too"
    )
    parser.add_argument("--data", choices=("digits", "mnist"), default="digits", help="for models that read digits")
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER", help="a folder with MNIST's files")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="draw the losses of both into FOLDER/runs.png")
    parser.add_argument("--json", type=output_file, metavar="FILE", help="write all numbers to FILE")
    parser.add_argument(
        "--page",
        type=existing_file,
        metavar="FILE",
        help="put the table into a Markdown page, after a line that names the command",
    )
    return parser

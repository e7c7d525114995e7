"""``python -m parity``: the comparison with torch, printed as a table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence

# One thread in each library: results do not depend on the number of cores then. The libraries read these when first
# imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from parity import runs, surface  # noqa: E402
from parity.case import Case, select  # noqa: E402
from parity.explore import Exploration, explore, explore_refusals  # noqa: E402
from parity.findings import DTYPES  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 when something is over budget or wrong, 2 when no case fits."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["surface"]:
        return surface.main(arguments[1:])
    options = _parser().parse_args(arguments)
    cases, models = select(options.pattern), runs.select(options.pattern)
    if not cases and not models:
        print(f"no case's name contains {options.pattern!r}; --list shows them all", file=sys.stderr)
        return 2
    if options.list:
        print(
            "\n".join(
                [f"{c.name}  {' '.join(filter(None, c.groups))}".rstrip() for c in cases] + [r.name for r in models]
            )
        )
        return 0
    return _compare(cases, models, options)


def _compare(cases: Sequence[Case], models: Sequence[runs.Run], options: argparse.Namespace) -> int:
    import torch

    import minitorch
    from parity import table

    torch.set_num_threads(1)
    dtypes = (options.dtype,) if options.dtype else DTYPES
    started, found = time.monotonic(), []
    for i, c in enumerate(cases, 1):
        _progress(f"{i}/{len(cases)} {c.name}")
        for group in c.groups:
            found.append(explore(c, group, minitorch, torch, options.examples, options.seed, dtypes))
        if c.refused or c.invalid:
            found.append(explore_refusals(c, minitorch, torch, options.examples, options.seed))
    for r in models:
        _progress(r.name)
        found.append(runs.compare(r, minitorch, torch, dtypes))
    _progress("")
    rows = [row for exploration in found for row in exploration.rows]
    versions = table.versions(minitorch, torch)
    print(table.text(rows))
    print(f"\n{table.LEGEND}\n")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    failed = [exploration for exploration in found if exploration.faults]
    for exploration in failed:
        print(f"\n{_title(exploration)}\n{exploration.report}")
    wrong = sum(not row.passed for row in rows)
    tried = sum(row.tried for row in rows if not row.dtype)
    print(
        f"\n{len(rows)} rows, {tried} examples, {wrong} rows over budget or wrong; {time.monotonic() - started:.0f} s"
    )
    if options.json:
        _write(options, versions, table.records(rows), failed)
    return 1 if wrong else 0


def _progress(what: str) -> None:
    """Show on a terminal what is being compared."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _write(
    options: argparse.Namespace, versions: dict[str, str], rows: list[dict[str, object]], failed: list[Exploration]
) -> None:
    content = {
        "command": {
            "pattern": options.pattern,
            "examples": options.examples,
            "seed": options.seed,
            "dtype": options.dtype,
        },
        "versions": versions,
        "rows": rows,
        "failures": [{"title": _title(exploration), "report": exploration.report} for exploration in failed],
    }
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)


def _title(exploration: Exploration) -> str:
    row = exploration.rows[0]
    return f"{row.case}{row.group and f' [{row.group}]'} differs from torch in the smallest example found:"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parity", description="Compare minitorch with torch, case by case.")
    parser.add_argument("pattern", nargs="?", default="", help="only cases whose name contains this")
    parser.add_argument(
        "--examples", type=int, default=20, help="examples per case and option group (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the examples (default: %(default)s)")
    parser.add_argument("--dtype", choices=DTYPES, help="only this dtype (default: both)")
    parser.add_argument("--json", metavar="FILE", help="write the rows, with the script of each row's worst example")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and their option groups")
    return parser


if __name__ == "__main__":
    sys.exit(main())

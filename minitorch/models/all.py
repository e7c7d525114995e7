"""All models in a short form, one after the other, and an HTML page with their figures and results.

minitorch train all                     # about a minute on two cores; the page is runs/all/index.html
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import html
import importlib
import io
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

from minitorch.errors import UsageError
from minitorch.files import atomic_write, check_writable
from minitorch.models import MODELS
from minitorch.training.options import device, seed
from minitorch.version import __version__

SHORT = {
    "cnn": ["--epochs", "6"],
    "lstm": ["--epochs", "10"],
    "autoencoder": ["--epochs", "40"],
    "gan": ["--steps", "3000"],
    "cgan": ["--steps", "3000"],
    "dqn": ["--steps", "8000"],
}
"""The options that shorten the long trainings; the other models train with their defaults."""

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>minitorch: all models</title>
<style>
:root {{ color-scheme: light dark; --text: #222; --page: #fff; --soft: #f4f4f4; --line: #ccc; --failed: #a00 }}
@media (prefers-color-scheme: dark) {{
  :root {{ --text: #ddd; --page: #16181b; --soft: #24272b; --line: #444; --failed: #f88 }}
}}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--text); background: var(--page); overflow-wrap: anywhere }}
h2 {{ margin-top: 3rem; border-bottom: 1px solid var(--line) }}
img {{ max-width: 100%; height: auto; margin-top: .8rem; border-radius: 4px; background: #fff }}
pre {{ background: var(--soft); padding: .8rem; overflow-x: auto; font-size: 13px; border-radius: 4px }}
.failed {{ color: var(--failed) }}
</style></head><body>
<h1>minitorch {version}: all models, in a short form</h1>
<p>{count} models, {seconds:.0f} seconds. Each heading is a command that trains the model in full. Below it are what the
model learns, what it printed at its end, and its figures.</p>
<nav>{contents}</nav>
{sections}
</body></html>
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train all``."""
    parser.add_argument("--device", type=device, default="cpu", help="cpu, cuda or cuda:N (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="seed of all random numbers (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path("runs/all"),
        help="folder for the page (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Train all models, and write the page. Returns 0, or 1 if a model failed."""
    args.out.mkdir(parents=True, exist_ok=True)
    check_writable(args.out / "index.html")
    began = time.perf_counter()
    failed = 0
    sections = []
    names = [name for name in MODELS if name != "all"]
    for name in names:
        print(f"\n== {name}: {MODELS[name]}", flush=True)
        start = time.perf_counter()
        text, problem = train(name, args)
        failed += problem == "failed"
        figures = [] if problem else sorted((args.out / name).glob(f"{name}*.png"), key=lambda path: path.stem)
        sections.append(section(name, text, problem, figures, time.perf_counter() - start))
    seconds = time.perf_counter() - began
    contents = " · ".join(f'<a href="#{name}">{name}</a>' for name in names)
    page = PAGE.format(
        version=__version__, count=len(names), seconds=seconds, contents=contents, sections="\n".join(sections)
    )
    with atomic_write(args.out / "index.html") as file:
        file.write(page.encode("utf-8", "xmlcharrefreplace"))
    print(f"\n{len(names)} models in {seconds:.0f} s, {failed} failed; the page: {args.out / 'index.html'}")
    return 1 if failed else 0


def train(name: str, args: argparse.Namespace) -> tuple[str, str]:
    """Train one model.

    Returns:
        Its output, and "failed", "skipped" (a package that it needs is not installed), or an empty text.
    """
    module = module_of(name)
    parser = argparse.ArgumentParser(prog=f"minitorch train {name}")
    module.add_arguments(parser)
    common = ["--device", args.device, "--seed", str(args.seed), "--out", str(args.out / name)]
    output = _Tee()
    try:
        with contextlib.redirect_stdout(output):
            code = module.run(parser.parse_args([*SHORT.get(name, []), *common]))
    except UsageError as error:
        print(f"skipped: {error}")
        return str(error), "skipped"
    except BrokenPipeError:
        raise
    except Exception:
        traceback.print_exc()
        return output.getvalue() + traceback.format_exc(limit=-1), "failed"
    if code == 130:
        raise KeyboardInterrupt
    return output.getvalue(), "failed" if code else ""


def module_of(name: str) -> ModuleType:
    """The module of a model, as the command line names it."""
    return importlib.import_module(f"minitorch.models.{name.replace('-', '_')}")


def section(name: str, text: str, problem: str, figures: list[Path], seconds: float) -> str:
    """The HTML for one model: its command, what it is, the last lines that it printed, and its figures as data URLs."""
    about = (module_of(name).__doc__ or "").partition("\n\n")[0]
    last = text.strip("\n").split("\n\n")
    said = "\n\n".join(part for part in last if not part.startswith(("epoch", "step", "checkpoint")))
    parts = [
        f'<h2 id="{name}"><code>minitorch train {name}</code></h2>',
        f"<p>{html.escape(about)} ({seconds:.0f} s)</p>",
    ]
    if problem:
        parts.append(f'<p class="failed">{problem}</p>')
    parts.append(f"<pre>{html.escape(said)}</pre>")
    for figure in figures:
        data = base64.b64encode(figure.read_bytes()).decode()
        parts.append(f'<img alt="{figure.stem}" src="data:image/png;base64,{data}">')
    return "\n".join(parts)


class _Tee(io.StringIO):
    """A text file in memory that also prints what is written to it."""

    def write(self, text: str) -> int:
        stdout = sys.__stdout__
        if stdout is not None:
            stdout.write(text)
            stdout.flush()
        return super().write(text)

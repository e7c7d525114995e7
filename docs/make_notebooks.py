"""Run the cells of the notebooks in docs/notebooks/ in order, and write their outputs into them.

python docs/make_notebooks.py                 # all of them
python docs/make_notebooks.py look_inside     # this one
python docs/make_notebooks.py --check         # write nothing; fail if a cell fails, or shows another text than before

A notebook is run in a process of its own, in an empty folder. Only the standard library and what the cells import is
needed: no Jupyter. An output has what Jupyter would show: what was printed, and the last value as text, HTML or SVG.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import linecache
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from minitorch.files import atomic_write

FOLDER = Path(__file__).resolve().parent / "notebooks"
RATE = re.compile(r"  [\d,]+ (steps|images)/s")  # depends on the machine
NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]\d+)?|-?\d+e[-+]\d+")  # with a point or an exponent
CLOSE = 0.01
"""Relative: the printed numbers of a training run may differ in their last digits between machines."""
CHANGING = "changing"
"""The tag of a cell whose output changes with the implementation of kernels; it is run, but not compared."""
FORMS = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}


def main() -> None:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="by default all")
    parser.add_argument("--check", action="store_true", help="compare with the outputs that are in the notebooks")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process, in this folder
    options = parser.parse_args()
    failed = False
    for path in [FOLDER / f"{name}.ipynb" for name in options.names] or sorted(FOLDER.glob("*.ipynb")):
        if options.here:
            failed |= not make(path, options.check)
        else:
            command = [sys.executable, __file__, "--here", path.stem, *["--check"] * options.check]
            with tempfile.TemporaryDirectory() as folder:
                failed |= subprocess.run(command, cwd=folder, check=False).returncode != 0
    raise SystemExit(int(failed))


def make(path: Path, check: bool) -> bool:
    """Run a notebook, and compare its outputs or write them; False if a cell fails or its text differs."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        try:
            outputs = run("".join(cell["source"]), number, namespace)
        except Exception:
            traceback.print_exc()
            print(f"{path.name}: cell {number} fails", file=sys.stderr)
            return False
        changing = CHANGING in cell["metadata"].get("tags", [])
        if check and not changing and not alike(before := text_of(cell["outputs"]), after := text_of(outputs)):
            print(f"{path.name}: cell {number} shows\n{after}\ninstead of\n{before}", file=sys.stderr)
            return False
        cell["outputs"], cell["execution_count"] = outputs, number
    if not check:
        with atomic_write(path, text=True) as file:
            file.write(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return True


def run(source: str, number: int, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a cell; the outputs, in the notebook format."""
    name = f"cell {number}"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for those who look up a line
    body = ast.parse(source, name).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), name, "exec"), namespace)
        value = None if last is None else eval(compile(last, name, "eval"), namespace)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines(printed.getvalue())})
    if value is not None:
        data = {"text/plain": lines(repr(value))}
        for form, method in FORMS.items():
            shown = getattr(value, method, lambda: None)()
            if shown is not None:
                data[form] = lines(shown)
        outputs.append({"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data})
    return outputs


def lines(text: str) -> list[str]:
    """Text as the notebook format has it."""
    return text.splitlines(keepends=True)


def text_of(outputs: list[dict[str, Any]]) -> str:
    """What was printed, and the text of the last value, without what depends on the machine's speed."""
    texts = [
        output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"] for output in outputs
    ]
    return RATE.sub("", "\n".join("".join(text) for text in texts))


def alike(a: str, b: str) -> bool:
    """Whether two texts have the same words and whole numbers, and close other numbers.

    Numbers below 1e-5 are errors of rounding, and may be any.
    """
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    pairs = zip(map(float, NUMBER.findall(a)), map(float, NUMBER.findall(b)), strict=True)
    return all(abs(x - y) <= CLOSE * max(abs(x), abs(y)) + 1e-5 for x, y in pairs)


if __name__ == "__main__":
    main()

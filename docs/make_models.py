"""Train models in full, and put what they print at their end and their figures into the pages of docs/models/.

python docs/make_models.py              # all of them
python docs/make_models.py cnn lstm     # these
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image  # a dependency of matplotlib

from minitorch.files import atomic_write
from minitorch.models import MODELS

DOCS = Path(__file__).parent
LIMIT = 120_000  # bytes of a figure
PRINTED = re.compile(r"(<!-- printed -->\n```text\n).*?(```)", re.DOTALL)


def main() -> None:
    """Make the pages that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [name for name in MODELS if name != "all"]
    parser.add_argument("models", nargs="*", metavar="MODEL", help="by default all")
    chosen = parser.parse_args().models or names
    if unknown := set(chosen) - set(names):
        parser.error(f"no model {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in chosen:
        print(name, flush=True)
        make(name)


def make(name: str) -> None:
    """Train one model, and renew its page and its figures."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "minitorch", "train", name, "--out", folder]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for figure in Path(folder).glob("*.png"):
            with atomic_write(DOCS / "figures" / figure.name) as file:
                file.write(small(figure))
    page = DOCS / "models" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    if not PRINTED.search(text):
        raise SystemExit(f"{page}: expected '<!-- printed -->' and a block of text")
    with atomic_write(page, text=True) as file:
        file.write(PRINTED.sub(lambda found: found[1] + ending(output) + found[2], text))


def ending(output: str) -> str:
    """What a training said about its result: its output without the lines on the way, and where its files are."""
    lines = [line for line in output.splitlines() if not re.match(r"\w+ \d+/\d+  |checkpoint |figure ", line)]
    return "\n".join(lines).strip("\n") + "\n"


def small(figure: Path) -> bytes:
    """A figure as a PNG of at most `LIMIT` bytes: of fewer colours, and smaller if need be."""
    image = Image.open(figure).convert("RGB")
    for width in (1000, 900, 800, 700, 600):
        reduced = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
        for colours in (256, 128, 64):
            file = io.BytesIO()
            few = reduced.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)  # keeps rare colours
            few.save(file, "PNG", optimize=True)
            if file.tell() <= LIMIT:
                return file.getvalue()
    raise ValueError(f"{figure} cannot be made smaller than {LIMIT} bytes")


if __name__ == "__main__":
    main()

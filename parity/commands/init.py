"""``parity init FILE``: a start for comparing something of one's own."""

from __future__ import annotations

import importlib.util
import keyword
from collections.abc import Sequence
from pathlib import Path

from minitorch.command_line import Parser
from minitorch.errors import UsageError

EXAMPLE = Path(__file__).with_name("example_case.py")


def main(argv: Sequence[str]) -> int:
    """Write the file, which must not exist yet; the exit code is 0."""
    parser = Parser(
        prog="parity init", description="Write a file to start from: a layer, an op, a loss and an optimizer, compared."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write, for example mycase.py")
    file = parser.parse_args(argv).file
    if file.suffix != ".py" or not file.stem.isidentifier() or keyword.iskeyword(file.stem):
        raise UsageError(f"expected the name of a Python module, such as mycase.py, but got {file.name!r}")
    if importlib.util.find_spec(file.stem) is not None and not file.exists():
        raise UsageError(f"there is a module {file.stem!r} already, which your file would hide: take another name")
    text = EXAMPLE.read_text(encoding="utf-8").replace("FILE", file.name)
    try:
        with open(file, "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{file} exists already, and is left as it is") from None
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from None
    print(f"wrote {file}; compare what is in it: parity {file}")
    return 0

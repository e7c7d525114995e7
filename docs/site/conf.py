"""The site: the pages of this repository and a reference made from the docstrings, by Sphinx.

    sphinx-build -W -c docs/site . build/site

Sphinx reads the repository itself, so a page is one file for the site and for a reader of the repository, and a
relative link means the same in both. Three things are added while it reads: the contents at the side, from the tables
of docs/README.md; pages that show the source files to which a page links; and the reference.
"""

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/*/*.md", "docs/reference/**.rst"]
REFERENCE = "docs/reference"  # made, and ignored by git

project = "minitorch"
author = "minitorch contributors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "sphinx_copybutton"]
root_doc = "README"
include_patterns = PAGES
exclude_patterns = [".*", "build", "dist", "runs", "tests", "**/node_modules"]
html_theme = "furo"
html_title = "minitorch"
html_static_path = html_css_files = ["style.css"]
html_show_sphinx = False
myst_heading_anchors = 4
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
autodoc_typehints = "signature"
napoleon_use_ivar = True
suppress_warnings = [
    "ref.python"
]  # a type such as `device` names a class that several modules offer: the first is taken

# Each module of the reference: what its page is called.
MODULES = {
    "minitorch": "Tensors and functions",
    "minitorch.nn": "Layers",
    "minitorch.nn.functional": "Functions of layers",
    "minitorch.nn.init": "Initial values",
    "minitorch.nn.utils": "Tools for layers",
    "minitorch.optim": "Optimizers",
    "minitorch.optim.lr_scheduler": "Learning-rate schedulers",
    "minitorch.autograd": "Gradients",
    "minitorch.utils.data": "Loading data",
    "minitorch.distributions": "Distributions",
    "minitorch.linalg": "Linear algebra",
    "minitorch.random": "Random numbers",
    "minitorch.cuda": "The device cuda",
    "minitorch.datasets": "Data sets",
    "minitorch.testing": "Comparing tensors",
    "minitorch.recording": "Recorded steps",
    "kernels": "Kernels and array libraries",
    "parity": "Cases of the comparison with PyTorch",
}
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]*)?\)")


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """The functions and classes of this project that ``module`` offers, in alphabetical order."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    found = [(name, getattr(module, name)) for name in sorted(names, key=str.lower)]
    ours = ("minitorch", "kernels", "parity")
    return [
        (name, item)
        for name, item in found
        if (inspect.isfunction(item) or inspect.isclass(item)) and item.__module__.split(".")[0] in ours
    ]


def write_reference(folder: Path) -> None:
    """Writes a page for each of ``MODULES``, and the page that lists them."""
    index = ["Reference", "=" * 9, "", ".. toctree::", ""]
    described: dict[str, str] = {}  # where each item is made, and the public name under which it is described
    for name, title in MODULES.items():
        module = importlib.import_module(name)
        heading = f"{title}: ``{name}``"
        lines = [heading, "=" * len(heading), "", f".. module:: {name}", "   :no-index:", ""]
        for item_name, item in public(module):
            kind = "class" if inspect.isclass(item) else "function"
            made = f"{item.__module__}.{item.__qualname__}"
            if made in described:
                lines += [f"``{name}.{item_name}``: see :py:obj:`{described[made]}`.", ""]
                continue
            described[made] = f"{name}.{item_name}"
            lines += [f".. auto{kind}:: {name}.{item_name}"]
            if kind == "class":
                lines += ["   :members:"] + ["   :inherited-members:"] * (item_name == "Tensor")
            lines += [""]
        write_if_changed(folder / f"{name}.rst", lines)
        index.append(f"   {name}")
    write_if_changed(folder / "index.rst", index)


def write_if_changed(path: Path, lines: list[str]) -> None:
    """Writes ``path`` only if its text changes: Sphinx reads again what is newer than its last run."""
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def source_page(path: str) -> str:
    """The page, without its suffix, that shows the source file ``path``."""
    return f"{REFERENCE}/source/{path.removesuffix('.py')}"


def write_source_pages() -> None:
    """Writes a page with the text of each source file to which a page has a link."""
    pages = [page for pattern in PAGES[:5] for page in ROOT.glob(pattern)]
    for page in pages:
        for match in _LINK.finditer(page.read_text()):
            linked = (page.parent / match[1]).resolve()
            if linked.suffix == ".py" and linked.is_file():
                path = linked.relative_to(ROOT).as_posix()
                target = ROOT / f"{source_page(path)}.rst"
                include = Path(*[".."] * len(target.relative_to(ROOT).parts[:-1]), path).as_posix()
                lines = [":orphan:", "", path, "=" * len(path), "", f".. literalinclude:: {include}", "   :linenos:"]
                write_if_changed(target, lines)


def contents() -> str:
    """The contents at the side: a part for each heading of docs/README.md, with the pages that its table links to."""
    blocks = []
    for part in re.split(r"^## ", (ROOT / "docs/README.md").read_text(), flags=re.MULTILINE)[1:]:
        caption, text = part.split("\n", 1)
        pages = [match[1].removesuffix(".md") for match in _LINK.finditer(text) if match[1].endswith(".md")]
        entries = [str(Path("docs", page)) if not page.startswith("../") else page[3:] for page in pages]
        blocks.append(["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```"])
    blocks[-1][-1:-1] = [f"{REFERENCE}/index"]
    return "\n\n" + "\n\n".join("\n".join(block) for block in blocks) + "\n"


def on_source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Adds the contents to the front page and to the lists of pages, and leads links to source files to their pages."""
    folder = (ROOT / docname).parent

    def to_page(match: re.Match[str]) -> str:
        linked = (folder / match[1]).resolve()
        if linked.suffix != ".py" or not linked.is_file():
            return match[0]
        page = Path(*[".."] * len(folder.relative_to(ROOT).parts), source_page(linked.relative_to(ROOT).as_posix()))
        return f"]({page.as_posix()}.rst)"

    text = _LINK.sub(to_page, source[0])
    if docname == "README":
        text += contents()
    elif docname == "docs/README":  # a reader of the repository starts there, a reader of the site has it at the side
        text = "---\norphan: true\n---\n\n" + text
    elif docname.endswith("/README"):
        pages = [m[1].removesuffix(".md") for m in _LINK.finditer(text) if re.fullmatch(r"[\w-]+\.md", m[1])]
        text += "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(dict.fromkeys(pages)) + "\n```\n"
    source[0] = text


def to_restructured_text(app: Sphinx, what: str, name: str, item: object, options: object, lines: list[str]) -> None:
    """Makes a docstring what Sphinx reads: a text with indented examples, and with ``|x|`` and ``*`` as they are."""
    made: list[str] = []
    example = False  # whether the line is in an example, an indented block after an empty line
    for before, line in zip(["", *lines], lines, strict=False):
        text = made[-2] if len(made) > 1 else ""
        if not before and line[:1].isspace() and not example and not text.startswith((" ", ":", "..", "-")):
            example = True
            made += [] if text.endswith("::") else ["::", ""]
        elif line[:1].strip():
            example = False
        if not example and not line.lstrip().startswith((">>>", "...")):
            pieces = re.split(r"(``.*?``|:\w+:`.*?`)", line)
            pieces[::2] = [re.sub(r"([|*]|(?<=\w)_(?!\w))", r"\\\1", piece) for piece in pieces[::2]]
            line = "".join(pieces)
        made.append(line)
    lines[:] = made


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Writes the index.html that a browser or a server opens for the folder: it leads to the front page."""
    Path(app.outdir, "index.html").write_text(
        f'<!doctype html><title>{html_title}</title><meta http-equiv="refresh" content="0; url={root_doc}.html">\n'
    )


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    write_reference(ROOT / REFERENCE)
    write_source_pages()
    app.connect("source-read", on_source_read)
    app.connect("build-finished", write_index)
    app.connect("autodoc-process-docstring", to_restructured_text, priority=900)  # after napoleon has read the sections

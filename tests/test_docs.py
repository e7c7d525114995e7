"""The pages: every model has a page with its command and its figures, and every link is valid."""

import re
from pathlib import Path

import pytest

from minitorch.models import MODELS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")  # a link to a file, not to an address
NAMES = [name for name in MODELS if name != "all"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_its_page(name):
    text = (DOCS / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert f"\nminitorch train {name}\n" in text
    assert f"](../figures/{name}.png)" in text
    printed = re.search(r"<!-- printed -->\n```text\n(.+?)```", text, re.DOTALL)
    assert printed
    assert printed[1].strip()
    assert f"]({name}.md)" in (DOCS / "models" / "README.md").read_text(encoding="utf-8")


def test_the_index_names_every_page():
    index = DOCS / "README.md"
    linked = {(DOCS / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    assert linked >= {page.resolve() for page in DOCS.glob("*.md")} - {index.resolve()}
    assert DOCS / "models" / "README.md" in linked


def test_figures_are_small_and_shown():
    shown = {(page.parent / target).resolve() for page in PAGES for target in LINK.findall(page.read_text("utf-8"))}
    for figure in (DOCS / "figures").iterdir():
        assert figure.read_bytes().startswith(b"\x89PNG"), figure
        assert figure.stat().st_size <= 120_000, figure
        assert figure.resolve() in shown, f"no page shows {figure.name}"

"""The page of `parity --html`: well-formed, complete, and alive in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from parity.report.html import page
from parity.report.plots import BINS, STEP, counted, spark

VOID = {"meta", "input", "br", "hr", "img", "link"}
DATE = "2026-01-31"


class Checked(HTMLParser):
    """Follows a page's tags, which must close in the order in which they open, and collects their text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]][-1] += data


def read(text: str) -> Checked:
    checked = Checked()
    checked.feed(text)
    checked.close()
    assert not checked.open, f"never closed: {checked.open}"
    return checked


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("html") / "table.json"
    assert main(["nn.Li", "--examples", "5", "--json", str(file)]) == 0
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    found["date"] = DATE
    row = found["rows"][0]
    worse = {**row, "case": "a<b>&'c\"", "ratio": 17.5, "ours": 17.5, "verdict": "over budget", "passed": False}
    found["rows"].append({**worse, "call": "</script><b>", "worst": "print('<&>')\n", "ratios": counted([17.5])})
    found["failures"] = [{"title": "a<b> differs", "report": "</pre><i>"}]
    return found


@pytest.fixture(scope="module")
def file(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(content), encoding="utf-8")
    return path


def test_well_formed(content: dict[str, Any]) -> None:
    text = page(content)
    assert text.startswith("<!DOCTYPE html>\n")
    checked = read(text)
    names = [attributes["id"] for _, attributes in checked.tags if attributes.get("id")]
    assert len(names) == len(set(names))
    targets = {a["href"] for tag, a in checked.tags if tag == "a"}
    assert targets
    assert targets <= {f"#{name}" for name in names}


def test_needs_nothing_else(content: dict[str, Any]) -> None:
    checked = read(page(content))
    assert not any(tag in ("link", "img", "iframe", "base") for tag, _ in checked.tags)
    assert not any("src" in attributes for _, attributes in checked.tags)
    assert not re.search(r"https?:|url\(|@import|import\(|fetch\(", page(content))


def test_holds_every_row_with_its_script(content: dict[str, Any]) -> None:
    checked = read(page(content))
    rows = content["rows"]
    assert sum(tag == "tbody" for tag, _ in checked.tags) == len(rows)
    assert checked.texts["pre"][1:] == [row["worst"] for row in rows if row["worst"]]
    assert checked.texts["pre"][0] == "</pre><i>"
    assert "a<b>&'c\"" in checked.texts["td"]
    heads = [a["data-name"] for tag, a in checked.tags if tag == "th" and "data-name" in a]
    assert heads[:4] == ["case", "group", "dtype", "order"]
    shown = " ".join(checked.texts["p"] + checked.texts["code"])
    assert "parity nn.Li --examples 5" in shown
    assert DATE in shown
    assert f"torch {content['versions']['torch']}" in shown
    assert "17.50" in checked.texts["b"]


def test_same_page_every_time(content: dict[str, Any]) -> None:
    assert page(content) == page(json.loads(json.dumps(content)))


def test_counts_of_ratios() -> None:
    assert counted([]) == [0] * BINS
    assert counted([0, 0.1, STEP, 3.99, 4.0, 1e9, float("inf")]) == [2, 1] + [0] * 13 + [1, 1] + [0] * 2 + [2]
    assert spark(counted([0.1])).count("<rect") == 1


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def rendered(file: Path, address: str = "") -> Checked:
    """The page as a browser has it after its script has run."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium (Debian: apt-get install chromium)")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={file.parent / 'profile'}", "--dump-dom",
    ]  # fmt: skip
    ran = subprocess.run(
        [*command, f"{file.as_uri()}{address}"], capture_output=True, text=True, timeout=120, check=True
    )
    return read(ran.stdout)


def column(checked: Checked, name: str) -> list[str]:
    """The cells of a column, by the name in its head, in the order shown; only rows that are not hidden."""
    heads = [a.get("data-name") for tag, a in checked.tags if tag == "th"]
    found, place, hidden = [], 0, False
    cells = iter(checked.texts["td"])
    for tag, attributes in checked.tags:
        if tag == "tbody":
            hidden = "hidden" in attributes
        elif tag == "tr":
            place = 0
        elif tag == "td":
            text = next(cells)
            if "colspan" not in attributes and heads[place] == name and not hidden:
                found.append(text)
            place += 1
    return found


def test_shown_by_a_browser(file: Path, content: dict[str, Any]) -> None:
    checked = rendered(file)
    assert f"{len(content['rows'])} of {len(content['rows'])} rows" in checked.texts["span"]
    assert column(checked, "case") == [row["case"] for row in content["rows"]]


@pytest.mark.parametrize("down", [False, True])
def test_sorted_in_a_browser(file: Path, content: dict[str, Any], down: bool) -> None:
    checked = rendered(file, "#sort=ratio" + "&down=1" * down)
    ratios = [row["ratio"] for row in content["rows"]]
    expected = sorted((-1 if ratio is None else ratio for ratio in ratios), reverse=down)
    assert column(checked, "ratio") == ["" if ratio == -1 else f"{ratio:.2f}" for ratio in expected]
    head = next(a for tag, a in checked.tags if tag == "th" and a.get("data-name") == "ratio")
    assert head["aria-sort"] == ("descending" if down else "ascending")


def test_sorted_by_words_in_a_browser(file: Path, content: dict[str, Any]) -> None:
    assert column(rendered(file, "#sort=order"), "order") == sorted(row["order"] for row in content["rows"])


def test_filtered_in_a_browser(file: Path, content: dict[str, Any]) -> None:
    checked = rendered(file, "#filter=LINEAR+float32")
    wanted = [row for row in content["rows"] if row["case"] == "nn.Linear" and row["dtype"] == "float32"]
    assert 3 <= len(wanted) < len(content["rows"])
    assert len(column(checked, "case")) == len(wanted)
    assert f"{len(wanted)} of {len(content['rows'])} rows" in checked.texts["span"]
    assert column(rendered(file, "#wrong=1"), "verdict") == ["over budget"]


def test_clicked_in_a_browser(file: Path, content: dict[str, Any]) -> None:
    """The page with a script of its own at the end, which clicks on a head twice and types into the filter."""
    act = (
        "document.querySelector('[data-name=tried] button').click();"
        "document.querySelector('[data-name=tried] button').click();"
        "filter.value = 'second'; filter.dispatchEvent(new Event('input'));"
        "document.title = location.hash;"
    )
    clicked = file.with_name("clicked.html")
    clicked.write_text(
        file.read_text(encoding="utf-8").replace("</body>", f"<script>{act}</script></body>"), encoding="utf-8"
    )
    checked = rendered(clicked)
    assert checked.texts["title"][0] == "#sort=tried&filter=second"
    tried = [row["tried"] for row in content["rows"] if row["order"] == "second order"]
    assert column(checked, "tried") == [str(n) for n in sorted(tried)]

"""A plugin of pytest: ``pytest --parity mycase.py`` runs the cases that a file registers as tests.

Each option group of a case is a test, so are its pinned examples and its refused calls; other tests in the file run
too. Without ``--parity`` (or ``parity = true`` in pytest's configuration) the plugin does nothing, and imports nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parity.environment import FOLDER, prepare


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line and of the configuration."""
    group = parser.getgroup("parity", "comparison of minitorch with torch")
    group.addoption("--parity", action="store_true", help="run the parity cases that the collected files register")
    group.addoption(
        "--parity-examples", type=int, default=20, metavar="N", help="examples of each option group (default: 20)"
    )
    parser.addini("parity", "as --parity", type="bool", default=False)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A collector of cases and tests, if the plugin is asked for."""
    if parent.config.getoption("--parity") or parent.config.getini("parity"):
        return ParityModule.from_parent(parent, path=module_path)
    return None


class ParityModule(pytest.Module):
    """A file of Python, whose tests and parity cases are collected."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """The tests of the file, then its cases."""
        return [*super().collect(), *self._cases()]

    def _cases(self) -> Iterator[pytest.Item]:
        module = self.obj.__name__
        prepare()
        try:
            from hypothesis.configuration import set_hypothesis_home_dir

            from parity.cases import select
            from parity.compare.loading import LOADED
            from parity.tasks import tasks
        except ModuleNotFoundError as error:
            raise pytest.UsageError(f"--parity needs {error.name}: pip install 'minitorch-parity[parity]'") from None
        if not (self.config.rootpath / ".hypothesis").exists():  # otherwise the user's own tests keep examples there
            set_hypothesis_home_dir(FOLDER)
        own = [c for c in select() if c.body.__module__ == module]
        if own:
            LOADED.setdefault(module, str(self.path.parent))
        for task in tasks(own, []):
            name = f"{task.name}[{task.group}]" if task.group else task.name
            yield ParityItem.from_parent(self, name=name, task=task)


class ParityItem(pytest.Item):
    """An option group of a case, its pinned examples, or its refused calls."""

    def __init__(self, *, task: Any, **options: Any) -> None:
        super().__init__(**options)
        self.task = task

    def runtest(self) -> None:
        """Compare; raises `Differs` or skips."""
        from parity.compare.explore import SKIPPED
        from parity.compare.findings import DTYPES
        from parity.report.table import failure
        from parity.tasks import done

        (found,) = done([self.task], self.config.getoption("--parity-examples"), 0, DTYPES)
        if found.faults:
            what = failure(found)
            raise Differs(f"{what['reason']}\n\n{what['title']}\n{what['report']}")
        for row in found.rows:
            if row.verdict.startswith(SKIPPED):
                pytest.skip(row.verdict.removeprefix(SKIPPED))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs and its script, without a traceback of the comparison itself."""
        return str(excinfo.value) if isinstance(excinfo.value, Differs) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is."""
        return self.path, None, self.name


class Differs(AssertionError):
    """Something differs from torch."""

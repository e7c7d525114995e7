"""A plugin of pytest that tells of each test as soon as it ends: its name, how it ended, and why if it failed.

It can also run a part of the tests: every n-th one.
"""

from __future__ import annotations

import json
import os

import pytest

WHERE = "PARITY_GPU_TESTS"
"""The environment variable with the number of the file descriptor to write to."""
PART = "PARITY_GPU_PART"
"""The environment variable with the part of the tests to run, such as ``2/6``."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of this part."""
    number, _, parts = os.environ.get(PART, "1/1").partition("/")
    items[:] = items[int(number) - 1 :: int(parts)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write a line of JSON for the test's call, and for a set-up or tear-down that did not pass."""
    if report.when == "call" or not report.passed:
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = " ".join(str(getattr(crash, "message", report.longrepr or "")).split())[:300]
        line = json.dumps([report.nodeid, report.outcome, reason if report.failed else ""])
        os.write(int(os.environ[WHERE]), line.encode() + b"\n")

"""For ``python -m tests.cusim pytest``: the header says EMULATED, and a kernel that fails spoils only its own test.

The workers of ``pytest -n`` are processes of their own; they load this plugin as well, and get the emulation by it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from tests.cusim.emulator import BANNER, current, start
from tests.cusim.options import RUNNING, from_environment

if os.environ.get(RUNNING) and current() is None:
    start(from_environment())


def pytest_configure() -> None:
    threadpool_limits(1)  # NumPy was loaded before the tests' own settings could say so


def pytest_report_header() -> str:
    return BANNER


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    try:
        return (yield)
    finally:
        emulator = current()
        if emulator is not None:
            emulator.forget_failure()

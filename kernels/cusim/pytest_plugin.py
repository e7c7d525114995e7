"""For ``python -m kernels.cusim pytest``: the header says EMULATED, and a failed kernel fails only its own test.

The workers of ``pytest -n`` are separate processes. They load this plugin too, and it starts the emulation in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from kernels.cusim.emulator import BANNER, current, start
from kernels.cusim.options import RUNNING, from_environment

if os.environ.get(RUNNING) and current() is None:
    start(from_environment())


def pytest_configure() -> None:
    """One thread for NumPy's matrix products, so that the workers of ``pytest -n`` do not compete for cores."""
    threadpool_limits(1)  # NumPy was loaded before the tests could set OPENBLAS_NUM_THREADS


def pytest_report_header() -> str:
    """The line of the header that says EMULATED."""
    return BANNER


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """After each test, let the emulated devices work again if a kernel failed in it."""
    try:
        return (yield)
    finally:
        emulator = current()
        if emulator is not None:
            emulator.forget_failure()

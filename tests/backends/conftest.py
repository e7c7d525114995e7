"""A device that is not the host."""

from __future__ import annotations

import pytest

import tests.backends.strict  # noqa: F401 - registers it
from tests.conftest import backend_name


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """The device of ``--backend``; by default ``strict:1``, which is not the current device."""
    name = backend_name(request.config)
    return "strict:1" if name in ("cpu", "strict") else f"{name}:0"

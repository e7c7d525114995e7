"""A device that is not the host."""

from __future__ import annotations

import pytest

import tests.backends.strict  # noqa: F401 - registers it
from tests.conftest import backend_name


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """The ``--backend``; else, since every checkout has it, one that is not the current device of its kind."""
    name = backend_name(request.config)
    return "strict:1" if name in ("cpu", "strict") else f"{name}:0"

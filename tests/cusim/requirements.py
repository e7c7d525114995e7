"""What the tests of this folder need beyond the project: a host compiler. They are skipped where it is missing."""

from __future__ import annotations

import shutil

import pytest

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++, which is not installed")

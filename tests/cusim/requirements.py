"""Marks that skip the tests of this folder, with the reason, if g++ or a package of the extra is missing."""

from __future__ import annotations

import shutil

import pytest

from kernels.cusim.build import EmulationUnavailable, check_packages

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++, which is not installed")


def _missing() -> str | None:
    if shutil.which("g++") is None:
        return "needs g++, which is not installed"
    try:
        check_packages()
    except EmulationUnavailable as error:
        return str(error)
    return None


needs_emulation = pytest.mark.skipif(_missing() is not None, reason=str(_missing()))

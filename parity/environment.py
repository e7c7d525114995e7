"""Settings of the process that must be made before torch, NumPy and hypothesis are imported."""

from __future__ import annotations

import os
import sys
import tempfile

FOLDER = os.path.join(tempfile.gettempdir(), "parity-hypothesis")
"""The folder for hypothesis."""


def prepare() -> None:
    """Give each library one thread, and hypothesis a folder for what it notes about its strings.

    With one thread results do not depend on the number of cores. hypothesis would make its folder in the current one.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if "hypothesis" not in sys.modules:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", FOLDER)

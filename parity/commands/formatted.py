"""Formatting generated Python text like the project's files."""

from __future__ import annotations

import subprocess
import sys


def formatted(text: str, name: str) -> str:
    """`text` with its imports sorted and formatted by ruff, under the project's settings for a file called `name`."""
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        arguments = [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", name, "-"]
        text = subprocess.run(arguments, input=text, capture_output=True, text=True, check=True).stdout
    return text

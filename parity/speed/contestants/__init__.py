"""Other libraries that make the same training steps, each imported only when it is used."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from minitorch.errors import UsageError
from parity.speed.sides import COMPILED, Side, Unavailable, Workload, compiled


@dataclass(frozen=True)
class Contestant:
    """A library to compare with.

    Attributes:
        package: the module to import.
        distribution: the name under which its version is found.
        install: the command that installs it.
        file: the module in this folder that has its steps in ``STEPS``, by the name of the lesson; empty: any step of
            torch's, compiled.
    """

    package: str
    distribution: str
    install: str
    file: str = ""


CONTESTANTS = {
    COMPILED: Contestant("torch", "torch", 'pip install "minitorch-parity[parity]"'),
    "jax": Contestant("jax", "jax", "pip install jax", "with_jax"),
    "autograd": Contestant("autograd", "autograd", "pip install autograd", "with_autograd"),
    "mygrad": Contestant("mygrad", "mygrad", "pip install mygrad", "with_mygrad"),
    "dezero": Contestant("dezero", "dezero", "pip install --no-deps dezero matplotlib pillow", "with_dezero"),
    "chainer": Contestant(
        "chainer",
        "chainer",
        'pip install "setuptools<81" wheel six filelock protobuf && pip install --no-build-isolation --no-deps chainer',
        "with_chainer",
    ),
    "tinygrad": Contestant("tinygrad", "tinygrad", "pip install tinygrad==0.14.0", "with_tinygrad"),
}


def check(name: str) -> None:
    """Check that a library is installed, without importing it.

    Raises:
        UsageError: if the name is unknown, or the library is not installed; the message says how to install it.
    """
    if name not in CONTESTANTS:
        raise UsageError(f"there is no contestant {name!r}; there are {', '.join(CONTESTANTS)}")
    contestant = CONTESTANTS[name]
    if importlib.util.find_spec(contestant.package) is None:
        raise UsageError(f"{name} is not installed: {contestant.install}")
    if name == COMPILED and not any(map(shutil.which, filter(None, (os.environ.get("CXX"), "g++", "clang++", "c++")))):
        raise UsageError(f"{name} needs a C++ compiler: apt-get install g++")


def side(name: str, threads: int) -> Callable[[Workload], Side]:
    """The function that prepares a lesson's step with a library.

    Raises:
        UsageError: as `check`.
    """
    check(name)
    contestant = CONTESTANTS[name]
    if not contestant.file:
        return compiled
    steps = importlib.import_module(f"{__name__}.{contestant.file}").load(threads)

    def make(work: Workload) -> Side:
        if work.name not in steps:
            raise Unavailable(f"the step of {work.name} is not written for {name}")
        found: Side = steps[work.name](work)
        return found

    return make

"""Each barrier of a recurrent layer's kernels for all steps, taken out: some schedule or the thread sanitizer finds it.

So no barrier is there in vain, and test_l2_host.py would find one that is missing.
"""

from __future__ import annotations

import shutil
from functools import partial
from unittest import mock

import numpy as np
import pytest

from kernels.cuda import all_kernels as all_kernels, launch, rnn
from kernels.cusim.compiler import FORWARD, REVERSED, Module, Schedule, shuffled
from kernels.cusim.sanitize import SanitizerError
from kernels.dispatch import KERNELS
from kernels.rnn import Steps
from tests.ladder.host import on_host

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++, which is not installed")
BARRIER = "__syncthreads();"
SOURCE = launch.source("rnn.cu")
OTHERS = SOURCE[: SOURCE.index("take_steps")].count(BARRIER)
BARRIERS = range(SOURCE.count(BARRIER) - OTHERS)
ALONE = (rnn.ALONE, 0)
"""With a block for each sequence, and for each few of them."""


NAMES = [f"{kind}_steps{grad}" for kind in ("rnn", "lstm", "gru") for grad in ("", "_grad")]


def without(i: int) -> str:
    """The file with the `i`-th barrier taken out: all its barriers are in `take_steps`, which the kernels share."""
    parts = SOURCE.split(BARRIER)
    before = OTHERS + i + 1
    return BARRIER.join(parts[:before]) + BARRIER.join(parts[before:])


def arguments(name: str) -> tuple[object, ...]:
    """Nine sequences, three groups for one block, of three steps; 40 units."""
    random, (rows, n, h) = np.random.default_rng(0), (27, 9, 40)

    def array(*shape: int) -> np.ndarray:
        return (random.normal(size=shape) / 2).astype("float32")

    kind, steps, parts = name.partition("_")[0], Steps((n,) * 3, False), {"rnn": 1, "lstm": 4, "gru": 3}
    z, h0, weight = array(rows, parts[kind] * h), array(n, h), array(parts[kind] * h, h)
    forward = {
        "rnn": (z, h0, weight, "tanh", steps),
        "lstm": (z, h0, array(n, h), weight, None, steps),
        "gru": (z, h0, weight, None, steps),
    }[kind]
    if not name.endswith("_grad"):
        return forward
    results = KERNELS[kind].reference(*forward)
    g_out, g_h = array(rows, h), array(n, h)
    if kind == "rnn":
        return results[0], h0, weight, g_out, g_h, "tanh", steps
    if kind == "lstm":
        out, _, _, gates, cells = results
        return gates, cells, out, h0, forward[2], weight, None, g_out, g_h, array(n, h), steps
    return results[2], results[0], h0, weight, g_out, g_h, steps


def wrong(name: str, text: str, alone: int) -> bool:
    """Whether a kernel with this text has other results than the reference in some order of threads, or a race."""
    kernel, expressions = KERNELS[name.replace("_steps", "")], [f"{name}<float, int>"]
    module = Module(text, name_expressions=expressions)
    right = [a for a in kernel.reference(*arguments(name)) if a is not None]

    def differs(module: Module, schedule: Schedule) -> bool:
        def compiler(_: str, expression: str) -> launch.Launch:
            return partial(module.get_function(expression), schedule=schedule)

        with (
            on_host(blocks=1),
            launch.compiled_by(compiler),
            np.errstate(all="ignore"),
            mock.patch.object(rnn, "ALONE", alone),
        ):
            ours = [a for a in kernel.implementations["cupy"](*arguments(name)) if a is not None]
        return any(not np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(ours, right, strict=True))

    if any(differs(module, schedule) for schedule in (FORWARD, REVERSED, shuffled(1))):
        return True
    try:
        return differs(Module(text, name_expressions=expressions, sanitizer="thread"), FORWARD)
    except SanitizerError:
        return True


@pytest.mark.parametrize("alone", ALONE)
@pytest.mark.parametrize("name", NAMES)
def test_with_all_barriers_nothing_is_wrong(name: str, alone: int):
    assert not wrong(name, SOURCE, alone)


@pytest.mark.parametrize("alone", ALONE)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("i", BARRIERS)
def test_a_missing_barrier_is_found(name: str, i: int, alone: int):
    assert without(i).count(BARRIER) == SOURCE.count(BARRIER) - 1
    assert wrong(name, without(i), alone)

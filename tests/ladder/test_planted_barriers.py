"""Each barrier of a recurrent layer's kernels for all steps, taken out: results are wrong in some order of threads.

So no barrier is there in vain, and the schedules of test_l2_host.py would find one that is missing.
"""

from __future__ import annotations

import re
import shutil
from functools import partial

import numpy as np
import pytest

from kernels.cuda import all_kernels as all_kernels, launch
from kernels.cusim.compiler import FORWARD, REVERSED, Module, Schedule, shuffled
from kernels.dispatch import KERNELS
from kernels.rnn import Steps
from tests.ladder.host import on_host

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++, which is not installed")
BARRIER = "__syncthreads();"
SOURCE = launch.source("rnn.cu")


def kernel_text(name: str) -> str:
    """The text of a kernel of rnn.cu, from its name on."""
    found = re.search(rf"__global__ void {name}\(.*?\n\}}\n", SOURCE, re.DOTALL)
    assert found is not None
    return found[0]


NAMES = [f"{kind}_steps{grad}" for kind in ("rnn", "lstm", "gru") for grad in ("", "_grad")]
BARRIERS = [(name, i) for name in NAMES for i in range(kernel_text(name).count(BARRIER))]


def without(name: str, i: int) -> str:
    """The file with the `i`-th barrier of a kernel taken out."""
    text = kernel_text(name)
    parts = text.split(BARRIER)
    return SOURCE.replace(text, BARRIER.join(parts[: i + 1]) + BARRIER.join(["", *parts[i + 1 :]])[len(BARRIER) :])


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


def wrong(name: str, text: str) -> bool:
    """Whether a kernel's results, with this text, differ from the reference's in some order of threads."""
    kernel = KERNELS[name.replace("_steps", "")]
    module = Module(text, name_expressions=[f"{name}<float, int>"])
    right = [a for a in kernel.reference(*arguments(name)) if a is not None]

    def differs(schedule: Schedule) -> bool:
        def compiler(_: str, expression: str) -> launch.Launch:
            return partial(module.get_function(expression), schedule=schedule)

        with on_host(blocks=1), launch.compiled_by(compiler), np.errstate(all="ignore"):
            ours = [a for a in kernel.implementations["cupy"](*arguments(name)) if a is not None]
        return any(not np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(ours, right, strict=True))

    return any(differs(schedule) for schedule in (FORWARD, REVERSED, shuffled(1)))


@pytest.mark.parametrize("name", NAMES)
def test_with_all_barriers_nothing_is_wrong(name: str):
    assert not wrong(name, SOURCE)


@pytest.mark.parametrize(("name", "i"), BARRIERS)
def test_a_missing_barrier_is_found(name: str, i: int):
    assert without(name, i).count(BARRIER) == SOURCE.count(BARRIER) - 1
    assert wrong(name, without(name, i))

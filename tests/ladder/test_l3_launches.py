"""How many kernels a step of the lessons launches: under the emulation, which counts them.

The host needs longer for a launch than the GPU for most kernels, so the number decides how fast a step is.
"""

from __future__ import annotations

import sys

import pytest

from parity.speed import on_gpu
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.skipif("kernels.cusim.emulator" not in sys.modules, reason="only the emulation counts launches"),
    pytest.mark.host("each tensor names its device"),
]

MOST = {"rnn": 15, "dqn": 26, "gan": 66, "dropout": 32}
"""The launches of an eager step; lower them when they become fewer."""


@pytest.mark.parametrize("lesson", MOST)
def test_the_launches_of_a_step(lesson: str):
    eager = on_gpu.measure(lesson, "minitorch", on_gpu.EAGER, 0.0).launches
    recorded = on_gpu.measure(lesson, "minitorch", on_gpu.GRAPH, 0.0).launches
    assert eager == MOST[lesson]
    assert recorded <= 4  # the graph, and copies of inputs and results that are no plain copies

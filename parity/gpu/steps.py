"""The section with the times of training steps, beside torch's on the same GPU, taken while nothing else runs.

Both libraries compute in float32: torch's TF32 is off. A time is the median of many steps, each with a wait for the GPU
("wall"); of the same steps without the wait, how long Python took ("host"); and, by the GPU's events, of many steps
without waits, divided by their number ("events").
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import minitorch
from parity.gpu.section import Options, Outcome, Section, torch_in_float32
from parity.runs.stand_in import StandIn

MODELS = ("cnn", "lstm", "gan", "dqn")
STEP, GRAPH = "eager", "one graph"
"""The step as Python runs it; and the whole step, Adam's too, as a CUDA graph that is replayed."""


def _items(options: Options) -> list[str]:
    chosen = [model for model in MODELS if model in (options.models or MODELS)]
    libraries = ["minitorch", "torch"] if torch_in_float32().cuda.is_available() else ["minitorch"]
    return [f"{model} {library}: {what}" for what in (STEP, GRAPH) for model in chosen for library in libraries]


def _step(options: Options, item: str) -> Iterator[Outcome]:
    """The times of one model's step under one library."""
    who, _, what = item.partition(": ")
    model, _, name = who.partition(" ")
    library = minitorch if name == "minitorch" else torch_in_float32()
    passes, parameters = PASSES[model](library)
    optimizer = library.optim.Adam(parameters, lr=1e-3, capturable=what == GRAPH)

    def step() -> None:
        optimizer.zero_grad(set_to_none=what == STEP)  # a graph adds to the same arrays each time
        passes()
        optimizer.step()

    times = _timed(library, step if what == STEP else _captured(library, step), options.seconds)
    yield Outcome([[model, name, what, *times]])


def _timed(library: Any, work: Callable[[], object], seconds: float) -> list[str]:
    """Milliseconds of `work`: with a wait, of the host alone, and by events; and how often it was run."""
    wait = library.cuda.synchronize
    for _ in range(5):
        work()
    wait()
    wall: list[float] = []
    host: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(wall) < 3:
        begun = time.perf_counter()
        work()
        given = time.perf_counter()
        wait()
        host.append(given - begun)
        wall.append(time.perf_counter() - begun)
    count = max(3, int(seconds / statistics.median(wall) / 2))
    start, end = (library.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(count):
        work()
    end.record()
    end.synchronize()
    milliseconds = 1e3 * statistics.median(wall), 1e3 * statistics.median(host), start.elapsed_time(end) / count
    return [*(f"{ms:.3f}" for ms in milliseconds), str(len(wall))]


def _captured(library: Any, step: Callable[[], None]) -> Callable[[], None]:
    """What replays a step."""
    side = library.cuda.Stream()
    side.wait_stream(library.cuda.current_stream())
    with library.cuda.stream(side):
        for _ in range(3):
            step()
    library.cuda.synchronize()
    graph = library.cuda.CUDAGraph()
    with library.cuda.graph(graph):
        step()
    replay: Callable[[], None] = graph.replay
    return replay


Passes = tuple[Callable[[], object], Any]
"""A function that runs the forward and the backward pass of a model, and the model's parameters."""


def _digits(library: Any, name: str, network: str) -> Passes:
    net = getattr(_module(library, name), network)().to("cuda")
    x, y = library.randn(50, 1, 28, 28).to("cuda"), library.randint(0, 10, (50,)).to("cuda")

    def passes() -> None:
        library.nn.functional.cross_entropy(net(x), y).backward()

    return passes, list(net.parameters())


def _gan(library: Any) -> Passes:
    module = _module(library, "gan")
    generator, discriminator = module.generator().to("cuda"), module.discriminator().to("cuda")
    real, ideas = library.randn(64, 15).to("cuda"), library.randn(64, 5).to("cuda")

    def passes() -> None:
        a, b = discriminator(real), discriminator(generator(ideas))
        (-library.mean(library.log(a) + library.log(1 - b))).backward()

    return passes, [*generator.parameters(), *discriminator.parameters()]


def _dqn(library: Any) -> Passes:
    module = _module(library, "dqn")
    net, target = module.QNet().to("cuda"), module.QNet().to("cuda")
    before, after = library.randn(64, 4).to("cuda"), library.randn(64, 4).to("cuda")
    reward, action = library.randn(64, 1).to("cuda"), library.randint(0, 2, (64, 1)).to("cuda")

    def passes() -> None:
        with library.no_grad():
            wanted = reward + 0.99 * target(after).max(1, keepdim=True).values
        library.nn.functional.mse_loss(net(before).gather(1, action), wanted).backward()

    return passes, list(net.parameters())


def _module(library: Any, name: str) -> Any:
    library.manual_seed(0)
    return StandIn(library).load("minitorch.models." + name)


PASSES: dict[str, Callable[[Any], Passes]] = {
    "cnn": lambda library: _digits(library, "cnn", "CNN"),
    "lstm": lambda library: _digits(library, "lstm", "LSTM"),
    "gan": _gan,
    "dqn": _dqn,
}

STEPS = Section(
    "steps",
    "Times of a step",
    ("model", "library", "", "wall ms", "host ms", "ms by events", "steps"),
    _items,
    _step,
    share=0.25,
    note=" ".join((__doc__ or "").split("\n\n")[1].split()),
)

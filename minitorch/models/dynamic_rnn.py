"""A graph that is built anew in each step: `rnn` with a sequence whose length is drawn for every step.

minitorch train dynamic-rnn
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import optim
from minitorch.models.rnn import RNN, WINDOW
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS, draw_losses
from minitorch.training.options import add_run_options
from minitorch.training.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train dynamic-rnn``."""
    add_run_options(parser, steps=300, lr=0.005)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    net = RNN().to(args.device)
    optimizer = optim.Adam(net.parameters(), lr=args.lr)
    state = Run(args, ("seed", "lr"), model=net, optimizer=optimizer)
    state.extra.update(hidden=None, position=0, lengths=[], shown=[])

    with Session(
        "dynamic-rnn", args, state, total=args.steps, unit="steps", done=lambda: state.step, lines=10
    ) as session:
        h = state.extra["hidden"]
        h = None if h is None else h.to(args.device)
        for _ in state.steps(args.steps):
            windows = int(torch.randint(1, 4, (1,)))  # the length is 1, 2 or 3 times π
            start = state.extra["position"]
            times = torch.arange(start * WINDOW, (start + windows) * WINDOW) * (math.pi / WINDOW)
            x, y = times.sin().reshape(1, -1, 1).to(args.device), times.cos().reshape(1, -1, 1).to(args.device)
            prediction, h = net(x, h)
            h = h.detach()
            loss = F.mse_loss(prediction, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            state.extra["lengths"].append(len(times))
            latest = (times, y.cpu().flatten(), prediction.detach().cpu().flatten())
            state.extra.update(hidden=h, position=start + windows, shown=[*state.extra["shown"][-5:], latest])
            state.count(loss.item())
            if session.step(loss=loss.item(), length=len(times)):
                return session.stopped()

    lengths = state.extra["lengths"]
    error = sum(state.losses[-20:]) / len(state.losses[-20:])
    drawn = ", ".join(f"{length} points {lengths.count(length)} times" for length in sorted(set(lengths)))
    print(f"\nover sequences of changing length ({drawn}) the mean squared error came down to {error:.4f}")

    def draw(figure: Any) -> None:
        left, right = figure.subfigures(1, 2)
        above, below = left.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        for i, (times, y, prediction) in enumerate(state.extra["shown"]):
            t, target, drawn = times.numpy(), y.numpy(), prediction.numpy()
            above.plot(t, target, color=COLORS["orange"], linewidth=4, alpha=0.6, label=None if i else "cos t")
            above.plot(t, drawn, color=COLORS["blue"], label=None if i else "the net, from sin t")
            below.plot(t, drawn - target, color=COLORS["red"])
            for axes in (above, below):
                axes.axvline(float(times[0]), color=COLORS["gray"], linewidth=0.5)
        above.set(ylabel="cos t", ylim=(-1.3, 1.7), title="the last sequences, each of its own length")
        below.set(xlabel="t", ylabel="error of the net")
        if state.extra["shown"]:
            above.legend(loc="upper right", ncols=2)
        draw_losses(right.subplots(), state.losses)

    return session.finish({"mse": error, "lengths": lengths}, draw)

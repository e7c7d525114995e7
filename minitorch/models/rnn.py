"""A recurrent network that predicts the cosine from the sine, keeping its hidden state from one window to the next.

minitorch train rnn
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS, draw_losses
from minitorch.training.options import add_run_options
from minitorch.training.recorded import recorded
from minitorch.training.session import Session

WINDOW = 10  # points in a window, which spans π


class RNN(nn.Module):
    """Sequences (N, L, 1) to sequences (N, L, 1), with a hidden state (1, N, 32) as input and output."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(input_size=1, hidden_size=32, num_layers=1, batch_first=True)
        self.out = nn.Linear(32, 1)

    def forward(self, x: Tensor, h: Tensor | None) -> tuple[Tensor, Tensor]:
        y, h = self.rnn(x, h)
        return self.out(y), h


def window(step: int) -> tuple[Tensor, Tensor, Tensor]:
    """The times (L,) of window number `step`, and sine and cosine there, each (1, L, 1)."""
    times = torch.arange(step * WINDOW, (step + 1) * WINDOW) * (math.pi / WINDOW)
    return times, times.sin().reshape(1, -1, 1), times.cos().reshape(1, -1, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train rnn``."""
    add_run_options(parser, steps=300, lr=0.005, record=True)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    net = RNN().to(args.device)
    optimizer = optim.Adam(net.parameters(), lr=args.lr)
    state = Run(args, ("seed", "lr"), model=net, optimizer=optimizer)
    state.extra["hidden"] = None

    def train_step(x: Tensor, y: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """A step; the loss before it, and the hidden state at the end of the window."""
        prediction, h = net(x, h)
        h = h.detach()  # the graph ends at the start of the window
        loss = F.mse_loss(prediction, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss, h

    learn = recorded(train_step, args.record, args.explore)

    with Session("rnn", args, state, total=args.steps, unit="windows", done=lambda: state.step, lines=10) as session:
        h = state.extra["hidden"]
        h = (torch.zeros(1, 1, 32) if h is None else h).to(args.device)
        for step in state.steps(args.steps):
            _, x, y = window(step)
            loss, h = learn(x.to(args.device), y.to(args.device), h)
            state.extra["hidden"] = h
            state.count(loss.item())
            if session.step(loss=loss.item()):
                return session.stopped()

    last = range(max(0, args.steps - 6), args.steps)
    with torch.no_grad():  # compute the last windows again, from the same hidden state
        times, targets, predictions = [], [], []
        for step in last:
            t, x, y = window(step)
            prediction, h = net(x.to(args.device), h)
            times.append(t)
            targets.append(y.flatten())
            predictions.append(prediction.cpu().flatten())
    error = F.mse_loss(torch.cat(predictions), torch.cat(targets)).item()
    print(f"\nafter {args.steps} windows the net draws the cosine with a mean squared error of {error:.4f}")

    def draw(figure: Any) -> None:
        left, right = figure.subfigures(1, 2)
        above, below = left.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        t, target, prediction = (torch.cat(parts).numpy() for parts in (times, targets, predictions))
        above.plot(t, target, color=COLORS["orange"], linewidth=4, alpha=0.6, label="cos t")
        above.plot(t, prediction, color=COLORS["blue"], label="the net, from sin t")
        above.set(ylabel="cos t", ylim=(-1.3, 1.7), title="the last windows")
        above.legend(loc="upper right", ncols=2)
        below.plot(t, prediction - target, color=COLORS["red"])
        below.set(xlabel="t", ylabel="error of the net")
        draw_losses(right.subplots(), state.losses)

    return session.finish({"mse": error}, draw)

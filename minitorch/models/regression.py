"""The first lesson: a small net learns the curve y = x² through noisy points.

minitorch train regression
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS, draw_losses
from minitorch.training.options import add_run_options
from minitorch.training.session import Session


class Net(nn.Module):
    """Numbers (N, 1) to numbers (N, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(1, 10)
        self.predict = nn.Linear(10, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.predict(F.relu(self.hidden(x)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train regression``."""
    add_run_options(parser, steps=200, lr=0.2)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    x = torch.linspace(-1, 1, 100).unsqueeze(1)  # (100, 1)
    y = x.pow(2) + 0.2 * torch.rand(x.size())
    x, y = x.to(args.device), y.to(args.device)
    net = Net().to(args.device)
    optimizer = optim.SGD(net.parameters(), lr=args.lr)
    state = Run(args, ("seed", "lr"), model=net, optimizer=optimizer)

    with Session(
        "regression", args, state, total=args.steps, unit="steps", done=lambda: state.step, lines=10
    ) as session:
        for _ in state.steps(args.steps):
            loss = F.mse_loss(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            state.count(loss.item())
            if session.step(loss=loss.item()):
                return session.stopped()

    with torch.no_grad():
        prediction = net(x)
    error = F.mse_loss(prediction, y).item()
    print(f"\nthe net follows the curve with a mean squared error of {error:.4f}; the noise alone is {0.2**2 / 12:.4f}")

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        left.scatter(x.cpu().numpy(), y.cpu().numpy(), s=12, color=COLORS["gray"], label="points")
        left.plot(x.cpu().numpy(), prediction.cpu().numpy(), color=COLORS["red"], label="the net")
        left.set(xlabel="x", ylabel="y", title="y = x² + noise")
        left.legend()
        draw_losses(right, state.losses)

    return session.finish({"mse": error}, draw)

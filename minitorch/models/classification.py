"""The second lesson: a small net separates two clouds of points.

minitorch train classification
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS, draw_losses
from minitorch.training.options import add_run_options
from minitorch.training.session import Session


def clouds() -> tuple[torch.Tensor, torch.Tensor]:
    """200 points (200, 2), around (2, 2) and around (-2, -2), and their classes (200,)."""
    ones = torch.ones(100, 2)
    points = torch.cat([torch.normal(2 * ones, 1.0), torch.normal(-2 * ones, 1.0)])
    return points, torch.cat([torch.zeros(100), torch.ones(100)]).long()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train classification``."""
    add_run_options(parser, steps=100, lr=0.02)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    x, y = (t.to(args.device) for t in clouds())
    net = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 2)).to(args.device)
    optimizer = optim.SGD(net.parameters(), lr=args.lr)
    state = Run(args, ("seed", "lr"), model=net, optimizer=optimizer)

    with Session(
        "classification", args, state, total=args.steps, unit="steps", done=lambda: state.step, lines=10
    ) as session:
        for _ in state.steps(args.steps):
            logits = net(x)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            state.count(loss.item())
            accuracy = (logits.argmax(1) == y).float().mean().item()
            if session.step(loss=loss.item(), accuracy=accuracy):
                return session.stopped()

    with torch.no_grad():
        accuracy = (net(x).argmax(1) == y).float().mean().item()
    print(f"\nthe net puts {accuracy:.1%} of the points into the right cloud")

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(5, 4))
        reach = float(x.abs().max()) + 0.5
        side = torch.linspace(-reach, reach, 101)
        grid = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=-1)  # (101, 101, 2): the points of the plane
        with torch.no_grad():
            second = net(grid.to(args.device)).softmax(-1)[..., 1].cpu().numpy()
        plane = (side.numpy(), side.numpy(), second)
        shades = left.contourf(*plane, levels=np.linspace(0, 1, 21), cmap="coolwarm", vmin=0, vmax=1, alpha=0.35)
        left.contour(*plane, levels=[0.5], colors="black", linewidths=1.5)
        for cloud, color, marker in ((0, COLORS["blue"], "o"), (1, COLORS["red"], "^")):
            points = x[y == cloud].cpu().numpy()
            left.scatter(*points.T, color=color, marker=marker, s=18, edgecolors="white", linewidths=0.5)
            left.scatter([], [], color=color, marker=marker, label=("first cloud", "second cloud")[cloud])
        left.plot([], [], color="black", label="the border: one as likely as the other")
        left.set(xlabel="first coordinate", ylabel="second coordinate", title="two clouds, and the border the net drew")
        left.legend(loc="upper left")
        figure.colorbar(shades, ax=left, ticks=[0, 0.25, 0.5, 0.75, 1], label="probability of the second cloud")
        draw_losses(right, state.losses)

    return session.finish({"accuracy": accuracy}, draw)

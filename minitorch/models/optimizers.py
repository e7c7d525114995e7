"""SGD, momentum, RMSprop and Adam on one problem, from the same initial weights: how fast does each loss fall?

minitorch train optimizers
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset

NAMES = ("SGD", "momentum", "RMSprop", "Adam")


def net() -> nn.Module:
    """Numbers (N, 1) to numbers (N, 1)."""
    return nn.Sequential(nn.Linear(1, 20), nn.ReLU(), nn.Linear(20, 1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train optimizers``."""
    add_run_options(parser, epochs=12, batch_size=32, lr=0.01)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    x = torch.linspace(-1, 1, 1000).unsqueeze(1)
    y = x.pow(2) + 0.1 * torch.normal(torch.zeros(x.size()))
    loader = DataLoader(TensorDataset(x, y), batch_size=args.batch_size, shuffle=True)
    beginning = net().state_dict()
    nets = nn.ModuleDict({name: net() for name in NAMES})
    for model in nets.values():
        model.load_state_dict(beginning)
    nets.to(args.device)
    optimizers = {
        "SGD": optim.SGD(nets["SGD"].parameters(), lr=args.lr),
        "momentum": optim.SGD(nets["momentum"].parameters(), lr=args.lr, momentum=0.8),
        "RMSprop": optim.RMSprop(nets["RMSprop"].parameters(), lr=args.lr, alpha=0.9),
        "Adam": optim.Adam(nets["Adam"].parameters(), lr=args.lr, betas=(0.9, 0.99)),
    }
    state = Run(args, ("seed", "batch_size", "lr"), nets=nets, **optimizers)
    state.extra["curves"] = {name: [] for name in NAMES}

    def done() -> int:
        return state.epoch * len(x) + state.step * args.batch_size

    with Session("optimizers", args, state, total=args.epochs * len(x), unit="points", done=done) as session:
        curves = state.extra["curves"]
        while state.epoch < args.epochs and not session.stopping:
            for points, targets in state.batches(loader):
                points, targets = points.to(args.device), targets.to(args.device)
                for name, optimizer in optimizers.items():
                    loss = F.mse_loss(nets[name](points), targets)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    curves[name].append(loss.item())
                state.count(curves["Adam"][-1])
                if session.step(len(points), **{name: curves[name][-1] for name in NAMES}):
                    break
            else:
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    with torch.no_grad():
        final = {name: F.mse_loss(nets[name](x.to(args.device)), y.to(args.device)).item() for name in NAMES}
    best = min(final, key=lambda name: final[name])
    listed = ", ".join(f"{name} {loss:.4f}" for name, loss in sorted(final.items(), key=lambda item: item[1]))
    print(f"\nfrom the same beginning, {best} came furthest down: {listed} (the noise alone is {0.1**2:.4f})")

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        for (name, curve), color in zip(curves.items(), COLORS.values(), strict=False):
            batches = np.array(curve).reshape(-1, len(loader))  # a row for each epoch
            epochs = np.arange(len(batches)) + 0.5
            axes.fill_between(epochs, *np.quantile(batches, (0.1, 0.9), axis=1), color=color, alpha=0.15, linewidth=0)
            axes.plot(epochs, batches.mean(1), color=color, marker=".", label=name)
        axes.axhline(0.1**2, color=COLORS["gray"], linestyle="--", label="the noise of the points")
        axes.set(xlabel="epoch", ylabel="loss", yscale="log", title="one problem, four optimizers")
        axes.legend()

    return session.finish({"final": final, "curves": curves}, draw)

"""Over-fitting: a large net learns 20 noisy points by heart; the same net with dropout does not.

N. Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html.

    minitorch train dropout
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.recorded import recorded
from minitorch.training.session import Session

POINTS, HIDDEN = 20, 300


def points() -> tuple[Tensor, Tensor]:
    """20 points (20, 1) of the line y = x with noise of standard deviation 0.3: x and y."""
    x = torch.linspace(-1, 1, POINTS).unsqueeze(1)
    return x, x + 0.3 * torch.normal(torch.zeros(POINTS, 1), torch.ones(POINTS, 1))


def net(p: float) -> nn.Module:
    """Numbers (N, 1) to numbers (N, 1), with dropout of probability `p` (0: none) on both hidden layers."""
    layers: list[nn.Module] = []
    for inputs in (1, HIDDEN):
        layers += [nn.Linear(inputs, HIDDEN), *([nn.Dropout(p)] if p else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(HIDDEN, 1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train dropout``."""
    add_run_options(parser, steps=500, lr=0.01, record=True)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    x, y = (t.to(args.device) for t in points())
    test_x, test_y = (t.to(args.device) for t in points())
    nets = nn.ModuleDict({"overfitting": net(0), "dropout": net(0.5)}).to(args.device)
    optimizers = {name: optim.Adam(model.parameters(), lr=args.lr) for name, model in nets.items()}
    state = Run(args, ("seed", "lr"), nets=nets, **optimizers)

    def train_step(x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """A step of both networks; their losses before it."""
        losses = {}
        for name, optimizer in optimizers.items():
            losses[name] = F.mse_loss(nets[name](x), y)
            optimizer.zero_grad()
            losses[name].backward()
            optimizer.step()
        return losses

    step = recorded(train_step, args.record, args.explore)

    with Session("dropout", args, state, total=args.steps, unit="steps", done=lambda: state.step, lines=10) as session:
        for _ in state.steps(args.steps):
            losses = {name: loss.item() for name, loss in step(x, y).items()}
            state.count(losses["dropout"])
            if session.step(**losses):
                return session.stopped()

    nets.eval()
    with torch.no_grad():
        train = {name: F.mse_loss(model(x), y).item() for name, model in nets.items()}
        test = {name: F.mse_loss(model(test_x), test_y).item() for name, model in nets.items()}
        line = torch.linspace(-1, 1, 200).unsqueeze(1)
        curves = {name: model(line.to(args.device)).cpu() for name, model in nets.items()}
    print(f"\n{'net':<12} error on train points   on test points")
    for name in nets:
        print(f"{name:<12} {train[name]:>21.4f} {test[name]:>16.4f}")
    ratio = test["overfitting"] / test["dropout"]
    print(
        f"the net that learnt its points by heart errs {ratio:.1f} times as much on new ones as its twin with dropout"
    )

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        axes.scatter(x.cpu().numpy(), y.cpu().numpy(), color=COLORS["pink"], s=40, label="train points")
        axes.scatter(test_x.cpu().numpy(), test_y.cpu().numpy(), color=COLORS["sky"], s=40, label="test points")
        axes.plot(line.numpy(), curves["overfitting"].numpy(), color=COLORS["red"], label="the over-fitting net")
        axes.plot(
            line.numpy(), curves["dropout"].numpy(), color=COLORS["blue"], linestyle="--", label="with dropout 0.5"
        )
        axes.set(
            xlabel="x", ylabel="y", ylim=(-2.5, 2.5), title="20 points of a line, learnt by a net of 300 · 300 units"
        )
        axes.legend(loc="upper left")

    return session.finish({"train_mse": train, "test_mse": test}, draw)

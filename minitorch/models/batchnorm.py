"""Batch normalization against a bad initialization: an eight-layer net with and without it, with tanh and ReLU.

minitorch train batchnorm
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.recorded import recorded
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset

SAMPLES, LAYERS, UNITS, BIAS = 2000, 8, 10, -0.2
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class Net(nn.Module):
    """Numbers (N, 1) to numbers (N, 1) through eight layers of ten units, badly initialized on purpose.

    Normalization cancels the biases before it. Then every unit that is computed from one number gives the same curve or
    its mirror image: their gradients would differ only by rounding. So each normalized unit starts with a different
    shift.
    """

    def __init__(self, activation: str, normalize: bool) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.input_norm = nn.BatchNorm1d(1, momentum=0.5) if normalize else nn.Identity()
        self.layers = nn.ModuleList([nn.Linear(1 if i == 0 else UNITS, UNITS) for i in range(LAYERS)])
        self.norms = nn.ModuleList(
            [nn.BatchNorm1d(UNITS, momentum=0.5) if normalize else nn.Identity() for _ in range(LAYERS)]
        )
        self.predict = nn.Linear(UNITS, 1)
        for layer in (*self.layers, self.predict):
            nn.init.normal_(layer.weight, mean=0.0, std=0.1)
            nn.init.constant_(layer.bias, BIAS)
        for norm in self.norms:
            if isinstance(norm, nn.BatchNorm1d):
                nn.init.normal_(norm.bias, mean=0.0, std=0.5)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The prediction (N, 1), and the input of each layer: (N, 1), then (N, 10) for each of the other eight."""
        inputs = [self.input_norm(x)]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            inputs.append(self.activation(norm(layer(inputs[-1]))))
        return self.predict(inputs[-1]), inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train batchnorm``."""
    add_run_options(parser, epochs=24, batch_size=64, lr=0.01, record=True)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)

    def points(count: int, noise: float) -> tuple[Tensor, Tensor]:
        x = torch.linspace(-7, 10, count).unsqueeze(1)
        return x, x.pow(2) - 5 + noise * torch.normal(torch.zeros(count, 1), 1.0)

    x, y = points(SAMPLES, 2.0)
    test_x, test_y = (t.to(args.device) for t in points(200, 2.0))
    loader = DataLoader(TensorDataset(x, y), batch_size=args.batch_size, shuffle=True)
    names = [f"{activation}{suffix}" for activation in ACTIVATIONS for suffix in ("", "_norm")]
    nets = nn.ModuleDict({name: Net(name.split("_")[0], name.endswith("norm")) for name in names}).to(args.device)
    optimizers = {name: optim.Adam(model.parameters(), lr=args.lr) for name, model in nets.items()}
    state = Run(args, ("seed", "batch_size", "lr"), nets=nets, **optimizers)
    state.extra.update(test_losses={name: [] for name in names}, inputs={})

    def watch() -> None:
        """Store the test losses, and the inputs of the layers for the test points."""
        nets.eval()
        noted = state.extra["inputs"][state.epoch] = {}
        with torch.no_grad():
            for name, model in nets.items():
                prediction, inputs = model(test_x)
                state.extra["test_losses"][name].append(F.mse_loss(prediction, test_y).item())
                noted[name] = [x.flatten().cpu() for x in inputs]
        nets.train()

    def train_step(x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """A step of every network; their losses before it."""
        losses = {}
        for name, optimizer in optimizers.items():
            losses[name] = F.mse_loss(nets[name](x)[0], y)
            optimizer.zero_grad()
            losses[name].backward()
            optimizer.step()
        return losses

    step = recorded(train_step, args.record, args.explore)

    def done() -> int:
        return state.epoch * SAMPLES + state.step * args.batch_size

    with Session("batchnorm", args, state, total=args.epochs * SAMPLES, unit="points", done=done) as session:
        if not state.losses:
            watch()
        while state.epoch < args.epochs and not session.stopping:
            for points_x, points_y in state.batches(loader):
                points_x, points_y = points_x.to(args.device), points_y.to(args.device)
                losses = {name: loss.item() for name, loss in step(points_x, points_y).items()}
                state.count(losses["tanh_norm"])
                if session.step(len(points_x), **losses):
                    break
            else:
                watch()
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    final = {name: curve[-1] for name, curve in state.extra["test_losses"].items()}
    print()
    for activation in ACTIVATIONS:
        plain, normed = final[activation], final[activation + "_norm"]
        print(f"{activation}: test error {plain:.1f} without, {normed:.1f} with batch normalization")
    times = " and ".join(f"{final[name] / final[name + '_norm']:.1f} times with {name}" for name in ACTIVATIONS)
    print(f"from the same bad beginning, batch normalization made the error smaller: {times}")
    with torch.no_grad():
        nets.eval()
        curves = {name: model(test_x)[0].cpu() for name, model in nets.items()}

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        left.scatter(test_x.cpu().numpy(), test_y.cpu().numpy(), s=8, color=COLORS["gray"], label="test points")
        for name, curve in state.extra["test_losses"].items():
            label = name.replace("_norm", " with batch norm")
            left.plot(test_x.cpu().numpy(), curves[name].numpy(), label=label)
            right.plot(range(len(curve)), curve, label=label)
        left.set(xlabel="x", ylabel="y", title="what each net learnt")
        right.set(xlabel="epoch", ylabel="test loss", yscale="log", title="losses")
        left.legend(fontsize=8)
        right.legend(fontsize=8)

    session.figure(lambda figure: draw_inputs(figure, state.extra["inputs"]), (13, 6.5), "inputs")
    results = {"test_mse": final, "test_losses": state.extra["test_losses"]}
    return session.finish(results, draw, size=(14, 6))


def draw_inputs(figure: Any, noted: dict[int, dict[str, list[Tensor]]]) -> None:
    """Draw how the inputs of each layer are spread, at several epochs (columns), for both activations (rows).

    The input of the first layer, the points themselves, is the same for all nets and left out.
    """
    epochs = sorted({0, 1, max(noted) // 2, max(noted)} & set(noted))
    layers = range(2, LAYERS + 2)
    first = next(iter(ACTIVATIONS))
    grid = figure.subplots(len(ACTIVATIONS), len(epochs), sharex=True, sharey="row", squeeze=False)
    for activation, row in zip(ACTIVATIONS, grid, strict=True):
        for epoch, axes in zip(epochs, row, strict=True):
            for suffix, color, label in (
                ("", COLORS["orange"], "without"),
                ("_norm", COLORS["blue"], "with batch norm"),
            ):
                inputs = [x.numpy() for x in noted[epoch][activation + suffix][1:]]
                low, lower, median, upper, high = np.transpose(
                    [np.quantile(x, (0.05, 0.25, 0.5, 0.75, 0.95)) for x in inputs]
                )
                axes.fill_between(layers, low, high, color=color, alpha=0.2, linewidth=0)
                axes.fill_between(layers, lower, upper, color=color, alpha=0.35, linewidth=0)
                axes.plot(layers, median, color=color, marker=".", label=label)
            if activation == first:
                axes.set_title("before training" if epoch == 0 else f"after epoch {epoch}")
            else:
                axes.set(xlabel="input of layer", xticks=layers)
                axes.set_xticklabels([*map(str, layers[:-1]), "out"])
        row[0].set_ylabel(f"with {activation}")
    grid[0, 0].legend(loc="lower left")
    figure.suptitle("the median of each layer's inputs, the middle half (dark) and nine tenths (pale) of them")

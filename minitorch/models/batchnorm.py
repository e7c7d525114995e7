"""Batch normalization against a bad initialization: the same eight-layer net with and without, with tanh and with ReLU.

minitorch train batchnorm
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.options import add_run_options
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset

SAMPLES, LAYERS, UNITS, BIAS = 2000, 8, 10, -0.2
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class Net(nn.Module):
    """Numbers (N, 1) to numbers (N, 1) through eight layers of ten units, badly initialized on purpose."""

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

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The prediction, and what goes into the activation of each layer."""
        inputs = []
        x = self.input_norm(x)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = norm(layer(x))
            inputs.append(x)
            x = self.activation(x)
        return self.predict(x), inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train batchnorm``."""
    add_run_options(parser, epochs=12, batch_size=64, lr=0.03)


def run(args: argparse.Namespace) -> int:
    """Train, and leave a checkpoint, a figure and, if asked for, the metrics as JSON. Returns the exit code."""
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
    state.extra.update(test_losses={name: [] for name in names}, inputs={name: [] for name in names})

    def watch() -> None:
        """Note the test losses, and what goes into the layers' activations for the test points."""
        nets.eval()
        with torch.no_grad():
            for name, model in nets.items():
                prediction, inputs = model(test_x)
                state.extra["test_losses"][name].append(F.mse_loss(prediction, test_y).item())
                state.extra["inputs"][name].append(torch.stack(inputs).flatten(1).cpu())  # (layers, values)
        nets.train()

    def done() -> int:
        return state.epoch * SAMPLES + state.step * args.batch_size

    with Session("batchnorm", args, state, total=args.epochs * SAMPLES, unit="points", done=done) as session:
        if not state.losses:
            watch()
        while state.epoch < args.epochs and not session.stopping:
            for points_x, points_y in state.batches(loader):
                points_x, points_y = points_x.to(args.device), points_y.to(args.device)
                losses = {}
                for name, optimizer in optimizers.items():
                    loss = F.mse_loss(nets[name](points_x)[0], points_y)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    losses[name] = loss.item()
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
    print("normalized layers keep getting inputs of all sizes, and learn in spite of the bad beginning")
    with torch.no_grad():
        nets.eval()
        curves = {name: model(test_x)[0].cpu() for name, model in nets.items()}

    def draw(figure: Any) -> None:
        top, middle, bottom = figure.subfigures(3, 1, height_ratios=(2, 1, 1))
        left, right = top.subplots(1, 2)
        left.scatter(test_x.cpu().numpy(), test_y.cpu().numpy(), s=8, color="tab:gray", label="test points")
        for name, curve in state.extra["test_losses"].items():
            label = name.replace("_norm", " with batch norm")
            left.plot(test_x.cpu().numpy(), curves[name].numpy(), label=label)
            right.plot(range(len(curve)), curve, label=label)
        left.set(xlabel="x", ylabel="y", title="what each net learnt")
        right.set(xlabel="epoch", ylabel="test loss", yscale="log", title="losses")
        left.legend(fontsize=8)
        right.legend(fontsize=8)
        for rows, activation in ((middle, "tanh"), (bottom, "relu")):
            rows.suptitle(
                f"inputs of the layers' {activation}, after the last epoch: without (gray), with batch norm (blue)"
            )
            for i, axes in enumerate(rows.subplots(1, LAYERS)):
                for name, color in ((activation, "tab:gray"), (activation + "_norm", "tab:blue")):
                    values = state.extra["inputs"][name][-1][i].numpy()
                    axes.hist(values, bins=30, range=(-3, 3), color=color, alpha=0.6, density=True)
                axes.set(title=f"layer {i + 1}", yticks=[])

    results = {"test_mse": final, "test_losses": state.extra["test_losses"]}
    return session.finish(results, draw, size=(14, 11))

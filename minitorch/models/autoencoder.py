"""An autoencoder encodes a handwritten digit as three numbers, and decodes it again.

minitorch train autoencoder
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import draw_image, draw_losses
from minitorch.training.options import add_data_options, add_run_options, load_data
from minitorch.training.recorded import recorded
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset

SHOWN = 8  # test digits whose reconstructions are drawn


class AutoEncoder(nn.Module):
    """Images (N, 784) to codes (N, 3) and reconstructed images (N, 784)."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 128),
            nn.Tanh(),
            nn.Linear(128, 64),
            nn.Tanh(),
            nn.Linear(64, 12),
            nn.Tanh(),
            nn.Linear(12, 3),
        )
        self.decoder = nn.Sequential(
            nn.Linear(3, 12),
            nn.Tanh(),
            nn.Linear(12, 64),
            nn.Tanh(),
            nn.Linear(64, 128),
            nn.Tanh(),
            nn.Linear(128, 784),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        code = self.encoder(x)
        return code, self.decoder(code)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train autoencoder``."""
    add_run_options(parser, epochs=60, batch_size=64, lr=0.005, record=True)
    add_data_options(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    split = load_data(args)
    images = torch.from_numpy(split.train_images).flatten(1)  # (N, 784)
    test = torch.from_numpy(split.test_images).flatten(1).to(args.device)
    loader = DataLoader(TensorDataset(images), batch_size=args.batch_size, shuffle=True)

    torch.manual_seed(args.seed)
    model = AutoEncoder().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    state = Run(args, ("data", "split", "seed", "batch_size", "lr"), model=model, optimizer=optimizer)
    history = state.extra["history"] = []  # of each epoch: the reconstructions of the first test images

    def train_step(x: Tensor) -> Tensor:
        """A step; the loss before it."""
        _, decoded = model(x)
        loss = F.mse_loss(decoded, x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step = recorded(train_step, args.record, args.explore)

    def done() -> int:
        return state.epoch * len(images) + state.step * args.batch_size

    with Session("autoencoder", args, state, total=args.epochs * len(images), unit="images", done=done) as session:
        history = state.extra["history"]
        while state.epoch < args.epochs and not session.stopping:
            for (x,) in state.batches(loader):
                x = x.to(args.device)
                loss = step(x)
                state.count(loss.item())
                if session.step(len(x), loss=loss.item()):
                    break
            else:
                with torch.no_grad():
                    history.append(model(test[:SHOWN])[1].cpu())
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    with torch.no_grad():
        code, decoded = model(test)
    error = F.mse_loss(decoded, test).item()
    mean_image = images.mean(0).to(args.device)
    print(f"\nthree numbers are enough to draw a digit with a mean squared error of {error:.4f} per pixel")
    print(f"(the mean image, drawn for every digit, has {F.mse_loss(mean_image.expand_as(test), test).item():.4f})")

    def draw(figure: Any) -> None:
        left, right = figure.subfigures(1, 2, width_ratios=(3, 2))
        epochs = sorted({0, len(history) // 4, len(history) // 2, len(history) - 1})
        rows = [test[:SHOWN].cpu(), *(history[i] for i in epochs)]
        grid = left.subplots(len(rows), len(rows[0]), squeeze=False)
        titles = ["original", *(f"epoch {i + 1}" for i in epochs)]
        for axes_row, row, title in zip(grid, rows, titles, strict=True):
            for axes, image in zip(axes_row, row, strict=True):
                draw_image(axes, image.reshape(28, 28).numpy(), cmap="gray_r", vmin=0, vmax=1)
            axes_row[0].set_ylabel(title, rotation=0, ha="right", va="center")
        left.suptitle("test digits and their reconstructions")
        top, bottom = right.subfigures(2, 1, height_ratios=(3, 2))
        space = code.cpu().numpy()
        views = top.subplots(2, 2)
        for axes, (i, j) in zip((*views[0], views[1, 0]), ((0, 1), (2, 1), (0, 2)), strict=True):
            dots = axes.scatter(space[:, i], space[:, j], c=split.test_labels, cmap="tab10", vmin=-0.5, vmax=9.5, s=5)
            axes.set(xlabel=("first", "second", "third")[i], ylabel=("first", "second", "third")[j])
        views[1, 1].set_axis_off()
        top.suptitle("the three numbers of each test digit, seen from three sides")
        top.colorbar(dots, ax=views, ticks=range(10), label="digit")
        draw_losses(bottom.subplots(), state.losses, len(loader))

    return session.finish({"test_mse": error}, draw, size=(14, 7))

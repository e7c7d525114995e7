"""A convolutional network for handwritten digits: two convolutions, each with ReLU and pooling, and a linear layer.

minitorch train cnn                     # the digits of the package, 20 epochs
minitorch train cnn --data mnist        # MNIST

Besides the losses and predictions it draws the filters before and after training, and how the classes separate: the
last layer's input for test images, in two dimensions.
"""

from __future__ import annotations

import argparse
import copy
from typing import Any

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.digits import Trial
from minitorch.training.figures import draw_image
from minitorch.training.options import add_data_options, add_run_options, load_data
from minitorch.training.recorded import recorded
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset


class CNN(nn.Module):
    """Images (N, 1, 28, 28) to the logits (N, 10) of the digits 0 to 9."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(16, 32, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.out = nn.Linear(32 * 7 * 7, 10)

    def features(self, x: Tensor) -> Tensor:
        """The input of the last layer, (N, 1568)."""
        return self.conv2(self.conv1(x)).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.features(x))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train cnn``."""
    add_run_options(parser, epochs=20, batch_size=50, lr=1e-3, record=True)
    add_data_options(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    split = load_data(args)
    images, labels = torch.from_numpy(split.train_images), torch.from_numpy(split.train_labels)
    loader = DataLoader(TensorDataset(images, labels), batch_size=args.batch_size, shuffle=True)

    torch.manual_seed(args.seed)
    model = CNN().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    state = Run(args, ("data", "split", "seed", "batch_size", "lr"), model=model, optimizer=optimizer)
    state.extra["kept"] = {0: snapshot(model)}  # the weights after some epochs

    def train_step(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """A step; the loss and the accuracy before it."""
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss, (logits.argmax(1) == y).float().mean()

    step = recorded(train_step, args.record, args.explore)

    def done() -> int:
        return state.epoch * len(images) + state.step * args.batch_size

    with Session("cnn", args, state, total=args.epochs * len(images), unit="images", done=done) as session:
        while state.epoch < args.epochs and not session.stopping:
            for x, y in state.batches(loader):
                x, y = x.to(args.device), y.to(args.device)
                loss, accuracy = step(x, y)
                state.count(loss.item())
                if session.step(len(x), loss=loss.item(), accuracy=accuracy.item()):
                    break
            else:
                if state.epoch & (state.epoch - 1) == 0:  # after 1, 2, 4, 8, … epochs: little changes later
                    state.extra["kept"][state.epoch] = snapshot(model)
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    trial = Trial(model, split, args.device)
    trial.print()
    kept = {**state.extra["kept"], state.epoch: snapshot(model)}
    digit = split.test_images[0, 0]
    session.figure(lambda figure: draw_filters(figure, kept[0], kept[state.epoch], digit), (13, 5), "filters")
    shown = split.test_images[:500], split.test_labels[:500]
    session.figure(lambda figure: draw_features(figure, model.cpu(), kept, *shown), (12, 7), "features")
    return session.finish(trial.results, lambda figure: trial.draw(figure, state.losses, len(loader)))


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """The weights as they are now."""
    return {name: weight.detach().cpu().clone() for name, weight in model.state_dict().items()}


def draw_filters(figure: Any, before: dict[str, Tensor], after: dict[str, Tensor], digit: np.ndarray) -> None:
    """The 16 filters of the first convolution before and after training, and what they find in a `digit` (28, 28)."""
    with torch.no_grad():
        weight, bias = after["conv1.0.weight"], after["conv1.0.bias"]
        found = F.relu(F.conv2d(torch.from_numpy(digit)[None, None], weight, bias, padding=2))[0].numpy()
    limit = float(weight.abs().max())
    signed = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    panels = (
        ("filters, before training", before["conv1.0.weight"][:, 0].numpy(), signed, "weight"),
        ("filters, after training", weight[:, 0].numpy(), signed, "weight"),
        (
            "what each finds in a test digit",
            found,
            {"cmap": "viridis", "vmin": 0, "vmax": found.max()},
            "value after ReLU",
        ),
    )
    for part, (title, images, colours, label) in zip(figure.subfigures(1, 3), panels, strict=True):
        grid = part.subplots(4, 4)
        for axes, image in zip(grid.flat, images, strict=True):
            drawn = draw_image(axes, image, **colours)
        part.suptitle(title)
        part.colorbar(drawn, ax=grid, label=label, location="bottom", shrink=0.8)


def draw_features(
    figure: Any, model: CNN, kept: dict[int, dict[str, Tensor]], images: np.ndarray, labels: np.ndarray
) -> None:
    """The last layer's input for test images after some epochs, seen along the same two directions.

    These are the two directions in which the features vary most at the end: with the centred features F = U·S·Vᵀ, the
    first two columns of V (principal component analysis).
    """
    model = copy.deepcopy(model)
    features = {}
    for epoch, weights in sorted(kept.items()):
        model.load_state_dict(weights)
        with torch.no_grad():
            features[epoch] = model.features(torch.from_numpy(images)).numpy()
    last = features[max(features)]
    centre = last.mean(0)
    centred = np.nan_to_num(last - centre, posinf=0, neginf=0)  # not finite if the training diverged
    centred = np.pad(centred, ((0, max(0, 2 - len(last))), (0, 0)))  # a single image has no second direction
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    share = (sizes[:2] ** 2).sum() / max((sizes**2).sum(), np.finfo(sizes.dtype).tiny)

    epochs = list(features) if len(features) <= 6 else [*list(features)[:5], max(features)]
    grid = figure.subplots(2, -(-len(epochs) // 2), sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(epochs) :]:
        axes.axis("off")
    for axes, epoch in zip(grid.flat, epochs, strict=False):
        x, y = ((features[epoch] - centre) @ directions[:2].T).T
        dots = axes.scatter(x, y, c=labels, cmap="tab10", vmin=-0.5, vmax=9.5, s=8)
        axes.set_title("before training" if epoch == 0 else f"after epoch {epoch}")
    for axes in grid[:, 0]:
        axes.set_ylabel("second component")
    for axes in grid[-1]:
        axes.set_xlabel("first component")
    figure.colorbar(dots, ax=grid, ticks=range(10), label="digit")
    figure.suptitle(f"the 1568 features of test images, in the two directions of most variance ({share:.0%} of it)")

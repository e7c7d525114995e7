"""A convolutional network for handwritten digits: two convolutions, each with ReLU and pooling, and a linear layer.

minitorch train cnn                     # the shipped digits, 20 epochs
minitorch train cnn --data mnist        # MNIST
"""

from __future__ import annotations

import argparse

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.digits import Trial
from minitorch.training.options import add_data_options, add_run_options, load_data
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset


class CNN(nn.Module):
    """Images (N, 1, 28, 28) to the logits (N, 10) of the digits 0 to 9."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(16, 32, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.out = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(self.conv1(x))  # (N, 32, 7, 7)
        return self.out(x.flatten(1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train cnn``."""
    add_run_options(parser, epochs=20, batch_size=50, lr=1e-3)
    add_data_options(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and leave a checkpoint, a figure and, if asked for, the metrics as JSON. Returns the exit code."""
    split = load_data(args)
    images, labels = torch.from_numpy(split.train_images), torch.from_numpy(split.train_labels)
    loader = DataLoader(TensorDataset(images, labels), batch_size=args.batch_size, shuffle=True)

    torch.manual_seed(args.seed)
    model = CNN().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    state = Run(args, ("data", "split", "seed", "batch_size", "lr"), model=model, optimizer=optimizer)

    def done() -> int:
        return state.epoch * len(images) + state.step * args.batch_size

    with Session("cnn", args, state, total=args.epochs * len(images), unit="images", done=done) as session:
        while state.epoch < args.epochs and not session.stopping:
            for x, y in state.batches(loader):
                x, y = x.to(args.device), y.to(args.device)
                logits = model(x)
                loss = F.cross_entropy(logits, y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

                state.count(loss.item())
                accuracy = (logits.argmax(1) == y).float().mean()
                if session.step(len(x), loss=loss.item(), accuracy=accuracy.item()):
                    break
            else:
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    trial = Trial(model, split, args.device)
    trial.print()
    return session.finish(trial.results, lambda figure: trial.draw(figure, state.losses, len(loader)))

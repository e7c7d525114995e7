"""An LSTM that reads a handwritten digit row by row, from top to bottom, and names it after the last row.

minitorch train lstm                    # the digits of the package
minitorch train lstm --data mnist       # MNIST
"""

from __future__ import annotations

import argparse

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.digits import Trial
from minitorch.training.options import add_data_options, add_run_options, load_data
from minitorch.training.recorded import recorded
from minitorch.training.session import Session
from minitorch.utils.data import DataLoader, TensorDataset


class LSTM(nn.Module):
    """Images (N, 1, 28, 28), taken as sequences of 28 rows, to the logits (N, 10) of the digits 0 to 9."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size=28, hidden_size=64, num_layers=1, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.lstm(x.squeeze(1))  # (N, 28, 64)
        return self.out(y[:, -1])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train lstm``."""
    add_run_options(parser, epochs=20, batch_size=50, lr=5e-3, record=True)
    add_data_options(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    split = load_data(args)
    images, labels = torch.from_numpy(split.train_images), torch.from_numpy(split.train_labels)
    loader = DataLoader(TensorDataset(images, labels), batch_size=args.batch_size, shuffle=True)

    torch.manual_seed(args.seed)
    model = LSTM().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    state = Run(args, ("data", "split", "seed", "batch_size", "lr"), model=model, optimizer=optimizer)

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

    with Session("lstm", args, state, total=args.epochs * len(images), unit="images", done=done) as session:
        while state.epoch < args.epochs and not session.stopping:
            for x, y in state.batches(loader):
                x, y = x.to(args.device), y.to(args.device)
                loss, accuracy = step(x, y)
                state.count(loss.item())
                if session.step(len(x), loss=loss.item(), accuracy=accuracy.item()):
                    break
            else:
                session.report(f"epoch {state.epoch}/{args.epochs}")
    if session.stopping:
        return session.stopped()

    trial = Trial(model, split, args.device)
    trial.print()
    return session.finish(trial.results, lambda figure: trial.draw(figure, state.losses, len(loader)))

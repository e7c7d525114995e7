"""A convolutional network for handwritten digits: two convolutions, each with ReLU and pooling, and a linear layer.

minitorch train cnn                     # the shipped digits, 20 epochs
minitorch train cnn --data mnist        # MNIST
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.datasets import Split
from minitorch.training.checkpoint import Run
from minitorch.training.figures import draw_losses, draw_predictions, save_figure
from minitorch.training.interrupt import CleanStop
from minitorch.training.metrics import confusion_matrix, confusion_table, run_record, write_json
from minitorch.training.options import add_data_options, add_run_options, load_data
from minitorch.training.progress import Progress
from minitorch.utils.data import DataLoader, TensorDataset

FIXED = ("data", "split", "seed", "batch_size", "lr")  # options that a resumed run must share


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
    torch.manual_seed(args.seed)
    model = CNN().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    state = Run(model, optimizer, args, FIXED)
    if args.resume:
        state.resume(args.resume)
    checkpoint = args.out / "checkpoint.pt"

    finished = train(state, split, args, checkpoint)
    state.save(checkpoint)
    if not finished:
        print(f"stopped in epoch {state.epoch + 1}; to continue: minitorch train cnn --resume {checkpoint}")
        return 130

    predictions = predict(model, split.test_images, args.device)
    accuracy = float((predictions == split.test_labels).mean())
    print(f"\ntest accuracy {accuracy:.2%} ({len(predictions)} images the network never saw)\n")
    matrix = confusion_matrix(split.test_labels, predictions, classes=10)
    print(confusion_table(matrix))
    figure = args.out / "cnn.png"
    drawn = draw(figure, state, split, predictions, args.batch_size)
    print(f"\ncheckpoint {checkpoint}" + (f"\nfigure     {figure}" if drawn else ""))
    if args.json:
        results = {"test_accuracy": accuracy, "losses": state.losses, "seconds": state.seconds, "confusion": matrix}
        write_json(args.json, run_record("cnn", args, **results))
    return 0


def train(state: Run, split: Split, args: argparse.Namespace, checkpoint: Path) -> bool:
    """Take the run to its last epoch, or to the step at which the user stops it; whether it was finished."""
    images, labels = torch.from_numpy(split.train_images), torch.from_numpy(split.train_labels)
    loader = DataLoader(TensorDataset(images, labels), batch_size=args.batch_size, shuffle=True)
    done = state.epoch * len(images) + state.step * args.batch_size
    with CleanStop() as stop, Progress(total=args.epochs * len(images), done=done) as progress:
        while state.epoch < args.epochs:
            for x, y in state.batches(loader):
                began = time.perf_counter()
                x, y = x.to(args.device), y.to(args.device)
                logits = state.model(x)
                loss = F.cross_entropy(logits, y)
                state.optimizer.zero_grad()
                loss.backward()
                state.optimizer.step()

                state.losses.append(loss.item())
                state.seconds += time.perf_counter() - began
                state.step += 1
                accuracy = (logits.argmax(1) == y).float().mean().item()
                progress.step(len(x), loss=state.losses[-1], accuracy=accuracy)
                if stop.requested:
                    return False
            state.end_epoch()
            state.save(checkpoint)
            progress.report(f"epoch {state.epoch}/{args.epochs}")
    return True


def predict(model: nn.Module, images: Any, device: str) -> Any:
    """The digit that the network sees in each image (N, 1, 28, 28), as a NumPy array (N,)."""
    model.eval()
    with torch.no_grad():
        batches = torch.from_numpy(images).split(500)
        predictions = torch.cat([model(x.to(device)).argmax(1) for x in batches])
    model.train()
    return predictions.cpu().numpy()


def draw(path: Path, state: Run, split: Split, predictions: Any, batch_size: int) -> bool:
    """Draw the loss curve beside test images and what the network took them for; whether matplotlib was there."""
    mistakes = (predictions != split.test_labels).nonzero()[0][:6]
    shown = [*mistakes, *(i for i in range(len(predictions)) if i not in mistakes)][:18]

    def fill(figure: Any) -> None:
        left, right = figure.subfigures(1, 2)
        draw_losses(left.subplots(), state.losses, per_epoch=-(-len(split.train_images) // batch_size))
        draw_predictions(right, split.test_images[shown], split.test_labels[shown], predictions[shown])

    return save_figure(path, fill)

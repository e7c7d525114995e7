"""Testing a classifier of handwritten digits: its accuracy, its confusion table and a figure of its mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import minitorch as torch
from minitorch import nn
from minitorch.counting import counted
from minitorch.datasets import Split
from minitorch.training.figures import draw_losses, draw_predictions
from minitorch.training.metrics import confusion_matrix, confusion_table

__all__ = ["Trial"]


class Trial:
    """A network's predictions for the test images.

    Args:
        model: a module from images (N, 1, 28, 28) to logits (N, 10). It predicts in evaluation mode, and is in training
            mode afterwards.
        split: the data.
        device: the device of the model.

    Attributes:
        predictions: the predicted digit of each test image, (N,), int64.
        accuracy: the fraction of right predictions.
        confusion: how often each digit (row) was predicted as each digit (column), (10, 10), int64.
    """

    def __init__(self, model: nn.Module, split: Split, device: str) -> None:
        self.split = split
        model.eval()
        with torch.no_grad():
            batches = torch.from_numpy(split.test_images).split(500)
            self.predictions = torch.cat([model(x.to(device)).argmax(1) for x in batches]).cpu().numpy()
        model.train()
        self.accuracy = float((self.predictions == split.test_labels).mean())
        self.confusion = confusion_matrix(split.test_labels, self.predictions, classes=10)

    def print(self) -> None:
        """Print the accuracy, the confusion table and the most frequent mistake."""
        print(f"\ntest accuracy {self.accuracy:.2%} ({len(self.predictions)} images the network never saw)\n")
        print(confusion_table(self.confusion))
        mistakes = self.confusion.copy()
        np.fill_diagonal(mistakes, 0)
        digit, taken_for = np.unravel_index(mistakes.argmax(), mistakes.shape)
        times = mistakes[digit, taken_for]
        if times:
            print(f"\nmost frequent mistake: {digit} taken for {taken_for}, {counted(times, 'time')}")

    @property
    def results(self) -> dict[str, Any]:
        """The metrics for the run's JSON."""
        return {"test_accuracy": self.accuracy, "confusion": self.confusion}

    def draw(self, figure: Any, losses: Sequence[float], per_epoch: int) -> None:
        """Draw the loss curve, and next to it test images with their predictions, wrong ones first."""
        wrong = (self.predictions != self.split.test_labels).nonzero()[0][:6].tolist()
        shown = (wrong + [i for i in range(len(self.predictions)) if i not in wrong])[:18]
        left, right = figure.subfigures(1, 2)
        draw_losses(left.subplots(), losses, per_epoch)
        draw_predictions(
            right, self.split.test_images[shown], self.split.test_labels[shown], self.predictions[shown].tolist()
        )

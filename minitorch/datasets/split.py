"""The form of every data set of images: arrays for training and arrays for testing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Split"]


@dataclass(frozen=True)
class Split:
    """Images to train on and images to test on, with their labels.

    Attributes:
        train_images: (N, C, H, W), float32 in [0, 1].
        train_labels: (N,), int64.
        test_images: (M, C, H, W), float32 in [0, 1].
        test_labels: (M,), int64.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

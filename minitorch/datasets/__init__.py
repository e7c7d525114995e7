"""Data sets of images as NumPy arrays: the digits that are part of the package, and MNIST."""

from minitorch.datasets.digits import load_digits
from minitorch.datasets.idx import read_idx
from minitorch.datasets.mnist import load_mnist
from minitorch.datasets.split import Split

__all__ = ["Split", "load_digits", "load_mnist", "read_idx"]

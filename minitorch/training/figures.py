"""Figures of a training run, drawn if matplotlib is installed. Importing this module does not import matplotlib."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

__all__ = ["COLORS", "draw_image", "draw_losses", "draw_predictions", "save_figure"]

# Eight colours that are told apart by colour-blind readers too: M. Okabe and K. Ito 2008, https://jfly.uni-koeln.de/color/
COLORS = {
    "blue": "#0072B2",
    "red": "#D55E00",
    "green": "#009E73",
    "orange": "#E69F00",
    "pink": "#CC79A7",
    "sky": "#56B4E9",
    "gray": "#777777",
    "black": "#000000",
}
"""The colours of all figures. Lines that are drawn without a colour take them in this order."""

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.titlesize": "medium",
    "grid.alpha": 0.3,
    "legend.fontsize": "small",
}


def save_figure(
    path: str | os.PathLike[str], draw: Callable[[Any], None], size: tuple[float, float] = (10.0, 5.0)
) -> bool:
    """Call `draw` with an empty figure and write it to `path` as PNG.

    If matplotlib cannot be imported, a line on standard error says why, and no error is raised, so that the results of
    the training are not lost.

    Args:
        path: the file to write; if that fails, it keeps its old content.
        draw: a function of a `matplotlib.figure.Figure` with constrained layout.
        size: width and height in inches, at 120 pixels per inch.

    Returns:
        True if the figure was written, False if matplotlib cannot be imported.

    Raises:
        OSError: if the file cannot be written.
    """
    try:
        with _without_mplbackend():
            from cycler import cycler
            from matplotlib import rc_context
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
    except ImportError:
        print(f'no figure {path}: it needs matplotlib (pip install "minitorch-parity[plot]")', file=sys.stderr)
        return False
    except Exception as error:  # a broken installation: numpy of another version, a configuration that cannot be read
        print(f"no figure {path}: matplotlib cannot be imported: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    with rc_context({**_STYLE, "axes.prop_cycle": cycler(color=list(COLORS.values()))}):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        with atomic_write(path) as file:
            figure.savefig(file, format="png", dpi=120)
    return True


@contextmanager
def _without_mplbackend() -> Iterator[None]:
    """Hide the variable MPLBACKEND: with an unknown backend, importing matplotlib fails. No window is opened here."""
    value = os.environ.pop("MPLBACKEND", None)
    try:
        yield
    finally:
        if value is not None:
            os.environ["MPLBACKEND"] = value


def draw_losses(axes: Axes, losses: Sequence[float], per_epoch: int | None = None) -> None:
    """Draw the loss of each step on a logarithmic scale, and the means of epochs if each has `per_epoch` steps."""
    values = np.asarray(losses, dtype=np.float64)
    steps = np.arange(len(values)) + 1
    if per_epoch is None:
        axes.plot(steps, values, color=COLORS["blue"], linewidth=0.8)
    else:
        axes.plot(steps / per_epoch, values, color=COLORS["blue"], alpha=0.35, linewidth=0.8, label="each step")
        starts = np.arange(0, len(values), per_epoch)
        if len(starts):
            stops = np.minimum(starts + per_epoch, len(values))
            means = [values[start:stop].mean() for start, stop in zip(starts, stops, strict=True)]
            axes.plot(
                (starts + stops) / 2 / per_epoch, means, color=COLORS["blue"], marker=".", label="mean of the epoch"
            )
        axes.legend()
    if (values > 0).any():
        axes.set_yscale("log")
    axes.locator_params(axis="x", integer=True)
    axes.set(xlabel="step" if per_epoch is None else "epoch", ylabel="loss", title="training loss")


def draw_image(axes: Axes, image: np.ndarray, **options: Any) -> Any:
    """Draw an `image`, (H, W), without a frame; `options` are options of `imshow`. Returns what `colorbar` takes."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return axes.imshow(image, **options)


def draw_predictions(
    figure: FigureBase,
    images: np.ndarray,
    labels: Sequence[int] | np.ndarray,
    predictions: Sequence[int] | np.ndarray,
    columns: int = 6,
) -> None:
    """Draw a grid of `images`, (N, H, W) or (N, 1, H, W), each with its prediction: green if right, else red."""
    images = images.reshape(-1, *images.shape[-2:])
    rows = -(-len(images) // columns)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, image, label, prediction in zip(grid.flat, images, labels, predictions, strict=False):
        right = int(label) == int(prediction)
        title = f"{prediction}" if right else f"{prediction} (is {label})"
        draw_image(axes, image, cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(title, color=COLORS["green"] if right else COLORS["red"], fontsize=10)
    figure.suptitle("predictions on test images")

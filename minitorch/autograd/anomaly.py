"""Anomaly mode: nodes remember the call that made them, and the backward pass stops at the first NaN and shows it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minitorch.autograd.node import Anomaly, Node
from minitorch.autograd.variable import Variable

_HERE = str(Path(__file__).parent)


class set_detect_anomaly:
    """Switch anomaly mode on or off for all threads, at once; as a context manager, until the end of the block.

    Args:
        mode: whether nodes remember the call that made them.
        check_nan: whether a backward pass raises at the first gradient that holds NaN.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = Anomaly.enabled, Anomaly.check_nan
        Anomaly.enabled, Anomaly.check_nan = mode, check_nan

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        Anomaly.enabled, Anomaly.check_nan = self._before


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode within the block: a failing or NaN-producing backward step shows its forward call. It is slow.

    Args:
        check_nan: whether a backward pass raises at the first gradient that holds NaN.
    """

    def __init__(self, check_nan: bool = True) -> None:
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
            stacklevel=2,
        )
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return Anomaly.enabled


def explain(node: Node, error: BaseException) -> None:
    """Where anomaly mode is on, warn with the forward call that made `node`, whose backward step raised `error`."""
    if Anomaly.enabled and not getattr(error, "_explained", False):
        error._explained = True  # type: ignore[attr-defined]
        _warn(node)


def check_nan(node: Node, results: Sequence[Any]) -> None:
    """Raise if one of the gradients that `node` returned holds NaN.

    Raises:
        RuntimeError: naming the node and which gradient; the forward call is shown as a warning before.
    """
    if not Anomaly.check_nan:
        return
    for i, g in enumerate(results):
        array = g._array if isinstance(g, Variable) else g
        if array is not None and bool((array != array).any()):
            _warn(node)
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")


def _warn(node: Node) -> None:
    if node.trace is None:
        text = "No forward pass information available. Enable detect anomaly during forward pass for more information."
    else:
        frames = [frame for frame in node.trace if not frame.filename.startswith(_HERE)]
        text = "Traceback of forward call that caused the error:\n" + "".join(traceback.format_list(frames))
    warnings.warn(f"Error detected in {node.name()}. {text}", stacklevel=2)

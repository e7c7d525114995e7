"""Anomaly mode: nodes remember the call that made them, and the backward pass stops at the first NaN and shows it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from minitorch.autograd.node import Anomaly, Node
from minitorch.autograd.variable import Variable

_PACKAGE = str(Path(__file__).parents[1])


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
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return Anomaly.enabled


def watched(node: Node, grads: list[Any], create_graph: bool, skip: Collection[int]) -> Sequence[Any]:
    """``node.gradients(...)`` in anomaly mode: where it fails or gives NaN, the forward call is shown as a warning.

    Raises:
        RuntimeError: if one of the gradients holds NaN, naming the node and which.
    """
    outer, Anomaly.visiting.node = getattr(Anomaly.visiting, "node", None), node
    try:
        results = node.gradients(grads, create_graph, skip)
    except Exception as error:
        if not getattr(error, "_explained", False):
            error._explained = True  # type: ignore[attr-defined]
            _warn(node)
        raise
    finally:
        Anomaly.visiting.node = outer
    for i, g in enumerate(results if Anomaly.check_nan else ()):
        array = g._array if isinstance(g, Variable) else g
        if array is not None and i not in skip and bool((array != array).any()):
            _warn(node)
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")
    return results


def _warn(node: Node) -> None:
    if node._trace is None:
        text = "No forward pass information available. Enable detect anomaly during forward pass for more information."
    else:
        text = "Traceback of forward call that caused the error:\n" + _calls(node)
        parent = node._trace[1]
        while parent is not None and parent._trace is not None:
            text += (
                f"\nPrevious calculation was induced by {parent.name()}. Traceback of forward call that induced the "
                "previous calculation:\n" + _calls(parent)
            )
            parent = parent._trace[1]
    warnings.warn(f"Error detected in {node.name()}. {text}", stacklevel=3)


def _calls(node: Node) -> str:
    """The calls that led to the node, down to the one that entered this package."""
    frames = list(node._trace[0]) if node._trace is not None else []
    while len(frames) > 1 and frames[-1].filename.startswith(_PACKAGE):
        frames.pop()
    return "".join(traceback.format_list(frames))

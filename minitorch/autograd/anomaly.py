"""Anomaly mode: nodes remember the call that made them, and the backward pass stops at the first NaN and shows it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Collection, Sequence
from typing import Any

from minitorch.autograd.creation import ignore, observe
from minitorch.autograd.grad_fn import seen
from minitorch.autograd.graph import Node, Variable, this_thread
from minitorch.autograd.origins import PACKAGE, notes


class AnomalyMode:
    """The settings of anomaly mode, for all threads."""

    enabled = False
    check_nan = True


def _remember_call(node: Node) -> None:
    """Store in a new node the calls that made it, and the node during whose backward step it was made, if any."""
    notes(node)["calls"] = traceback.extract_stack(), this_thread.visited


def _switch(enabled: bool, check_nan: bool) -> None:
    if enabled != AnomalyMode.enabled:
        (observe if enabled else ignore)(_remember_call)
    AnomalyMode.enabled, AnomalyMode.check_nan = enabled, check_nan


class set_detect_anomaly:
    """Switch anomaly mode on or off for all threads, at once; as a context manager, until the end of the block.

    Args:
        mode: whether nodes remember the call that made them.
        check_nan: whether a backward pass raises at the first gradient with a NaN.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = AnomalyMode.enabled, AnomalyMode.check_nan
        _switch(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        _switch(*self._before)


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode within the block: a failing or NaN-producing backward step shows its forward call. It is slow.

    Args:
        check_nan: whether a backward pass raises at the first gradient with a NaN.
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
    return AnomalyMode.enabled


def explaining_errors(visit: Callable[[Node, list[Any]], None]) -> Callable[[Node, list[Any]], None]:
    """`visit`, which runs the backward step of a node; if it raises, a warning shows the forward call of the node."""

    def explained(node: Node, grads: list[Any]) -> None:
        outer, this_thread.visited = this_thread.visited, node
        try:
            visit(node, grads)
        except Exception as error:
            if not getattr(error, "_explained", False):
                error._explained = True  # type: ignore[attr-defined]  # our own attribute, read two lines above
                _warn(node)
            raise
        finally:
            this_thread.visited = outer

    return explained


def check_nan(node: Node, results: Sequence[Any], skip: Collection[int]) -> None:
    """Refuse NaN in the results of a backward step. Results whose numbers are in `skip` are not checked.

    Raises:
        RuntimeError: if a result has a NaN; the message names the node and the result.
    """
    for i, g in enumerate(results if AnomalyMode.check_nan else ()):
        array = g._array if isinstance(g, Variable) else g
        if array is not None and i not in skip and bool((array != array).any()):
            raise RuntimeError(f"Function '{seen(node).name()}' returned nan values in its {i}th output.")


def _warn(node: Node) -> None:
    remembered = notes(node).get("calls")
    if remembered is None:
        text = "No forward pass information available. Enable detect anomaly during forward pass for more information."
    else:
        calls, parent = remembered
        text = "Traceback of forward call that caused the error:\n" + _shown(calls)
        while parent is not None and (remembered := notes(parent).get("calls")) is not None:
            calls, above = remembered
            text += (
                f"\nPrevious calculation was induced by {seen(parent).name()}. Traceback of forward call that induced "
                "the previous calculation:\n" + _shown(calls)
            )
            parent = above
    warnings.warn(f"Error detected in {seen(node).name()}. {text}", stacklevel=3)


def _shown(calls: traceback.StackSummary) -> str:
    """The text of a stack of calls, without the calls inside this package."""
    frames = list(calls)
    while len(frames) > 1 and frames[-1].filename.startswith(PACKAGE):
        frames.pop()
    return "".join(traceback.format_list(frames))

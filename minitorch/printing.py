"""The text of tensors, formatted as in torch.

The rules: https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitorch import devices, dtypes


class _Options:
    precision = 4
    threshold = 1000
    edgeitems = 3
    linewidth = 80
    sci_mode: bool | None = None


_PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed.

    Args:
        precision: digits after the decimal point (4).
        threshold: more elements than this are summarized (1000).
        edgeitems: how many are shown at each end of a summarized dimension (3).
        linewidth: characters per line (80).
        profile: "default", "short" or "full": sets all of the above.
        sci_mode: scientific notation always (True), never (False), or depending on the numbers (None).
    """
    if profile is not None:
        for name, value in _PROFILES[profile.lower()].items():
            setattr(_Options, name, value)
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, choice in given.items():
        if choice is not None:
            setattr(_Options, name, choice)
    _Options.sci_mode = sci_mode


class _Formatter:
    """The common width and notation of the numbers of a tensor."""

    def __init__(self, values: np.ndarray) -> None:
        self.floating = values.dtype.kind == "f"
        self.integral = True
        self.scientific = False
        self.width = 1
        flat = values.reshape(-1)
        if not self.floating:
            self.width = max((len(str(v)) for v in flat.tolist()), default=1)
            return
        finite = np.abs(flat[np.isfinite(flat) & (flat != 0)]).astype(np.float64)
        if finite.size == 0:
            self._measure(flat)
            return
        low, high = finite.min(), finite.max()
        self.integral = bool((finite == np.ceil(finite)).all())
        wide = high / low > 1000.0
        self.scientific = wide or high > 1e8 or (not self.integral and low < 1e-4)
        if _Options.sci_mode is not None:
            self.scientific = _Options.sci_mode
        self._measure(flat)

    def _measure(self, flat: np.ndarray) -> None:
        """Set `width` to the length of the longest finite nonzero number; the text of inf or nan may be longer."""
        shown = flat[np.isfinite(flat) & (flat != 0)]
        self.width = max([1, *(len(self._text(v)) for v in shown.tolist())])

    def _text(self, value: float) -> str:
        if not math.isfinite(value):
            return str(value)
        if self.scientific:
            return f"{value:.{_Options.precision}e}"
        return f"{value:.0f}." if self.integral else f"{value:.{_Options.precision}f}"

    def format(self, value: Any) -> str:
        text = self._text(value) if self.floating else str(value)
        return text.rjust(self.width)


def _vector(values: np.ndarray, indent: int, formatter: _Formatter, summarize: bool) -> str:
    width = formatter.width + 2
    per_line = max(1, math.floor((_Options.linewidth - indent) / width))
    edge = int(_Options.edgeitems)
    if summarize and values.shape[0] > 2 * edge:
        items = [formatter.format(v) for v in values[:edge].tolist()]
        items += [" ..."]
        items += [formatter.format(v) for v in values[-edge:].tolist()]
    else:
        items = [formatter.format(v) for v in values.tolist()]
    lines = [items[i : i + per_line] for i in range(0, len(items), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"


def _body(values: np.ndarray, indent: int, formatter: _Formatter, summarize: bool) -> str:
    if values.ndim == 0:
        return formatter.format(values.item())
    if values.ndim == 1:
        return _vector(values, indent, formatter, summarize)
    edge = int(_Options.edgeitems)
    if summarize and values.shape[0] > 2 * edge:
        parts = [_body(v, indent + 1, formatter, summarize) for v in values[:edge]]
        parts += ["..."]
        parts += [_body(v, indent + 1, formatter, summarize) for v in values[-edge:]]
    else:
        parts = [_body(v, indent + 1, formatter, summarize) for v in values]
    return "[" + ("," + "\n" * (values.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _edges(values: np.ndarray) -> np.ndarray:
    """The elements that a summary shows: the formatter measures only these."""
    edge = int(_Options.edgeitems)
    for d in range(values.ndim):
        if values.shape[d] > 2 * edge:
            first, last = np.split(values, [edge], axis=d)[0], np.split(values, [values.shape[d] - edge], axis=d)[1]
            values = np.concatenate([first, last], axis=d)
    return values


def _wrap(text: str, suffixes: list[str], indent: int) -> str:
    out = text
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > _Options.linewidth:
            out += ",\n" + " " * indent + suffix
            last = indent + len(suffix)
        else:
            out += ", " + suffix
            last += len(suffix) + 2
    return out + ")"


def tensor_repr(t: Any, prefix: str = "tensor(") -> str:
    """The text of a tensor: its numbers, and where necessary its size, dtype, device and grad_fn."""
    array = t._array
    values = np.asarray(devices.to_host(array))
    d = dtypes.of(array.dtype)
    suffixes = []
    if str(t.device) != "cpu":
        suffixes.append(f"device='{t.device}'")
    usual = d in (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_)
    if values.size == 0:
        if values.ndim != 1:
            suffixes.append(f"size={tuple(values.shape)}")
        if d is not dtypes.get_default_dtype():
            suffixes.append(f"dtype={d}")
        text = "[]"
    else:
        if not usual:
            suffixes.append(f"dtype={d}")
        summarize = values.size > _Options.threshold
        text = _body(values, len(prefix), _Formatter(_edges(values) if summarize else values), summarize)
    try:
        node = t.grad_fn
        name = None if node is None else node.name()
    except RuntimeError:  # a view whose history is refused
        name = "Invalid"
    if name is not None:
        suffixes.append(f"grad_fn=<{name}>")
    elif t.requires_grad and not prefix.startswith("Parameter"):
        suffixes.append("requires_grad=True")
    return _wrap(prefix + text, suffixes, len(prefix))

"""torch's ``testing`` module: comparing tensors within the rounding of their dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.graph import Variable
from minitorch.functions.data import as_tensor

__all__ = ["assert_close"]

# (rtol, atol): https://pytorch.org/docs/stable/testing.html
_TOLERANCES = {dtypes.float16: (1e-3, 1e-5), dtypes.float32: (1.3e-6, 1e-5), dtypes.float64: (1e-7, 1e-7)}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Check that |actual - expected| ≤ atol + rtol · |expected| for all elements; also in sequences and mappings.

    Args:
        actual: a tensor, array or number, or a sequence or mapping of these.
        expected: the same.
        allow_subclasses: whether `actual` may be an instance of another class than `expected`.
        rtol: relative tolerance; with `atol`, by default the tolerance for the less precise dtype.
        atol: absolute tolerance.
        equal_nan: whether NaN equals NaN.
        check_device: whether the devices must be the same.
        check_dtype: whether the dtypes must be the same.
        check_layout: accepted, without effect: minitorch has only one layout.
        check_stride: whether the strides must be the same.
        msg: the error's message, or a function that makes it from the usual one.

    Raises:
        AssertionError: if the values are not close, or differ in shape, dtype, device, length or keys.
        ValueError: if only one of `rtol` and `atol` is given.
        TypeError: for objects that cannot be compared.
    """
    if (rtol is None) != (atol is None):
        given, missing = ("rtol", "atol") if atol is None else ("atol", "rtol")
        raise ValueError(f"rtol and atol must both be specified or both unspecified, but got no {missing} with {given}")
    checks = {"device": check_device, "dtype": check_dtype, "stride": check_stride}

    def fail(text: str, place: str) -> None:
        text += f"\n\nThe failure occurred for item {place}" if place else ""
        raise AssertionError(msg(text) if callable(msg) else text if msg is None else msg)

    def compare(a: Any, e: Any, place: str) -> None:
        if isinstance(a, Mapping) and isinstance(e, Mapping):
            if set(a) != set(e):
                fail(f"The keys of the mappings do not match: {sorted(map(str, a))} != {sorted(map(str, e))}", place)
            for key in e:
                compare(a[key], e[key], f"{place}[{key!r}]")
            return
        if _is_sequence(a) and _is_sequence(e):
            if len(a) != len(e):
                fail(f"The length of the sequences mismatch: {len(a)} != {len(e)}", place)
            for i, (x, y) in enumerate(zip(a, e, strict=True)):
                compare(x, y, f"{place}[{i}]")
            return
        if not allow_subclasses and type(a) is not type(e):
            fail(f"Expected the same type, but got {type(a).__name__} and {type(e).__name__}", place)
        text = _difference(_tensor(a), _tensor(e), checks, rtol, atol, equal_nan)
        if text:
            fail(text, place)

    compare(actual, expected, "")


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _tensor(value: Any) -> Any:
    if isinstance(value, Variable | np.ndarray | bool | int | float | np.generic):
        return as_tensor(value)
    raise TypeError(f"No comparison pair was able to handle inputs of type {type(value)}")


def _difference(
    a: Any, e: Any, checks: dict[str, bool], rtol: float | None, atol: float | None, equal_nan: bool
) -> str:
    """The difference between `a` and `e` as text; empty if they are close."""
    if a.shape != e.shape:
        return f"The values for attribute 'shape' do not match: {a.shape} != {e.shape}."
    for name, wanted in checks.items():
        value, other = (t.stride() if name == "stride" else getattr(t, name) for t in (a, e))
        if wanted and value != other:
            return f"The values for attribute '{name}' do not match: {value} != {other}."
    if rtol is None or atol is None:
        exact = (0.0, 0.0)
        pairs = [_TOLERANCES.get(a.dtype, exact), _TOLERANCES.get(e.dtype, exact)]
        rtol, atol = max(p[0] for p in pairs), max(p[1] for p in pairs)
    x, y = (kernels.backend_of(t._array).to_host(t._array) for t in (a, e))
    d = np.promote_types(x.dtype, y.dtype)
    x, y = x.astype(d), y.astype(d)
    if d.kind == "b":
        close, error = x == y, (x != y).astype("int64")
    else:
        wide = "float64" if d.kind == "f" else object  # integers are subtracted exactly
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.abs(x.astype(wide) - y.astype(wide))
            close = (x == y) | ((error <= atol + rtol * np.abs(y.astype(wide))) & np.isfinite(y))
        if equal_nan and d.kind == "f":
            close |= np.isnan(x) & np.isnan(y)
    if close.all():
        return ""
    kind = "Tensor-likes" if a.ndim else "Scalars"
    wrong = int((~close).sum())
    lines = [f"{kind} are not {'equal' if rtol == atol == 0 else 'close'}!"]
    if a.ndim:
        lines.append(f"\nMismatched elements: {wrong} / {close.size} ({wrong / close.size:.1%})")
    else:
        lines.append(f"\nExpected {y.item()} but got {x.item()}.")
    absolute = np.where(close, 0, error).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(close, 0, absolute / np.abs(y.astype("float64")))
    for title, values, allowed in (("absolute", absolute, atol), ("relative", relative, rtol)):
        at = tuple(int(i) for i in np.unravel_index(int(np.argmax(values)), values.shape))
        largest = int(values.max()) if title == "absolute" and d.kind != "f" else values.max()
        where = f" at index {at}" if a.ndim else ""
        limit = "" if rtol == atol == 0 else f" (up to {allowed} allowed)"
        heading = f"Greatest {title}" if a.ndim else title.capitalize()
        lines.append(f"{heading} difference: {largest}{where}{limit}")
    return "\n".join(lines)

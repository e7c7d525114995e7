"""What functions with two results return: named tuples that print as torch's do."""

from __future__ import annotations

from typing import Any, NamedTuple


class _Extremum(NamedTuple):
    values: Any
    indices: Any


class _Bounds(NamedTuple):
    min: Any
    max: Any


def _repr(self: Any) -> str:
    fields = ",\n".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{fields})"


def _make(name: str, base: Any) -> Any:
    doc = f"The result of `{name}`: {' and '.join(base._fields)}."
    return type(name, (base,), {"__repr__": _repr, "__slots__": (), "__doc__": doc})


EXTREMA = {name: _make(name, _Extremum) for name in ("max", "min", "sort", "topk", "median")}
aminmax = _make("aminmax", _Bounds)

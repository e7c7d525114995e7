"""What happens when the tensors of one call do not fit each other: on different devices, of different shapes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

import kernels
from minitorch.autograd.variable import Variable, wrap


def describe(value: Any) -> str:
    """An argument as an error message shows it: a tensor by shape, dtype and device, anything else by its repr."""
    if isinstance(value, Variable):
        return f"Tensor({_array(value._array)})"
    if kernels.is_array(value):
        return f"array({_array(value)})"
    if isinstance(value, list | tuple) and any(True for _ in _arrays(value)):
        return "[" + ", ".join(describe(v) for v in value) + "]"
    return repr(value)


def _array(a: Any) -> str:
    return f"shape={list(a.shape)}, dtype={a.dtype}, device={device_name(a)}"


def device_name(array: Any) -> str:
    """The name of the device that holds `array`: ``cpu``, ``cuda:0``."""
    owner = kernels.backend_of(array)
    index = owner.index_of(array)
    return owner.name if index is None else f"{owner.name}:{index}"


def on_one_device(op: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """`args` with zero-dimensional host tensors, which mix with any device, as tensors on the device of the others.

    Raises:
        RuntimeError: if tensors of one or more dimensions lie on more than one device. The message names the op, every
            argument and the mend.
    """
    tensors = [a for a in args if isinstance(a, Variable)]
    devices = {device_name(a._array) for a in tensors if a._array.ndim or device_name(a._array) != "cpu"}
    if len(devices) > 1:
        raise apart(op, args, devices)
    like = next(a._array for a in tensors if device_name(a._array) in devices)
    owner = kernels.backend_of(like)

    def moved(a: Any) -> Any:
        if not isinstance(a, Variable) or kernels.backend_of(a._array) is owner:
            return a
        return wrap(owner.asarray(kernels.backend_of(a._array).to_host(a._array), index=owner.index_of(like)))

    return tuple(moved(a) for a in args)


def apart(op: str, args: tuple[Any, ...], devices: Collection[str]) -> RuntimeError:
    """The error of a call whose tensors lie on more than one of `devices`."""
    return RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, "
        f"{' and '.join(sorted(devices))}! In {op}({', '.join(map(describe, args))}). Move them to one device with "
        ".to(device), .cuda() or .cpu()."
    )


def together(op: str, *args: Any) -> None:
    """Refuse tensors on different devices, for functions that take arrays out of them, as of an index.

    Raises:
        RuntimeError: as `on_one_device` does, but a tensor without dimensions has to lie with the others, too.
    """
    arrays = [a._array for a in args if isinstance(a, Variable)]
    if any(type(a) is not type(arrays[0]) for a in arrays) or not isinstance(arrays[0], np.ndarray):
        devices = {device_name(a) for a in arrays}
        if len(devices) > 1:
            raise apart(op, args, devices)


def mismatch(op: str, args: tuple[Any, ...], error: Exception) -> Exception:
    """What to raise for the error of a kernel: torch's RuntimeError if it is that shapes cannot be broadcast, or that
    tensors lie on different devices.
    """
    if isinstance(error, kernels.DeviceMismatch):
        return apart(op, args, {device_name(a) for a in _arrays(args)})
    if "broadcast" not in str(error):
        return error
    shapes = [a._array.shape for a in args if isinstance(a, Variable)]
    for b in range(1, len(shapes)):
        for a in range(b):
            for back, (m, n) in enumerate(zip(reversed(shapes[a]), reversed(shapes[b]), strict=False), 1):
                if m != n and 1 not in (m, n):
                    return RuntimeError(
                        f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension "
                        f"{max(len(shapes[a]), len(shapes[b])) - back}: {op}({', '.join(map(describe, args))})"
                    )
    return RuntimeError(f"{op}: {error}: {', '.join(map(describe, args))}")


def _arrays(args: Iterable[Any]) -> Iterator[Any]:
    """The arrays of the tensors among `args`, the arrays among them, and those in tuples and lists."""
    for a in args:
        if isinstance(a, Variable) or kernels.is_array(a):
            yield a._array if isinstance(a, Variable) else a
        elif isinstance(a, list | tuple):
            yield from _arrays(a)

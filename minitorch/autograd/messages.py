"""The texts of the errors that recording and differentiating raise, most of them torch's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import kernels
from minitorch.autograd.graph import Variable

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)
INFERENCE_TENSOR_SAVED = (
    "Inference tensors cannot be saved for backward. To work around this, you can make a clone to get a normal tensor "
    "and use it in autograd."
)
VIEW_MADE_UNDER_NO_GRAD = (
    "This view was created in no_grad mode, so it is not known whether it is meant to be part of the graph. Make the "
    "view with grad mode enabled, or write within no_grad."
)
VIEW_MADE_IN_FUNCTION = (
    "This view was created inside a custom Function (or because an input was returned as-is), and the gradient of a "
    "write to it would not pass through the Function's backward. Clone the output of the Function first."
)


def modified_in_place(saved: Any, which: str, version: int, expected: int) -> RuntimeError:
    """The error of a backward pass that finds saved memory overwritten.

    Args:
        saved: the array that was saved, or an index with arrays in it.
        which: its role in the operation that saved it, as in "argument 'y' of mul".
        version: how often its memory has been written in place.
        expected: how often its memory had been written when the array was saved.
    """
    what = f"{saved.dtype} {list(saved.shape)}" if kernels.is_array(saved) else "index"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{what}], which is {which}, is at version {version}; "
        f"expected version {expected} instead. Hint: enable anomaly detection to find the operation that failed to "
        "compute its gradient, with torch.autograd.set_detect_anomaly(True)."
    )


def different_devices(op: str, args: tuple[Any, ...], devices: Collection[str]) -> RuntimeError:
    """The error of a call of `op` whose tensors are on more than one of `devices`."""
    return RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, "
        f"{' and '.join(sorted(devices))}! In {op}({', '.join(map(describe, args))}). Move them to one device with "
        ".to(device), .cuda() or .cpu()."
    )


def kernel_failed(op: str, args: tuple[Any, ...], error: Exception) -> Exception:
    """What to raise when the kernel of `op` raises `error`: torch's RuntimeError if the arguments' shapes do not
    broadcast or their devices differ, else the error itself.
    """
    if isinstance(error, kernels.DeviceMismatch):
        return different_devices(op, args, {device_name(a) for a in _arrays(args)})
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


def describe(value: Any) -> str:
    """An argument as an error message shows it: a tensor by shape, dtype and device, anything else by its repr."""
    if isinstance(value, Variable):
        return f"Tensor({_describe_array(value._array)})"
    if kernels.is_array(value):
        return f"array({_describe_array(value)})"
    if isinstance(value, list | tuple) and any(True for _ in _arrays(value)):
        return "[" + ", ".join(describe(v) for v in value) + "]"
    return repr(value)


def _describe_array(a: Any) -> str:
    return f"shape={list(a.shape)}, dtype={a.dtype}, device={device_name(a)}"


def device_name(array: Any) -> str:
    """The name of the device of `array`: ``cpu``, ``cuda:0``."""
    owner = kernels.backend_of(array)
    index = owner.index_of(array)
    return owner.name if index is None else f"{owner.name}:{index}"


def _arrays(args: Iterable[Any]) -> Iterator[Any]:
    """The arrays among `args`, the arrays of the tensors among them, and those in tuples and lists."""
    for a in args:
        if isinstance(a, Variable) or kernels.is_array(a):
            yield a._array if isinstance(a, Variable) else a
        elif isinstance(a, list | tuple):
            yield from _arrays(a)

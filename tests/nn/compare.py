"""One computation in torch and in minitorch: values, gradients, second-order gradients, against torch in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minitorch
from parity.compare.budget import limit

torch.set_num_threads(1)
LIBRARIES = (minitorch, torch)
Call = Callable[..., Any]


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal float32 numbers."""
    return np.random.default_rng(seed + sum(shape)).standard_normal(shape).astype("float32")


def run(lib: Any, call: Call, arrays: tuple[np.ndarray, ...], dtype: str, orders: int = 2) -> list[np.ndarray]:
    """Every result of ``call(lib, *tensors)``, then of its derivatives up to the second order, as arrays."""
    tensors = [lib.tensor(a, dtype=getattr(lib, dtype if a.dtype.kind == "f" else str(a.dtype))) for a in arrays]
    wanted = [t.requires_grad_() for t in tensors if t.is_floating_point()]
    out = call(lib, *tensors)
    outs = list(out) if isinstance(out, tuple) else [out]
    found = list(outs)
    for order in range(orders):
        outs = [o for o in outs if o.requires_grad]
        if not outs:
            break
        cotangents = [lib.tensor(floats(*o.shape, seed=7 + order + i), dtype=o.dtype) for i, o in enumerate(outs)]
        cotangents = [c.requires_grad_() for c in cotangents]
        grads = lib.autograd.grad(outs, wanted, cotangents, create_graph=order + 1 < orders, allow_unused=True)
        found += [lib.zeros_like(w) if g is None else g for g, w in zip(grads, wanted, strict=True)]
        outs, wanted = [g for g in grads if g is not None], wanted + cotangents
    return [np.array(t.numpy(force=True)) for t in found]  # force: torch may have a symbolic zero


def compare(call: Call, *arrays: np.ndarray, terms: int = 1, orders: int = 2) -> None:
    """Assert that both libraries agree within four times the error that torch makes in float32, counted in units.

    A unit is the last place of the largest element. In float64 torch is the oracle; what its error in float32 says is
    how well-conditioned the result is, in units of either precision.

    Args:
        call: takes the library and the tensors of `arrays`.
        arrays: the inputs; those in floating point are differentiated.
        terms: how many numbers are summed for one of the result: allows √terms units, times four.
        orders: of the derivatives.
    """
    ours, theirs = ({d: run(lib, call, arrays, d, orders) for d in ("float32", "float64")} for lib in LIBRARIES)
    assert len(ours["float32"]) == len(ours["float64"]) == len(theirs["float64"])
    for i, (single, oracle) in enumerate(zip(theirs["float32"], theirs["float64"], strict=True)):
        finite = np.isfinite(oracle)
        largest = np.abs(oracle[finite]).max(initial=1e-30) if oracle.dtype.kind == "f" else 0
        units = terms**0.5
        for dtype, expected in (("float32", single), ("float64", oracle)):
            found = ours[dtype][i]
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype), f"{dtype}, result {i}"
            if found.dtype.kind != "f":
                np.testing.assert_array_equal(found, expected)
                continue
            unit = float(np.spacing(np.asarray(largest, dtype)))
            units = max(units, np.abs(expected[finite].astype("float64") - oracle[finite]).max(initial=0.0) / unit)
            np.testing.assert_allclose(
                found, oracle, rtol=0, atol=limit(dtype) * units * unit, err_msg=f"{dtype}, result {i}"
            )


def raises_alike(text: str, **names: Any) -> str:
    """Assert that an expression of `torch`, `F` and `nn` raises the same type of error in both; our message."""
    errors = []
    for lib in LIBRARIES:
        scope = {"torch": lib, "F": lib.nn.functional, "nn": lib.nn, "ones": lib.ones, **names}
        try:
            result = eval(text, scope)
        except Exception as error:
            errors.append(error)
        else:
            raise AssertionError(f"{lib.__name__} accepts {text} and gives {result}")
    ours, theirs = errors
    assert type(ours) is type(theirs), f"{text}: expected {theirs!r}, got {ours!r}"
    assert str(ours), text
    return str(ours)

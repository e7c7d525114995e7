"""Resizing of signals, images and volumes."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any

from minitorch.functions.arguments import new_shape, tensor_argument
from minitorch.nn.functional.arguments import check_implemented, ints
from minitorch.nn.functional.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d
from minitorch.ops.upsampling import resize

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

_KINDS = {  # for each mode, its name in `kernels.resize`, and the number of dimensions of its inputs
    "nearest": ("nearest", (3, 4, 5)),
    "nearest-exact": ("nearest-exact", (3, 4, 5)),
    "area": ("area", (3, 4, 5)),
    "linear": ("linear", (3,)),
    "bilinear": ("linear", (4,)),
    "trilinear": ("linear", (5,)),
    "bicubic": ("cubic", (4,)),
    "lanczos": ("lanczos", (4,)),
}
_UNALIGNED = ("nearest", "nearest-exact", "area")


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resize the dimensions from the third on; `kernels.resize` has the formulas of the modes.

    The gradient is the adjoint. (torch's is not, for bicubic and antialiased modes, if a scale factor does not change
    the size of a dimension; and in antialiased modes torch reads wrong elements if the width is 1 before or after.)

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W), floating point, or uint8 for nearest modes.
        size: the new sizes: an int for all, or one for each.
        scale_factor: the factors of the sizes: a number for all, or one for each. Either this or `size`.
        mode: ``"nearest"``, ``"nearest-exact"`` or ``"area"`` for any input, ``"linear"`` for one dimension,
            ``"bilinear"`` and ``"bicubic"`` for two, ``"trilinear"`` for three, ``"lanczos"`` for two, antialiased.
        align_corners: whether the centres of the outermost elements are mapped to each other, and not their edges.
        recompute_scale_factor: whether to use the quotient of the (rounded) sizes as the scale factor.
        antialias: whether to filter if a dimension becomes smaller; for bilinear, bicubic and lanczos.

    Raises:
        ValueError: for options that contradict one another.
        NotImplementedError: for a mode that does not fit the input's dimensions, or for integers.
        RuntimeError: if the input or the result has no elements, or the result more than any machine can address.
        TypeError: for sizes or factors of other types.
    """
    x = tensor_argument(input, "interpolate")
    shape = x._array.shape
    if mode in _UNALIGNED and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    sizes, scales = _sizes(shape, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if recompute_scale_factor or mode == "area":
        scales = (None,) * len(sizes)
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and len(shape) == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and len(shape) == 4 and (align_corners or not antialias):
        wrong = "does not support align_corners=True" if align_corners else "requires antialias=True"
        raise ValueError(f"Lanczos mode {wrong}")
    kind, dims = _KINDS.get(mode, ("", ()))
    if len(shape) not in dims:
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {len(shape)}D) for the modes: nearest | "
            f"linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
        )
    if mode == "area" and len(shape) < 5:
        return (adaptive_avg_pool1d if len(shape) == 3 else adaptive_avg_pool2d)(x, sizes)
    if min(*shape[2:], *sizes) < 1:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input {shape[2:]} and output {sizes}"
        )
    if shape[1] == 0:
        raise RuntimeError(f"Non-empty {len(shape)}D data tensor expected but got a tensor with sizes {list(shape)}")
    if not (x._array.dtype == "uint8" and mode.startswith("nearest")):
        check_implemented(f"upsample_{mode}", x)
    new_shape((*shape[:2], *sizes), "interpolate")
    return resize(x, sizes, kind, scales, bool(align_corners), bool(antialias))


def _sizes(shape: tuple[int, ...], size: Any, scale_factor: Any) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """The new sizes from the third dimension on, and the scale factors, None if they were not given."""
    dims = len(shape) - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    given = scale_factor if size is None else size
    if isinstance(given, tuple | list) and len(given) != dims:
        raise ValueError(
            f"Input and output must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(shape[2:])} and {'scale_factor' if size is None else 'output size'} of {given}"
        )
    values = tuple(given) if isinstance(given, tuple | list) else (given,) * dims
    if size is not None:
        return ints(values, "interpolate", "size"), (None,) * dims
    if not all(isinstance(v, Real) and not isinstance(v, bool) for v in values):
        raise TypeError(f"interpolate(): argument 'scale_factor' must be a float or floats, but got {scale_factor!r}")
    factors = tuple(float(v) for v in values)
    if not all(abs(n * f) < 2**63 for n, f in zip(shape[2:], factors, strict=True)):  # not for NaN either
        raise RuntimeError(f"interpolate(): scale_factor {scale_factor} gives a size that is no 64-bit integer")
    return tuple(math.trunc(n * f) for n, f in zip(shape[2:], factors, strict=True)), factors

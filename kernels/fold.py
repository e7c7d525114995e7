"""Windows arranged as columns, and added back: what a convolution does before and after its product."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.windows import Pair, Window, add_patches, patches


@kernel
def im2col(x: Array, window: Window) -> Array:
    """Every window of x as a column: element (n, c·kh·kw + i·kw + j, l) is tap (i, j) of channel c in window l.

    Linear. Gradient for an incoming `g`: x: ``col2im(g, (H, W), window)``.

    Args:
        x: (N, C, H, W), zero outside.
        window: size, stride, padding and dilation.

    Returns:
        (N, C · kh · kw, L), the L windows in row-major order.
    """
    n, c = x.shape[:2]
    counts = window.counts(x.shape)
    seen = patches(x, window, counts)
    kh, kw = window.kernel
    return namespace(x).array(seen, order="C").reshape(n, c * kh * kw, counts[0] * counts[1])


@kernel
def col2im(columns: Array, output_size: Pair, window: Window) -> Array:
    """Every column added at the positions of its window, in an image of `output_size`: the adjoint of `im2col`.

    Linear. Gradient for an incoming `h`: columns: ``im2col(h, window)``.

    Args:
        columns: (N, C · kh · kw, L), with L the number of windows in `output_size`.
        output_size: (H, W).
        window: size, stride, padding and dilation.

    Returns:
        (N, C, *output_size). Half precision is summed in single.
    """
    n, rows = columns.shape[:2]
    channels = rows // (window.kernel[0] * window.kernel[1])
    seen = widened(columns).reshape(n, channels, *window.kernel, *window.counts(output_size))
    return add_patches(seen, (n, channels, *output_size), window).astype(columns.dtype, copy=False)

"""Windows laid out as columns, and added back: what a convolution does before and after its product."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.windows import Pair, add_patches, conv_output_sizes, patches


@kernel
def im2col(x: Array, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """Every window of x as a column: element (n, c·kh·kw + i·kw + j, l) is tap (i, j) of channel c in window l.

    Linear. Gradient for an incoming `g`: x: ``col2im(g, (H, W), …)``.

    Args:
        x: (N, C, H, W), zero outside.

    Returns:
        (N, C · kh · kw, L), the L windows in the order of reading.
    """
    n, c = x.shape[:2]
    counts = conv_output_sizes(x.shape, kernel_size, stride, padding, dilation)
    seen = patches(x, kernel_size, stride, padding, dilation, counts)
    return namespace(x).array(seen, order="C").reshape(n, c * kernel_size[0] * kernel_size[1], counts[0] * counts[1])


@kernel
def col2im(columns: Array, output_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """Every column added back where its window lay, in an image of `output_size`: the adjoint of `im2col`.

    Linear. Gradient for an incoming `h`: columns: ``im2col(h, kernel_size, stride, padding, dilation)``.

    Args:
        columns: (N, C · kh · kw, L), with L the number of windows in `output_size`.

    Returns:
        (N, C, *output_size). Half precision is summed in single.
    """
    n, rows = columns.shape[:2]
    channels = rows // (kernel_size[0] * kernel_size[1])
    counts = conv_output_sizes(output_size, kernel_size, stride, padding, dilation)
    seen = widened(columns).reshape(n, channels, *kernel_size, *counts)
    out = add_patches(seen, (n, channels, *output_size), stride, padding, dilation)
    return out.astype(columns.dtype, copy=False)

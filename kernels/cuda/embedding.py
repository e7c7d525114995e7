"""Rows of a table by their index, on CuPy."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.embedding import embedding

embedding_rows = Template("embedding.cu", "embedding")


@embedding.on("cupy", when=lambda weight, index, factor: embedding_rows.takes(weight))
def embedding_cupy(weight: Array, index: Array, factor: Array | None) -> Array:
    """`embedding`; for an index out of range the row is NaN."""
    count, size = weight.shape
    out = namespace(weight).empty((*index.shape, size), weight.dtype)
    index = contiguous(index.astype("int64", copy=False))
    embedding_rows.each(weight, out.size, contiguous(weight), index, out, count, size)
    return out

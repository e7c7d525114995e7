"""Rows of a table by number on CuPy."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.embedding import embedding

embedding_rows = Template("embedding.cu", "embedding")


@embedding.on("cupy")
def embedding_cupy(weight: Array, index: Array, factor: Array | None) -> Array:
    """`embedding`; a row that there is not is NaN."""
    if not embedding_rows.takes(weight):
        return embedding.reference(weight, index, factor)
    count, size = weight.shape
    out = namespace(weight).empty((*index.shape, size), weight.dtype)
    index = contiguous(index.astype("int64", copy=False))
    embedding_rows.each(weight, out.size, contiguous(weight), index, out, count, size)
    return out

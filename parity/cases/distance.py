"""Cosine similarity, and normalization of vectors to length one."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume


def _vectors(d: Draw) -> tuple[str, int]:
    """Two inputs, joined by a comma, and a dimension of the shape that they broadcast to."""
    shape = tuple(d.size(2, 6) for _ in range(d.integer(1, 3)))  # for a single number the gradient is 0, up to rounding
    dim = d.integer(0, len(shape) - 1)
    d.terms = d.gradient_terms = 2 * volume(shape)
    x = d.floats("x", shape, "normal|apart")
    if len(shape) > 1 and dim == len(shape) - 1 and d.flag():
        return f"{x}, {d.floats('y', shape[1:], 'normal|apart')}", dim
    return f"{x}, {d.floats('y', shape, 'normal|apart')}", dim


@case("nn.functional.cosine_similarity")
def cosine_similarity(d: Draw) -> str:
    vectors, dim = _vectors(d)
    return f"F.cosine_similarity({vectors}, dim={dim}{d.choose('', ', eps=0.5')})"


@case("nn.CosineSimilarity", kind="module")
def cosine_similarity_module(d: Draw) -> str:
    vectors, dim = _vectors(d)
    d.build = f"nn.CosineSimilarity(dim={dim}{d.choose('', ', eps=0.5')})"
    return f"m({vectors})"


cosine_similarity.refuses(
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 4))",
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 3), dim=2)",
    "F.cosine_similarity(torch.ones(3), torch.ones(3))",
    "F.cosine_similarity(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 3, dtype=torch.int64))",
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 3), eps=-1.0)",
    "F.cosine_similarity(torch.ones(3), 3)",
)
cosine_similarity_module.refuses("nn.CosineSimilarity(2); m(torch.ones(2, 3), torch.ones(2, 3))")


@case("nn.functional.normalize")
def normalize(d: Draw) -> str:
    shape = tuple(d.size(2, 5) for _ in range(d.integer(2, 3)))  # for a single number the gradient is 0, up to rounding
    dim = d.integer(-len(shape), len(shape) - 1)
    options = d.choose("", f", dim={dim}", f", p=1.0, dim={dim}", f", p=3.0, dim={dim}", f", dim={dim}, eps=0.5")
    d.terms = d.gradient_terms = max(shape)
    return f"F.normalize({d.floats('x', shape, 'normal|apart')}{options})"


normalize.refuses(
    "F.normalize(torch.ones(3))",
    "F.normalize(torch.ones(2, 3), dim=2)",
    "F.normalize(torch.ones(3, 3, dtype=torch.int64))",
)

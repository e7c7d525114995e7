"""Embedding: rows of a table by index; one-hot encoding."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume


def _table(d: Draw) -> tuple[str, str, int, int]:
    """Row numbers as text, the options, and the shape of the table."""
    rows, width = d.size(2, 6), d.size(1, 5)
    shape = d.shape(0, 2, empty=False, elements=30)  # torch has no second order for zero rows
    d.gradient_terms = max(1, volume(shape))
    options = d.choose("", "", f", padding_idx={d.integer(-rows, rows - 1)}", ", scale_grad_by_freq=True")
    return str(d.integers("x", shape, 0, rows)), options, rows, width


@case("nn.functional.embedding")
def embedding(d: Draw) -> str:
    x, options, rows, width = _table(d)
    return f"F.embedding({x}, {d.floats('weight', (rows, width), layout='contiguous')}{options.replace(', scale_grad_by_freq=True', '')})"


@case("nn.Embedding", kind="module")
def embedding_module(d: Draw) -> str:
    x, options, rows, width = _table(d)
    d.build = f"nn.Embedding({rows}, {width}{options.replace(', scale_grad_by_freq=True', '')})"
    return f"m({x})"


embedding.example("F.embedding(torch.tensor([[0, 2], [2, 1]]), weight, -1)", gradient_terms=2, weight=(3, 4))
embedding.example(  # torch's second derivative forgets the frequencies
    "with torch.enable_grad():\n"
    "    y = F.embedding(torch.tensor([0, 2, 2, 1, 2]), weight, padding_idx=1, scale_grad_by_freq=True)\n"
    "    out = torch.autograd.grad((y * y).sum(), weight)",
    terms=3,
    weight=(3, 4),
)
embedding.refuses(
    "F.embedding(torch.tensor([3]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([-1]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1.0]), torch.ones(3, 2))",
)
embedding_module.refuses(
    "nn.Embedding(3, 2); m(torch.tensor([3]))", "nn.Embedding(3, 2, padding_idx=3); m(torch.tensor([0]))"
)


@case("nn.functional.one_hot", exact=True)
def one_hot(d: Draw) -> str:
    x = d.integers("x", d.shape(1, 2, empty=False), 0, 5)
    return f"F.one_hot({x}{d.choose('', ', 5', ', num_classes=7')})"


one_hot.refuses(
    "F.one_hot(torch.tensor([5]), 3)",
    "F.one_hot(torch.tensor([1.0]))",
    "F.one_hot(torch.tensor([-1]))",
    "F.one_hot(torch.zeros(0, dtype=torch.int64))",
)

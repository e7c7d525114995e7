"""Embedding."""

from __future__ import annotations

from typing import Self

from minitorch._tensor import Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty
from minitorch.nn import functional as F, init
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.types import Device


class Embedding(Module):
    """A table of vectors: maps row numbers (…) to vectors (…, embedding_dim).

    Args:
        num_embeddings: the number of rows.
        embedding_dim: the size of a vector.
        padding_idx: the number of a row that is initially zero and gets no gradient.
        max_norm: used rows with a larger norm are first scaled down to this norm.
        norm_type: the p of this norm.
        scale_grad_by_freq: whether to divide the gradient of a row by how often it is used.
        sparse: must be False: minitorch has no sparse tensors.
        _weight: the table; default: standard normal numbers.
        _freeze: whether the table is not trained.
        device: device of the table.
        dtype: dtype of the table.

    Raises:
        AssertionError: if `padding_idx` is not a row number, or `_weight` has another shape.
    """

    __constants__ = (
        "embedding_dim",
        "max_norm",
        "norm_type",
        "num_embeddings",
        "padding_idx",
        "scale_grad_by_freq",
        "sparse",
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise AssertionError(
                    f"Padding_idx must be within num_embeddings, but got {padding_idx} with {num_embeddings} rows"
                )
            padding_idx %= num_embeddings
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if _weight is None:
            table = empty((num_embeddings, embedding_dim), device=device, dtype=dtype)
            self.weight = Parameter(table, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise AssertionError(
                    f"Shape of weight {list(_weight.shape)} does not match num_embeddings and embedding_dim "
                    f"{[num_embeddings, embedding_dim]}"
                )
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    @no_grad()
    def reset_parameters(self) -> None:
        """Draw a standard normal table; the padding row is zero."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight[self.padding_idx].fill_(0)

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, default in (
            ("padding_idx", None),
            ("max_norm", None),
            ("norm_type", 2),
            ("scale_grad_by_freq", False),
        ):
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text + (", sparse=True" if self.sparse else "")

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer with the table `embeddings` (V, D), which is not trained if `freeze`.

        Raises:
            ValueError: if the table does not have two dimensions.
        """
        if embeddings.dim() != 2:
            raise ValueError(f"Embeddings parameter is expected to be 2-dimensional, but got {list(embeddings.shape)}")
        return cls(
            embeddings.shape[0],
            embeddings.shape[1],
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight=embeddings,
            _freeze=freeze,
        )

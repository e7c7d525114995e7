"""Sequences of different lengths in one tensor: padded to the longest, or packed step by step without padding."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch._tensor import Tensor
from minitorch.autograd.graph import wrap
from minitorch.functions.arguments import tensor_argument
from minitorch.ops import shape as ops

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """Sequences of different lengths without padding: all first steps, then all second steps, and so on.

    The sequences a, b, c and x are ``data`` = a x b c with ``batch_sizes`` = [2, 1, 1]: one sequence is (a, b, c), the
    other (x). `pack_padded_sequence` and `pack_sequence` make one; recurrent layers accept and return it.

    Attributes:
        data: (sum of the lengths, …), the longest sequence first in each step.
        batch_sizes: int64 on the CPU: how many sequences have a first step, a second step, …
        sorted_indices: int64 (N,): the index of the longest sequence in the original order, of the second longest, …;
            None if they were already sorted.
        unsorted_indices: the inverse permutation.
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """Also called with the pair (data, batch_sizes) as `data`.

        Raises:
            AssertionError: if there are no batch sizes.
            ValueError: if the batch sizes are not on the CPU.
        """
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, list | tuple) and len(data) == 2):
                raise AssertionError(
                    f"expected data to be a pair (data, batch_sizes) where batch_sizes is not given, but got "
                    f"{type(data).__name__}"
                )
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError(
                f"batch_sizes should always be on CPU, but got {batch_sizes.device}; make packed sequences with "
                "pack_sequence or pack_padded_sequence"
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def _with_data(self, data: Tensor) -> Self:
        """The same sequences with other data; the indices are moved to its device, the batch sizes stay on the CPU."""
        if data is self.data:
            return self
        indices = (None if i is None else i.to(data.device) for i in self[2:])
        return type(self)(data, self.batch_sizes, *indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """`data` in another dtype or on another device, as ``Tensor.to`` says; the same object if nothing changes."""
        return self._with_data(self.data.to(*args, **kwargs))

    def cuda(self, *args: Any, **kwargs: Any) -> Self:
        """On a GPU."""
        return self._with_data(self.data.cuda(*args, **kwargs))

    def cpu(self, *args: Any, **kwargs: Any) -> Self:
        """On the host."""
        return self._with_data(self.data.cpu(*args, **kwargs))

    def double(self) -> Self:
        """In float64."""
        return self.to(dtype=dtypes.float64)

    def float(self) -> Self:
        """In float32."""
        return self.to(dtype=dtypes.float32)

    def half(self) -> Self:
        """In float16."""
        return self.to(dtype=dtypes.float16)

    def long(self) -> Self:
        """In int64."""
        return self.to(dtype=dtypes.int64)

    def int(self) -> Self:
        """In int32."""
        return self.to(dtype=dtypes.int32)

    def short(self) -> Self:
        """In int16."""
        return self.to(dtype=dtypes.int16)

    def char(self) -> Self:
        """In int8."""
        return self.to(dtype=dtypes.int8)

    def byte(self) -> Self:
        """In uint8."""
        return self.to(dtype=dtypes.uint8)

    @property
    def is_cuda(self) -> bool:
        """Whether the data are on a GPU."""
        return self.data.is_cuda

    def pin_memory(self) -> Self:
        """With the data in host memory that GPUs read directly; raises RuntimeError if there is no GPU."""
        return type(self)(self.data.pin_memory(), *self[1:])

    def is_pinned(self) -> bool:
        """Whether the data are in pinned memory."""
        return bool(self.data.is_pinned())


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation (N,) that undoes this one; None for None."""
    if permutation is None:
        return None
    p = permutation._array
    with kernels.on_device_of(p):
        inverse = kernels.namespace(p).empty_like(p)
        inverse[p] = kernels.namespace(p).arange(len(p), dtype=p.dtype)
    return wrap(inverse)


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack the first ``lengths[b]`` steps of each sequence b.

    Args:
        input: (T, N, …), or (N, T, …) with `batch_first`.
        lengths: N integers of at least 1 and at most T; a tensor must be on the CPU.
        batch_first: whether the batch is the first dimension.
        enforce_sorted: whether to require decreasing lengths; else the sequences are sorted here, and unsorted by
            `pad_packed_sequence`.

    Raises:
        RuntimeError: for a wrong number of lengths, lengths out of range or (with `enforce_sorted`) not decreasing, or
            an empty input.
        IndexError: for an input without batch.
        TypeError: if `input` is not a tensor.
    """
    x = tensor_argument(input, "_pack_padded_sequence")
    if x._array.ndim < 2:
        raise IndexError(
            "pack_padded_sequence expects input of at least 2 dimensions (T, N, …), but got shape "
            f"{list(x._array.shape)}"
        )
    sizes = _lengths(lengths)
    if not batch_first:
        x = ops.permute(x, (1, 0, *range(2, x._array.ndim)))
    indices = None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
        indices = wrap(devices.put(order, np.dtype("int64"), devices.device_of(x._array)))
        if len(order) <= x._array.shape[0]:  # as in torch, later sequences are left out
            x = x.index_select(0, indices)
    _check_lengths(sizes, x._array.shape)
    n, steps = x._array.shape[:2]
    batch_sizes = (sizes[None, :] > np.arange(sizes[0])[:, None]).sum(axis=1)
    rows = np.concatenate([np.arange(b) * steps + t for t, b in enumerate(batch_sizes)])
    data = _rows(ops.reshape(x, (n * steps, *x._array.shape[2:])), rows)
    return PackedSequence(data, wrap(batch_sizes), indices)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """The inverse of `pack_padded_sequence`: sequences in their original order, padded, and their lengths.

    Args:
        sequence: the packed sequences.
        batch_first: whether the result is (N, T, …) rather than (T, N, …).
        padding_value: the value of steps that a sequence does not have.
        total_length: T; default the length of the longest.

    Returns:
        The padded sequences, and their lengths as int64 (N,) on the CPU.

    Raises:
        ValueError: if `total_length` is less than the longest length.
        TypeError: if `total_length` is not an int, or `padding_value` is not a number.
    """
    batch_sizes = sequence.batch_sizes._array
    longest = len(batch_sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    if total_length is not None and not isinstance(total_length, int):
        raise TypeError(f"pad_packed_sequence: total_length must be int, not {type(total_length).__name__}")
    n, steps = int(batch_sizes[0]), total_length or longest
    starts = np.cumsum(batch_sizes) - batch_sizes
    rows = np.full((n, steps), -1)
    for t, (start, size) in enumerate(zip(starts, batch_sizes, strict=True)):
        rows[:size, t] = np.arange(start, start + size)
    lengths = (rows >= 0).sum(axis=1)
    if sequence.unsorted_indices is not None:
        order = devices.to_host(sequence.unsorted_indices._array)
        rows, lengths = rows[order], lengths[order]
    return _padded(sequence.data, rows if batch_first else rows.T, padding_value), wrap(lengths)


def pad_sequence(
    sequences: Tensor | Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Stack sequences (L, …) of different lengths, padded to the longest: (T, N, …), or (N, T, …) with `batch_first`.

    Args:
        sequences: tensors of the same shape except for the length; the result has the dtype of the first.
        batch_first: whether the batch is the first dimension of the result.
        padding_value: the value of steps that a sequence does not have.
        padding_side: "right" or "left": the side where these steps are.

    Raises:
        RuntimeError: for no sequences, shapes that do not fit, an unknown `padding_side`, or no iterable.
        TypeError: if a sequence is not a tensor, or `padding_value` is not a number.
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    parts = list(sequences)
    if not parts:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    for i, part in enumerate(parts):
        if not isinstance(part, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(part).__name__}")
        if part.ndim == 0 or part.shape[1:] != parts[0].shape[1:]:
            raise RuntimeError(
                f"pad_sequence: expected sequences (L, …) that differ in L alone, but sequence 0 has shape "
                f"{list(parts[0].shape)} and sequence {i} {list(part.shape)}"
            )
    parts = [part if part.dtype is parts[0].dtype else part.to(parts[0].dtype) for part in parts]
    sizes = [part.shape[0] for part in parts]
    steps = max(sizes)
    rows = np.full((len(parts), steps), -1)
    for b, (start, size) in enumerate(zip(itertools.accumulate(sizes, initial=0), sizes, strict=False)):
        first = steps - size if padding_side == "left" else 0
        rows[b, first : first + size] = np.arange(start, start + size)
    return _padded(ops.cat(0, *parts), rows if batch_first else rows.T, padding_value)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The first ``lengths[b]`` steps of each padded sequence b, from (T, N, …), or (N, T, …) with `batch_first`.

    Raises:
        ValueError: if the numbers of lengths and sequences differ.
    """
    x = padded_sequences if batch_first else ops.permute(padded_sequences, (1, 0, *range(2, padded_sequences.ndim)))
    return [sequence[:length].clone() for sequence, length in zip(x, lengths.tolist(), strict=True)]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (L, …) of different lengths: `pad_sequence`, then `pack_padded_sequence`.

    Raises:
        RuntimeError: as these two.
    """
    padded = pad_sequence(sequences)
    return pack_padded_sequence(padded, [s.shape[0] for s in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences (L, …), in their original order."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _lengths(lengths: Any) -> np.ndarray:
    """Lengths as int64 (N,) on the host."""
    if isinstance(lengths, Tensor):
        if lengths.ndim != 1 or lengths.device.type != "cpu":
            raise RuntimeError(
                "'lengths' argument should be a 1D CPU int64 tensor, but got "
                f"{lengths.ndim}D {lengths.device.type} {lengths.dtype} tensor"
            )
        return np.asarray(lengths._array).astype("int64")
    if isinstance(lengths, str):
        raise TypeError("pack_padded_sequence expects lengths to be a tensor or a list of ints, but got str")
    found = np.asarray([int(n) for n in lengths], "int64")
    return found


def _check_lengths(lengths: np.ndarray, shape: tuple[int, ...]) -> None:
    """Refuse lengths that sequences (N, T, …) cannot have; `lengths` must be sorted, the longest first."""
    if 0 in shape:
        raise RuntimeError(f"Cannot pack empty tensors, but got a batch of shape {list(shape)} (N, T, …).")
    if len(lengths) != shape[0]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} (batch_size={shape[0]})"
        )
    if (lengths[1:] > lengths[:-1]).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True, but got "
            f"{lengths.tolist()}. Pass `enforce_sorted=False` to let sequences be sorted."
        )
    if lengths[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0: "
            f"{lengths[-1]}"
        )
    if lengths[0] > shape[1]:
        raise RuntimeError(f"Expected lengths of at most the {shape[1]} steps of the input, but got {lengths[0]}")


def _rows(x: Tensor, rows: np.ndarray) -> Tensor:
    """The rows of x with the numbers `rows`, an array of any shape: (…, *x.shape[1:])."""
    index = wrap(devices.put(rows.reshape(-1), np.dtype("int64"), devices.device_of(x._array)))
    return ops.reshape_result(x.index_select(0, index), (*rows.shape, *x._array.shape[1:]))


def _padded(data: Tensor, rows: np.ndarray, padding_value: float) -> Tensor:
    """The rows of `data` with the numbers `rows`; -1 means a row of `padding_value`."""
    if not isinstance(padding_value, int | float):
        raise TypeError(f"padding_value must be Number, not {type(padding_value).__name__}")
    padding = data.new_full((1, *data.shape[1:]), padding_value)
    return _rows(ops.cat(0, data, padding), np.where(rows < 0, data.shape[0], rows))

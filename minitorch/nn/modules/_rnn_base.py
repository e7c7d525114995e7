"""The base of recurrent layers: parameters, checks, and the stack of layers and directions.

One layer in one direction is one fused op over the whole sequence (`minitorch.ops.rnn`).
"""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any

from kernels.rnn import Steps
from minitorch._tensor import Tensor
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty, zeros
from minitorch.nn import functional as F, init
from minitorch.nn.functional.arguments import same_dtype
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.nn.utils.rnn import PackedSequence
from minitorch.ops import rnn as ops
from minitorch.ops.linear_algebra import linear
from minitorch.ops.shape import cat, clone, permute, reshape, reshape_result
from minitorch.types import Device

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")


def one_direction(mode: str, x: Any, states: tuple[Any, ...], weights: list[Any], steps: Steps) -> tuple[Any, ...]:
    """One layer in one direction: its output (rows, size), and its last states.

    Args:
        mode: a key of `GATES`.
        x: (rows, input size), packed as `steps` says.
        states: the initial h (N, size), and for an LSTM c.
        weights: one for each of `KINDS`; None for a missing one.
        steps: the batch size of every step, and the direction.
    """
    weight_ih, weight_hh, bias_ih, bias_hh, weight_hr = weights
    if mode == "GRU":
        return ops.gru(linear(x, weight_ih, bias_ih), *states, weight_hh, bias_hh, steps)[:2]
    z = linear(x, weight_ih, bias_ih if bias_ih is None else bias_ih + bias_hh)
    if mode == "LSTM":
        return ops.lstm(z, *states, weight_hh, weight_hr, steps)[:3]
    return ops.rnn(z, *states, weight_hh, mode[4:].lower(), steps)


class RNNBase(Module):
    """The base of `RNN`, `LSTM` and `GRU`: parameters, checks, the stack of layers and directions.

    Args:
        mode: "RNN_TANH", "RNN_RELU", "LSTM" or "GRU".
        input_size: the number of features of the input.
        hidden_size: the number of features of the state.
        num_layers: the number of layers; each gets the output of the layer below.
        bias: whether there are biases.
        batch_first: whether input and output are (N, T, …) rather than (T, N, …).
        dropout: in training, the probability of dropping an element of the output of each layer but the last.
        bidirectional: whether each layer also runs from the last step to the first; both outputs are concatenated.
        proj_size: if positive, the size to which an LSTM projects h.
        device: device of the parameters.
        dtype: dtype of the parameters.

    Raises:
        TypeError, ValueError: for arguments of the wrong type or out of range.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check_arguments(dropout)
        gate_size = GATES[mode] * hidden_size
        output_size = proj_size or hidden_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                taken = input_size if layer == 0 else output_size * self._directions
                shapes: list[tuple[int, ...]] = [(gate_size, taken), (gate_size, output_size)]
                shapes += [(gate_size,), (gate_size,), (proj_size, hidden_size)]
                kinds = [k for k in KINDS if (bias or k[:4] != "bias") and (proj_size or k != "weight_hr")]
                for kind, shape in zip(KINDS, shapes, strict=True):
                    if kind in kinds:
                        setattr(self, kind + suffix, Parameter(empty(shape, device=device, dtype=dtype)))
                self._all_weights.append([kind + suffix for kind in kinds])
        self.reset_parameters()

    def _check_arguments(self, dropout: Any) -> None:
        if isinstance(dropout, bool) or not isinstance(dropout, numbers.Number) or not 0 <= self.dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed, "
                f"but got {dropout!r}"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={self.num_layers}",
                stacklevel=4,
            )
        for name, kind in (("bias", bool), ("batch_first", bool), ("input_size", int), ("hidden_size", int)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero, but got {getattr(self, name)}")
        if self.proj_size < 0:
            raise ValueError(
                f"proj_size should be a positive integer or zero to disable projections, but got {self.proj_size}"
            )
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"proj_size has to be smaller than hidden_size, but got {self.proj_size} and {self.hidden_size}"
            )
        if self.mode not in GATES:
            raise ValueError(f"Unrecognized RNN mode: {self.mode}: expected one of {', '.join(GATES)}")

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        """The suffixes of the names of a layer's parameters, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def reset_parameters(self) -> None:
        """Draw new parameters, uniform in ±1 / √hidden_size."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name, None) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Does nothing: only cuDNN, which minitorch does not use, needs all parameters in one block of memory."""

    def extra_repr(self) -> str:
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        parts = [str(self.input_size), str(self.hidden_size)]
        for name, default in {**defaults, "bidirectional": False}.items():
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)

    # -- checks

    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """Refuse an input of another dtype than the weights, or another shape than (…, input_size).

        Raises:
            ValueError: for another dtype.
            RuntimeError: for another shape.
        """
        weight = getattr(self, self._all_weights[0][0])
        if input.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). Convert input: "
                f"input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        expected = 3 if batch_sizes is None else 2
        if input.ndim != expected:
            raise RuntimeError(f"input must have {expected} dimensions, got {input.ndim}")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape (layers · directions, N, size) of h."""
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else int(batch_sizes[0])
        return self.num_layers * self._directions, batch, self.proj_size or self.hidden_size

    def check_hidden_size(
        self, hx: Tensor, expected_hidden_size: tuple[int, int, int], msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """Refuse a state of another shape.

        Raises:
            RuntimeError: with `msg`.
        """
        if tuple(hx.shape) != tuple(expected_hidden_size):
            raise RuntimeError(msg.format(tuple(expected_hidden_size), list(hx.shape)))

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        """Refuse an input and states of other shapes.

        Raises:
            ValueError: for an input of another dtype than the weights.
            RuntimeError: for other shapes.
        """
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def permute_hidden(self, hx: Any, permutation: Tensor | None) -> Any:
        """The sequences of a state in another order; None keeps the order."""
        return hx if permutation is None else hx.index_select(1, permutation)

    # -- the stack

    def _forward(self, input: Any, hx: tuple[Any, ...] | None) -> tuple[Any, tuple[Any, ...]]:
        """The output, in the form of the input, and the last states; `hx` are the initial states, None for zeros."""
        if isinstance(input, PackedSequence):
            x, batch_sizes, sorted_indices, unsorted_indices = input
            if hx is not None:
                hx = tuple(h if sorted_indices is None else h.index_select(1, sorted_indices) for h in hx)
            hx = self._states(x, hx, batch_sizes)
            out, last = self._layers(x, hx, tuple(batch_sizes.tolist()))
            if unsorted_indices is not None:
                last = tuple(h.index_select(1, unsorted_indices) for h in last)
            return PackedSequence(out, batch_sizes, sorted_indices, unsorted_indices), last
        if input.dim() not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D tensor instead")
        batched = input.dim() == 3
        if hx is not None and any(h.dim() != input.dim() for h in hx):
            got = ", ".join(f"{h.dim()}-D" for h in hx)
            kind = "batched 3-D" if batched else "unbatched 2-D"
            raise RuntimeError(f"For {kind} input, hx should also be {input.dim()}-D but got {got} tensors")
        if not batched:
            input = input.unsqueeze(0 if self.batch_first else 1)
            hx = None if hx is None else tuple(h.unsqueeze(1) for h in hx)
        hx = self._states(input, hx, None)
        x = permute(input, (1, 0, 2)) if self.batch_first else input
        steps, n, size = x.shape
        if steps == 0:
            raise RuntimeError(
                f"Expected sequence length to be larger than 0 in RNN, but got input {list(input.shape)}"
            )
        out, last = self._layers(reshape(x, (steps * n, size)), hx, (n,) * steps)
        out = reshape_result(out, (steps, n, out.shape[1]))
        if not batched:
            return out.squeeze(1), tuple(h.squeeze(1) for h in last)
        if self.batch_first:
            out = permute(out, (1, 0, 2))
            if self.mode != "LSTM":
                out._view = None  # as for torch, which computes it in this order
        return out, last

    def _states(self, input: Tensor, hx: tuple[Any, ...] | None, batch_sizes: Tensor | None) -> tuple[Any, ...]:
        """The initial states (layers · directions, N, size), zeros if none are given; input and states are checked."""
        if hx is None:
            layers, n, size = self.get_expected_hidden_size(input, batch_sizes)
            sizes = (size, self.hidden_size) if self.mode == "LSTM" else (size,)
            hx = tuple(zeros((layers, n, s), dtype=input.dtype, device=input.device) for s in sizes)
        self.check_forward_args(input, hx if self.mode == "LSTM" else hx[0], batch_sizes)
        for h in hx:
            same_dtype(type(self).__name__, input=input, hx=h)
        return hx

    def _layers(self, x: Any, hx: tuple[Any, ...], batch_sizes: tuple[int, ...]) -> tuple[Any, tuple[Any, ...]]:
        """All layers over packed rows: returns the output of the last layer, and the last states of all."""
        last: list[tuple[Any, ...]] = []
        for layer in range(self.num_layers):
            outs = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                names = self._all_weights[len(last)]
                weights = [getattr(self, kind + suffix) if kind + suffix in names else None for kind in KINDS]
                states = tuple([h[len(last)] for h in hx])
                out, *after = one_direction(self.mode, x, states, weights, Steps(batch_sizes, bool(reverse)))
                outs.append(out)
                last.append(tuple(after))
            x = outs[0] if len(outs) == 1 else cat(1, *outs)
            if layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        if len(outs) == 1 and self.mode != "LSTM":
            x = clone(x)  # the backward pass needs memory that the user cannot write to
        return x, tuple(_stacked(list(states)) for states in zip(*last, strict=True))


def _stacked(states: list[Any]) -> Any:
    """States (N, size) as one (len, N, size)."""
    parts = [reshape_result(s, (1, *s.shape)) for s in states]
    return parts[0] if len(parts) == 1 else cat(0, *parts)

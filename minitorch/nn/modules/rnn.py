"""Recurrent layers and their cells. The formulas are in `kernels.rnn`.

A layer in one direction is one fused op over the whole sequence (`minitorch.ops.rnn`); a cell is the same op for
a sequence of one step.
"""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack, overload

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

State = TypeVar("State")
GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")


def _one_direction(mode: str, x: Any, states: tuple[Any, ...], weights: list[Any], steps: Steps) -> tuple[Any, ...]:
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
        weight = self._flat_weights[0]
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
                weights = [getattr(self, kind + suffix, None) for kind in KINDS]
                states = tuple(h[len(last)] for h in hx)
                out, *after = _one_direction(self.mode, x, states, weights, Steps(batch_sizes, bool(reverse)))
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


class RNNOptions(TypedDict, total=False):
    """The arguments of `RNN`, `LSTM` and `GRU` that may be given by name."""

    input_size: int
    hidden_size: int
    num_layers: int
    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    device: Device
    dtype: dtype | None


class SequenceCall(Protocol[State]):
    """The type of `RNN`, `LSTM` and `GRU` when called: a tensor gives a tensor, a packed sequence a packed one."""

    @overload
    def __call__(self, input: Tensor, hx: State | None = None) -> tuple[Tensor, State]: ...

    @overload
    def __call__(self, input: PackedSequence, hx: State | None = None) -> tuple[PackedSequence, State]: ...


class ElmanOptions(RNNOptions, total=False):
    """The arguments of `RNN` that may be given by name."""

    nonlinearity: str


class LSTMOptions(RNNOptions, total=False):
    """The arguments of `LSTM` that may be given by name."""

    proj_size: int


class RNN(RNNBase):
    """Layers of h_t = φ(W_ih · x_t + b_ih + W_hh · h_{t-1} + b_hh), φ being tanh or relu.

    Args as for `RNNBase`, without `proj_size`, and:
        nonlinearity: "tanh" or "relu", the fourth argument.

    Shape:
        Input (T, N, input_size), with `batch_first` (N, T, input_size), unbatched (T, input_size), or packed. Output of
        the same form with directions · hidden_size features; states (layers · directions, N, hidden_size), unbatched
        (layers · directions, hidden_size).

    Raises:
        ValueError: for another nonlinearity, or `proj_size`; else as `RNNBase`.
    """

    if TYPE_CHECKING:
        __call__: SequenceCall[Tensor]

    def __init__(self, *args: Any, **kwargs: Unpack[ElmanOptions]) -> None:
        options: dict[str, Any] = {**kwargs}
        _refuse_projection(options)
        if len(args) > 3:
            self.nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            self.nonlinearity = options.pop("nonlinearity", "tanh")
        if self.nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{self.nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{self.nonlinearity.upper()}", *args, **options)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Returns the output of the last layer for every step, and the last state of each layer and direction.

        Args:
            input: see the class.
            hx: the initial state; default zeros.
        """
        out, (h,) = self._forward(input, None if hx is None else (hx,))
        return out, h


class LSTM(RNNBase):
    """Layers of long short-term memory, with input, forget and output gates i, f, o and the candidate g.

        c_t = f · c_{t-1} + i · g,    h_t = o · tanh(c_t)

    Args as for `RNNBase` without `mode`.

    Shape:
        Input (T, N, input_size), with `batch_first` (N, T, input_size), unbatched (T, input_size), or packed. Output of
        the same form with directions · (proj_size or hidden_size) features; states h (layers · directions, N, proj_size
        or hidden_size) and c (layers · directions, N, hidden_size), unbatched without N.

    Raises:
        TypeError, ValueError: as `RNNBase`.
    """

    if TYPE_CHECKING:
        __call__: SequenceCall[tuple[Tensor, Tensor]]

    def __init__(self, *args: Any, **kwargs: Unpack[LSTMOptions]) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape (layers · directions, N, hidden_size) of c."""
        return (*self.get_expected_hidden_size(input, batch_sizes)[:2], self.hidden_size)

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        self.check_input(input, batch_sizes)
        expected = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
        for i, size in enumerate(expected):
            self.check_hidden_size(hidden[i], size, f"Expected hidden[{i}] size {{}}, got {{}}")

    def permute_hidden(self, hx: Any, permutation: Tensor | None) -> Any:
        h, c = hx
        return super().permute_hidden(h, permutation), super().permute_hidden(c, permutation)

    def forward(self, input: Any, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Returns the output of the last layer for every step, and the last states (h, c) of each layer and direction.

        Args:
            input: see the class.
            hx: the initial states (h, c); default zeros.
        """
        out, (h, c) = self._forward(input, None if hx is None else (hx[0], hx[1]))
        return out, (h, c)


class GRU(RNNBase):
    """Layers of gated recurrent units, with reset and update gates r, z and the candidate n.

        n = tanh(W_in · x_t + b_in + r · (W_hn · h_{t-1} + b_hn)),    h_t = (1 - z) · n + z · h_{t-1}

    Args as for `RNNBase`, without `mode` and `proj_size`.

    Shape:
        As for `RNN`.

    Raises:
        TypeError, ValueError: as `RNNBase`; a ValueError for `proj_size`.
    """

    if TYPE_CHECKING:
        __call__: SequenceCall[Tensor]

    def __init__(self, *args: Any, **kwargs: Unpack[RNNOptions]) -> None:
        _refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Returns the output of the last layer for every step, and the last state of each layer and direction.

        Args:
            input: see the class.
            hx: the initial state; default zeros.
        """
        out, (h,) = self._forward(input, None if hx is None else (hx,))
        return out, h


def _refuse_projection(options: Mapping[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNNCellBase(Module):
    """The base of the cells: parameters and checks.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the state.
        bias: whether there are biases.
        num_chunks: the number of gates.
        device: device of the parameters.
        dtype: dtype of the parameters.
    """

    weight_ih: Tensor
    weight_hh: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty((rows,), device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters, uniform in ±1 / √hidden_size."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def _step(self, mode: str, input: Tensor, states: tuple[Any, ...] | None) -> tuple[Any, ...]:
        """The states after one step; `states` are the states before it, None for zeros."""
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for i, h in enumerate(states or ()):
            if h.dim() not in (1, 2):
                what = f"hx[{i}]" if mode == "LSTM" else "hidden"
                raise ValueError(f"{name}: Expected {what} to be 1D or 2D, got {h.dim()}D instead")
        batched = input.dim() == 2
        if not batched:
            input = input.unsqueeze(0)
            states = None if states is None else tuple(h.unsqueeze(0) for h in states)
        if states is None:
            blank = zeros((input.shape[0], self.hidden_size), dtype=input.dtype, device=input.device)
            states = (blank, blank) if mode == "LSTM" else (blank,)
        self._check_shapes(input, states)
        weights = [getattr(self, kind, None) for kind in KINDS]
        same_dtype(name, input=input, **dict(zip(("hx", "cx"), states, strict=False)), weight=weights[0])
        _, *after = _one_direction(mode, input, states, weights, Steps((input.shape[0],), False))
        return tuple(after) if batched else tuple(h.squeeze(0) for h in after)

    def _check_shapes(self, input: Tensor, states: tuple[Any, ...]) -> None:
        if input.shape[1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {input.shape[1]} expected {self.input_size}")
        for i, h in enumerate(states):
            if h.dim() != 2 or h.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got shape {list(h.shape)}, expected "
                    f"[{input.shape[0]}, {self.hidden_size}]"
                )
            if h.shape[0] != input.shape[0]:
                raise RuntimeError(f"Input batch size {input.shape[0]} doesn't match hidden{i} batch size {h.shape[0]}")


class RNNCell(RNNCellBase):
    """h' = φ(W_ih · x + b_ih + W_hh · h + b_hh), φ being tanh or relu.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the state.
        bias: whether there are biases.
        nonlinearity: "tanh" or "relu".
        device: device of the parameters.
        dtype: dtype of the parameters.

    Shape:
        Input (N, input_size) or (input_size,); states (N, hidden_size) or (hidden_size,).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=1, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The state after the step; `hx` is the state before, by default zeros.

        Raises:
            ValueError: for a wrong number of dimensions.
            RuntimeError: for shapes or dtypes that do not match, or another nonlinearity.
        """
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}: expected tanh or relu")
        (h,) = self._step(f"RNN_{self.nonlinearity.upper()}", input, None if hx is None else (hx,))
        return h


class LSTMCell(RNNCellBase):
    """One step of long short-term memory: c' = f · c + i · g, h' = o · tanh(c').

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the states.
        bias: whether there are biases.
        device: device of the parameters.
        dtype: dtype of the parameters.

    Shape:
        Input (N, input_size) or (input_size,); states (N, hidden_size) or (hidden_size,).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Device = None, dtype: dtype | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=4, device=device, dtype=dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The states (h, c) after the step; `hx` are the states before, by default zeros.

        Raises:
            ValueError: for a wrong number of dimensions.
            RuntimeError: for shapes or dtypes that do not match.
            TypeError: if `hx` is a tensor.
        """
        if isinstance(hx, Tensor):
            raise TypeError("LSTMCell: hx must be a tuple (h, c) of Tensors, not Tensor")
        h, c = self._step("LSTM", input, hx if hx is None else tuple(hx))
        return h, c


class GRUCell(RNNCellBase):
    """One step of a gated recurrent unit: h' = (1 - z) · n + z · h.

    Args:
        input_size: the number of features of the input.
        hidden_size: the number of features of the state.
        bias: whether there are biases.
        device: device of the parameters.
        dtype: dtype of the parameters.

    Shape:
        Input (N, input_size) or (input_size,); states (N, hidden_size) or (hidden_size,).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Device = None, dtype: dtype | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=3, device=device, dtype=dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The state after the step; `hx` is the state before, by default zeros.

        Raises:
            ValueError: for a wrong number of dimensions.
            RuntimeError: for shapes or dtypes that do not match.
        """
        (h,) = self._step("GRU", input, None if hx is None else (hx,))
        return h

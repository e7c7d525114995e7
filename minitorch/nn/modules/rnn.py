"""Recurrent layers and their cells. The formulas are in `kernels.rnn`.

A cell is the op of a layer (see `_rnn_base`) for a sequence of one step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack, overload

from kernels.rnn import Steps
from minitorch._tensor import Tensor
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty, zeros
from minitorch.nn import init
from minitorch.nn.functional.arguments import same_dtype
from minitorch.nn.modules._rnn_base import KINDS, RNNBase as RNNBase, one_direction
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.nn.utils.rnn import PackedSequence
from minitorch.types import Device

State = TypeVar("State")


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
        _, *after = one_direction(mode, input, states, weights, Steps((input.shape[0],), False))
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

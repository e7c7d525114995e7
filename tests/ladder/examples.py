"""Examples for every kernel that has a form for CuPy: its arguments, drawn valid, of all sizes that might matter.

None, one, odd numbers, more than a block of threads has; every stride, padding and dilation; arrays in any memory
order. Numbers are drawn such that half precision holds them: an example means the same in every dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

import kernels
from kernels.rnn import Steps
from kernels.windows import ConvOptions, Window

FLOATS = ("float64", "float32", "float16")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8")


@dataclass(frozen=True)
class Example:
    """Arguments of a kernel, floating-point arrays in double.

    Attributes:
        args: as the kernel takes them.
        written: which of them it writes to.
        wide: which of them are of the dtype that numbers are summed in, not the elements'.
    """

    args: tuple[Any, ...]
    written: tuple[int, ...] = ()
    wide: tuple[int, ...] = ()

    def to(self, dtype: str) -> Example:
        """The example with its floating-point arrays as new ones of `dtype`."""
        wider = "float32" if dtype == "float16" else dtype
        args = tuple(_cast(a, wider if i in self.wide else dtype) for i, a in enumerate(self.args))
        return replace(self, args=args)

    def on(self, put: Callable[[np.ndarray], Any]) -> Example:
        """The example with its arrays, also those in tuples, put elsewhere."""
        return replace(self, args=tuple(_put(a, put) for a in self.args))

    def run(self, function: Callable[..., Any]) -> list[Any]:
        """All that the kernel returns and writes, in order; the example is used up."""
        out = function(*self.args)
        results = list(out) if isinstance(out, tuple) else [out]
        return [r for r in results if r is not None] + [self.args[i] for i in self.written if self.args[i] is not None]


def _cast(value: Any, dtype: str) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(dtype if value.dtype.kind == "f" else value.dtype, order="K")
    return value


def _put(value: Any, put: Callable[[np.ndarray], Any]) -> Any:
    if isinstance(value, np.ndarray):
        return put(value)
    return tuple(_put(v, put) for v in value) if type(value) is tuple else value


class Drawing:
    """Arrays and attributes, drawn one after the other."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw
        self.random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def number(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def between(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pair(self, low: int, high: int) -> tuple[int, int]:
        return self.between(low, high), self.between(low, high)

    def array(self, *shape: int, low: float = -4, high: float = 4) -> np.ndarray:
        """Multiples of 1/64, in one of some memory orders."""
        size = shape
        order = self.number(*["C"] * 4, "F", "gaps", "turned") if len(shape) > 1 else self.number("C", "C", "gaps")
        if order == "gaps":
            size = (*shape[:-1], 2 * shape[-1]) if shape else shape
        values = self.random.integers(int(64 * low), int(64 * high) + 1, size) / 64
        values = np.asarray(values, order="F" if order == "F" else "C")
        if order == "turned":
            return values[::-1]
        return values[..., ::2] if order == "gaps" and shape else values

    def row(self) -> int:
        """How long a row is that a block of threads goes through."""
        return self.number(1, 2, 5, 31, 32, 33, 100, 513, 1200)

    def either(self, value: Any) -> Any:
        return value if self.draw(st.booleans()) else None


Maker = Callable[[Drawing], Example]
EXAMPLES: dict[str, st.SearchStrategy[Example]] = {}
"""By the kernel's name."""


def example(name: str) -> Callable[[Maker], Maker]:
    def add(make: Maker) -> Maker:
        @st.composite
        def strategy(draw: Any) -> Example:
            return make(Drawing(draw))

        EXAMPLES[name] = strategy()
        return make

    return add


# -- convolution


def _convolution(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...], ConvOptions, tuple[int, ...]]:
    """The shapes of x and weight, the options, and the shape of the result."""
    groups, channels, out = d.between(1, 3), d.number(1, 2, 3, 0), d.number(1, 2, 5)
    kernel, stride, padding, dilation = d.pair(1, 4), d.pair(1, 3), d.pair(0, 4), d.pair(1, 3)
    sizes = (max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + d.number(0, 1, 2, 5, 17) for i in (0, 1))
    x, weight = (d.number(1, 2, 3, 0), channels * groups, *sizes), (out * groups, channels, *kernel)
    options = ConvOptions(stride, padding, dilation, groups)
    return x, weight, options, (x[0], out * groups, *options.window(weight).counts(x))


@example("conv2d")
def _conv2d(d: Drawing) -> Example:
    x, weight, options, _ = _convolution(d)
    return Example((d.array(*x), d.array(*weight), d.either(d.array(weight[0])), options))


@example("conv2d_input_grad")
def _conv2d_input_grad(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    return Example((d.array(*y), d.array(*weight), x, options))


@example("conv2d_weight_grad")
def _conv2d_weight_grad(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    return Example((d.array(*y), d.array(*x), weight, options))


@example("im2col")
def _im2col(d: Drawing) -> Example:
    x, weight, options, _ = _convolution(d)
    return Example((d.array(*x), options.window(weight)))


@example("col2im")
def _col2im(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    columns = d.array(x[0], x[1] * prod(weight[2:]), prod(y[2:]))
    return Example((columns, x[2:], options.window(weight)))


# -- products of matrices


@example("matmul")
def _matmul(d: Drawing) -> Example:
    n, k, m = (d.number(0, 1, 3, 15, 16, 17, 40) for _ in range(3))
    before, behind = d.number(((), ()), ((2,), ()), ((), (3,)), ((2, 1), (3,)), ((0,), ()))
    return Example((d.array(*before, n, k), d.array(*behind, k, m)))


# -- pooling


def _pooling(d: Drawing, dilated: bool) -> tuple[tuple[int, ...], Window]:
    """The shape of x and a window, of which there is at least one."""
    while True:
        kernel, stride = d.pair(1, 4), d.pair(1, 4)
        dilation = d.pair(1, 3) if dilated else (1, 1)
        padding = d.between(0, kernel[0] // 2), d.between(0, kernel[1] // 2)
        sizes = [max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + d.number(0, 1, 6, 19) for i in (0, 1)]
        shape = d.number(1, 2, 0), d.between(1, 3), *sizes
        window = Window(kernel, stride, padding, dilation, d.number(False, True))
        if min(window.counts(shape)) > 0:
            return shape, window


def _values(d: Drawing, shape: tuple[int, ...]) -> np.ndarray:
    """Few different values, so that there are ties; sometimes infinities and NaN among them, or integers."""
    dtype = d.number("float64", "float64", *INTEGERS)
    if dtype != "float64":
        limits = np.iinfo(dtype)
        return d.random.choice(np.array([0, 1, 2, limits.max, limits.min], dtype), shape)
    wild = [np.nan, np.inf, -np.inf] if d.number(False, True) else []
    return d.random.choice(np.array([-1.0, 0.0, 1.0, *wild]), shape)


@example("max_pool2d")
def _max_pool2d(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=True)
    return Example((_values(d, shape), window))


def _positions(d: Drawing) -> tuple[tuple[int, ...], np.ndarray]:
    """The shape of x, and positions in its planes: anywhere, so that many windows may share one."""
    shape = d.number(1, 2, 0), d.between(1, 3), d.number(1, 2, 7, 20), d.number(1, 3, 8, 17)
    out = (*shape[:2], d.number(1, 2, 5, 20), d.number(1, 4, 9))
    spread = d.number(1, 3, shape[2] * shape[3])
    return shape, d.random.integers(0, min(spread, shape[2] * shape[3]), out)


@example("max_pool2d_grad")
def _max_pool2d_grad(d: Drawing) -> Example:
    shape, positions = _positions(d)
    return Example((d.array(*positions.shape), positions, shape))


@example("max_pool2d_gather")
def _max_pool2d_gather(d: Drawing) -> Example:
    shape, positions = _positions(d)
    return Example((_values(d, shape), positions))


@example("avg_pool2d")
def _avg_pool2d(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=False)
    return Example((d.array(*shape), window, d.number(True, False), d.number(None, 3, -2)))


@example("avg_pool2d_grad")
def _avg_pool2d_grad(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=False)
    g = d.array(*shape[:2], *window.counts(shape))
    return Example((g, shape, window, d.number(True, False), d.number(None, 3, -2)))


@example("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(d: Drawing) -> Example:
    shape = d.number(1, 2, 0), d.number(1, 3, 0), d.number(1, 4, 7, 20), d.number(1, 5, 8, 19)
    return Example((d.array(*shape), d.pair(0, 9)))


@example("adaptive_avg_pool2d_grad")
def _adaptive_avg_pool2d_grad(d: Drawing) -> Example:
    shape = d.number(1, 2, 0), d.number(1, 3, 0), d.number(1, 4, 7, 20), d.number(1, 5, 8, 19)
    return Example((d.array(*shape[:2], *d.pair(1, 9)), shape))


# -- normalization


def _grouped(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A shape, and the dimensions that a group spans."""
    n = d.row()
    return d.number(
        ((3, n), (1,)),
        ((2, 3, n), (2,)),
        ((n, 2), (0,)),
        ((2, 3, 4, 5), (2, 3)),
        ((3, 2, 4, 7), (0, 2, 3)),
        ((n, 3, 2), (0, 2)),
        ((2, 3, 4), (0, 1, 2)),
        ((2, 3, 2, 3), (0, 2)),
        ((70, 1), (1,)),
    )


@example("standardize")
def _standardize(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    return Example((d.array(*shape) * 2 + d.number(0, 3), dims, d.number(1e-5, 0.1)))


@example("standardize_grad")
def _standardize_grad(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(shape))
    return Example((d.array(*shape), d.array(*shape), d.array(*kept, low=0.25, high=2), dims), wide=(2,))


@example("scale_by_rms")
def _scale_by_rms(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    return Example((d.array(*shape), dims, d.number(1e-5, 0.1)))


# -- losses


def _softmax(d: Drawing) -> Example:
    n = d.row()
    shape, dim = d.number(
        ((3, n), 1), ((n, 3), 0), ((2, n, 3), 1), ((n,), 0), ((), 0), ((0, 3), 1), ((3, 0), 1), ((70, 2), 1)
    )
    x = d.array(*shape)
    if d.number(False, False, False, True) and x.size:
        x = x.copy()
        x[d.random.random(shape) < 0.2] = d.number(np.nan, np.inf, -np.inf)
    return Example((x, dim))


example("softmax")(_softmax)
example("log_softmax")(_softmax)


def _targets(d: Drawing) -> tuple[tuple[int, ...], np.ndarray, Any, int, str]:
    """The shape of x, target, weight, ignored class, reduction."""
    rest = d.number((), (), (1,), (2, 3), (5, 7))
    n, classes = d.number(1, 2, 5, 0, 300, 1500) if not rest else d.number(1, 3, 40), d.number(1, 2, 5, 13)
    target = d.random.integers(0, classes, (n, *rest))
    ignored = d.number(-100, 0)
    if ignored < 0 and d.number(True, False):
        target[d.random.random(target.shape) < 0.3] = ignored
    weight = d.either(d.array(classes, low=0.25, high=2))
    return (n, classes, *rest), target, weight, ignored, d.number("none", "sum", "mean")


@example("nll_loss")
def _nll_loss(d: Drawing) -> Example:
    shape, *rest = _targets(d)
    return Example((d.array(*shape, low=-4, high=-0.5), *rest))


@example("nll_loss_grad")
def _nll_loss_grad(d: Drawing) -> Example:
    shape, target, *rest = _targets(d)
    g = d.array(*(target.shape if rest[-1] == "none" else ()))
    return Example((g, shape, target, *rest))


# -- recurrent layers


def _sequences(d: Drawing) -> tuple[Steps, int, int, int]:
    """The steps, and the number of rows, of sequences, and of units."""
    sizes = d.number((3, 3, 3), (4, 3, 1), (1,), (2, 2, 1, 1), (9, 9))
    return Steps(sizes, d.number(False, True)), sum(sizes), sizes[0], d.number(1, 3, 40)


def _small(d: Drawing, *shape: int) -> np.ndarray:
    return d.array(*shape, low=-0.5, high=0.5)


def _gates(d: Drawing, *shape: int) -> np.ndarray:
    return d.array(*shape, low=1 / 64, high=63 / 64)


@example("rnn")
def _rnn(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    phi = d.number("tanh", "relu")
    return Example((d.array(rows, h), _small(d, n, h), _small(d, h, h), phi, steps))


@example("rnn_grad")
def _rnn_grad(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    phi = d.number("tanh", "relu")
    gradients = d.either(d.array(rows, h)), d.either(d.array(n, h))
    return Example((_small(d, rows, h), _small(d, n, h), _small(d, h, h), *gradients, phi, steps))


@example("lstm")
def _lstm(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    p = d.number(None, 1, 4)
    projection = None if p is None else _small(d, p, h)
    states = _small(d, n, p or h), _small(d, n, h)
    return Example((d.array(rows, 4 * h), *states, _small(d, 4 * h, p or h), projection, steps))


@example("lstm_grad")
def _lstm_grad(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    p = d.number(None, 1, 4)
    projection = None if p is None else _small(d, p, h)
    saved = _gates(d, rows, 4 * h), _small(d, rows, h), _small(d, rows, p or h)
    states = _small(d, n, p or h), _small(d, n, h)
    weights = _small(d, 4 * h, p or h), projection
    gradients = d.either(d.array(rows, p or h)), d.either(d.array(n, p or h)), d.either(d.array(n, h))
    return Example((*saved, *states, *weights, *gradients, steps))


@example("gru")
def _gru(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    bias = d.either(_small(d, 3 * h))
    return Example((d.array(rows, 3 * h), _small(d, n, h), _small(d, 3 * h, h), bias, steps))


@example("gru_grad")
def _gru_grad(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    gradients = d.either(d.array(rows, h)), d.either(d.array(n, h))
    saved = _gates(d, rows, 4 * h), _small(d, rows, h)
    return Example((*saved, _small(d, n, h), _small(d, 3 * h, h), *gradients, steps))


# -- functions of one number


def _numbers(d: Drawing) -> np.ndarray:
    """Numbers in all of the functions' parts; sometimes some that are no numbers, or have no bound."""
    x = d.array(*d.number((), (0,), (1,), (7,), (3, 5), (300,), (2, 3, 65)), low=-8, high=8)
    if d.number(False, False, True) and x.size:
        x = x.copy()
        x[d.random.random(x.shape) < 0.2] = d.number(np.nan, np.inf, -np.inf)
    return x


for _name in ("erf", "erfc", "sigmoid", "silu", "log_sigmoid"):
    example(_name)(lambda d: Example((_numbers(d),)))


@example("gelu")
def _gelu(d: Drawing) -> Example:
    return Example((_numbers(d), d.number("none", "tanh")))


@example("softplus")
def _softplus(d: Drawing) -> Example:
    return Example((_numbers(d), d.number(1, 0.5, 3.0), d.number(20, 2.0)))


@example("embedding")
def _embedding(d: Drawing) -> Example:
    table, shape = (d.number(1, 5, 40), d.number(1, 3, 70)), d.number((), (0,), (1,), (9,), (2, 30))
    index = np.asarray(d.random.integers(0, table[0], shape), d.number("int64", "int32"))
    return Example((d.array(*table), index, None))


# -- adding at places


def _keyed(d: Drawing) -> tuple[tuple[int, ...], Any]:
    """A shape, and a key that names places in it, some more than once."""
    n = d.number(1, 3, 50, 700)
    shape: tuple[int, ...] = d.number((7, 3), (5,), (4, 5, 6), (2, 300), (1, 1))
    rows = d.random.integers(-shape[0], shape[0], n)
    kind = d.number("rows", "table", "pairs", "mixed", "mask", "none")
    if kind == "table":
        return shape, (rows[: n // 2 * 2].reshape(2, n // 2).astype(d.number("int64", "int32")),)
    if kind == "none":
        return shape, (rows[:0],)
    if kind == "mask":
        return shape, (d.random.random(shape) < 0.5,)
    if kind == "pairs" and len(shape) > 1:
        return shape, (rows, d.random.integers(0, shape[1], n))
    if kind == "mixed" and len(shape) > 1:
        return shape, (slice(None, None, 2), d.random.integers(0, shape[1], min(n, 50)))
    return shape, (rows,)


@example("index_grad")
def _index_grad(d: Drawing) -> Example:
    shape, key = _keyed(d)
    return Example((d.array(*np.empty(shape)[key].shape), shape, key))


@example("index_put")
def _index_put(d: Drawing) -> Example:
    shape, key = _keyed(d)
    dtype = d.number("float64", "float64", *INTEGERS)
    found = np.empty(shape)[key].shape
    if dtype != "float64":  # small, so that sums stay in range
        x, values = d.random.integers(0, 3, shape).astype(dtype), d.random.integers(0, 2, found).astype(dtype)
        if prod(found) > 100:
            values[...] = 0
        return Example((x, values, key, True))
    values = d.array(*found) if d.number(True, False) else d.array()
    return Example((d.array(*shape), values, key, True))


def _gathered(d: Drawing) -> tuple[tuple[int, ...], int, np.ndarray]:
    """A shape, a dimension, and places along it."""
    shape = d.number((4, 5, 3), (6, 40), (1, 2), (9,))
    dim = d.between(0, len(shape) - 1)
    index = [d.between(1, n) for n in shape]
    index[dim] = d.number(1, 4, 30)
    return shape, dim, d.random.integers(0, shape[dim], index)


@example("gather_grad")
def _gather_grad(d: Drawing) -> Example:
    shape, dim, index = _gathered(d)
    return Example((d.array(*index.shape), shape, dim, index))


@example("scatter_add")
def _scatter_add(d: Drawing) -> Example:
    shape, dim, index = _gathered(d)
    source = d.array(*(n + d.number(0, 1) for n in index.shape))
    return Example((d.array(*shape), dim, index, source))


# -- random words


@example("philox")
def _philox(d: Drawing) -> Example:
    words = np.zeros(d.number(0, 1, 3, 4, 5, 1500), "uint32")
    return Example((words, d.between(0, 2**64 - 1), d.number(0, 2**32 - 1, 2**64 - 2, d.between(0, 2**100))))


# -- optimizers


def _parameters(d: Drawing, *lows: float) -> list[np.ndarray]:
    """A parameter, its gradient and arrays of the state, each no less than some number; sometimes not contiguous."""
    shape = d.number((1,), (5,), (), (0,), (3, 7), (300,), (33, 20))
    arrays = [d.random.integers(int(64 * low), 256, shape) / 64 for low in (-4, -4, *lows)]
    arrays = [np.asarray(a) for a in arrays]
    if len(shape) == 2 and d.number(False, False, True):
        arrays = [a.T for a in arrays]
    return arrays


@example("sgd_step")
def _sgd_step(d: Drawing) -> Example:
    p, g, b = _parameters(d, -4)
    momentum = d.number(0.0, 0.9)
    rest = d.number(0.1, 0.01), momentum, d.number(0.0, 0.1), d.number(0.0, 0.01)
    options = kernels.SGDOptions(*rest, d.number(False, True), d.number(False, True))
    return Example((p, g, b if momentum else None, options), (0, 2))


@example("adam_step")
def _adam_step(d: Drawing) -> Example:
    p, g, m, v, most = _parameters(d, -4, 0, 0)
    step, numbers = d.number(1.0, 5.0), (d.number(0.1, 0.01), d.number(0.9, 0.3), 0.99, d.number(1e-3, 0.1))
    rest = d.number(0.0, 0.01), d.number(False, True), d.number(False, True)
    return Example((p, g, m, v, d.either(most), step, kernels.AdamOptions(*numbers, *rest)), (0, 2, 3, 4))


@example("rmsprop_step")
def _rmsprop_step(d: Drawing) -> Example:
    p, g, v, m, b = _parameters(d, 3, -0.5, -4)
    v, m = np.asarray(v + 4), np.asarray(m / 8)  # a mean whose square is less than the mean of the squares
    numbers = d.number(0.1, 0.01), d.number(0.9, 0.4), d.number(1e-3, 0.1), d.number(0.0, 0.01), 0.9
    options = kernels.RMSpropOptions(*numbers, d.number(False, True))
    return Example((p, g, v, d.either(m), d.either(b), options), (0, 2, 3, 4))


@example("adagrad_step")
def _adagrad_step(d: Drawing) -> Example:
    p, g, s = _parameters(d, 0)
    step, numbers = d.number(1.0, 5.0), (0.1, d.number(0.0, 0.1), d.number(1e-3, 0.1), d.number(0.0, 0.01))
    return Example((p, g, s, step, kernels.AdagradOptions(*numbers, d.number(False, True))), (0, 2))


@example("adadelta_step")
def _adadelta_step(d: Drawing) -> Example:
    p, g, v, u = _parameters(d, 0, 0)
    numbers = d.number(1.0, 0.1), d.number(0.9, 0.4), d.number(1e-3, 0.1), d.number(0.0, 0.01)
    return Example((p, g, v, u, kernels.AdadeltaOptions(*numbers, d.number(False, True))), (0, 2, 3))


@example("philox")
def _philox(d: Drawing) -> Example:
    out = np.zeros(d.number(0, 1, 3, 4, 5, 1023, 4098), "uint32")
    return Example((out, d.between(0, 2**64 - 1), d.number(d.between(0, 2**128 - 1), 2**64 - 2, 2**128 - 1)), (0,))

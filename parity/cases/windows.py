"""Configurations of windows that slide over an input, drawn together with the input's shape, so that a window fits."""

from __future__ import annotations

from parity.compare.draw import Draw, Shape, volume

CONVOLUTIONS = ("plain", "stride", "padding", "dilation", "groups", "same", "everything")
TRANSPOSED = ("plain", "stride", "padding", "dilation", "groups", "output_padding", "everything")
MEANS = ("plain", "stride", "padding", "ceil_mode", "special")
MAXIMA = (*MEANS, "dilation")
Sizes = tuple[int, ...]
"""One number for each dimension that the window slides over."""


def _sizes(d: Draw, low: int, high: int, dims: int) -> Sizes:
    """A number for each dimension: in half of the examples the same for all."""
    n = d.integer(low, high)
    return (n,) * dims if dims == 1 or d.flag() else (n, *(d.integer(low, high) for _ in range(dims - 1)))


def short(value: object) -> object:
    """Equal numbers as one number, other values unchanged."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _spelled(**given: tuple[object, object]) -> str:
    """The keyword arguments whose (value, default) differ, each after a comma."""
    return "".join(f", {name}={short(value)!r}" for name, (value, default) in given.items() if value != default)


class Convolution:
    """A configuration of a convolution, and the shape of a fitting input.

    Stores in `d` how many terms are summed for one result and for one element of a gradient.

    Args:
        d: draws it.
        kind: the option that is drawn; one of `CONVOLUTIONS`, or of `TRANSPOSED`.
        dims: the number of dimensions of the window.

    Attributes:
        kernel, stride, dilation: of each dimension.
        padding: of each dimension, or a word.
        groups: how many blocks of channels there are.
        inputs, outputs: the channels of input and output.
        shape: of the input, with a batch or without.
    """

    def __init__(self, d: Draw, kind: str, dims: int = 2) -> None:
        every = kind in ("everything", "output_padding")
        self.kernel = _sizes(d, 1, 3, dims)
        self.stride = _sizes(d, 1, 3, dims) if kind == "stride" or every else (1,) * dims
        self.dilation = _sizes(d, 1, 3, dims) if kind in ("dilation", "same") or every else (1,) * dims
        self.groups = d.integer(1, 3) if kind == "groups" or every else 1
        around = _sizes(d, 0, 2, dims) if kind in ("padding", "stride") or every else (0,) * dims
        self.padding: Sizes | str = d.choose("same", "same", "valid") if kind == "same" else around
        self.inputs, self.outputs = self.groups * d.integer(1, 3), self.groups * d.integer(1, 3)
        spare = [max(1, span - 2 * p) for span, p in zip(self.spans, around, strict=True)]
        sides = tuple(n + d.integer(0, 5) for n in spare)
        batch = () if d.integer(0, 5) == 5 else (d.batch(),)
        self.shape: Shape = (*batch, self.inputs, *sides)
        self._sum(d, max(1, volume(batch)) * volume(sides))

    @property
    def spans(self) -> list[int]:
        """How many elements of the input a window reaches over in each dimension."""
        return [dilation * (kernel - 1) + 1 for kernel, dilation in zip(self.kernel, self.dilation, strict=True)]

    def _sum(self, d: Draw, places: int) -> None:
        """Store the numbers of terms; `places` is the number of windows in the whole batch."""
        taps = volume(self.kernel)
        d.terms = taps * self.inputs // self.groups + 1  # the products, and the bias
        d.gradient_terms = max(taps * self.outputs // self.groups, places)

    def options(self) -> str:
        """The keyword arguments that differ from their defaults."""
        ones, zeros = (1,) * len(self.kernel), (0,) * len(self.kernel)
        return _spelled(
            stride=(self.stride, ones),
            padding=(self.padding, zeros),
            dilation=(self.dilation, ones),
            groups=(self.groups, 1),
        )


class Transposed(Convolution):
    """A configuration of a transposed convolution, and the shape of a fitting input.

    Attributes:
        padding: at most so large that an output remains.
        output_padding: of each dimension.
    """

    padding: Sizes

    def __init__(self, d: Draw, kind: str) -> None:
        super().__init__(d, kind)
        self.output_padding: Sizes = (0, 0)
        if kind in ("output_padding", "everything"):
            rows, columns = (max(s, g) - 1 for s, g in zip(self.stride, self.dilation, strict=True))
            self.output_padding = d.integer(0, rows), d.integer(0, columns)
        sides = d.size(1, 5), d.size(1, 5)
        whole = [(n - 1) * s + span for n, s, span in zip(sides, self.stride, self.spans, strict=True)]
        self.padding = (0, 0)
        if kind in ("padding", "stride", "everything"):
            rows, columns = (min(2, (n - 1) // 2) for n in whole)
            self.padding = d.integer(0, rows), d.integer(0, columns)
        batch = () if d.integer(0, 5) == 5 else (d.batch(),)
        self.shape = (*batch, self.inputs, *sides)
        self._sum(d, max(1, volume(batch)) * max(volume(sides), volume(whole)))

    def options(self) -> str:
        """The keyword arguments that differ from their defaults."""
        return super().options() + _spelled(output_padding=(self.output_padding, (0, 0)))


class Pooling:
    """A configuration of a pooling, and the shape of a fitting input.

    Args:
        d: draws it.
        kind: the option that is drawn, one of `MAXIMA`.
        dims: the number of dimensions of the window.

    Attributes:
        shape: of the input, with a batch or without.
        taps: the number of elements of a window.
        arguments: the text from the kernel size on.
    """

    def __init__(self, d: Draw, kind: str, dims: int = 2) -> None:
        kernel = _sizes(d, 1, 3, dims)
        stride = _sizes(d, 1, 4, dims) if kind != "plain" else None
        padded = kind in ("padding", "ceil_mode")
        padding = tuple(d.integer(0, k // 2) for k in kernel) if padded else (0,) * dims
        dilation = _sizes(d, 1, 3, dims) if kind == "dilation" else (1,) * dims
        ceil_mode = kind == "ceil_mode" or (kind == "dilation" and d.flag())
        spans = [g * (k - 1) + 1 for k, g in zip(kernel, dilation, strict=True)]
        sides = [max(1, span - 2 * p) + d.integer(0, 6) for span, p in zip(spans, padding, strict=True)]
        self.shape: Shape = (*d.choose((d.batch(),), ()), d.integer(1, 3), *sides)
        self.taps = volume(kernel)
        self.arguments = str(short(kernel)) + _spelled(
            stride=(stride, None),
            padding=(padding, (0,) * dims),
            dilation=(dilation, (1,) * dims),
            ceil_mode=(ceil_mode, False),
        )

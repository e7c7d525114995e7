"""One-dimensional and adaptive layers, padding layers, and the functions of `nn.functional` without a family."""

from __future__ import annotations

from parity.cases.conv import GROUPS as CONV_GROUPS, short
from parity.cases.pooling import GROUPS as POOL_GROUPS, MAX_GROUPS, Window
from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume

# -- convolution in one dimension


class Line:
    """A configuration of a one-dimensional convolution and the shape of an input that it takes."""

    def __init__(self, d: Draw, kind: str) -> None:
        every = kind == "everything"
        self.kernel = d.integer(1, 4)
        stride = d.integer(1, 3) if kind == "stride" or every else 1
        dilation = d.integer(1, 3) if kind in ("dilation", "same") or every else 1
        self.groups = d.integer(1, 3) if kind == "groups" or every else 1
        padding = d.integer(0, 2) if kind in ("padding", "stride") or every else 0
        self.inputs, self.outputs = self.groups * d.integer(1, 3), self.groups * d.integer(1, 3)
        length = max(1, dilation * (self.kernel - 1) + 1 - 2 * padding) + d.integer(0, 6)
        batch = () if d.integer(0, 5) == 5 else (d.batch(),)
        self.shape: Shape = (*batch, self.inputs, length)
        d.terms = self.kernel * self.inputs // self.groups + 1
        d.gradient_terms = max(self.kernel * self.outputs // self.groups, volume(batch) * length)
        given: dict[str, tuple[object, int]] = {
            "stride": (stride, 1),
            "padding": (padding, 0),
            "dilation": (dilation, 1),
            "groups": (self.groups, 1),
        }
        if kind == "same":
            given["padding"] = (repr(d.choose("same", "same", "valid")), 0)
        self.options = "".join(f", {name}={value}" for name, (value, default) in given.items() if value != default)


@case("nn.functional.conv1d", groups=CONV_GROUPS)
def conv1d(d: Draw) -> str:
    c = Line(d, d.group)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.outputs, c.inputs // c.groups, c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv1d({x}, {weight}, {bias}{c.options})"


conv1d.refuses(
    "F.conv1d(torch.ones(1, 2, 4), torch.ones(1, 3, 2))",
    "F.conv1d(torch.ones(1, 1, 2), torch.ones(1, 1, 3))",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), stride=0)",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), padding=-1)",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), dilation=0)",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), torch.ones(2))",
    "F.conv1d(torch.ones(4), torch.ones(1, 1, 2))",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), padding='same', stride=2)",
    "F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), stride=(1, 2))",
)


@case("nn.Conv1d", groups=(*CONV_GROUPS, "padding_mode"), kind="module")
def conv1d_module(d: Draw) -> str:
    mode = d.choose("reflect", "replicate", "circular") if d.group == "padding_mode" else ""
    c = Line(d, "padding" if mode else d.group)
    if mode:
        c.shape = (*c.shape[:-1], max(3, c.shape[-1]))
    options = c.options + (f", padding_mode={mode!r}" if mode else "") + d.choose("", "", ", bias=False")
    d.build = f"nn.Conv1d({c.inputs}, {c.outputs}, {c.kernel}{options})"
    return f"m({d.floats('x', c.shape)})"


conv1d_module.refuses(
    "nn.Conv1d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4))",
    "nn.Conv1d(1, 1, 2, padding='some'); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2, padding_mode='none'); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2); m(torch.ones(1, 2, 4))",
    "nn.Conv1d(1, 1, 5); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2); m(torch.ones(4))",
    "nn.Conv1d(1, 1); m(torch.ones(1, 1, 4))",
)

# -- pooling


class Strip:
    """A configuration of a one-dimensional pooling and the shape of an input that it takes."""

    def __init__(self, d: Draw, kind: str) -> None:
        self.kernel = d.integer(1, 4)
        padding = d.integer(0, self.kernel // 2) if kind in ("padding", "ceil_mode") else 0
        dilation = d.integer(1, 3) if kind == "dilation" else 1
        length = max(1, dilation * (self.kernel - 1) + 1 - 2 * padding) + d.integer(0, 6)
        self.shape: Shape = (*d.choose((d.size(1, 3),), ()), d.integer(1, 3), length)
        self.arguments = str(self.kernel) + (f", stride={d.integer(1, 4)}" if kind != "plain" else "")
        self.arguments += (f", padding={padding}" if padding else "") + (
            f", dilation={dilation}" if dilation > 1 else ""
        )
        self.arguments += ", ceil_mode=True" if kind == "ceil_mode" else ""


def _fill(d: Draw) -> str:
    return "special" if d.group == "special" else "normal|whole|zeros"


@case("nn.functional.max_pool1d", groups=MAX_GROUPS, also=["nn.functional.max_pool1d_with_indices"])
def max_pool1d(d: Draw) -> str:
    s = Strip(d, d.group)
    d.gradient_terms = s.kernel
    x = d.floats("x", s.shape, _fill(d))
    if d.flag():
        return f"F.max_pool1d_with_indices({x}, {s.arguments})"
    return f"F.max_pool1d({x}, {s.arguments}{d.choose('', ', return_indices=True')})"


@case("nn.functional.max_pool2d_with_indices", groups=MAX_GROUPS)
def max_pool2d_with_indices(d: Draw) -> str:
    w = Window(d, d.group)
    d.gradient_terms = w.taps
    return f"F.max_pool2d_with_indices({d.floats('x', w.shape, _fill(d))}, {w.arguments()})"


@case("nn.functional.avg_pool1d", groups=POOL_GROUPS)
def avg_pool1d(d: Draw) -> str:
    s = Strip(d, d.group)
    d.terms = s.kernel
    return f"F.avg_pool1d({d.floats('x', s.shape, _fill(d))}, {s.arguments}{d.choose('', ', count_include_pad=False')})"


for _case, _name in ((max_pool1d, "max_pool1d"), (avg_pool1d, "avg_pool1d")):
    _case.refuses(
        f"F.{_name}(torch.ones(1, 1, 4), 5)",
        f"F.{_name}(torch.ones(1, 1, 4), 2, padding=2)",
        f"F.{_name}(torch.ones(1, 1, 4), 2, stride=0)",
        f"F.{_name}(torch.ones(1, 1, 4), 0)",
        f"F.{_name}(torch.ones(4), 2)",
        f"F.{_name}(torch.ones(1, 1, 4))",
    )


@case("nn.MaxPool1d", groups=MAX_GROUPS, kind="module")
def max_pool1d_module(d: Draw) -> str:
    s = Strip(d, d.group)
    d.gradient_terms = s.kernel
    d.build = f"nn.MaxPool1d({s.arguments}{d.choose('', ', return_indices=True')})"
    return f"m({d.floats('x', s.shape, _fill(d))})"


@case("nn.AvgPool1d", groups=POOL_GROUPS, kind="module")
def avg_pool1d_module(d: Draw) -> str:
    s = Strip(d, d.group)
    d.terms = s.kernel
    d.build = f"nn.AvgPool1d({s.arguments}{d.choose('', ', count_include_pad=False')})"
    return f"m({d.floats('x', s.shape, _fill(d))})"


for _module in (max_pool1d_module, avg_pool1d_module):
    _module.refuses(
        f"{_module.name}(5); m(torch.ones(1, 1, 4))",
        f"{_module.name}(2); m(torch.ones(4))",
        f"{_module.name}(); m(torch.ones(1, 1, 4))",
    )


def _adaptive(d: Draw, dims: int) -> tuple[Shape, str]:
    """The shape of an input, and an output size."""
    shape = (*d.choose((d.size(1, 3),), ()), d.size(1, 3), *(d.size(1, 7) for _ in range(dims)))
    d.terms = d.gradient_terms = volume(shape[-dims:])
    sizes = tuple(d.choose(None, d.size(1, 5)) if dims == 2 and d.flag() else d.size(1, 5) for _ in range(dims))
    return shape, str((short(sizes) or sizes) if dims == 2 else sizes[0])


for _dims in (1, 2):

    @case(f"nn.functional.adaptive_avg_pool{_dims}d")
    def adaptive(d: Draw, dims: int = _dims) -> str:
        shape, size = _adaptive(d, dims)
        return f"F.adaptive_avg_pool{dims}d({d.floats('x', shape)}, {size})"

    @case(f"nn.AdaptiveAvgPool{_dims}d", kind="module")
    def adaptive_module(d: Draw, dims: int = _dims) -> str:
        shape, size = _adaptive(d, dims)
        d.build = f"nn.AdaptiveAvgPool{dims}d({size})"
        return f"m({d.floats('x', shape)})"

    adaptive.refuses(
        f"F.adaptive_avg_pool{_dims}d(torch.ones(4), 2)",
        f"F.adaptive_avg_pool{_dims}d(torch.ones(1, 4, 4, 4), (1, 2, 3))",
    )
    adaptive_module.refuses(
        f"nn.AdaptiveAvgPool{_dims}d(2); m(torch.ones(4))", f"nn.AdaptiveAvgPool{_dims}d(); m(torch.ones(1, 4, 4, 4))"
    )

# -- padding


def _padding(name: str, dims: int) -> None:
    least = {"Reflection": 4, "Circular": 3, "Replication": 1}.get(name, 1)

    @case(f"nn.{name}Pad{dims}d", kind="module")
    def module(d: Draw) -> str:
        shape = (*d.choose((d.size(1, 3),), ()), d.size(1, 3), *(d.size(least, 6) for _ in range(dims)))
        amounts = tuple(d.integer(0, 3) for _ in range(2 * dims))
        d.gradient_terms = 16
        value = f", {d.real(-1.0, 0.5, 2.0)}" if name == "Constant" else ""
        d.build = f"nn.{name}Pad{dims}d({d.choose(str(amounts), str(amounts[0]))}{value})"
        return f"m({d.floats('x', shape)})"

    short_input = "torch.ones(1, 1, 2)" if dims == 1 else "torch.ones(1, 1, 2, 2)"
    module.refuses(f"nn.{name}Pad{dims}d(); m({short_input})")
    if name in ("Reflection", "Circular"):
        module.refuses(f"nn.{name}Pad{dims}d(3); m({short_input})")


for _name in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
    for _dims in (1, 2):
        _padding(_name, _dims)

# -- functions


@case("nn.functional.bilinear")
def bilinear(d: Draw) -> str:
    n, k, m, rows = d.size(1, 4), d.size(1, 4), d.size(1, 4), d.shape(1, 2, empty=False, elements=20)
    d.terms, d.gradient_terms = n * k + 1, max(n * k, m * max(n, k), volume(rows))
    x, y, weight = d.floats("x", (*rows, n)), d.floats("y", (*rows, k)), d.floats("weight", (m, n, k))
    bias = f", {d.floats('bias', (m,))}" if d.flag() else ""
    return f"F.bilinear({x}, {y}, {weight}{bias})"


@case("nn.functional.normalize")
def normalize(d: Draw) -> str:
    shape = tuple(d.size(2, 5) for _ in range(d.integer(2, 3)))  # one number alone has no gradient but rounding
    dim = d.integer(-len(shape), len(shape) - 1)
    options = d.choose("", f", dim={dim}", f", p=1.0, dim={dim}", f", p=3.0, dim={dim}", f", dim={dim}, eps=0.5")
    d.terms = d.gradient_terms = max(shape)
    return f"F.normalize({d.floats('x', shape, 'normal|apart')}{options})"


bilinear.refuses(
    "F.bilinear(torch.ones(2, 3), torch.ones(2, 4), torch.ones(5, 4, 4))",
    "F.bilinear(torch.ones(2, 3), torch.ones(3, 4), torch.ones(5, 3, 4))",
    "F.bilinear(torch.ones(2, 3), torch.ones(2, 4), torch.ones(5, 3, 4), torch.ones(4))",
)
normalize.refuses("F.normalize(torch.ones(3))", "F.normalize(torch.ones(2, 3), dim=2)")


# -- embedding and dropout of whole channels


def _table(d: Draw) -> tuple[str, str, int, int]:
    """Numbers of rows as text, the options, and the shape of the table."""
    rows, width = d.size(2, 6), d.size(1, 5)
    shape = d.shape(0, 2, empty=False, elements=30)  # torch has no second order of no rows
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


embedding.refuses(
    "F.embedding(torch.tensor([3]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([-1]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1.0]), torch.ones(3, 2))",
)
embedding_module.refuses(
    "nn.Embedding(3, 2); m(torch.tensor([3]))", "nn.Embedding(3, 2, padding_idx=3); m(torch.tensor([0]))"
)


@case("nn.functional.dropout1d", also=["nn.functional.dropout2d"], sampled=True)
def channel_dropout(d: Draw) -> str:
    dims = d.size(1, 2)
    shape = (d.size(1, 3), d.size(1, 4), *(d.size(1, 4) for _ in range(dims)))
    return f"F.dropout{dims}d({d.floats('x', shape)}{d.choose('', ', 0.25', ', p=0.0', ', p=1.0')}{d.choose('', ', training=False')})"


@case("nn.Dropout1d", kind="module", also=["nn.Dropout2d"], sampled=True)
def channel_dropout_module(d: Draw) -> str:
    dims = d.size(1, 2)
    shape = (d.size(1, 3), d.size(1, 4), *(d.size(1, 4) for _ in range(dims)))
    d.build = f"nn.Dropout{dims}d({d.choose('', '0.25', 'p=0.0')})"
    return f"m({d.floats('x', shape)})"


channel_dropout.refuses("F.dropout1d(torch.ones(1, 2, 3), p=1.5)", "F.dropout2d(torch.ones(1, 2, 3, 4), p=-0.5)")
channel_dropout_module.refuses("nn.Dropout1d(1.5); m(torch.ones(1, 2, 3))")

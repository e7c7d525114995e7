"""Convolution in one and two dimensions, and transposed convolution: functions and modules."""

from __future__ import annotations

from parity.cases.windows import CONVOLUTIONS, TRANSPOSED, Convolution, Transposed, short
from parity.compare.case import case
from parity.compare.draw import Draw


@case("nn.functional.conv2d", groups=CONVOLUTIONS)
def conv2d(d: Draw) -> str:
    c = Convolution(d, d.group)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.outputs, c.inputs // c.groups, *c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv2d({x}, {weight}, {bias}{c.options()})"


conv2d.refuses(
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(1, 3, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 3, 3))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding=-1)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), dilation=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), dilation=4)",
    "F.conv2d(torch.ones(1, 3, 4, 4), torch.ones(2, 1, 2, 2), groups=2)",
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(3, 1, 2, 2), groups=2)",
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(2, 1, 2, 2), groups=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), torch.ones(2))",
    "F.conv2d(torch.ones(4, 4), torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding='same', stride=2)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding='some')",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride=(1, 2, 3))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2, dtype=torch.float64))",
    "F.conv2d(torch.ones(1, 1, 4, 4, dtype=torch.int64), torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride='a')",
    "F.conv2d(torch.ones(2, 1, 1, 4, 4), torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), torch.ones(1).double())",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride=1.0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), groups=2)",
    "F.conv2d([1], torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(2, 4, 8, 8), torch.ones(2, 1, 3, 3), groups=4)",
    "F.conv2d(torch.ones(2, 3, 0, 8), torch.ones(4, 3, 3, 3), padding=2)",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 0, 3))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(0, 3, 3, 3))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), torch.ones(4, 1))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 5, 1), padding=(2, 0), dilation=(3, 1))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), groups=(1, 2))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), groups=1.5)",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), stride=())",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), stride=(1, 1.5))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), padding=(0, -1))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), dilation=(0, 1))",
    "F.conv2d(torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3), stride=(1, 0))",
    "F.conv2d(None, torch.ones(4, 3, 3, 3))",
    "F.conv2d(torch.ones(2, 3, 8, 8), None)",
    "F.conv2d(torch.ones(2, 4, 8, 8), torch.ones(2, 1, 3, 3), groups=4)",
)


@conv2d.refuses_drawn
def broken_conv2d(d: Draw) -> str:
    """A valid configuration with one thing broken."""
    c = Convolution(d, d.choose("plain", "stride", "padding", "dilation", "groups"))
    weight, options, bias = [c.outputs, c.inputs // c.groups, *c.kernel], c.options(), "None"
    broken = d.choose("channels", "kernel", "bias", "stride", "padding", "dilation", "groups", "rank", "outputs")
    if broken == "channels":
        weight[1] += 1
    elif broken == "kernel":
        weight[2] += c.shape[-2] + 4
    elif broken == "bias":
        bias = str(d.floats("bias", (c.outputs + 1,)))
    elif broken == "rank":
        weight = weight[: d.choose(1, 2, 3)]
    elif broken == "outputs":
        weight, options = [3, c.inputs, *c.kernel], ", groups=2"
    else:
        value = {
            "stride": d.choose(0, -1, (1, 0), (1, 2, 3)),
            "padding": d.choose(-1, (0, -2)),
            "dilation": d.choose(0, -1),
            "groups": d.choose(0, -1, c.inputs + 1),
        }
        options = f", {broken}={value[broken]}"
    shape = (max(1, c.shape[0]), *c.shape[1:])  # torch does not look at the dilation of an empty batch
    return f"F.conv2d({d.floats('x', shape)}, {d.floats('weight', tuple(weight))}, {bias}{options})"


for _x, _weight, _options in (
    ((2, 4, 8, 9), (6, 2, 3, 3), "stride=(2, 1), padding=(0, 2), dilation=(1, 2), groups=2"),
    ((3, 4, 6, 6), (4, 1, 3, 3), "groups=4, padding='same'"),
    ((2, 3, 6, 7), (4, 3, 2, 4), "padding='same'"),  # an odd rest of padding is added after the input
    ((2, 3, 9, 7), (4, 3, 2, 3), "padding='same', dilation=(3, 2)"),
    ((2, 16, 9, 9), (8, 16, 5, 5), "padding=2"),  # wide enough for the form for NumPy that copies shifted inputs
    ((2, 24, 7, 8), (6, 12, 3, 3), "stride=(1, 2), padding=1, dilation=2, groups=2"),
    ((2, 3, 7, 9), (16, 3, 3, 3), "padding=1, dilation=2"),  # the same for the gradient of x
    ((1, 1, 1, 1), (1, 1, 1, 1), ""),
    ((0, 3, 7, 6), (4, 3, 3, 3), ""),
):
    conv2d.example(
        f"F.conv2d(x, weight, None, {_options})",
        f"F.conv2d(x, weight, bias, {_options})",
        terms=_weight[1] * _weight[2] * _weight[3] + 1,
        gradient_terms=max(_x[0] * _x[2] * _x[3], _weight[0] * _weight[2] * _weight[3]),
        x=_x,
        weight=_weight,
        bias=_weight[:1],
    )
conv2d.example(
    "F.conv2d(x, weight, None, 2, 1, 1, 2)", x=[[[[*range(5)]] * 4] * 4], weight=[[[[3, -1], [2, 5]]] * 2] * 6
)


@case("nn.Conv2d", groups=(*CONVOLUTIONS, "padding_mode"), kind="module")
def conv2d_module(d: Draw) -> str:
    mode = d.choose("reflect", "replicate", "circular") if d.group == "padding_mode" else "zeros"
    c = Convolution(d, "padding" if mode != "zeros" else d.group)
    if mode != "zeros":
        c.shape = (*c.shape[:-2], max(3, c.shape[-2]), max(3, c.shape[-1]))
    options = c.options() + ("" if mode == "zeros" else f", padding_mode={mode!r}") + d.choose("", "", ", bias=False")
    d.build = f"nn.Conv2d({c.inputs}, {c.outputs}, {short(c.kernel)}{options})"
    return f"m({d.floats('x', c.shape)})"


conv2d_module.example(
    "nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(2, 0), dilation=(1, 2), groups=2); m(x)",
    "nn.Conv2d(4, 4, [2, 3], bias=False, padding='same'); m(x[0])",
    "nn.Conv2d(4, 4, (4, 3), padding='same', padding_mode='circular'); m(x)",
    "nn.Conv2d(4, 4, 3, padding=2, padding_mode='replicate', stride=2); m(x)",
    "nn.Conv2d(4, 4, 3, padding=(1, 2), padding_mode='reflect'); m(x)",
    "nn.Conv2d(4, 2, 1); m.reset_parameters()\nout = m(x), torch.rand(1)",
    terms=49,
    gradient_terms=84,
    x=(2, 4, 6, 7),
)


conv2d_module.refuses(
    "nn.Conv2d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4, 4))",
    "nn.Conv2d(2, 3, 2, groups=2); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(2, 2, 2, groups=0); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding='some'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding='same', stride=2); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding_mode='none'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(1, 1, 5); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding=-1); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(1, 1, 4, 4, dtype=torch.float64))",
    "nn.Conv2d(1, 1); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding=5, padding_mode='reflect'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m()",
)

# -- one dimension


@case("nn.functional.conv1d", groups=CONVOLUTIONS)
def conv1d(d: Draw) -> str:
    c = Convolution(d, d.group, 1)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.outputs, c.inputs // c.groups, *c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv1d({x}, {weight}, {bias}{c.options()})"


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
    "F.conv1d(None, torch.ones(1, 1, 2))",
    "F.conv1d(torch.ones(1, 1, 4), None)",
)


conv1d.example(
    "F.conv1d(x, weight, bias, padding='same', dilation=3)",
    terms=13,
    gradient_terms=36,
    x=(3, 9),
    weight=(4, 3, 4),
    bias=(4,),
)


@case("nn.Conv1d", groups=(*CONVOLUTIONS, "padding_mode"), kind="module")
def conv1d_module(d: Draw) -> str:
    mode = d.choose("reflect", "replicate", "circular") if d.group == "padding_mode" else ""
    c = Convolution(d, "padding" if mode else d.group, 1)
    if mode:
        c.shape = (*c.shape[:-1], max(3, c.shape[-1]))
    options = c.options() + (f", padding_mode={mode!r}" if mode else "") + d.choose("", "", ", bias=False")
    d.build = f"nn.Conv1d({c.inputs}, {c.outputs}, {short(c.kernel)}{options})"
    return f"m({d.floats('x', c.shape)})"


conv1d_module.example(
    "nn.Conv1d(4, 6, 3, 2, 1, 2, 2, False, 'circular'); m(x[0])",
    "nn.Conv1d(4, 6, 4, padding='same', padding_mode='replicate'); m(x)",
    terms=17,
    gradient_terms=24,
    x=(2, 4, 9),
)


conv1d_module.refuses(
    "nn.Conv1d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4))",
    "nn.Conv1d(1, 1, 2, padding='some'); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2, padding_mode='none'); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2); m(torch.ones(1, 2, 4))",
    "nn.Conv1d(1, 1, 5); m(torch.ones(1, 1, 4))",
    "nn.Conv1d(1, 1, 2); m(torch.ones(4))",
    "nn.Conv1d(1, 1); m(torch.ones(1, 1, 4))",
)

# -- transposed


@case("nn.functional.conv_transpose2d", groups=TRANSPOSED)
def conv_transpose2d(d: Draw) -> str:
    c = Transposed(d, d.group)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.inputs, c.outputs // c.groups, *c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv_transpose2d({x}, {weight}, {bias}{c.options()})"


conv_transpose2d.refuses(
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(3, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), torch.ones(2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), stride=0)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), padding=-1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), output_padding=1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), output_padding=-1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), dilation=0)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), groups=0)",
    "F.conv_transpose2d(torch.ones(1, 3, 3, 3), torch.ones(3, 1, 2, 2), groups=2)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), padding='same')",
    "F.conv_transpose2d(torch.ones(1, 2, 1, 1), torch.ones(2, 1, 1, 1), padding=1)",
    "F.conv_transpose2d(torch.ones(1, 2, 0, 3), torch.ones(2, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 0, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 0))",
    "F.conv_transpose2d(torch.ones(3, 3), torch.ones(2, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2, dtype=torch.float64))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), stride=(1, 2, 3))",
    "F.conv_transpose2d(None, torch.ones(1, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 1, 3, 3), None)",
)


@case("nn.ConvTranspose2d", groups=(*TRANSPOSED, "output_size"), kind="module")
def conv_transpose2d_module(d: Draw) -> str:
    c = Transposed(d, "stride" if d.group == "output_size" else d.group)
    d.build = (
        f"nn.ConvTranspose2d({c.inputs}, {c.outputs}, {short(c.kernel)}{c.options()}{d.choose('', '', ', bias=False')})"
    )
    x = d.floats("x", c.shape)
    if d.group != "output_size":
        return f"m({x})"
    sizes = [
        (n - 1) * s - 2 * p + g * (k - 1) + 1 + d.integer(0, s - 1)
        for n, s, p, g, k in zip(c.shape[-2:], c.stride, c.padding, c.dilation, c.kernel, strict=True)
    ]
    return f"m({x}, output_size={sizes})"


conv_transpose2d_module.example(
    "nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, False, (1, 2)); m(x[0])",
    "nn.ConvTranspose2d(4, 3, 5, dilation=3, output_padding=2); m(x)",  # more than the stride
    terms=101,
    gradient_terms=500,
    x=(2, 4, 4, 3),
)


conv_transpose2d_module.refuses(
    "nn.ConvTranspose2d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4, 4))",
    "nn.ConvTranspose2d(2, 3, 2, groups=2); m(torch.ones(1, 2, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, padding_mode='circular'); m(torch.ones(1, 1, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2); m(torch.ones(1, 2, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, output_padding=1); m(torch.ones(1, 1, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, 2); m(torch.ones(1, 1, 4, 4), output_size=(10, 9))",
    "nn.ConvTranspose2d(1, 1, 2, 2); m(torch.ones(1, 1, 4, 4), output_size=(8,))",
    "nn.ConvTranspose2d(1, 1); m(torch.ones(1, 1, 4, 4))",
)

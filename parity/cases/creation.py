"""Making tensors."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

DTYPES = ("float32", "float64", "int64", "int32", "int8", "uint8", "bool")


def _options(d: Draw, number: bool = False) -> str:
    """Keyword arguments of every creation function; if `number`, the default dtype is that of a Python number."""
    dtype = d.choose("", ", dtype=dtype", *(f", dtype=torch.{name}" for name in DTYPES))
    floating = dtype == ", dtype=dtype" or (not dtype and not number)
    return dtype + d.choose("", "", ", device='cpu'", ", requires_grad=True" if floating else "")


@case(
    "zeros",
    also=["ones", "full", "Tensor.new_zeros", "Tensor.new_ones", "Tensor.new_full", "Tensor.new_tensor"],
    exact=True,
)
def zeros(d: Draw) -> str:
    shape, name = d.shape(), d.choose("zeros", "ones", "full", "new_zeros", "new_ones", "new_full", "new_tensor")
    spread = f"*{shape}" if shape else "()"  # no dimensions have to be said
    size = d.choose(str(shape), f"{list(shape)}", spread) if name in ("zeros", "ones") else str(shape)
    value = f", {d.choose(0, 3, 1.0, True)}" if name.endswith("full") else ""
    if name == "new_tensor":
        return f"torch.ones(1, dtype=dtype).new_tensor({d.choose('[1.0, 2.0]', '[[1, 2]]', '3')}{_options(d, number=True)})"
    return f"{'torch.ones(1, dtype=dtype)' if name.startswith('new') else 'torch'}.{name}({size}{value}{_options(d, number=bool(value))})"


zeros.refuses(
    "torch.zeros(-1)",
    "torch.zeros(2, 'a')",
    "torch.zeros(2, dtype='float32')",
    "torch.zeros(2, dtype=torch.int64, requires_grad=True)",
    "torch.ones(2.5)",
    "torch.full((2,))",
    "torch.zeros(2, device='nowhere')",
)


@case("zeros_like", also=["ones_like", "full_like", "empty_like", "empty", "Tensor.new_empty"], exact=True)
def zeros_like(d: Draw) -> str:
    x = d.floats("x", d.shape(), grad=d.flag())
    name = d.choose("zeros_like", "ones_like", "full_like", "empty_like", "empty", "new_empty")
    if name == "empty":
        return f"torch.empty({x.shape}{_options(d)}).shape"
    if name == "new_empty":
        return f"{x}.new_empty({x.shape}{_options(d)}).dtype"
    value = ", 2" if name == "full_like" else ""
    return f"torch.{name}({x}{value}{_options(d)})" + (".shape" if name == "empty_like" else "")


zeros_like.refuses("torch.zeros_like(3)", "torch.full_like(torch.ones(2))", "torch.ones_like([1.0])")


@case("tensor", also=["scalar_tensor", "Tensor", "Size"], exact=True)
def tensor(d: Draw) -> str:
    data = d.choose(
        "1", "1.5", "True", "[]", "[[]]", "[1, 2]", "[1, 2.5]", "[True, False]", "[True, 2]", "[[1.0, 2.0], [3.0, 4.0]]", "((1, 2), (3, 4))",
        "[0.1, 1e10, -inf]", "[[[1]], [[2]]]", "[torch.tensor(1), torch.tensor(2)]", "[torch.tensor(1.5), 2]", "range(3)", "nan",
    )  # fmt: skip
    return d.choose(
        f"torch.tensor({data})",
        f"torch.tensor({data}, dtype=torch.float64)",
        f"torch.tensor({data}, dtype=dtype, requires_grad=True)",
        f"torch.tensor({data}).dtype",
        f"torch.Tensor({d.choose('[1, 2]', '[[1.5, 2.0]]', '[]')})",
        f"torch.Tensor({d.choose('2, 3', '4', '')}).shape",
        f"torch.scalar_tensor({d.choose(1, 2.5)})",
        f"torch.Size([{d.integer(0, 3)}, 2]).numel()",
    )


tensor.refuses(
    "torch.tensor()",
    "torch.tensor([1, 'a'])",
    "torch.tensor([[1], 2])",
    "torch.tensor([1.5], dtype=torch.nothing)",
    "torch.tensor({1: 2})",
    "torch.tensor([1], requires_grad=True)",
)


@case("arange", also=["linspace", "eye"])
def arange(d: Draw) -> str:
    name = d.choose("arange", "arange", "linspace", "eye")
    if name == "eye":
        columns = d.choose("", ", 3", ", 0", ", m=5")
        return f"torch.eye({d.integer(0, 4)}{columns}{_options(d)})"
    if name == "linspace":
        return f"torch.linspace({d.choose(0, -1.5)}, {d.choose(1, 10, -3.5)}, {d.choose(5, 0, 1, 2, 17)}{d.choose('', ', dtype=dtype', ', dtype=torch.float64')})"
    start, stop, step = d.integer(-5, 5), d.integer(5, 20), d.integer(1, 4)
    arguments = d.choose(
        f"{stop}",
        f"{start}, {stop}",
        f"{start}, {stop}, {step}",
        f"{stop}, {start - 1}, {-step}",
        f"0, {stop}, 0.5",
        f"{start}.5, {stop}",
        "0",
    )
    whole = ("", ", dtype=torch.int32", ", dtype=torch.int64") if "." not in arguments else ("",)
    return f"torch.arange({arguments}{d.choose(*whole, ', dtype=dtype', ', dtype=torch.float64')})"


arange.refuses(
    "torch.arange(0, 5, 0)",
    "torch.arange(0, 5, -1)",
    "torch.linspace(0, 1, -1)",
    "torch.eye(-1)",
    "torch.arange()",
    "torch.linspace(0, 1)",
    "torch.arange('a')",
)


@case("meshgrid")
def meshgrid(d: Draw) -> str:
    parts = [d.floats(f"x{i}", (d.integer(1, 4),)) for i in range(d.integer(1, 3))]
    d.gradient_terms = 16
    return f"tuple(torch.meshgrid({', '.join(map(str, parts))}, indexing='{d.choose('ij', 'xy')}'))"


meshgrid.refuses("torch.meshgrid(torch.ones(2, 2), indexing='ij')", "torch.meshgrid(torch.ones(2), indexing='ab')")


@case(
    "promote_types",
    also=["finfo", "iinfo", "get_default_dtype", "set_default_dtype", "is_tensor", "is_grad_enabled"],
    exact=True,
)
def promote_types(d: Draw) -> str:
    a, b = d.choose(*DTYPES, "float16"), d.choose(*DTYPES, "float16")
    return d.choose(
        f"torch.promote_types(torch.{a}, torch.{b})",
        f"i = torch.finfo(torch.{d.choose('float32', 'float64', 'float16')})\nout = i.eps, i.max, i.min, i.tiny, i.bits",
        f"i = torch.iinfo(torch.{d.choose('int64', 'uint8', 'int8')})\nout = i.max, i.min, i.bits",
        f"torch.{a}.is_floating_point, torch.{a}.itemsize, torch.{a}.is_signed, torch.{a}, torch.{a} == torch.{b}",
        "old = torch.get_default_dtype()\ntorch.set_default_dtype(torch.float64)\ny = torch.tensor(1.5), torch.ones(2)\ntorch.set_default_dtype(old)\nout = y, old",
        "torch.is_grad_enabled(), torch.is_tensor(torch.ones(1)), torch.is_tensor(1.0)",
    )


promote_types.refuses(
    "torch.set_default_dtype(torch.int64)",
    "torch.promote_types(torch.int64, 'x')",
    "torch.finfo(torch.int64)",
    "torch.iinfo(torch.float32)",
)


@case("from_dlpack", exact=True)
def from_dlpack(d: Draw) -> str:
    x = d.integers("x", d.shape(empty=False), 0, 9, d.choose("float32", "float64", "int64", "int32"))
    return f"torch.from_dlpack({d.choose(str(x), f'{x}.cpu().numpy()')}).clone()"

"""Tensors as objects: attributes, copies, conversions, gradients and graph, repr."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume


@case(
    "clone",
    also=[
        "Tensor.clone",
        "Tensor.contiguous",
        "Tensor.detach",
        "Tensor.data",
        "Tensor.type_as",
        "Tensor.requires_grad_",
        "Tensor.cpu",
    ],
)
def clone(d: Draw) -> str:
    x = d.floats("x", d.shape())
    return d.choose(
        d.spell("clone", x),
        f"{x}.contiguous()",
        f"{x}.detach()",
        f"{x}.data",
        f"{x}.contiguous() is {x}",
        f"{x}.is_contiguous()",
        f"{x}.detach().requires_grad_().requires_grad",
        f"{x}.type_as(torch.ones(1, dtype=torch.float64))",
        f"(lambda y: y.cpu() is y)({x}.cpu())",
    )


@case(
    "Tensor.to",
    also=[f"Tensor.{n}" for n in ["float", "double", "half", "int", "long", "short", "char", "byte", "bool", "type"]],
)
def to(d: Draw) -> str:
    x = d.choose(
        lambda: d.floats("x", d.shape(), "normal|whole|big"),
        lambda: d.integers("x", d.shape(), 0, 200, d.choose("int64", "uint8", "int16")),
    )()
    name = d.choose("float", "double", "half", "int", "long", "bool")
    if x.dtype == "float":
        x_ = f"({x} % 100)" if name in ("int", "long") else str(x)
        return d.choose(
            f"{x_}.{name}()",
            f"{x_}.to(torch.{name})",
            f"{x}.to({x}) is {x}",
            f"{x}.to(dtype)",
            f"{x}.to({x}.device, torch.float64)",
            f"{x}.to(dtype, copy=True)",
            f"{x}.to({x}.dtype, False, {d.flag()}) is {x}",
        )
    return d.choose(
        *(f"{x}.{n}()" for n in ["float", "double", "half", "int", "long", "short", "char", "byte", "bool"]),
        f"{x}.type(torch.float64)",
        f"{x}.cpu().type()",
    )


to.refuses(
    "torch.ones(2).to('nowhere')",
    "torch.ones(2).type('torch.NoTensor')",
    "torch.ones(2, requires_grad=True).to(torch.int64).requires_grad_()",
)


@case(
    "facts of a tensor",
    also=[
        f"Tensor.{n}"
        for n in [
            "size",
            "dim",
            "ndimension",
            "numel",
            "nelement",
            "element_size",
            "stride",
            "storage_offset",
            "is_contiguous",
            "is_floating_point",
            "is_complex",
            "is_signed",
            "is_same_size",
            "get_device",
            "item",
            "tolist",
            "shape",
            "dtype",
            "device",
            "ndim",
            "is_leaf",
            "requires_grad",
            "itemsize",
            "nbytes",
            "is_cuda",
            "layout",
        ]
    ],
)
def facts(d: Draw) -> str:
    x = d.choose(
        lambda: d.floats("x", d.shape()), lambda: d.integers("x", d.shape(), 0, 3, d.choose("int64", "bool", "uint8"))
    )()
    one = d.floats("one", d.choose((), (1,), (1, 1)), layout="contiguous")
    return d.choose(
        f"{x}.size(), {x}.shape, {x}.dim(), {x}.ndim, {x}.ndimension(), len({x}.shape)",
        f"{x}.numel(), {x}.nelement(), {x}.shape.numel(), {x}.element_size(), {x}.itemsize, {x}.nbytes",
        f"{x}.is_floating_point(), {x}.is_complex(), {x}.is_signed(), {x}.is_same_size({one})",
        f"{x}.dtype, {x}.device, {x}.get_device(), {x}.is_cuda, {x}.requires_grad, {x}.is_leaf, str({x}.layout)",
        f"{x}.contiguous().stride(), {x}.is_contiguous()" if volume(x.shape) else f"{x}.is_contiguous()",
        f"{x}.tolist()",
        f"{one}.item(), float({one}), int({one}), bool({one}), {one}.tolist()",
        f"f'{{{one}.item():.3f}}', '%.3f' % {one}, f'{{{one}.reshape(()):.2f}}'",
        f"{x}.stride(), {x}.storage_offset()"
        if volume(x.shape) > 1 and x.layout != "strided"
        else f"{x}.storage_offset()",
    )


facts.refuses(
    "torch.ones(2).item()",
    "float(torch.ones(2))",
    "bool(torch.ones(2))",
    "len(torch.ones(()))",
    "list(torch.ones(()))",
    "torch.ones(2).size(1)",
    "torch.ones(()).size(0)",
    "[1, 2][torch.tensor(1.0)]",
    "torch.ones(2, requires_grad=True).numpy()",
    "torch.ones(2).nothing",
    "torch.tensor([1]).requires_grad_()",
)


@case("repr")
def repr_(d: Draw) -> str:
    shape = d.choose(d.shape(most=3), (30,), (1001,), (40, 30), (3, 1200), ())
    fill = d.choose("normal", "whole", "zeros", "big", "special", "unit", "positive")
    x = d.choose(
        lambda: d.floats("x", shape, fill), lambda: d.integers("x", shape, *d.choose((-5, 2000), (0, 2), (0, 100000)))
    )()
    scale = (
        d.choose("", " * 1e-7", " * 1e9", " * 1000", " / 3")
        if x.dtype == "float" and fill in ("normal", "whole", "unit")
        else ""
    )
    text = f"repr({x}.detach().cpu(){scale})" if x.dtype == "float" else f"repr({x}.cpu())"
    return d.choose(
        text,
        text,
        f"str({x}.cpu())",
        f"repr({x}.cpu() > 0)",
        f"repr({x}.cpu().to(torch.float64))",
        f"repr({x}.cpu().to(torch.uint8) if {x}.dtype == torch.int64 else {x}.shape)",
    )


@case("copies of a tensor", also=["Tensor.numpy", "from_numpy", "as_tensor", "asarray", "Tensor.__array__"])
def copies(d: Draw) -> str:
    x = d.choose(
        lambda: d.floats("x", d.shape(), "normal|special"),
        lambda: d.integers("x", d.shape(), 0, 2, d.choose("int64", "bool")),
    )()
    return d.choose(
        f"import pickle\ny = pickle.loads(pickle.dumps({x}))\nout = y, y.requires_grad, y is {x}",
        f"import copy\ny = copy.deepcopy({x})\nout = y, y.requires_grad, y is {x}",
        f"import copy\nkept = [{x}, {x}]\ny = copy.deepcopy(kept)\nout = y, y[0] is y[1]",
        f"{x}.detach().cpu().numpy()",
        f"import numpy\nout = numpy.asarray({x}.detach().cpu())",
        f"y = {x}.detach().cpu().clone()\nz = torch.from_numpy(y.numpy())\nout = z, z.data_ptr() == y.data_ptr()",
        f"torch.as_tensor({x}) is {x}",
        f"y = {x}.detach().cpu().clone()\nz = torch.as_tensor(y.numpy(), device='cpu')\n"
        "out = z, z.data_ptr() == y.data_ptr()",
        f"torch.asarray({x}.detach().cpu().numpy(), copy=True)",
        f"torch.tensor({x}.tolist())",
        f"torch.tensor({x}.detach().cpu().numpy())",
    )


copies.refuses(
    "import copy\ncopy.deepcopy(torch.ones(2, requires_grad=True) * 2)",
    "torch.tensor([[1, 2], [3]])",
    "torch.tensor('abc')",
    "torch.tensor([None])",
    "torch.from_numpy([1.0])",
    "import numpy\ntorch.from_numpy(numpy.array(['a']))",
    "import numpy\ntorch.from_numpy(numpy.arange(4)[::-1])",
)


@case(
    "Tensor.backward",
    also=[
        f"Tensor.{n}"
        for n in [
            "grad",
            "grad_fn",
            "retain_grad",
            "retains_grad",
            "register_hook",
            "register_post_accumulate_grad_hook",
            "output_nr",
        ]
    ],
)
def backward(d: Draw) -> str:
    x = d.floats("x", d.shape(), grad=False)
    d.terms = volume(x.shape) or 1
    start = f"leaf = {x}.clone().requires_grad_()\nseen = []\nwith torch.enable_grad():\n    y = leaf * leaf\n"
    return start + d.choose(
        "    y.retain_grad()\n    y.sum().backward()\nout = leaf.grad, y.grad, y.retains_grad, leaf.retains_grad",
        "    y.register_hook(seen.append)\n    y.sum().backward()\nout = leaf.grad, seen",
        "    y.register_hook(lambda g: g * 2)\n    y.sum().backward()\nout = leaf.grad",
        "    leaf.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad * 2))\n    y.sum().backward()\nout = seen",
        "    y.backward(torch.ones_like(y))\n    y = leaf.exp()\n    y.backward(leaf.detach())\nout = leaf.grad",
        "    y.sum().backward(retain_graph=True)\n    y.sum().backward()\nout = leaf.grad",
        "    (y.sum() * 3).backward(inputs=[leaf])\nout = leaf.grad, y.output_nr, y.grad_fn is None, leaf.grad_fn, y.is_leaf",
        "    h = y.register_hook(seen.append)\n    h.remove()\n    y.mean().backward()\nout = leaf.grad, seen",
    )


backward.refuses(
    "torch.ones(2, requires_grad=True).exp().backward()",
    "torch.ones(2).sum().backward()",
    "y = torch.ones(2, requires_grad=True).exp().sum()\ny.backward()\ny.backward()",
    "torch.ones(2, requires_grad=True).exp().backward(torch.ones(3))",
    "torch.ones(2, requires_grad=True).exp().backward([1.0, 1.0])",
    "torch.ones(2).register_hook(print)",
    "torch.ones(2).retain_grad()",
    "torch.ones(2, requires_grad=True).exp().register_post_accumulate_grad_hook(print)",
    "x = torch.ones(2, requires_grad=True)\nx.grad = torch.ones(3)",
    "x = torch.ones(2, requires_grad=True)\nx.grad = 3",
    "torch.ones(2, requires_grad=True).exp().sum().backward(inputs=[])",
)


@case(
    "other memory",
    also=[
        f"Tensor.{n}" for n in ["new", "resize_", "set_", "data_ptr", "H", "is_sparse", "is_quantized", "is_inference"]
    ],
)
def other_memory(d: Draw) -> str:
    x = d.floats("x", d.shape(2, 2, empty=False))
    return d.choose(
        f"{x}.detach().new(2, 3).shape, {x}.detach().new(2).dtype, {x}.detach().new([1, 2])",
        f"y = {x}.detach().clone().contiguous()\ny.resize_({d.integer(1, x.shape[0])}, {x.shape[1]})\nout = y",
        f"torch.empty(0, dtype=dtype).set_({x}.detach())",
        f"{x}.data_ptr() == {x}.detach().data_ptr(), {x}.data_ptr() == {x}.clone().data_ptr()",
        f"{x}.H",
        f"{x}.is_sparse, {x}.is_quantized, {x}.is_inference()",
    )


other_memory.refuses("torch.ones(2, requires_grad=True).resize_(3)", "torch.ones(2, 2, 2).H", "torch.ones(2).set_(3)")


@case("is_nonzero", also=["Tensor.is_nonzero"], exact=True)
def is_nonzero(d: Draw) -> str:
    x = d.integers(
        "x", d.choose((), (1,), (1, 1)), 0, 2, d.choose("float32", "float64", "int64", "int32", "uint8", "bool")
    )
    return d.choose(f"torch.is_nonzero({x})", f"{x}.is_nonzero()")


is_nonzero.refuses("torch.is_nonzero(torch.ones(2))", "torch.is_nonzero(torch.ones(0))")

"""What differs from torch and is still to be mended. When a cause is mended, its entry here goes."""

from __future__ import annotations

from parity.programs.difference import Difference

_TENSOR = "argument '\\w+' \\(position \\d+\\) must be Tensor"

NOT_YET_MENDED: tuple[Difference, ...] = (
    Difference(
        "detach_ of a tensor that retains its gradient",
        "torch keeps `retains_grad`.",
        ("a = torch.tensor([2.0], requires_grad=True) * 2", "a.retain_grad()", "a.detach_()"),
        "retains_grad",
        program=r"detach_\(",
    ),
    Difference(
        "writes to .data of what a backward pass keeps",
        "The gradient depends on which of an op's inputs and results are kept (point 12).",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b = F.logsigmoid(a)",
            "a.data.mul_(2)",
            "b.sum().backward()",
        ),
        "grad values, grad requires_grad, values",
        program=r"\.data\.\w+_\(|\.data = |detach\(\)\.\w+_\(",
    ),
    Difference(
        "floor_divide_ without a derivative",
        "torch has none and refuses the backward pass; minitorch's is zero.",
        (
            "a = torch.tensor([[1.0]], requires_grad=True).prod(1)",
            "a.floor_divide_(torch.tensor([-2.0]))",
            "a.sum().backward(inputs=[a])",
        ),
        "accepts",
        torch=r"derivative for aten::\w+ is not implemented",
    ),
    Difference(
        "retain_grad of a view whose history is refused",
        "torch looks at the history only when it is needed.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "with torch.no_grad(): b = a.narrow(0, 0, 0)",
            "with torch.no_grad(): a.reciprocal_()",
            "b.retain_grad()",
        ),
        "refuses",
        "retain_grad",
        ours="A view's base or another view",
    ),
    Difference(
        "gradients accumulate in place",
        "torch adds to the tensor that was given as `grad`, whoever else views it.",
        (
            "a = torch.tensor([-2.0], requires_grad=True)",
            "a.grad = a.view_as(a)",
            "a.backward(torch.tensor([1.0]))",
        ),
        "values, grad values",
        program=r"\.grad = [\s\S]*backward",
    ),
    Difference(
        "hooks of views that are written to",
        "A hook fires although torch has replaced the history that it was put on (point 2).",
        (
            "a = torch.tensor([[1.0]], requires_grad=True)",
            "b = a.mT",
            "b.register_hook(lambda g: g * 2)",
            "a.requires_grad_(False)",
            "a.sqrt_()",
            "c, = torch.autograd.grad(b.sum(), b)",
        ),
        "values, grad values, type, grad type",
        program="register_hook",
    ),
    Difference(
        "classes of errors",
        "Another class than torch's, where both refuse.",
        (
            "a = torch.tensor([[1.0]], requires_grad=True)",
            "b = -a",
            "torch.arange(3, out=b)",
            "b.sum().backward()",
        ),
        "error type",
    ),
)

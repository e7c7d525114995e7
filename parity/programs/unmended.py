"""What differs from torch and is still to be mended. When a cause is mended, its entry here goes."""

from __future__ import annotations

from parity.programs.difference import Difference

_TENSOR = "argument '\\w+' \\(position \\d+\\) must be Tensor"

NOT_YET_MENDED: tuple[Difference, ...] = (
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

"""What minitorch does not have: the third part of the page of differences."""

from __future__ import annotations

from parity.programs.difference import Difference

_NAME = "has no attribute|is not supported"

MISSING: tuple[Difference, ...] = (
    Difference(
        "bfloat16, float8, unsigned integers of more than 8 bits",
        "NumPy has no such dtypes.",
        ("a = torch.tensor([1.0], dtype=torch.bfloat16)",),
        "refuses",
        r"torch\.(bfloat16|float8|uint(16|32|64))",
        ours=_NAME,
    ),
    Difference(
        "Complex numbers",
        "Their gradients need conjugates in every formula; none of the networks here uses them.",
        ("a = torch.tensor([1j])",),
        "refuses",
        ours="complex",
    ),
    Difference(
        "Forward mode, `vmap`, `is_grads_batched=True`",
        "There is one mode of differentiation, backward, and one gradient at a time; `gradcheck` checks that "
        "alone. `functional.jacobian(..., strategy='forward-mode', vectorize=True)` is accepted, "
        "and goes backward.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b = torch.autograd.grad(a * 2, a, torch.ones(3, 1), is_grads_batched=True)",
        ),
        "refuses",
        r"is_grads_batched|forward_ad|vmap|batched_grad",
        ours=_NAME + "|backward mode alone",
    ),
    Difference(
        "Optimizers with `differentiable=True`",
        "A step writes the parameters in place, in one kernel, and is not recorded; write the update as operations "
        "on tensors to differentiate it.",
        ("a = torch.tensor([1.0], requires_grad=True)", "b = torch.optim.SGD([a], differentiable=True)"),
        "refuses",
        "differentiable",
        ours=_NAME,
    ),
    Difference(
        "Sparse tensors, `embedding(sparse=True)`",
        "NumPy's arrays are dense.",
        ("a = F.embedding(torch.tensor([0]), torch.ones(2, 2), sparse=True)",),
        "refuses",
        "sparse",
        ours=_NAME,
    ),
    Difference(
        "The deprecated order of arguments `add(input, alpha, other)`",
        "torch still accepts a factor before the tensor in `add`, `sub`, `addcmul`, `addcdiv` and `addmm`, with a "
        "warning. minitorch has only the keywords `alpha`, `beta` and `value`.",
        ("a = torch.add(torch.ones(2), 2, torch.ones(2))",),
        "refuses",
        r"add|sub",
        ours="takes|must be|positional",
    ),
    Difference(
        "`scatter(reduce='multiply')`",
        "torch has deprecated it, and has no gradient for it.",
        ("a = torch.zeros(2).scatter(0, torch.tensor([0]), 2.0, reduce='multiply')",),
        "refuses",
        "reduce=",
        ours=_NAME,
    ),
    Difference(
        "The meta device, quantization, `torch.jit`, `torch.compile`, `torch.fx`, `torch.fft`",
        "They are not part of an autograd engine. `parity surface` lists all names that are missing.",
        ("a = torch.fft.fft(torch.ones(2)).real",),
        "refuses",
        ours=r"has no attribute '(compile|jit|fx|fft|quantize\w*)'|Expected one of cpu",
    ),
    Difference(
        "Memory formats",
        "Only strides describe a layout; there is no `channels_last` that operations preserve.",
        ("a = torch.zeros(1, 1, 1, 1).to(memory_format=torch.channels_last)",),
        "refuses",
        "memory_format|channels_last",
        ours=_NAME,
    ),
)

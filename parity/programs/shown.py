"""What only looks different: strides, views, flags and names, the fourth part of the page of differences."""

from __future__ import annotations

from parity.programs.difference import Difference
from parity.programs.memory import EMPTY

SHOWN: tuple[Difference, ...] = (
    Difference(
        "Strides of dimensions of size 0 and 1 in results",
        "They lead to no element. New tensors and views have torch's. In results torch's depend on which of its "
        "loops ran; those of NumPy's arrays are 0 if there are no elements, and follow from the other dimensions.",
        ("a = torch.zeros((0, 3))", "b = a.T + 1"),
        "stride, grad stride",
        torch=r"shape \(([01],|.* [01][,)])",
    ),
    Difference(
        "The warning about the layout of a `grad` without elements",
        "torch compares the strides of a `grad` with those of its tensor before it adds to it, and warns if they "
        "differ; as above, those of a tensor without elements may.",
        (
            "a = torch.zeros((4, 0), requires_grad=True)",
            "b, = torch.autograd.grad(a.sum(), a)",
            "a.grad = b",
            "a.backward(b)",
        ),
        "warns",
        "backward",
        torch="gradient layout contract",
        past="found: (grad )?stride",
    ),
    Difference(
        "The memory order of results of operands in different orders",
        "torch gives the result, or the gradient, the order of the first operand whose strides tell one, NumPy "
        "row-major order. minitorch leaves it to NumPy: to look at the strides of every operand would slow down "
        "each operation on small tensors. For the same reason the gradient of a transposed operand of a matrix "
        "product is row-major; torch's is transposed too.",
        ("a = torch.tensor([[1.0, 0.0], [0.0, 1.0]])", "b = a.T + a"),
        "stride, grad stride, values, offset, grad offset, accepts, warns",
        torch=r"^(True|False)$|^\(|^\d|view size is not compatible|no warning|gradient layout contract",
        program=r"\.m?T\b|\.t\(|transpose|permute|movedim|moveaxis|swap|unfold|diagonal|nonzero|expand|broadcast"
        "|einsum|@|matmul",
    ),
    Difference(
        "A result with such strides that is written and read",
        "Whether a tensor may be written while it is read depends on its strides; a gradient of one element may be "
        "expanded in torch, and not in minitorch.",
        (
            "a = torch.tensor([-2.0], requires_grad=True)",
            "b, = torch.autograd.grad(a.sum(), a)",
            "b[::2] = b",
        ),
        "refuses",
        ours="refer to a single memory location",
        past="found: (grad )?stride",
    ),
    Difference(
        "Random numbers drawn into such results",
        "Both libraries draw in the order of the memory, which differs.",
        (
            "a = torch.tensor([[1.0, 0.0], [0.0, 1.0]])",
            "b = a.T + a",
            "c = torch.rand_like(b)",
        ),
        "values",
        program=r"rand_like|uniform_|normal_|dropout|bernoulli",
        past="found: (grad )?stride",
    ),
    Difference(
        "Where the memory of a gradient begins",
        "The gradient of an empty tensor, or of one operand of `stack`, may be a view of another tensor than in "
        "torch. Its numbers and its shape are the same.",
        (
            "a = torch.zeros((2, 0, 3), requires_grad=True)",
            "b, = torch.autograd.grad(a.sum(), a)",
            "c = b.chunk(2, 0)[-1]",
        ),
        "offset, grad offset",
        program=r"autograd\.grad|backward",
    ),
    Difference(
        "Where the memory of a result without elements begins",
        "It follows from the strides of what it is a view of; as above, they may differ.",
        (
            "a = torch.zeros((4, 0, 1)).ge(torch.zeros((0, 1)))",
            "b = a.chunk(2, 0)[-1]",
        ),
        "offset",
        torch=r"shape \(.*\b0\b",
        past="found: stride",
    ),
    Difference(
        "The strides of the gradient of a view whose base was written to",
        "torch computes it from the strides of the view, and it has its own memory. minitorch applies the view's "
        "operations to the base again, whose gradients may be expanded.",
        (
            "a = torch.ones((2, 3), requires_grad=True) * 1",
            "b = a[...]",
            "a *= 2",
            "c, = torch.autograd.grad(b.sum(), a)",
        ),
        "stride, grad stride, refuses, warns",
        ours=r"^\(|^\d|^(True|False)$|more than one element of the written-to tensor|expanded tensors is deprecated",
        program=r"(\w_\(| [-+*/]= |\] = )[\s\S]*(autograd\.grad|backward)",
    ),
    Difference(
        "Whether a gradient is a view",
        "torch's gradients of sums and of views are views of other gradients, which no program sees. A gradient of "
        "minitorch is one only if its elements share memory; every other one may be written to.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b, = torch.autograd.grad(a.sum(), a)",
            "b.mul_(a)",
        ),
        "accepts, requires_grad, is_leaf, has grad_fn",
        program=r"autograd\.grad[\s\S]*(\w_\(| [-+*/]= |\] = )",
        past="A view was created in no_grad mode and|created in no_grad mode and its base|Can't detach views in-place",
    ),
    Difference(
        "`detach_()` of a gradient",
        "It is refused for views, and gradients that are recorded may be views in either library.",
        (
            "a = torch.tensor([2.0], requires_grad=True)",
            "b = a.take(torch.tensor([0]))",
            "c, = torch.autograd.grad(b.mean(), a, create_graph=True)",
            "c.detach_()",
        ),
        "refuses",
        r"detach_\(",
        ours="Can't detach views",
        program="autograd.grad",
    ),
    Difference(
        "`requires_grad_()` of a gradient, or of a result of `einsum`",
        "As torch's gradient of a sum, and a result of `einsum`, is a view, views of it do not require a gradient when "
        "it is made to. In minitorch they do, unless its elements share memory.",
        (
            "a = torch.zeros(0, requires_grad=True)",
            "b, = torch.autograd.grad(a.sum(), a)",
            "c = b.expand((3, 0))",
            "b.requires_grad_()",
        ),
        "requires_grad, is_leaf, has grad_fn",
        torch="^False",
        ours="^True",
        program=r"(autograd\.grad|einsum)[\s\S]*\.requires_grad(_\(| = )",
    ),
    Difference(
        "A gradient that `grad` is given and returns",
        "Where it passes through unchanged, torch may return the given tensor itself, or a view of it. minitorch may "
        "return another tensor on the same memory.",
        (
            "a = torch.ones(2, requires_grad=True)",
            "b = a.expand(2)",
            "c = b.exp()",
            "d, = torch.autograd.grad(b, a, c)",
        ),
        "requires_grad, is_leaf, has grad_fn, grad type",
        program=r"autograd\.grad\(\w, .*, [a-z]\b",
    ),
    Difference(
        "Whether a hook and `grad` get the same tensor",
        "torch gives a hook the tensor that `grad` returns, the gradient that it was given, or the tensor that becomes "
        "the `grad` of a leaf, to which the next pass adds. minitorch may give it another tensor on the same memory, "
        "for which `requires_grad_()` is of no consequence, or a copy.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "a.register_hook(lambda g: seen.append(g))",
            "b, = torch.autograd.grad(a.sum(), a)",
            "b.requires_grad_()",
        ),
        "requires_grad, is_leaf, values",
        program=r"seen\.append\(g\)[\s\S]*(autograd\.grad|backward\([a-z]\b|backward\([\s\S]*backward\()",
    ),
    Difference(
        "Which constant gradients are recorded",
        "torch records the gradient of a bias together with the other gradients of normalization and of transposed "
        "convolution, and all those of `batch_norm` with running statistics, though they change with no input. "
        "minitorch does not: they do not require a gradient.",
        (
            "a = torch.ones((2, 3), requires_grad=True)",
            "b = torch.ones(3, requires_grad=True)",
            "c = F.layer_norm(a, (3,), None, b)",
            "d, = torch.autograd.grad(c.sum(), b, create_graph=True)",
        ),
        "requires_grad, has grad_fn, is_leaf",
        program=r"(_norm|conv_transpose\dd)\([\s\S]*create_graph=True",
    ),
    Difference(
        "Whether the gradient of a tensor without elements is recorded",
        "A copy of no elements is not recorded by torch, so that gradients which pass through it do not require a "
        "gradient.",
        (
            "a = torch.zeros((2, 0), requires_grad=True)",
            "b = a * 1",
            "b[...] += 1.0",
            "c, = torch.autograd.grad(b.square().sum(), a, create_graph=True)",
        ),
        "requires_grad, has grad_fn, is_leaf, grad requires_grad, grad has grad_fn, grad is_leaf",
        torch=r"\(shape ",
        program="create_graph=True",
    ),
    Difference(
        "Whether zeros that have come through a tensor without elements are recorded",
        "After a write to its base, torch computes the gradient of a view of no elements by a copy, which it does not "
        "record.",
        (
            "a = torch.ones(2, requires_grad=True)",
            "b = a * 1",
            "c = b.expand((0, 2))",
            "b.add_(1)",
            "d, = torch.autograd.grad(c.square().sum(), a, create_graph=True)",
        ),
        "requires_grad, has grad_fn, is_leaf, grad requires_grad, grad has grad_fn, grad is_leaf",
        torch="^False",
        ours="^True",
        program="create_graph=True",
        past=EMPTY,
    ),
    Difference(
        "Inference tensors that require a gradient",
        "Operations on inference tensors alone are never recorded. Together with other tensors torch treats one "
        "that requires a gradient as a variable; in minitorch it is a constant.",
        ("with torch.inference_mode(): a = torch.ones(1, requires_grad=True)", "b = torch.ones(1) + a"),
        "requires_grad, has grad_fn, is_leaf, refuses, accepts, inference",
        program=r"inference_mode\(\): .*requires_grad|inference_mode\(\)[\s\S]*\.data = ",
    ),
    Difference(
        "A tensor of another dtype in `data`",
        "Gradients have the dtype of the tensor. In torch those of operations that were recorded before have the "
        "old one, also in `grad`.",
        (
            "a = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)",
            "b = a * 1",
            "a.data = torch.tensor([1.0])",
            "b.sum().backward()",
        ),
        "dtype, grad dtype, values, grad values, type, grad type, accepts, warns",
        program=r"\.data = ",
    ),
    Difference(
        "The class of a tensor",
        "It prints as `minitorch.Tensor`, and `grad_fn` has the name of minitorch's operation. Where torch "
        "computes the same result with other operations, its `grad_fn` has another name.",
        ("a = repr(type(torch.tensor(1.0)))",),
        "values",
        torch="torch.Tensor",
        ours="minitorch._tensor.Tensor",
    ),
)

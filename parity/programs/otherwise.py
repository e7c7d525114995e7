"""What torch computes otherwise: in an order that depends on memory and loops, or by a formula that is wrong.

This is the second part of the page of differences.
"""

from __future__ import annotations

from parity.programs.difference import Difference
from parity.programs.memory import COMPUTES, READS, RESHAPES, RESHAPES_RECORDED, SHARED

OTHERWISE: tuple[Difference, ...] = (
    Difference(
        "A write that fails on an inference tensor",
        "torch refuses an in-place write to an inference tensor only after writing. minitorch refuses it before: "
        "the tensor is unchanged.",
        ("with torch.inference_mode(): a = torch.tensor([1.0])", "a.add_(1)"),
        "values, dtype, shape, stride, grad values, accepts",
        past="Inplace update to inference tensor",
    ),
    Difference(
        "A write that fails half-way",
        "If an in-place call fails because of a division by zero or an index out of bounds, torch has already "
        "written some elements. minitorch writes all or nothing.",
        ("a = torch.tensor([3, 0])", "a.remainder_(a)"),
        "values, shape",
        past="ZeroDivisionError|result dtype|have (the )?same dtype|size mismatch|index -?\\d+ is out of bounds|"
        "can't be cast to the desired output type|"
        'Expected out tensor to have dtype|"\\w+" not implemented',
    ),
    Difference(
        "A write that reads the memory that it writes",
        "torch refuses most of these, but not all: of `a.add_(a.diagonal())` and of "
        "`a.masked_scatter_(mask, a)` it computes some elements from elements that it has just written. "
        "minitorch reads everything first.",
        ("a = torch.tensor([[1.0, 2.0], [2.0, 1.0]])", "a.add_(a.diagonal())"),
        "values, grad values, shape",
        past=READS,
    ),
    Difference(
        "Writes that the graph does not notice",
        "Neither library notices writes to `.data` of a tensor that a backward pass needs. The gradient is then "
        "computed from the new numbers if the operation has saved that tensor, and not otherwise. Some operations "
        "of minitorch save their input where torch saves the result, or the other way round.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b = F.logsigmoid(a)",
            "a.data.mul_(2)",
            "b.sum().backward()",
        ),
        "grad values, grad requires_grad, values",
        program=r"\.data\.\w+_\(|\.data = |detach\(\)\.\w+_\(|"
        r"(\w) = \w\.(?:data|detach\(\))[\s\S]*\b\1(?:\.\w+_\(|\[.*\] [-+*/]?= | [-+*/]= )",
    ),
    Difference(
        "The `grad` of a tensor that is marked dirty",
        "torch forgets it when an `autograd.Function` marks the tensor with `ctx.mark_dirty`. minitorch keeps it.",
        (
            "a = torch.tensor([1.0], requires_grad=True).square()",
            "a.sum().backward(inputs=[a])",
            "b = type('Double', (torch.autograd.Function,), {'forward': staticmethod(lambda ctx, x: "
            "(ctx.mark_dirty(x), x.mul_(2))[1]), 'backward': staticmethod(lambda ctx, g: g * 2)}).apply(a)",
        ),
        "grad type",
        program="mark_dirty",
    ),
    Difference(
        "A backward pass that fails",
        "torch adds to the `grad` of a leaf as soon as all parts of its gradient have arrived, minitorch after the "
        "pass. So if the pass fails half-way, nothing has been added and no hook of a leaf has run; and a hook of a "
        "tensor that is no leaf finds no `grad` that the same pass has filled.",
        (
            "a = torch.ones(2, requires_grad=True)",
            "b = torch.ones(2, requires_grad=True)",
            "c = a.exp()",
            "d = c * 2 + b",
            "with torch.no_grad(): c.zero_()",
            "d.sum().backward()",
        ),
        "grad type, grad values, values",
        program="backward",
        past="modified by an inplace operation|backward through the graph a second time|element 0|out of bounds",
    ),
    Difference(
        "Third derivatives of `layer_norm` and `batch_norm`",
        "torch's are wrong: its formula for the second derivative takes the saved mean and scale for constants. "
        "They differ from finite differences of the second derivative. minitorch's agree with these.",
        (
            "a = torch.tensor([[1.0, 2.0, 4.0]], dtype=torch.float64, requires_grad=True)",
            "b = F.layer_norm(a, (3,))",
            "c, = torch.autograd.grad(b[0, 0], a, create_graph=True)",
            "d, = torch.autograd.grad(c[0, 0], a, create_graph=True)",
            "e, = torch.autograd.grad(d[0, 0], a)",
        ),
        "values, grad values",
        program=r"(layer|batch)_norm\([\s\S]*create_graph=True[\s\S]*create_graph=True",
    ),
    Difference(
        "`retain_grad` before the shape is changed in place",
        "In torch the kept gradient has the old shape, unlike the tensor, and the next in-place write fails by an "
        "internal assertion; `autograd.grad` of the tensor keeps nothing. In minitorch it has the shape of the tensor, "
        "and is not added to one of the old shape.",
        (
            "a = torch.ones((2, 3), requires_grad=True) * 1",
            "a.retain_grad()",
            "a.t_()",
            "a.sum().backward()",
        ),
        "grad type, grad shape, grad values, grad stride, accepts, refuses",
        program=r"(?:(\w)\.retain_grad\(\)|inputs=\[(\w)\])[\s\S]*(?:\1|\2)\.((un)?squeeze_|t_|transpose_|swap\w+_)\(|"
        r"(\w)\.((un)?squeeze_|t_|transpose_|swap\w+_)\([\s\S]*inputs=\[\5\]",
    ),
    Difference(
        "A leaf whose shape is changed in place after it was used",
        "torch's gradient has the old shape, also in `grad`, or its backward pass fails. minitorch refuses the pass.",
        (
            "a = torch.ones((2, 1), requires_grad=True)",
            "b = a * 2",
            "with torch.no_grad(): a.squeeze_(-1)",
            "c, = torch.autograd.grad(b.sum(), a)",
        ),
        "refuses, error type, shape, grad shape",
        "backward|grad",
        ours=r"has been changed in place since it was used|^\(",
        program=r"\.((un)?squeeze_|t_|transpose_|swap\w+_)\(",
    ),
    Difference(
        "A change of shape under `no_grad`",
        "torch does not record it: a gradient in the new shape is then taken for one in the old shape, in the example "
        "without being transposed. minitorch gives it the old shape.",
        (
            "a = torch.ones(1, requires_grad=True)",
            "b = a * torch.tensor([[1.0, 2.0], [3.0, 4.0]])",
            "with torch.no_grad(): b.t_()",
            "c, = torch.autograd.grad(b, a, torch.tensor([[1.0, 1.0], [0.0, 0.0]]))",
        ),
        "values, grad values, type, accepts, error type",
        program=r"(no_grad|set_grad_enabled|inference_mode)[\s\S]*\.((un)?squeeze_|t_|transpose_|swap\w+_)\([\s\S]*"
        r"(backward|grad)\(",
    ),
    Difference(
        "An inference tensor as the gradient of `backward`",
        "torch may use it as the `grad` of a leaf, which is then an inference tensor too. minitorch keeps a copy.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b = a.movedim(0, -1)",
            "with torch.inference_mode(): c = torch.ones(1)",
            "b.backward(c)",
        ),
        "grad inference, grad type, refuses",
        ours="True|False|None|Inplace update to inference tensor",
        program=r"inference_mode[\s\S]*\.backward\([a-z]\b|\.backward\([a-z]\b[\s\S]*inference_mode",
    ),
    Difference(
        "The gradient of `addcmul` with an integer factor",
        "torch multiplies the integers by `value` in float32. minitorch multiplies in the dtype of the gradient.",
        (
            "a = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)",
            "b = torch.addcmul(a, a, torch.tensor([3]), value=1.12)",
            "b.sum().backward()",
        ),
        "values, grad values",
        program="addcmul.*value=",
    ),
    Difference(
        "Second derivatives of `atan2` with equal operands",
        "They are 0. torch's terms cancel to exactly 0; minitorch's are divided in another order, and cancel to a "
        "rounding error of the terms.",
        (
            "a = torch.tensor([[-0.76, -0.5], [0.3, -1.09]], requires_grad=True)",
            "b = a.atan2(a)",
            "c, = torch.autograd.grad(b.square().sum(), a, create_graph=True)",
            "d, = torch.autograd.grad((b * c).sum(), a)",
        ),
        "values, grad values",
        program=r"(\w)\.atan2\(\1\)|atan2\((\w), \2\)",
    ),
    Difference(
        "The gradient of `atan2` with unsigned integers",
        "torch's formula negates the integers, which wraps. minitorch's is that of the same numbers in floating point.",
        (
            "a = torch.tensor([2.0], requires_grad=True)",
            "b = torch.atan2(torch.tensor([1], dtype=torch.uint8), a)",
            "c, = torch.autograd.grad(b.sum(), a)",
        ),
        "values, grad values",
        program=r"uint8[\s\S]*atan2|atan2.*uint8",
    ),
    Difference(
        "A gradient that is given to `backward`",
        "torch may use the same tensor as the `grad` of a leaf, and add to it in the next pass: in the example `a` "
        "itself changes. minitorch keeps a copy.",
        (
            "a = torch.tensor([[-2.0]], requires_grad=True)",
            "b = a.movedim(-2, -1)",
            "b.backward(a)",
            "a.sum().backward()",
        ),
        "values, grad values, accepts, has grad_fn",
        program=r"\.backward\([a-z]\b\)$|\.backward\([a-z]\b[\s\S]*(backward\(|\w_\(| [-+*/]= |\] = |out=)|"
        r"post_accumulate[\s\S]*\.backward\([a-z]\b",
    ),
    Difference(
        "The sign of a zero from `maximum`, `minimum`, `clamp`, `relu6` and products of matrices",
        "Of 0 and -0, which are equal, torch returns the first or the second, depending on which of its loops computes "
        "the element; NumPy's loops are others. Sums of products start from 0 in torch, so that a single -0 gives 0.",
        (
            "a = torch.maximum(torch.tensor([-0.0]), torch.tensor([0.0]))",
            "b = 1 / a",
        ),
        "values, grad values",
        program=r"(max|min|clamp|relu6|hardtanh|@|matmul|outer|einsum)[\s\S]*(/|\*\*|div|pow|reciprocal|atan2|rsqrt|log|remainder|fmod)",
        torch=r"inf|3\.14|nan|1\.57|0\.0",
    ),
    Difference(
        "The gradient of `hardtanh` and `relu6` at NaN",
        "In torch it is 0 or the incoming gradient, depending on the position of the element in the array. In "
        "minitorch it is the incoming gradient.",
        (
            "a = torch.full((64,), nan, requires_grad=True)",
            "b = F.relu6(a)",
            "b.sum().backward()",
        ),
        "values, grad values",
        program=r"(hardtanh|relu6)\([\s\S]*(backward|grad)",
    ),
    Difference(
        "Which of equal numbers `topk` takes",
        "torch's choice depends on its algorithm and on the number of elements; minitorch's algorithm is "
        "another one. The values are the same, their indices and gradients are not.",
        (
            "a = torch.tensor([[-2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [2.0, 1.0, -2.0], [1.0, 1.0, 1.0]])",
            "b = a.topk(1, 0)[1]",
        ),
        "values, grad values",
        program=r"topk",
    ),
    Difference(
        "In-place comparisons are not recorded",
        "`a.eq_(b)` and similar methods have no gradient. In torch they make `a` require a gradient if `b` does, "
        "even for integers.",
        ("a = torch.tensor([3])", "a.eq_(torch.tensor([1.0], requires_grad=True))"),
        "requires_grad, has grad_fn, is_leaf, refuses, accepts, error type, grad requires_grad",
        program=r"\.(eq|ne|lt|le|gt|ge)_\(",
    ),
    Difference(
        "Writes to booleans and integers are not recorded",
        "A boolean or an integer has no gradient. In torch `fill_`, `masked_fill_` and an assignment make a tensor "
        "of them require a gradient if the value does.",
        ("a = torch.tensor([True])", "a[a] = torch.tensor(1.0, requires_grad=True)"),
        "requires_grad, has grad_fn, is_leaf, refuses, accepts",
        torch=r"\(dtype (bool|u?int)|no error|Autograd not support dtype|^True",
        ours="^(False|True)$|(does not|doesn't) require grad|requires_grad=False|no error",
        program=r"(int|bool|arg|count|nonzero|True|False|>|<|eq|ne|lt|le|gt|ge)[\s\S]*(\] = |fill_\()|"
        r"tensor\([-\d\[\], ]*\)[\s\S]*(\] = |fill_\()",
    ),
    Difference(
        "`bernoulli` with a number for the probability",
        "The result does not depend on the numbers of the tensor. In torch it requires a gradient if the tensor "
        "does, but a backward pass is refused: the derivative is not implemented.",
        ("a = torch.tensor([1.0], requires_grad=True)", "b = torch.bernoulli(a, 0.5)"),
        "requires_grad, has grad_fn, is_leaf, refuses, accepts",
        program=r"bernoulli\(",
    ),
    Difference(
        "`matmul` and reductions into one of their operands",
        "torch overwrites `out` while it still reads it, sets it to zero or gives it another shape first, and "
        "returns wrong numbers or fails. minitorch computes the result first.",
        ("a = torch.tensor([2.0])", "torch.matmul(a, torch.tensor([[3.0]]), out=a)"),
        "values, shape, stride, accepts, refuses, warns, grad values",
        past=COMPUTES,
    ),
    Difference(
        "Writes to elements that share memory",
        "torch refuses them for expanded tensors, but not for those of `unfold` and not in all functions; what it "
        "then writes depends on the order in which its loops visit the elements. minitorch refuses them, unless it "
        "is one number that is written, and the write is not recorded.",
        ("a = torch.ones(3).unfold(0, 2, 1)", "a.atan_()"),
        "refuses, accepts, error type, warns, values, grad values",
        past=SHARED,
        ours="more than one element of the written-to tensor|refer to a single memory location|no warning|no error|"
        "^-?\\d|^\\[|expanded tensors is deprecated",
    ),
    Difference(
        "`out=` that gives a view, or what is viewed, another shape",
        "In torch it stays a view. If it needs more memory than there is, torch makes the storage larger, which other "
        "tensors go on viewing. NumPy's arrays do not grow: in minitorch the tensor then gets memory of its own. It is "
        "no view any more.",
        (
            "a = torch.tensor([2.0])",
            "b = a.view(-1)",
            "torch.cat([torch.tensor([3.0]), torch.tensor([4.0])], out=b)",
        ),
        "values, refuses, accepts, requires_grad, has grad_fn, is_leaf, shape, error type",
        past=RESHAPES,
    ),
    Difference(
        "`out=` that gives another shape to a tensor that requires a gradient",
        "torch goes on using the old shape for gradients: they are summed to it, are refused, or have the wrong shape. "
        "minitorch passes them on in the new shape, or refuses the backward pass.",
        (
            "a = torch.ones((1, 1), requires_grad=True)",
            "b = a.repeat_interleave(2, 0)",
            "torch.eq(torch.ones((2, 2)), torch.ones((2, 2)), out=b)",
            "b.square().sum().backward()",
        ),
        "accepts, refuses, error type, values, grad values, shape, grad shape, grad type",
        past=RESHAPES_RECORDED,
    ),
    Difference(
        "NumPy arrays that are read-only",
        "torch makes a tensor of one, with a warning, and writes to it. minitorch refuses the write.",
        (
            "a = np.ones(3)",
            "a.flags.writeable = False",
            "b = torch.from_numpy(a)",
            "b.add_(1)",
        ),
        "refuses, warns",
        ours="read-only|no warning",
        program="writeable = False",
    ),
)

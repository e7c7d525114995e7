"""What differs from torch on purpose, each with its reason; ``docs/differences.md`` is made from this."""

from __future__ import annotations

from parity.programs.difference import Difference

ACCEPTED = "What torch refuses and minitorch computes"
MISSING = "What minitorch does not have"
SHOWN = "What looks different"

_NAME = "has no attribute|is not supported"

DIFFERENCES: dict[str, tuple[Difference, ...]] = {
    ACCEPTED: (
        Difference(
            "Writing to what `unbind`, `split` and `chunk` return",
            "torch refuses an in-place write to one of several views made by one function, where a gradient is "
            "required: it cannot rebuild the graph of one of several results. minitorch can; the gradients are those "
            "of the same write to a view made by indexing.",
            ("a = torch.tensor([[1.0], [2.0]], requires_grad=True) * 1", "b = a.unbind(0)[0]", "b.neg_()"),
            "accepts, has grad_fn",
            torch="the output of a function that returns multiple views",
        ),
        Difference(
            "A NumPy array beside an operator",
            "torch leaves the operator to NumPy, and the result depends on the operator and the flags of the tensor. "
            "In minitorch the array counts as a constant tensor, on either side, also if the tensor requires a "
            "gradient; the dtype of the result is NumPy's for these operands.",
            ("a = np.ones(2) + torch.ones(2)",),
            "accepts",
            torch="Concatenation operation is not implemented",
        ),
        Difference(
            "`None` as a dimension",
            "In torch `max`, `min`, `median`, `prod` and `squeeze` refuse it, all other reductions take it for all "
            "dimensions. In minitorch it has that meaning everywhere.",
            ("a = torch.ones(2, 3).max(None)",),
            "accepts",
            r"\.(max|min|median|prod|squeeze)\((.*, )?(dim=)?None",
            torch="NoneType",
        ),
        Difference(
            "`scatter` and `scatter_add` with a source larger than the index",
            "torch computes the result, but its backward pass fails because the gradient has the shape of the index. "
            "minitorch's gradient has the shape of the source, with zeros where nothing was taken.",
            (
                "a = torch.ones((2, 2), requires_grad=True)",
                "b = torch.zeros((2, 2)).scatter(0, torch.tensor([[1]]), a)",
                "b.sum().backward()",
            ),
            "accepts",
            torch=r"Scatter(Add)?Backward\d returned an invalid gradient",
        ),
        Difference(
            "A write that fails on an inference tensor",
            "torch refuses an in-place write to an inference tensor only after writing. minitorch refuses it before: "
            "the tensor is unchanged.",
            ("with torch.inference_mode(): a = torch.tensor([1.0])", "a.add_(1)"),
            "values, dtype, shape, stride, grad values",
            past="Inplace update to inference tensor",
        ),
        Difference(
            "A write that fails half-way",
            "If an in-place call fails because of a division by zero or an index out of bounds, torch has already "
            "written some elements. minitorch writes all or nothing.",
            ("a = torch.tensor([3, 0])", "a.remainder_(a)"),
            "values, shape",
            past="ZeroDivisionError|index -?\\d+ is out of bounds|can't be cast to the desired output type",
        ),
        Difference(
            "A write that reads the memory that it writes",
            "torch refuses most of these, but not all: of `a.add_(a.diagonal())` and of "
            "`a.masked_scatter_(mask, a)` it computes some elements from elements that it has just written. "
            "minitorch reads everything first.",
            ("a = torch.tensor([[1.0, 2.0], [2.0, 1.0]])", "a.add_(a.diagonal())"),
            "values",
            program=r"\w\.\w+_\(\w\.diagonal\(|diagonal\([\s\S]*\w\.\w+_\(.*\w\)|"
            r"(?:diagonal|unbind|\bt\(|\.m?T\b|transpose|permute)[\s\S]*\b[a-z] [-+*/]= [a-z]\b|"
            r"(\w)\.masked_scatter_\(.*\b\1\)|(\w)\.(expand|view|unbind)[\s\S]*\b\2(\.masked_scatter_\(| [-+*/]= )",
        ),
        Difference(
            "The gradient of the value of `index_fill` with negative indices",
            "torch's backward pass fails, as it takes the numbers for those of `index_select`. minitorch's is the sum.",
            (
                "a = torch.tensor(1.0, requires_grad=True)",
                "b = torch.zeros(2).index_fill(0, torch.tensor([-1]), a)",
                "b.sum().backward()",
            ),
            "accepts",
            torch="index out of range in self",
            program="index_fill",
        ),
        Difference(
            "Operations that save less",
            "torch refuses a backward pass after an in-place write to a saved tensor, even if the gradients do not "
            "need it: the input of pooling, padding, interpolation, normalization, convolution, `median`, `nansum`, "
            "`nan_to_num`, `gather` and losses, the exponent of `pow`. minitorch saves only what the gradients need.",
            ("a = torch.tensor([2.0], requires_grad=True)", "b = a ** a.detach()", "b += 1", "b.sum().backward()"),
            "accepts",
            torch="modified by an inplace operation|backward through the graph a second time",
            statement=r"backward\(|autograd\.grad",
        ),
        Difference(
            "`backward(inputs=)` at a result of an operation without a derivative",
            "torch runs the backward step of the operation that made a requested tensor, though nothing needs its "
            "result, and fails if there is no such step. minitorch does not run it.",
            (
                "a = torch.ones(1, requires_grad=True).prod(0, keepdim=True)",
                "b = torch.floor_divide(a, 2)",
                "b.sum().backward(inputs=[b])",
            ),
            "accepts",
            r"inputs=|autograd\.grad",
            torch=r"derivative for aten::\w+ is not implemented",
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
            program=r"\.data\.\w+_\(|\.data = |detach\(\)\.\w+_\(",
        ),
        Difference(
            "A view made under `no_grad` of memory that was written to, converted to integers",
            "Using such a view in a recorded operation is refused. torch does not record a conversion to integers; "
            "minitorch looks at the operation only, not at the dtype of its result.",
            (
                "a = torch.tensor([1.0], requires_grad=True)",
                "with torch.no_grad(): b = a[:]",
                "with torch.no_grad(): a.ceil_()",
                "c = b.long()",
            ),
            "refuses",
            ours="A view's base or another view of its base has been modified",
            statement=r"\.(long|to|bool|int)\(",
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
            "pass. So if the pass fails half-way, nothing has been added; and a hook of a tensor that is no leaf finds "
            "no `grad` that the same pass has filled.",
            (
                "a = torch.ones(2, requires_grad=True)",
                "b = torch.ones(2, requires_grad=True)",
                "c = a.exp()",
                "d = c * 2 + b",
                "with torch.no_grad(): c.zero_()",
                "d.sum().backward()",
            ),
            "grad type, grad values",
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
            "NumPy arrays without dimensions in the place of numbers",
            "NumPy's functions return scalars or arrays without dimensions, and torch accepts the scalars alone. "
            "minitorch takes both as numbers.",
            ("a = torch.zeros(2).fill_(np.array(1.5))",),
            "accepts",
            r"np\.",
            torch="must be (Number|Tensor)|invalid combination of arguments|only supports",
        ),
        Difference(
            "Which of several mistakes in a call is told",
            "torch checks arguments, dimensions, shared memory and the graph in an order that differs from function to "
            "function; if a call has two mistakes, minitorch may raise the error for the other one.",
            ("a = torch.tensor([1.0])", "b = a.narrow(-2, 0, -1)"),
            "error type",
            ours="Dimension out of range|out of bounds|share|single memory location|inference tensor|"
            "Autograd not support dtype|the same dtype",
        ),
        Difference(
            "`clamp` with bounds that are larger than the tensor",
            "torch's backward pass fails, as its gradient has the shape of the bounds. minitorch sums it.",
            (
                "a = torch.tensor([1.0], requires_grad=True)",
                "b = torch.clamp(a, torch.tensor([-1.0, 1.0]), a)",
                "b.sum().backward()",
            ),
            "accepts",
            torch="doesn't match the broadcast shape",
            program="clamp",
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
            "values, grad values, grad inference",
            program=r"\.backward\([a-z]\b\)$|\.backward\([a-z]\b[\s\S]*(backward|zero_|mul_)\(|post_accumulate[\s\S]*\.backward\([a-z]\b",
        ),
        Difference(
            "The gradients of `logaddexp` and `pow` with booleans",
            "torch's formula subtracts booleans, which torch refuses. minitorch's gradient is the same as for zeros "
            "and ones.",
            (
                "a = torch.tensor(0.0, requires_grad=True)",
                "b = torch.logaddexp(a, torch.tensor([True]))",
                "b.sum().backward()",
            ),
            "accepts",
            torch="with a bool tensor is not supported",
            program="logaddexp|pow|\\*\\*",
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
            "requires_grad, has grad_fn, is_leaf, refuses, grad requires_grad",
            program=r"\.(eq|ne|lt|le|gt|ge)_\(",
        ),
        Difference(
            "Writes to booleans and integers are not recorded",
            "A boolean or an integer has no gradient. In torch `fill_`, `masked_fill_` and an assignment make a tensor "
            "of them require a gradient if the value does.",
            ("a = torch.tensor([True])", "a[a] = torch.tensor(1.0, requires_grad=True)"),
            "requires_grad, has grad_fn, is_leaf, refuses, accepts",
            torch="True|False|no error|Autograd not support dtype",
            ours="False|True|does not require grad|no error",
            program=r"(int|bool|arg|count|True|False|>|<|eq|ne|lt|le|gt|ge)[\s\S]*(\] = |fill_\()",
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
            "values, shape, stride, accepts, warns",
            program=r"torch\.(matmul|sum|mean)\((\w)\b.*out=\2\)|torch\.matmul\(.*, (\w), out=\3\)|"
            r"(\w) = .*\b(\w)\b[\s\S]*torch\.(sum|mean|matmul)\(\4, .*out=\5\)|"
            r"(\w) = .*\b(\w)\b[\s\S]*torch\.(sum|mean|matmul)\(\8, .*out=\7\)",
        ),
        Difference(
            "Writes to elements that share memory",
            "torch refuses them for expanded tensors, but not for those of `unfold` and not in all functions; what it "
            "then writes depends on the order in which its loops visit the elements. minitorch refuses them, unless it "
            "is one number that is written, and the write is not recorded.",
            ("a = torch.ones(3).unfold(0, 2, 1)", "a.atan_()"),
            "refuses, error type, warns",
            torch="no error|RuntimeError|IndexError|expanded tensors is deprecated|no warning",
            ours="more than one element of the written-to tensor|no warning|expanded tensors is deprecated",
        ),
        Difference(
            "Tensors that grow",
            "Where `resize_` or `out=` needs more memory than there is, torch makes the storage larger, which other "
            "tensors go on viewing. NumPy's arrays do not grow: the tensor gets memory of its own.",
            (
                "a = torch.tensor([2.0])",
                "b = a.view(-1)",
                "torch.cat([torch.tensor([3.0]), torch.tensor([4.0])], out=b)",
            ),
            "values, refuses, accepts, requires_grad, has grad_fn, shape, error type",
            program=r"(?:append\(g\)|view_as)[\s\S]*out=|(\w) = \w[.\[][\s\S]*out=\1\)|(\w)[.\[][\s\S]*out=\2\)",
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
    ),
    MISSING: (
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
    ),
    SHOWN: (
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
            "stride, grad stride, values, offset, grad offset",
            torch=r"^(True|False)$|^\(|^\d",
            program=r"\.m?T\b|\.t\(|transpose|permute|movedim|moveaxis|swap|unfold|diagonal|nonzero|expand|broadcast",
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
            "The strides of the gradient of a view whose base was written to",
            "torch computes it from the strides of the view, and it has its own memory. minitorch applies the view's "
            "operations to the base again, whose gradients may be expanded.",
            (
                "a = torch.ones((2, 3), requires_grad=True) * 1",
                "b = a[...]",
                "a *= 2",
                "c, = torch.autograd.grad(b.sum(), a)",
            ),
            "stride, grad stride",
            r"autograd\.grad|backward",
            program=r"\w_\(| [-+*/]= |\] = ",
        ),
        Difference(
            "Whether a gradient is a view",
            "torch's gradients of sums and of views are views of other gradients, which no program sees. A gradient of "
            "minitorch is one only if its elements share memory; every other one may be written to. A gradient that "
            "`grad` was given may be returned as another tensor on the same memory.",
            (
                "a = torch.tensor([1.0], requires_grad=True)",
                "b, = torch.autograd.grad(a.sum(), a)",
                "b.mul_(a)",
            ),
            "accepts, requires_grad, is_leaf, has grad_fn",
            torch="A view was created in no_grad mode and|True|False",
            program=r"autograd\.grad\(\w, .*, [a-z]\b|autograd\.grad[\s\S]*(\w_\(| [-+*/]= |\] = )",
        ),
        Difference(
            "Which functions return a view",
            "`repeat_interleave` of torch returns a view of a tensor that no program sees. So views of the result do "
            "not require a gradient when the result is made to. In minitorch the result is not a view.",
            (
                "a = torch.tensor([1.0]).repeat_interleave(2)",
                "b = a[1:]",
                "a.requires_grad_()",
                "c = b[:]",
            ),
            "requires_grad, has grad_fn, is_leaf",
            program="repeat_interleave",
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
            "dtype, grad dtype, values, grad values",
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
    ),
}

UNTESTED: dict[str, str] = {
    "Messages of errors": "They say the same in other words; the classes of the errors are torch's.",
    "`torch.save` and `torch.load`": "Tensors with metadata, such as names, are refused. With `weights_only=True`, the "
    "default, no code from the file is executed.",
    "Permutations of 214,748,364 numbers or more": "torch draws them with another generator, of 64 bits.",
    "Random numbers on a GPU": "Functions with an argument `generator` draw Philox's numbers if it is on a GPU; all "
    "others draw on the host (see [gpu.md](gpu.md)).",
    "Convolutions of float32 on a GPU": "torch rounds the numbers to TF32 before it multiplies them, unless "
    "`torch.backends.cudnn.allow_tf32` is False. In minitorch it is False unless the program sets it.",
    "CUDA events between processes, `CUDAGraph(keep_graph=True)`": "CuPy does not have them.",
    "Packages on torch's internals, such as torchvision": "They do not run on minitorch; see [scripts.md](scripts.md).",
    "Rounding": "Sums are computed in another order, so the last digits differ; [parity.md](parity.md) says by how "
    "much they may. A chaotic problem has different results after thousands of steps, as it "
    "has with torch on another processor.",
}
"""Differences that no program shows by itself."""

ALL: tuple[Difference, ...] = tuple(d for group in DIFFERENCES.values() for d in group)

_HEAD = """# Where minitorch differs from PyTorch

PyTorch is the specification. This page lists all deliberate differences of minitorch, each with its reason and a
program that shows it. It is made by `parity programs --differences` from `parity/programs/differences.py`; the tests
run each program under both libraries, and random programs (`parity programs`) may find nothing else.
"""


def page() -> str:
    """``docs/differences.md``."""
    parts = [_HEAD]
    for title, group in DIFFERENCES.items():
        parts.append(f"## {title}\n")
        for d in group:
            example = "\n".join(d.example)
            parts.append(f"### {d.name}\n\n{d.reason}\n\n```text\n{example}\n```\n")
    parts.append("## Without a program\n\n| | |\n|---|---|")
    parts.extend(f"| {name} | {reason} |" for name, reason in UNTESTED.items())
    return "\n".join(parts) + "\n"

"""What torch refuses and minitorch computes: the first part of the page of differences."""

from __future__ import annotations

from parity.programs.difference import Difference

ACCEPTED: tuple[Difference, ...] = (
    Difference(
        "Writing to what `unbind`, `split` and `chunk` return",
        "torch refuses an in-place write to one of several views made by one function, where a gradient is "
        "required: it cannot rebuild the graph of one of several results. minitorch can; the gradients are those "
        "of the same write to a view made by indexing.",
        ("a = torch.tensor([[1.0], [2.0]], requires_grad=True) * 1", "b = a.unbind(0)[0]", "b.neg_()"),
        "accepts, values, has grad_fn, grad has grad_fn, is_leaf, grad is_leaf",
        past=r"the output of a function that returns multiple views|aten::arange\(\): functions with out=",
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
        "The gradient of the value of `index_fill` with negative indices",
        "torch's backward pass fails, as it takes the numbers for those of `index_select`. minitorch's is the sum.",
        (
            "a = torch.tensor(1.0, requires_grad=True)",
            "b = torch.zeros(2).index_fill(0, torch.tensor([-1]), a)",
            "b.sum().backward()",
        ),
        "accepts",
        torch="index out of range in self|out of DATA bounds|Index to scalar can have only 1 value",
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
        "A saved tensor that is detached in place",
        "torch refuses the backward pass. In minitorch an operation keeps the graph as it was when it ran.",
        (
            "a = torch.ones(2, requires_grad=True)",
            "b = a * 2",
            "c = b * b",
            "b.detach_()",
            "c.sum().backward()",
        ),
        "accepts",
        torch="that has been detached in-place",
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
        r"backward|autograd\.grad",
        torch=r"derivative for aten::\w+ is not implemented",
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
        statement=r"\.(long|to|bool|int|argmax|argmin)\(",
    ),
    Difference(
        "A view made under `no_grad` of a leaf that requires a gradient",
        "No gradient arrives at the leaf from there, so torch neither saves for it nor computes it. minitorch does "
        "both, and may refuse to.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "with torch.no_grad(): b = a[:]",
            "with torch.inference_mode(): c = torch.ones(1)",
            "d = b * c",
        ),
        "refuses",
        ours="Inference tensors cannot be saved for backward|Found dtype|through the graph a second time",
        program=r"(no_grad|inference_mode)\(\): \w = ",
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
        torch="not implemented for|dimensionality must match|"
        "don't support automatic differentiation|leaf Variable|view was created|"
        "view of a view which was created|"
        "single memory|dtypes match|shape mismatch|cannot be converted|could not be broadcast|"
        "returns multiple views|Dimension out of range|"
        "can't be cast|out of range|"
        "out of bounds|non-negative",
        ours="Dimension out of range|out of bounds|shape mismatch|single memory location|inference tensor|"
        "Autograd not support dtype|the same dtype|has no elements to fill|dtypes match|too many indices|"
        "cannot be converted|"
        "expected a source of shape|The shape of the mask|Inplace update to inference tensor|"
        "does not support bool|tuple index out of range",
    ),
    Difference(
        "A view whose base changed its shape in place",
        "If the base is written to afterwards, torch's backward pass fails, as the gradient of the view has the old "
        "shape. minitorch undoes the change of shape first.",
        (
            "a = torch.ones((2, 1), requires_grad=True) * 1",
            "b = a.view(-1)",
            "with torch.no_grad(): a.unsqueeze_(-1)",
            "b.neg_()",
            "b.sum().backward()",
        ),
        "accepts",
        "backward|grad",
        torch=r"(\w+Backward0|CopySlices) returned an invalid gradient",
        program=r"((un)?squeeze_|t_|transpose_|swap\w+_)\(",
    ),
    Difference(
        "Products of matrices without elements, of different dtypes",
        "torch does not look at the dtypes if there is nothing to multiply. minitorch refuses them as always.",
        ("a = torch.zeros((1, 0), dtype=torch.float64) @ torch.zeros((3, 0, 4))",),
        "refuses",
        "@|mm|mul",
        ours="expected all tensors to have the same dtype",
    ),
    Difference(
        "The gradient of `addcdiv` with an integer divisor",
        "torch's backward pass fails, as its formula divides a number by the integers and keeps their dtype. "
        "minitorch's is that of the same numbers in floating point.",
        (
            "a = torch.tensor([1.0], requires_grad=True)",
            "b = torch.addcdiv(a, a, torch.tensor([4]))",
            "b.sum().backward()",
        ),
        "accepts",
        "backward|grad",
        torch="result type .* can't be cast",
        program="addcdiv",
    ),
    Difference(
        "The gradient of `atan2` with booleans",
        "torch's formula negates the booleans, which torch refuses. minitorch's gradient is the same as for zeros and "
        "ones.",
        (
            "a = torch.tensor([2.0], requires_grad=True)",
            "b = torch.atan2(torch.tensor([True]), a)",
            "b.sum().backward()",
        ),
        "accepts",
        torch="on a bool tensor is not supported",
        program="atan2",
    ),
    Difference(
        "`leaky_relu` and `elu` in place with a negative slope",
        "torch computes the gradient from the result, which then does not tell where the input was negative, so it "
        "refuses the backward pass. minitorch has saved the input.",
        (
            "a = torch.ones(2, requires_grad=True) * 1",
            "F.leaky_relu(a, -0.5, inplace=True)",
            "a.sum().backward()",
        ),
        "accepts",
        torch="with a negative slope which is not supported",
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
        statement="backward|grad",
        program="clamp",
    ),
    Difference(
        "The gradients of `logaddexp` and `pow` with booleans",
        "torch's formula subtracts booleans, which torch refuses, or fails by an internal assertion. minitorch's "
        "gradient is the same as for zeros "
        "and ones.",
        (
            "a = torch.tensor(0.0, requires_grad=True)",
            "b = torch.logaddexp(a, torch.tensor([True]))",
            "b.sum().backward()",
        ),
        "accepts",
        torch="with a bool tensor is not supported|unknown ivalue tag",
        program="logaddexp|pow|\\*\\*",
    ),
)

"""``out=``: results written into a tensor that is given, by torch's rules for its shape, dtype and memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import Any

import kernels
from kernels.memory_order import memory_order
from minitorch import dtypes
from minitorch._variable import Variable
from minitorch.autograd.graph import this_thread
from minitorch.autograd.inplace import check_inference, check_memory, writable
from minitorch.autograd.views import requires_grad
from minitorch.functions.overlap import REFUSED, overlaps
from minitorch.layout import layout_of, permuted, resize, set_layout
from minitorch.ops.shape import inverse
from minitorch.user_warnings import warn_user

_BLOCKS = {"matmul", "mm", "bmm", "mv", "dot", "tensordot"}
_REDUCTIONS = {"sum", "nansum", "prod", "mean", "var", "std", "all", "any", "logsumexp", "norm", "amax", "amin"}
_SELECTIONS = {"argmax", "argmin", "aminmax", "sort", "argsort", "topk", "median", "cummax", "cummin"}
_PLACES = {"gather", "index_select", "masked_select", "take", "take_along_dim", "nonzero"}
_JOINING = {"cat", "hstack", "vstack"}
_ARITHMETIC = {"add", "mul", "maximum", "minimum", "fmax", "fmin", "amax", "amin"}
_WRITES = {"scatter", "scatter_add", "index_add", "index_copy"}

OVERLAP_ALLOWED = frozenset(
    _BLOCKS | _REDUCTIONS | _SELECTIONS | {"addmm", "baddbmm", "diag", "tril", "triu", "softmax", "log_softmax"}
)
"""Functions whose result torch may write over their operands, whatever becomes of these."""

NO_OVERLAP = frozenset(_PLACES | _JOINING | {"outer"})
"""Functions that refuse an `out` that shares memory with an operand. A function that is neither here nor in
`OVERLAP_ALLOWED` refuses it too, unless `out` has the same memory and strides as the operand: then each element is read
before it is written."""

OWN_DTYPE = frozenset(
    _BLOCKS
    | _SELECTIONS
    | _PLACES
    | _WRITES
    | {"addmm", "baddbmm", "norm", "amax", "amin", "diag", "tril", "triu", "softmax", "log_softmax", "multinomial"}
    | {"neg", "abs", "floor", "ceil", "trunc", "sign", "round", "frac", "clamp", "clamp_min", "clamp_max"}
    | {"where", "nan_to_num", "bitwise_not", "float_power"}
)
"""Functions whose `out` must have the dtype of their result; of all others it may have one that holds the result."""

FILLS = frozenset(("empty", "full", "ones", "zeros"))
"""Functions that write one number, so that elements of `out` may share memory."""

NEEDS_DIM = frozenset(("sum", "prod", "median"))
"""Functions that have no ``out=`` where they reduce all dimensions."""


def with_out(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], out: Any) -> Any:
    """The result of ``function(*args, **named)`` written into `out`, a tensor or a sequence of tensors; returns these.

    Where `out` has another shape it gets the result's, with a warning if it had elements. If `function` has a parameter
    `dtype` or `device` that is not given, `out` decides.

    Raises:
        TypeError: if `out` is no tensor, or the wrong number of them.
        RuntimeError: if `out` cannot hold the result, overlaps an operand, or the call would have to be recorded.
    """
    name = function.__name__
    first = out[0] if isinstance(out, Sequence) and out else out
    asked = named.pop("requires_grad", False)
    takes = signature(function).parameters
    operands = list(_tensors((*args, *named.values())))
    if name in NEEDS_DIM and len(args) < 2 and "dim" not in named:
        raise TypeError(f"{name}() received an invalid combination of arguments: out= needs dim")
    if name == "nonzero" and named.get("as_tuple"):
        error = RuntimeError if isinstance(out, Variable) else TypeError
        raise error("nonzero does not support the out kwarg when as_tuple is True")
    if name == "where" and len(operands) < 3:
        raise TypeError("where(): with out=, the arguments must be Tensors")
    own_dtype = name in OWN_DTYPE or (name == "mean" and operands[0]._array.dtype.kind != "f")
    if isinstance(first, Variable) and not own_dtype:
        for parameter in takes.values():
            if parameter.name in ("dtype", "device") and parameter.kind is parameter.KEYWORD_ONLY:
                own: Any = getattr(first, parameter.name)
                wanted: Any = named.get(parameter.name)
                if parameter.name == "dtype" and dtypes.BY_PYTHON.get(wanted, wanted) not in (None, own):
                    raise RuntimeError(f"{name}(): dtype {wanted} does not match dtype of out parameter ({own})")
                named[parameter.name] = own if wanted is None else wanted
    try:
        _refuse_overlap(name, out if isinstance(out, Sequence) else (out,), operands)
    except RuntimeError:
        refused = this_thread.grad_enabled and any(map(requires_grad, (*_tensors((out,)), *operands)))
        if (name in _JOINING or name == "gather") and not refused:  # torch has given `out` its new shape before
            found = function(*args, **named)._array
            _check_dtype(name, found.dtype, out._array.dtype)
            _warn_of_resize(name, out._array.shape, found.shape)
            resize(out, found.shape)
        raise
    result = function(*args, **named)
    warn = not {"device", "generator"} & set(takes)  # torch's functions that make tensors do not warn
    if not isinstance(result, tuple):
        written = write_out(name, out, result, warn, operands)
        return written.requires_grad_() if asked else written
    if not isinstance(out, Sequence) or len(out) != len(result):
        count = len(out) if isinstance(out, Sequence) else type(out).__name__
        raise TypeError(f"{name}(): expected out to be a tuple of {len(result)} elements but got {count}")
    for o, r in zip(out, result, strict=True):
        if isinstance(o, Variable) and o._array.dtype != r._array.dtype:
            raise RuntimeError(f"{name}(): Expected out tensor to have dtype {r.dtype}, but got {o.dtype} instead")
    return type(result)(*[write_out(name, o, r, warn, operands) for o, r in zip(out, result, strict=True)])


def _tensors(arguments: Sequence[Any]) -> Iterator[Variable]:
    for a in arguments:
        if isinstance(a, Variable):
            yield a
        elif isinstance(a, tuple | list):
            yield from _tensors(a)


def _refuse_overlap(name: str, outs: Sequence[Any], operands: Sequence[Variable]) -> None:
    if name in OVERLAP_ALLOWED or (name in ("max", "min") and len(operands) == 1):
        return
    for out in outs:
        for position, operand in enumerate(operands):
            ignored = not operand._array.size and (name not in _JOINING or operand._array.ndim == 1)
            whole = not ignored and (name in NO_OVERLAP or (name in _WRITES and position > 0))
            if isinstance(out, Variable) and overlaps(out, operand, whole):
                raise RuntimeError(REFUSED)


def write_out(name: str, out: Any, result: Any, warn: bool = True, operands: Sequence[Any] = ()) -> Any:
    """Write `result`, which the function `name` computed from `operands`, into its argument `out`, and return `out`.

    It gets the shape of the result; if it held elements before, then with a warning, unless `warn` is False.

    Raises:
        TypeError: if `out` is not a tensor.
        RuntimeError: if `out` or the result requires a gradient and the call would be recorded, or `out` cannot hold
            the result.
    """
    if not isinstance(out, Variable):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    array = result._array
    moves = name in _JOINING or name in _PLACES or name in _WRITES or name in _ARITHMETIC
    # of others a boolean result has no gradient
    recorded = this_thread.grad_enabled and (array.dtype.kind != "b" or moves) and name != "arange"
    # A sum that `out` makes one of integers has no graph, but torch looks at the operand.
    given = array.dtype.kind != "f" and name in _REDUCTIONS and any(map(requires_grad, operands))
    if recorded and (requires_grad(out) or result._requires_grad or given):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad."
        )
    if name == "arange":
        writable(out, out)
        if out._array.size == array.size:
            array = array.reshape(out._array.shape)
    tensor_bounds = name.startswith("clamp") and len(operands) > 1  # torch has a function of its own for these
    tensor_weight = name == "lerp" and len(operands) > 2
    _check_dtype("" if tensor_bounds else "diag" if tensor_weight else name, array.dtype, out._array.dtype)
    fixed = name not in OVERLAP_ALLOWED and not (name in ("max", "min") and len(operands) == 1)
    if fixed and name not in FILLS:
        check_memory(out)
    if out._array.shape != array.shape and fixed and name not in NO_OVERLAP and any(a is out for a in operands):
        raise RuntimeError(
            f"{name}(): output with shape {list(out._array.shape)} doesn't match the broadcast shape "
            f"{list(array.shape)}"
        )
    if warn or name == "arange":
        _warn_of_resize(name, out._array.shape, _computed_shape(name, array.shape, operands))
    if out._array.shape != array.shape:
        order = memory_order(array) if fixed and name not in NO_OVERLAP else list(range(array.ndim))
        resize(out, tuple(array.shape[d] for d in order))
        if order != sorted(order):  # an operation element by element: `out` gets the memory order of the result
            dims = inverse(tuple(order))
            set_layout(out, out._array.transpose(dims), permuted(layout_of(out), dims))
    if name not in FILLS:
        check_memory(out)
    check_inference(out)
    kernels.assign(out._array, array if array.dtype == out._array.dtype else kernels.cast(array, out._array.dtype))
    out._counter[0] += 1
    if name == "arange" and out._node is None and not this_thread.grad_enabled:
        out._requires_grad = False
    return out


def _check_dtype(name: str, result: Any, own: Any) -> None:
    """Raise torch's error if the dtype `own` of `out` does not hold results of the dtype `result`."""
    if name in ("all", "any"):
        if own not in ("bool", "uint8"):
            raise RuntimeError(f"{name} only supports bool tensor for result, got: {own}")
    elif name in OWN_DTYPE and own != result:
        raise RuntimeError(f"{name}(): Expected out tensor to have dtype {result}, but got {own} instead")
    elif not dtypes.can_cast(dtypes.of(result), dtypes.of(own)):
        error = TypeError if name in _JOINING or name == "stack" else RuntimeError
        raise error(f"{name}(): result type {result} can't be cast to the desired output type {own}")


def _computed_shape(name: str, shape: tuple[int, ...], operands: Sequence[Variable]) -> tuple[int, ...]:
    """The shape that torch first gives `out`: a vector times a matrix is computed as a product of matrices."""
    vector = name == "matmul" and [t._array.ndim for t in operands] == [1, 2]
    return (1, *shape) if vector else shape


def _warn_of_resize(name: str, own: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if 0 in own or own == wanted:
        return
    if name == "arange":
        warn_user(
            f"The number of elements in the out tensor of shape {list(own)} is {math.prod(own)} which does not match "
            f"the computed number of elements {math.prod(wanted)}. Note that this may occur as a result of rounding "
            f"error. The out tensor will be resized to a tensor of shape {wanted}."
        )
        return
    warn_user(
        f"An output with one or more elements was resized since it had shape {list(own)}, which does not match the "
        f"required output shape {list(wanted)}. This behavior is deprecated, and in a future PyTorch release "
        "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
        "resizing it, inplace, to zero elements with t.resize_(0)."
    )

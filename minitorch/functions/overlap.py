"""Writes to memory that is also read: torch's rules for which are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import kernels
from kernels.memory_order import is_dense
from minitorch._variable import Variable
from minitorch.autograd.inplace import elements_overlap, recorded, writable
from minitorch.autograd.views import shares_memory
from minitorch.layout import layout_of
from minitorch.user_warnings import warn_user

REFUSED = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
    "location. Please clone() the tensor before performing the operation."
)

INDEXED = frozenset(("index_add", "index_copy", "index_fill", "index_put", "scatter", "scatter_add"))
"""Functions that write at some places while they read their operands at others."""


ONE_NUMBER = frozenset(("index_fill", "index_put", "masked_fill"))
"""Functions that may write one number at several places."""


def refuse_overlap(name: str, x: Variable, operands: Sequence[Any]) -> None:
    """Raise RuntimeError if the function `name` may not write into `x` while it reads `operands`.

    An operation element by element may read the memory that it writes if each element is read where it is written. Of a
    function in `INDEXED` no operand may overlap `x` at all. torch does not look at operands that have gaps or repeat
    elements, at those of `masked_scatter`, and at the number that `masked_fill` and `index_fill` write.
    """
    if name == "masked_scatter":
        return
    for operand in operands[:-1] if name in ("masked_fill", "index_fill") else operands:
        if isinstance(operand, tuple | list):
            refuse_overlap(name, x, operand)
        elif isinstance(operand, Variable) and overlaps(x, operand, whole=name in INDEXED):
            raise RuntimeError(REFUSED)


def overlaps(x: Variable, operand: Variable, whole: bool = False) -> bool:
    """Whether two tensors without gaps have elements in the same memory; if all of them, then only if `whole`."""
    a, b = x._array, operand._array
    if operand is x or (a is b and a.size):
        return whole
    if not (a.size and b.size) or (a.base is None and b.base is None) or type(a) is not type(b):
        return False
    if not shares_memory(a, b) or not (is_dense(a) and is_dense(b)):
        return False
    pointer = kernels.backend_of(a).pointer
    start, other = pointer(a), pointer(b)
    if start == other and a.nbytes == b.nbytes and layout_of(x).strides == layout_of(operand).strides:
        return whole
    return start < other + b.nbytes and other < start + a.nbytes


def writes_one_number(name: str, x: Variable, operands: Sequence[Any]) -> bool:
    """Whether this call of the function `name` writes one number into `x`, some of whose elements share memory.

    torch allows that, with a warning for an expanded `x`. minitorch allows it only if the call is not recorded.
    """
    if not elements_overlap(x._array):
        return False
    if name == "index_put":
        value, accumulates = operands[1], True in operands[2:]
    else:
        value, accumulates = operands[-1], False
    one = not isinstance(value, Variable) or value._array.size == 1
    return one and not accumulates and not recorded((x, *operands))


def write_one_number(name: str, x: Variable, result: Variable) -> None:
    """Write `result`, which has one number in some places and the elements of `x` in all others, into `x`.

    Raises:
        RuntimeError: if `x` is in read-only memory, or an inference tensor outside `inference_mode`.
    """
    writable(x, fill=True)
    array, new = x._array, result._array
    if any(n > 1 and not s for n, s in zip(array.shape, array.strides, strict=True)):
        warn_user(
            f"Use of {name}_ on expanded tensors is deprecated. Please clone() the tensor before performing this "
            "operation. This also applies to advanced indexing e.g. tensor[indices] = tensor"
        )
    with kernels.on_device_of(array):
        changed = (new != array) & ((new == new) | (array == array))  # NaN is not equal to itself
        array[changed] = new[changed]
    x._counter[0] += 1

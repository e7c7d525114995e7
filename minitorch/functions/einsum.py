"""Einstein's summation: products of tensors summed over the indices that the result does not have."""

from __future__ import annotations

import math
import string
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from minitorch.autograd.graph import Variable, this_thread
from minitorch.functions.arguments import check_elements
from minitorch.functions.linear_algebra import check_product
from minitorch.functions.public import public
from minitorch.functions.reduction import sum
from minitorch.ops.elementwise import mul
from minitorch.ops.linear_algebra import matmul
from minitorch.ops.shape import diagonal, permute, reshape

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function")
def einsum(equation: str, *operands: Tensor | Sequence[Tensor]) -> Tensor:
    """The products of the operands, summed over all labels that the result does not have.

    Operands are contracted from left to right, two at a time, each by a batched matrix product.

    Args:
        equation: a label (a letter) for each dimension of each operand, operands separated by commas, and after
            ``->`` the labels of the result; ``...`` covers all dimensions that have no label; they broadcast. Without
            ``->`` the result has the labels that occur once, in alphabetical order. A label twice in one operand takes
            its diagonal.
        operands: the tensors, one by one or in a list. If `equation` itself is a tensor, then numbers take the place of
            letters: ``einsum(x, [0, 1], y, [1, 2], [0, 2])`` is ``einsum("ab,bc->ac", x, y)``.

    Raises:
        RuntimeError: if the equation does not fit the operands, or the dtypes of contracted operands differ.
        NotImplementedError: for a contraction of booleans.
    """
    if isinstance(equation, Variable):
        given = _from_sublists([equation, *operands])
        equation, operands = given[0], tuple(given[1:])
    if not isinstance(equation, str):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type(equation).__name__}")
    listed = len(operands) == 1 and isinstance(operands[0], list | tuple)
    tensors: list[Any] = list(operands[0]) if listed else list(operands)
    if not tensors:
        raise ValueError("einsum(): must specify the equation string and at least one operand")
    check_elements(tensors, 1, "einsum")
    inputs, output = _parse(equation.replace(" ", ""), tensors)
    repeated = [label for label, n in Counter(output).items() if n > 1]
    if repeated:
        raise RuntimeError(f"einsum(): output subscript {repeated[0]} appears more than once in the output")
    sizes: dict[str, int] = {}
    for x, labels in zip(tensors, inputs, strict=True):
        for label, n in zip(labels, x._array.shape, strict=True):
            if sizes.setdefault(label, n) in (1, n):
                sizes[label] = n
            elif n != 1:
                raise RuntimeError(
                    f"einsum(): operands do not broadcast with remapped shapes: subscript {label} has size {n} for one "
                    f"operand which does not broadcast with previously seen size {sizes[label]}"
                )
    parts = [_distinct(x, labels) for x, labels in zip(tensors, inputs, strict=True)]
    value, have = parts[0]
    for i, (other, labels) in enumerate(parts[1:], 1):
        later = set(output).union(*[rest for _, rest in parts[i + 1 :]])
        value, have = _contract(value, have, other, labels, later, output)
    value, have = _sum_out(value, have, output)
    missing = [label for label in output if label not in have]
    if missing:
        raise RuntimeError(
            f"einsum(): output subscript {missing[0]} does not appear in the equation for any input operand"
        )
    order = tuple(have.index(label) for label in output)
    if value._view is None and value is not tensors[0] and order == tuple(range(len(order))):
        return value
    return permute(value, order)


def _from_sublists(given: list[Any]) -> list[Any]:
    """The equation and the operands of a call that has a list of numbers after each operand, and perhaps one more.

    Raises:
        ValueError: for numbers that are not in the range from 0 to 51.
    """
    operands, sublists = given[: len(given) // 2 * 2 : 2], given[1::2]
    terms = []
    for sublist in [*sublists, *given[len(given) // 2 * 2 :]]:
        if any(k is not Ellipsis and not 0 <= k < len(string.ascii_letters) for k in sublist):
            raise ValueError(f"einsum(): expected subscripts from 0 to 51, but got {sublist}")
        terms.append("".join("..." if k is Ellipsis else string.ascii_letters[k] for k in sublist))
    arrow = "->" + terms.pop() if len(given) % 2 else ""
    return [",".join(terms) + arrow, *operands]


def _parse(equation: str, tensors: list[Any]) -> tuple[list[str], str]:
    """The labels of each operand and of the result, where each dimension under an ellipsis has got a new label."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(terms)}) does not match the number of operands "
            f"({len(tensors)})"
        )
    spare = [c for c in string.ascii_letters if c not in equation]
    widest = 0
    inputs = []
    for term, x in zip(terms, tensors, strict=True):
        named = term.replace("...", "")
        if not all(c in string.ascii_letters for c in named):
            raise RuntimeError(f"einsum(): invalid subscript given in {term!r}, subscripts must be in [a-zA-Z]")
        free = x._array.ndim - len(named)
        if free < 0 or (free and "..." not in term):
            raise RuntimeError(
                f"einsum(): the number of subscripts in {term!r} does not match the {x._array.ndim} dimensions of an "
                "operand"
            )
        widest = max(widest, free if "..." in term else 0)
        inputs.append(term.replace("...", "".join(spare[:free][::-1])))
    dots = "".join(spare[:widest][::-1])
    if arrow:
        return inputs, right.replace("...", dots)
    counts = Counter(left.replace("...", "").replace(",", ""))
    return inputs, dots + "".join(sorted(label for label, n in counts.items() if n == 1))


def _distinct(x: Any, labels: str) -> tuple[Any, str]:
    """`x` with every label once: dimensions with equal labels are replaced by their diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            if x._array.shape[i] != x._array.shape[j]:
                raise RuntimeError(f"einsum(): subscript {label} is repeated for an operand but the sizes don't match")
            x = diagonal(x, 0, i, j)
            labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + label
    return x, labels


def _sum_out(x: Any, labels: str, keep: str) -> tuple[Any, str]:
    if set(labels) <= set(keep):
        return x, labels
    ordered = _sorted(labels, keep)
    x = permute(x, tuple(labels.index(label) for label in ordered))
    kept = "".join(label for label in ordered if label in keep)
    return sum(x, list(range(len(kept), len(ordered)))), kept


def _sorted(labels: Collection[str], output: str) -> list[str]:
    """The labels in the order of `output`, then, alphabetically, the labels that are not in `output`."""
    return sorted(labels, key=lambda label: (output.index(label) if label in output else len(output), label))


def _without(x: Any, labels: str, gone: Collection[str]) -> tuple[Any, str]:
    """`x` summed over the labels `gone`. Dimensions of size 1 are dropped, which keeps the dtype."""
    kept = "".join(label for label in labels if label not in gone)
    dims = [i for i, label in enumerate(labels) if label in gone and x._array.shape[i] != 1]
    x = sum(x, dims, keepdim=True) if dims else x
    return reshape(x, tuple(x._array.shape[labels.index(label)] for label in kept)), kept


def _contract(x: Any, a: str, y: Any, b: str, later: set[str], output: str) -> tuple[Any, str]:
    """The product of two tensors with labels `a` and `b`, summed over the labels that are not in `later`.

    Its dimensions are in the order in memory in which `output` has them, as far as a product of matrices allows that.
    """

    def size(z: Any, labels: str, label: str) -> int:
        return int(z._array.shape[labels.index(label)])

    # A dimension of size 1 broadcasts: it is not an inner dimension of a matrix product.
    uneven = {s for s in a if s in b and s not in later and 1 in (size(x, a, s), size(y, b, s))}
    x, a = _without(x, a, {s for s in a if s not in b and s not in later} | uneven)
    y, b = _without(y, b, {s for s in b if s not in a and s not in later} | uneven)
    shared = _sorted([label for label in a if label in b], output)
    inner = [s for s in shared if s not in later]
    batch = [s for s in shared if s not in inner]
    own_a, own_b = (_sorted([s for s in labels if s not in shared], output) for labels in (a, b))

    def sizes(z: Any, labels: str, which: list[str]) -> list[int]:
        return [size(z, labels, s) for s in which]

    def arranged(z: Any, labels: str, *groups: list[str]) -> Any:
        order = [labels.index(s) for group in groups for s in group]
        shape = sizes(z, labels, groups[0]) + [math.prod(sizes(z, labels, group)) for group in groups[1:]]
        return reshape(permute(z, tuple(order)), tuple(shape))

    if inner and x._array.size and y._array.size:
        check_product("einsum", x, y)
    elif inner:
        recorded = this_thread.grad_enabled and (x.requires_grad or y.requires_grad)
        if recorded and not y.dtype.is_floating_point:
            raise RuntimeError(f"Autograd not support dtype: einsum() of no elements has the dtype {y.dtype}")
        x = x.to(y.dtype)  # nothing is multiplied: zeros of the second operand's dtype, as in torch
    if not inner:
        both = _sorted({*a, *b}, output)
        return mul(_spread(x, a, both), _spread(y, b, both)), "".join(both)
    if own_a and own_b and _sorted([own_a[-1], own_b[-1]], output)[-1] == own_a[-1]:
        x, a, own_a, y, b, own_b = y, b, own_b, x, a, own_a
    left, right = arranged(x, a, batch, own_a, inner), arranged(y, b, batch, inner, own_b)
    out = matmul(left, right)
    sizes_of_batch = list(out._array.shape[: len(batch)])
    out = reshape(out, tuple(sizes_of_batch + sizes(x, a, own_a) + sizes(y, b, own_b)))
    return out, "".join(batch + own_a + own_b)


def _spread(x: Any, labels: str, all_labels: list[str]) -> Any:
    """`x` with a dimension for each of `all_labels`, in that order; of size 1 where it has no such label."""
    here = [label for label in all_labels if label in labels]
    x = permute(x, tuple(labels.index(label) for label in here))
    sizes = iter(x._array.shape)
    return reshape(x, tuple(next(sizes) if label in labels else 1 for label in all_labels))

"""The table of public names: for each function, under which names it is part of `minitorch` and of its tensor.

    @public("function method inplace out", also="absolute")
    def abs(input: Tensor) -> Tensor: ...

makes ``torch.abs(input, *, out=None)``, ``Tensor.abs()``, ``Tensor.abs_()``, and the same under the name ``absolute``.
`minitorch.functions` collects the table's functions, `minitorch._tensor` its methods.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, get_overloads

from minitorch.functions.variants import (
    Function,
    checked_variant,
    inplace_variant,
    inplace_view_variant,
    operator_variant,
    out_variant,
    reflected_variant,
    state_options,
    varargs_variant,
)

VARIANTS = ("function", "method", "inplace", "out")
COMMUTATIVE = {"add", "mul", "and", "or", "xor"}  # Python's operators whose operands may be exchanged
Definition = TypeVar("Definition", bound=Function)


class Public(NamedTuple):
    """A row of the table.

    Attributes:
        name: torch's name.
        also: torch's other names for the same function.
        variants: which of `VARIANTS` exist.
        definition: the function as written; it has the parameters of ``torch.name`` except ``out=``.
        function: ``torch.name``; None if there is no such function.
        method: ``Tensor.name``; None if there is no such method.
        inplace: ``Tensor.name_``; None if there is no such method.
        operator: the operator of Python that the method implements: ``add`` for ``__add__``.
        op: what the operator calls, if not the definition.
        overloads: the definition's signatures, if the type of its result depends on its arguments; without ``out=``.
    """

    name: str
    also: tuple[str, ...]
    variants: tuple[str, ...]
    definition: Function
    function: Function | None
    method: Function | None
    inplace: Function | None
    operator: str | None
    op: Function | None
    overloads: tuple[Function, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """`name` and `also`."""
        return (self.name, *self.also)


TABLE: dict[str, Public] = {}
"""The rows, by `Public.name`."""


def public(
    variants: str,
    also: str = "",
    *,
    operator: str | None = None,
    op: Function | None = None,
    varargs: str | None = None,
    view: bool = False,
    checks: bool = True,
) -> Callable[[Definition], Definition]:
    """Enter a function into the table. The function itself is not changed.

    Args:
        variants: some of ``function``, ``method``, ``inplace`` (a method) and ``out`` (``out=`` of the function).
        also: torch's other names for the same function, separated by spaces.
        operator: the operator of Python that the method implements, as in ``__add__``.
        op: what the operator calls, which takes less time than the definition; default: the definition.
        varargs: a parameter that is a sequence of numbers. If it is the first (of a method, the first after the
            tensor), the numbers may also be given one by one.
        checks: whether calls look for arguments that are not tensors or numbers; False if the definition does so.
        view: whether the function returns views; its in-place variant then turns the tensor into such a view.

    Raises:
        ValueError: for an unknown variant, or a name that is already in the table.
    """
    chosen = tuple(variants.split())
    if not set(chosen) <= set(VARIANTS):
        raise ValueError(f"expected variants among {', '.join(VARIANTS)}, but got {variants!r}")

    def add(definition: Definition) -> Definition:
        name = definition.__name__
        if name in TABLE:
            raise ValueError(f"there is a public function {name} already, in {TABLE[name].definition.__module__}")
        state_options(definition)
        by_one = -1 if varargs is None else definition.__code__.co_varnames.index(varargs)
        function = method = inplace = None
        if "function" in chosen:
            function = varargs_variant(definition, varargs) if by_one == 0 and varargs else definition
            function = out_variant(function) if "out" in chosen else function
        if "method" in chosen:
            method = varargs_variant(definition, varargs) if by_one == 1 and varargs else definition
        if checks and function is not None:
            function = checked_variant(function, definition)
        if checks and method is not None:
            method = checked_variant(method, definition, "Tensor.")
        if "inplace" in chosen:
            inplace = inplace_view_variant(definition) if view else inplace_variant(definition, checks)
        TABLE[name] = Public(
            name,
            tuple(also.split()),
            chosen,
            definition,
            function,
            method,
            inplace,
            operator,
            op,
            tuple(get_overloads(definition)),
        )
        return definition

    return add


def functions() -> dict[str, Function]:
    """``torch.name`` for every name of a function in the table."""
    return {name: row.function for row in TABLE.values() if row.function is not None for name in row.names}


def methods() -> dict[str, Function]:
    """``Tensor.name`` for every name of a method in the table, including Python's operators."""
    found: dict[str, Function] = {}
    for row in TABLE.values():
        for name in row.names:
            if row.method is not None:
                found[name] = row.method
            if row.inplace is not None:
                found[f"{name}_"] = row.inplace
        if row.operator is not None and row.method is not None:
            plain, reflected, inplace = (f"__{before}{row.operator}__" for before in ("", "r", "i"))
            unary = row.definition.__code__.co_argcount == 1
            found[plain] = row.method if unary else operator_variant(row.op or row.method, plain, row.definition)
            if row.definition.__code__.co_argcount == 2:
                commutes = row.operator in COMMUTATIVE
                if commutes:
                    found[reflected] = operator_variant(row.op or row.method, reflected, row.definition)
                else:
                    found[reflected] = reflected_variant(row.method, reflected)
                if row.inplace is not None:
                    found[inplace] = operator_variant(row.inplace, inplace, row.inplace)
    return found

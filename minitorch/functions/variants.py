"""Makes the variants of a public function from its definition: ``out=``, in place, sizes given one by one.

"Out variant" and "in-place variant" are torch's terms.
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable, Mapping
from inspect import CO_VARARGS, CO_VARKEYWORDS, Parameter, Signature, isfunction, signature
from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch._variable import Variable
from minitorch.autograd.grad_mode import no_grad
from minitorch.autograd.graph import this_thread
from minitorch.autograd.hooks import change_node
from minitorch.autograd.inplace import check_history, writable, write
from minitorch.autograd.views import node_of
from minitorch.functions.arguments import number_argument, tensor_argument
from minitorch.functions.options import OPTIONS
from minitorch.functions.out import with_out
from minitorch.functions.overlap import ONE_NUMBER, refuse_overlap, write_one_number, writes_one_number
from minitorch.layout import layout_of, set_layout
from minitorch.ops.shape import inverse, permute, reshape
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

Function = Callable[..., Any]
_OPERANDS = (Variable, bool, int, float, complex, np.ndarray, np.generic)
"""What an operator itself refuses, with a message. Of another class it is not known what it does with a tensor."""


def out_variant(function: Function) -> Function:
    """`function` with torch's keyword argument ``out=``: the tensor or tensors into which the result is written.

    If the function has a parameter `dtype` or `device` that is not given, its value is that of `out`.
    """
    code = function.__code__
    inputs = () if function.__defaults__ or code.co_flags & CO_VARARGS else code.co_varnames[: code.co_argcount]
    has_options = bool(code.co_kwonlyargcount or code.co_flags & CO_VARKEYWORDS)
    variant: Function
    # A call without `out` is faster if the parameters are spelled out. This is done for the most frequent ones.
    if inputs == ("input",) and not has_options:

        def variant(input: Any, *, out: Any = None) -> Any:
            return function(input) if out is None else with_out(function, (input,), {}, out)

    elif inputs == ("input", "other") and not has_options:

        def variant(input: Any, other: Any, *, out: Any = None) -> Any:
            return function(input, other) if out is None else with_out(function, (input, other), {}, out)

    elif inputs == ("input", "other"):

        def variant(input: Any, other: Any, *, out: Any = None, **named: Any) -> Any:
            if out is None and not named:
                return function(input, other)
            return function(input, other, **named) if out is None else with_out(function, (input, other), named, out)

    else:

        def variant(*args: Any, out: Any = None, **named: Any) -> Any:
            return function(*args, **named) if out is None else with_out(function, args, named, out)

    own = signature(function)
    tensors = "Tensor" if own.return_annotation == "Tensor" else "Tensor | tuple[Tensor, ...]"
    keyword = Parameter("out", Parameter.KEYWORD_ONLY, default=None, annotation=f"{tensors} | None")
    _state_signature(variant, own.replace(parameters=[*own.parameters.values(), keyword]))
    return _named(variant, function, function.__name__)


def checked_variant(variant: Function, definition: Function, owner: str = "") -> Function:
    """`variant` of `definition`, with a TypeError that names an argument that should be a tensor or number but is not.

    Tensors are checked only after a call has failed, so a call that succeeds costs hardly more. Numbers are checked
    before: a call with a tensor in their place may succeed, but its gradient is lost.
    """
    own, unchecked = signature(variant), variant
    variant = with_checked_numbers(variant, definition, definition.__name__, int(not owner))
    annotations = definition.__annotations__
    if "dim" not in annotations and not any(a == "Tensor" for name, a in annotations.items() if name != "return"):
        if variant is not unchecked:
            _state_signature(variant, own)
            _named(variant, definition, definition.__name__, owner)
        return variant

    knows_numpy_names = definition.__name__ not in _WITHOUT_NUMPY_NAMES

    def checked(*args: Any, **named: Any) -> Any:
        try:
            return variant(*args, **named)
        except Exception:
            renamed = _without_numpy_names(definition, named) if knows_numpy_names else named
            if renamed == named:
                _check_tensors(definition, definition.__name__, variant, args, named, int(not owner))
                raise
        return checked(*args, **renamed)

    return _named(checked, variant, definition.__name__, owner)


_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
"""NumPy's names of parameters, which torch's functions know too, and torch's names."""
_WITHOUT_NUMPY_NAMES = ("norm", "split", "unflatten")  # torch has written these in Python


def _without_numpy_names(definition: Function, named: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a call that has failed, with torch's names in the place of NumPy's."""
    own = definition.__annotations__
    renamed = {}
    for name, value in named.items():
        new = _NUMPY_NAMES.get(name, name)
        renamed[name if name in own or new not in own or new in named else new] = value
    return renamed


def with_numpy_names(function: Function) -> Function:
    """`function`, whose keyword arguments may also have NumPy's names."""

    @functools.wraps(function)
    def variant(*args: Any, **named: Any) -> Any:
        return function(*args, **_without_numpy_names(function, named))

    return variant


_NUMBERS = {f"{number}{more}": number for number in ("Number", "float") for more in ("", " | None", " | str | None")}
"""The annotations of parameters that are numbers, and what messages call these."""


def with_checked_numbers(variant: Function, definition: Function, name: str, first: int = 1) -> Function:
    """`variant` of `definition`, with a TypeError for a tensor in the place of a number, where torch refuses it.

    Args:
        variant: the function that is called.
        definition: has the annotations: ``float`` and ``Number``, also ``| None``, are numbers.
        name: what messages call it.
        first: the position that messages give the first argument: 0 for a method.
    """
    numbers: list[tuple[str, int, str, str]] = []  # name, place among the positional arguments, annotation, kind
    for parameter, place in zip(signature(definition).parameters.values(), itertools.count()):
        annotation = str(parameter.annotation)
        if annotation in _NUMBERS:
            positional = parameter.kind is not Parameter.KEYWORD_ONLY
            numbers.append((parameter.name, place if positional else -1, annotation, _NUMBERS[annotation]))
    if not numbers:
        return variant
    least = min((place for _, place, _, _ in numbers if place >= 0), default=sys.maxsize)

    def checked(*args: Any, **named: Any) -> Any:
        if named or len(args) > least:
            for parameter, place, annotation, kind in numbers:
                if parameter in named:
                    value = named[parameter]
                elif 0 <= place < len(args):
                    value = args[place]
                else:
                    continue
                optional = (value is None and "None" in annotation) or (type(value) is str and "str" in annotation)
                if type(value) is not float and not optional:
                    number_argument(value, name, place + first if place >= 0 else None, parameter, kind)
        return variant(*args, **named)

    return functools.update_wrapper(checked, variant)


def checked_functions(module: str, names: Mapping[str, Any]) -> dict[str, Function]:
    """The functions among `names` that take numbers, with these checked; users find them in `module`."""
    found = {}
    for name, function in names.items():
        if isfunction(function) and function.__module__.startswith(f"{module}."):
            checked = with_checked_numbers(function, function, name)
            if checked is not function:
                found[name] = _named(checked, function, name)
                checked.__module__ = module
    return found


def _check_tensors(
    definition: Function, name: str, variant: Function, args: tuple[Any, ...], named: dict[str, Any], first: int
) -> None:
    """Raise TypeError if an argument of a call of `name`, which has failed, must be a tensor and is none.

    Args:
        definition: the function, whose annotations say which arguments must be tensors.
        name: what the message calls it.
        variant: the function that was called, whose signature the arguments are for.
        args: the arguments by position.
        named: the arguments by name.
        first: the position that messages give the first argument: 0 for a method.
    """
    own = signature(variant)
    try:
        given = own.bind(*args, **named).arguments
    except TypeError:  # arguments are missing or too many
        return
    for position, (parameter, value) in enumerate(given.items(), first):
        if definition.__annotations__.get(parameter) == "Tensor":
            several = own.parameters[parameter].kind is Parameter.VAR_POSITIONAL
            for i, t in enumerate(value if several else (value,)):
                tensor_argument(t, name, position + i, parameter)


def operator_variant(function: Function, name: str, documented: Function) -> Function:
    """The method `name` of a binary operator. For an operand that is not for `function` it returns NotImplemented.

    Python then asks the class of that operand, which may have an operator for tensors: ``tensor + mine`` calls
    ``mine.__radd__``, and ``[0] * tensor`` repeats the list.
    """
    operands = (Variable,) if name == "__matmul__" else _OPERANDS  # NumPy multiplies its matrices by tensors itself

    def variant(self: Tensor, other: Tensor | Number) -> Tensor:
        try:
            return function(self, other)
        except TypeError:
            if isinstance(other, operands):
                raise
            return NotImplemented

    if operands == (Variable,):
        variant.__annotations__["other"] = "Tensor"
    _state_signature(variant, signature(variant))
    variant.__name__ = name
    variant.__module__, variant.__qualname__ = "minitorch", f"Tensor.{name}"
    variant.__doc__ = documented.__doc__
    variant.__wrapped__ = documented  # type: ignore[attr-defined]  # as `functools.wraps` does
    return variant


def inplace_variant(function: Function, checks: bool = True) -> Function:
    """The method that writes the result of `function` into its first argument.

    Args:
        function: the function; its first parameter is the tensor.
        checks: as for `minitorch.functions.public.public`.
    """
    name = function.__name__

    def written(self: Any, *args: Any, **named: Any) -> Any:
        try:
            if name in ONE_NUMBER and writes_one_number(name, self, (*args, *named.values())):
                write_one_number(name, self, function(self, *args, **named))
                return self
            operand = writable(self, self, *args, *named.values())
            refuse_overlap(name, self, (*args, *named.values()))
            return write(self, function(operand, *args, **named), name)
        except Exception:
            renamed = _without_numpy_names(function, named)
            if renamed == named:
                _check_tensors(function, f"{name}_", function, (self, *args), named, 0)
                raise
        return written(self, *args, **renamed)

    if name.startswith("logical_"):  # torch does not look at the graph: it writes even to a leaf
        written = no_grad()(written)
    variant = with_checked_numbers(written, function, f"{name}_", 0) if checks else written
    return _named(variant, function, f"{name}_", "Tensor.")


def inplace_view_variant(function: Function) -> Function:
    """The method that turns its tensor into the view that `function` returns."""

    def variant(self: Any, *args: Any, **named: Any) -> Any:
        named = _without_numpy_names(function, named) if named else named
        check_history(self, self)
        before = this_thread.grad_enabled
        # Its gradient must get the old shape. A view whose history is refused has none to which it could be delivered.
        this_thread.grad_enabled = before or (self._node is not None and node_of(self) is not None)
        try:
            view = function(self, *args, **named)
        finally:
            this_thread.grad_enabled = before
        if self._view is None and view._view is not None:
            self._undo = (*self._undo, _inverse(self._array.shape, *view._view.steps))
        set_layout(self, view._array, layout_of(view))
        if view._node is not None:
            change_node(self, view._node, view._index)
        if self._view is not None:
            view._view.write_error = self._view.write_error  # whether its gradient is known has not changed
            self._view = view._view
            if view._node is not None:
                self._view.version += 1  # the node stays, with the hooks on the way to it
        self._counter[0] += 1
        return self

    return _named(variant, function, f"{function.__name__}_", "Tensor.")


def _inverse(shape: tuple[int, ...], step: Any) -> Any:
    """The step that undoes a view step of a tensor of this shape: a permutation, or dimensions of size 1 added or left
    out.
    """
    op, args = step
    return (op, (inverse(*args),)) if op is permute else (reshape, (shape,))


def varargs_variant(function: Function, sequence: str) -> Function:
    """`function`, whose parameter `sequence` may be given as one sequence, as single numbers, or as a keyword."""
    own = signature(function)
    position = list(own.parameters).index(sequence)
    variant: Function
    if position == 0:

        def variant(*sizes: Any, **named: Any) -> Any:
            if len(sizes) == 1 and not hasattr(sizes[0], "__index__"):
                return function(sizes[0], **named)
            return function(sizes, **named) if sizes else function(**named)

    else:

        def variant(self: Any, *sizes: Any, **named: Any) -> Any:
            if len(sizes) == 1 and not hasattr(sizes[0], "__index__"):  # a sequence or, for `view`, a dtype
                return function(self, sizes[0], **named)
            return function(self, sizes, **named) if sizes else function(self, **named)

    def after(p: Parameter) -> Parameter:
        return p if p.kind is p.VAR_KEYWORD else p.replace(kind=p.KEYWORD_ONLY)

    parameters = list(own.parameters.values())
    parameters[position:] = [
        Parameter(sequence, Parameter.VAR_POSITIONAL, annotation="int"),
        *map(after, parameters[position + 1 :]),
    ]
    _state_signature(variant, own.replace(parameters=parameters))
    return _named(variant, function, function.__name__, "Tensor." if position else "")


def reflected_variant(function: Function, name: str) -> Function:
    """The method `name` for a function of two operands in the other order: ``__rsub__``, for ``number - tensor``."""
    operands = (Variable,) if name == "__rmatmul__" else _OPERANDS

    def variant(self: Tensor, other: Tensor | Number) -> Tensor:
        try:
            return function(other, self)
        except TypeError:
            if isinstance(other, operands):
                raise
            return NotImplemented

    variant.__name__ = name
    variant.__module__, variant.__qualname__ = "minitorch", f"Tensor.{name}"
    variant.__doc__ = f"`{function.__name__}` with the operands in the other order."
    return variant


def state_options(function: Function) -> None:
    """Show the options of new tensors in the signature of `function`, if it takes them as ``**options``."""
    options = OPTIONS.get(function.__annotations__.get("options", ""))
    if options is not None:
        own = signature(function)
        _state_signature(function, own.replace(parameters=[*list(own.parameters.values())[:-1], *options]))


def _state_signature(function: Function, stated: Signature) -> None:
    function.__signature__ = stated  # type: ignore[attr-defined]  # `inspect.signature` reads it


def _named(variant: Function, function: Function, name: str, owner: str = "") -> Function:
    """Give `variant` the name under which users find it; pickle needs this."""
    variant.__name__ = name
    module = function.__module__
    variant.__module__ = "minitorch" if module.startswith("minitorch.functions.") else module
    variant.__qualname__ = owner + name
    variant.__doc__ = (
        function.__doc__ if name == function.__name__ else f"`{function.__name__}` in place: {function.__doc__}"
    )
    variant.__wrapped__ = function  # type: ignore[attr-defined]  # as `functools.wraps` does
    return variant

"""The placeholders of statements: names of tensors, numbers, dims, shapes, indices, drawn to fit.

A statement is written as a template, for instance ``{x}.gather({dim}, {index})``. Its first placeholder draws the
*subject*, a tensor that the program has; the others are drawn to fit it, but sometimes not, on purpose.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import torch

_FIELD = re.compile(r"\{(\w+)\}")
_NAMES = "abcdefghijklmnopqrstuvwxyz"
FLOATS = ("float64", "float64", "float64", "float32", "float32", "float16")
INTEGERS = ("int64", "int64", "int64", "int32", "uint8", "int8", "int16")


class Fields:
    """Fills templates.

    Args:
        rng: the random generator.
        names: the values of the program's names so far, with torch.
    """

    def __init__(self, rng: random.Random, names: dict[str, Any]) -> None:
        self.rng = rng
        self.names = names
        self.subject: Any = None
        self.subject_name = ""

    def fill(self, template: str) -> str:
        """A template's text with every placeholder drawn.

        Raises:
            LookupError: if the program has no tensor of the kind that it needs.
        """
        self.subject, self._dim = None, 0
        return _FIELD.sub(lambda match: getattr(self, match[1])(), template)

    # Tensors that the program has

    def _tensor(self, fits: Callable[[Any], bool] = lambda t: True) -> str:
        found = [k for k, v in self.names.items() if isinstance(v, torch.Tensor) and _holds(fits, v)]
        if not found:
            raise LookupError
        # Late names come up more often: chains of operations are more interesting than many of the first tensor.
        name = found[max(self.rng.randrange(len(found)), self.rng.randrange(len(found)))]
        if self.subject is None:
            self.subject, self.subject_name = self.names[name], name
        return name

    def x(self) -> str:
        """Any tensor."""
        return self._tensor()

    def f(self) -> str:
        """A tensor in floating point."""
        return self._tensor(lambda t: t.is_floating_point())

    def r(self) -> str:
        """A tensor that requires a gradient."""
        return self._tensor(lambda t: t.requires_grad)

    def leaf(self) -> str:
        """A leaf that requires a gradient."""
        return self._tensor(lambda t: t.requires_grad and t.is_leaf)

    def i(self) -> str:
        """A tensor of integers or truth values."""
        return self._tensor(lambda t: not t.is_floating_point())

    def m(self) -> str:
        """A tensor of at least two dimensions."""
        return self._tensor(lambda t: t.dim() >= 2)

    def filled(self) -> str:
        """A tensor with elements."""
        return self._tensor(lambda t: t.numel() > 0)

    def again(self) -> str:
        """The subject."""
        return self.subject_name

    def handle(self) -> str:
        """What `register_hook` has returned."""
        found = [k for k, v in self.names.items() if hasattr(v, "remove") and not isinstance(v, list)]
        if not found:
            raise LookupError
        return self.rng.choice(found)

    def y(self) -> str:
        """An operand that broadcasts with the subject, rarely one that does not; or a number."""
        draw = self.rng.random()
        if draw < 0.15:
            return self.s()
        if draw < 0.3:
            return self.literal(self._broadcastable())
        if draw < 0.35:
            return self._tensor()
        return self._tensor(lambda t: _broadcasts(tuple(t.shape), tuple(self.subject.shape)))

    def t(self) -> str:
        """A tensor of the subject's shape."""
        if self.rng.random() < 0.6:
            return self._tensor(lambda t: t.shape == self.subject.shape)
        return self.literal(tuple(self.subject.shape))

    def to_x(self) -> str:
        """A tensor that can be copied into the subject, or a number."""
        draw = self.rng.random()
        if draw < 0.3:
            return self.s()
        if draw < 0.5:
            return self.literal(self._broadcastable())
        shape = tuple(self.subject.shape)
        return self._tensor(lambda t: t.dim() <= len(shape) and _broadcasts(tuple(t.shape), shape, grow=False))

    def new(self) -> str:
        """A new name, or rarely one that is in use."""
        free = [n for n in _NAMES if n not in self.names]
        taken = [n for n in _NAMES if n in self.names]
        return self.rng.choice(taken) if not free or (taken and self.rng.random() < 0.05) else free[0]

    # Literals

    def literal(self, shape: tuple[int, ...] | None = None, dtype: str = "") -> str:
        """A tensor written out."""
        if shape is None:
            shape = self._shape()
        if not dtype:
            dtype = self.rng.choice(FLOATS + INTEGERS[:3]) if self.rng.random() < 0.8 else self._dtype()
        if 0 in shape[:-1]:  # a nested list cannot say such a shape
            return f"torch.zeros({shape}, dtype=torch.{dtype})"
        return f"torch.tensor({_nested(shape, lambda: self._element(dtype))}, dtype=torch.{dtype})"

    def _element(self, dtype: str) -> Any:
        if dtype == "bool":
            return self.rng.random() < 0.5
        return self._real() if dtype.startswith("float") else self.rng.randrange(0 if dtype == "uint8" else -3, 5)

    def made(self) -> str:
        """A tensor written out that requires a gradient, if in floating point usually."""
        dtype = self.rng.choice(FLOATS) if self.rng.random() < 0.75 else self._dtype()
        grad = dtype.startswith("float") and self.rng.random() < 0.6
        text = self.literal(self._shape(), dtype)
        return text[:-1] + ", requires_grad=True)" if grad else text

    def mask(self) -> str:
        """Booleans of the subject's shape."""
        if self.rng.random() < 0.3:
            return self.literal(tuple(self.subject.shape), "bool")
        return f"({self.subject_name} > {self.s()})"

    def zero_d(self) -> str:
        """A 0-d tensor in floating point, of the subject's dtype usually."""
        if self.rng.random() < 0.5:
            return self._tensor(lambda t: t.dim() == 0 and t.is_floating_point())
        return f"torch.tensor({self._real()}, dtype={self.subject.dtype}, requires_grad=True)"

    def index(self) -> str:
        """Integers to gather or scatter with along the dim that `dim` has drawn last, in the subject's shape."""
        shape = list(self.subject.shape)
        size = shape[self._dim] if shape else 1
        if shape and self.rng.random() < 0.3:
            shape[self._dim] = self.rng.randrange(1, 3)
        return self._integers(tuple(shape), size)

    def index1(self) -> str:
        """Integers in one dimension that select along the dim that `dim` has drawn last."""
        size = self.subject.shape[self._dim] if self.subject.dim() else 1
        return self._integers((self.rng.randrange(1, 4),), size)

    def flat_index(self) -> str:
        """Integers that select among all elements of the subject."""
        return self._integers((self.rng.randrange(1, 4),), self.subject.numel())

    def _integers(self, shape: tuple[int, ...], size: int) -> str:
        low = -size if self.rng.random() < 0.05 else 0
        high = size + 1 if self.rng.random() < 0.03 else max(size, 1)
        if 0 in shape[:-1]:
            return f"torch.zeros({shape}, dtype=torch.int64)"
        return f"torch.tensor({_nested(shape, lambda: self.rng.randrange(low, high))}, dtype=torch.int64)"

    # Numbers and settings

    def s(self) -> str:
        """A number."""
        if self.rng.random() < 0.04:
            return self.rng.choice(("inf", "-inf", "nan", "True", "300", "-1", "1e20"))
        return str(self.rng.choice((self._real(), self._real(), self.rng.randrange(-3, 4))))

    def n(self) -> str:
        """A small integer, rarely negative."""
        return str(self.rng.choice((0, 1, 1, 1, 2, 2, 3, -1)))

    def flag(self) -> str:
        """True or False."""
        return self.rng.choice(("True", "False"))

    def dtype(self) -> str:
        """A dtype."""
        return "torch." + self._dtype()

    def floating(self) -> str:
        """A floating-point dtype."""
        return "torch." + self.rng.choice(FLOATS)

    def _dtype(self) -> str:
        return self.rng.choice(FLOATS + INTEGERS + ("bool", "bool"))

    def _real(self) -> float:
        return self.rng.choice((0.5, -0.5, 1.0, 2.0, 0.25, -1.5, 0.0, *[round(self.rng.uniform(-2, 2), 2)] * 6))

    def dim(self) -> str:
        """A dim of the subject, counted from the front or the back; rarely one that it does not have."""
        n = max(self.subject.dim(), 1)
        dim = self.rng.randrange(-n, n) if self.rng.random() < 0.97 else self.rng.choice((n, -n - 1))
        self._dim = dim % n
        return str(dim)

    def dims(self) -> str:
        """Some dims of the subject as a tuple."""
        n = self.subject.dim()
        chosen = self.rng.sample(range(n), self.rng.randrange(n + 1))
        return str(tuple(d - n if self.rng.random() < 0.3 else d for d in chosen))

    def permutation(self) -> str:
        """All dims of the subject in some order."""
        return str(tuple(self.rng.sample(range(self.subject.dim()), self.subject.dim())))

    def size(self) -> str:
        """A shape."""
        return str(self._shape())

    def same_numel(self) -> str:
        """A shape that has as many elements as the subject."""
        n, shape = self.subject.numel(), []
        while n > 1 and self.rng.random() < 0.8:
            divisor = self.rng.choice([d for d in range(1, n + 1) if n % d == 0])
            shape.append(divisor)
            n //= divisor
        if n != 1 or self.rng.random() < 0.3:
            shape.insert(self.rng.randrange(len(shape) + 1), n)
        if shape and n and self.rng.random() < 0.3:
            shape[self.rng.randrange(len(shape))] = -1
        return str(tuple(shape))

    def expanded(self) -> str:
        """A shape that the subject can be expanded to."""
        shape = [self.rng.randrange(1, 4) if n == 1 else n for n in self.subject.shape]
        shape = [-1 if self.rng.random() < 0.15 else n for n in shape]
        lead = [self.rng.choice((1, 2, 3, 0, 2)) for _ in range(self.rng.choice((0, 0, 1, 1, 2)))]
        return str(tuple(lead + shape))

    def repeats(self) -> str:
        """How often to repeat the subject along each dim."""
        return str(tuple(self.rng.choice((1, 1, 2, 0)) for _ in range(self.subject.dim() + self.rng.randrange(2))))

    def where(self) -> str:
        """The index in the brackets of an indexed subject."""
        parts, advanced = [], 0
        dims = list(self.subject.shape)
        while dims and self.rng.random() < 0.75:
            kind = self.rng.choices(_INDICES, _WEIGHTS)[0]
            if kind == "mask" and (advanced or not math.prod(dims)):
                continue
            advanced += kind in ("list", "tensor", "mask")
            parts.append(self._part(kind, dims))
        if self.rng.random() < 0.1 and "..." not in parts:
            parts.insert(self.rng.randrange(len(parts) + 1), "...")
        if self.rng.random() < 0.05:
            parts.insert(self.rng.randrange(len(parts) + 1), self.rng.choice(("True", "False")))
        return ", ".join(parts) or "..."

    def _part(self, kind: str, dims: list[int]) -> str:
        """One index, which takes what it consumes from the sizes in `dims`."""
        size = dims[0]
        if kind == "None":
            return "None"
        if kind == "mask":
            shape = tuple(dims[: self.rng.randrange(1, len(dims) + 1)])
            del dims[: len(shape)]
            return self.literal(shape, "bool")
        dims.pop(0)
        if kind == "int":
            return str(self.rng.randrange(-size, size) if size else 0)
        if kind == "slice":
            ends = [str(self.rng.randrange(-size, size + 1)) if self.rng.random() < 0.5 else "" for _ in range(2)]
            return ":".join(ends) + self.rng.choice(("", "", ":2", ":1"))
        chosen = [self.rng.randrange(-size, size) if size else 0 for _ in range(self.rng.choice((0, 1, 2, 2, 3)))]
        if kind == "list" and chosen:
            return str(chosen)
        return f"torch.tensor({chosen}, dtype=torch.int64)"

    def literal_like_index(self) -> str:
        """A tensor of the shape that an `index1` of two elements selects from the subject along dim 0."""
        return self.literal((2, *self.subject.shape[1:]))

    def _shape(self) -> tuple[int, ...]:
        draw = self.rng.random()
        if draw < 0.12:
            return ()
        shape = [self.rng.choice((1, 2, 2, 3, 3, 4)) for _ in range(self.rng.choice((1, 1, 2, 2, 2, 3)))]
        if draw > 0.93:
            shape[self.rng.randrange(len(shape))] = 0
        return tuple(shape)

    def _broadcastable(self) -> tuple[int, ...]:
        shape = tuple(self.subject.shape)
        kept = shape[self.rng.randrange(len(shape) + 1) :]
        return tuple(1 if self.rng.random() < 0.2 else n for n in kept)

    def matrix_for(self) -> str:
        """A matrix or vector that the subject can be multiplied by."""
        rows = self.subject.shape[-1] if self.subject.dim() else 1
        if self.rng.random() < 0.4:
            return self._tensor(lambda t: t.dim() and t.shape[max(t.dim() - 2, 0)] == rows)
        dtype = str(self.subject.dtype).removeprefix("torch.")
        return self.literal((rows, self.rng.randrange(1, 4)) if self.rng.random() < 0.7 else (rows,), dtype)


_INDICES = ("int", "slice", "None", "list", "tensor", "mask")
_WEIGHTS = (4, 5, 1, 1, 1, 1)


def _holds(condition: Callable[[Any], bool], t: Any) -> bool:
    try:
        return condition(t)
    except RuntimeError:  # a view whose history torch refuses to say
        return False


def _nested(shape: tuple[int, ...], make: Callable[[], Any]) -> Any:
    return [_nested(shape[1:], make) for _ in range(shape[0])] if shape else make()


def _broadcasts(shape: tuple[int, ...], other: tuple[int, ...], grow: bool = True) -> bool:
    """Whether two shapes broadcast; unless `grow`, to `other` itself."""
    pairs = zip(reversed(shape), reversed(other), strict=False)
    return all(a == b or a == 1 or (grow and b == 1) for a, b in pairs)

"""Step 10: a training step, recorded as NumPy.

At the end of this step you have the training step of the network as a plain NumPy program: forward, backward and the
optimizer, 61 lines that you can read. It runs without the engine, and computes the same numbers.

The engine decides anew at each step which rules to call, in which order. But it decides the same each time. So we can
write down once what was computed, and afterwards only compute it.

How do we see what is computed? Step 9 has shown that the engine computes with any array that has the operators. So we
give it arrays that *write down* what is done with them. Such an array is a `Box`: it has NumPy's array inside, and a
name, as in a program. When two boxes are added, the result is computed, gets a new name, and a line is added to the
program:

    t7 = t5 + out_bias

What goes wrong if the step is not the same each time? A step that reads a number, such as ``if loss > 1``, would be
written down with the decision of this one time. So a box refuses to tell its numbers. Shapes are the same each time if
the arguments have the same shapes; so a recording is for these shapes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from step09_other_arrays import LIBRARIES, net_and_data, train_step

lines: list[str] = []  # the program


class Box:
    """An array and its name in the program."""

    __array_ufunc__ = None

    def __init__(self, host: Any, name: str) -> None:
        self.host, self.name = host, name

    def refuse(self, *args: Any) -> Any:
        raise TypeError("the step reads the elements of an array, which may be others next time: it cannot be recorded")

    __array__ = __bool__ = __float__ = __int__ = refuse

    shape = property(lambda self: self.host.shape)
    dtype = property(lambda self: self.host.dtype)
    T = property(lambda self: note("{}.T", np.transpose, self))


def note(form: str, function: Callable[..., Any], *args: Any, **options: Any) -> Box:
    """Compute a function of what is in boxes, and add a line to the program; `form` says how the call is written."""
    if any(isinstance(a, np.ndarray) for a in args):
        raise TypeError("an array that is neither an argument nor a parameter: its numbers may be others next time")
    host = function(*[a.host if isinstance(a, Box) else a for a in args], **options)
    words = [a.name if isinstance(a, Box) else f"{a.name!r}" if isinstance(a, np.dtype) else repr(a) for a in args]
    more = [*words[1:], *[f"{name}={value!r}" for name, value in options.items()]]
    name = f"t{len(lines)}"
    lines.append(f"{name} = {form.format(*words, more=', '.join(more))}")
    return Box(np.asarray(host), name)


SIGNS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "matmul": "@", "pow": "**", "gt": ">"}
for word, sign in SIGNS.items():
    form, function = f"{{}} {sign} {{}}", getattr(operator, word)
    setattr(Box, f"__{word}__", lambda x, y, form=form, function=function: note(form, function, x, y))
    setattr(Box, f"__r{word}__", lambda x, y, form=form, function=function: note(form, function, y, x))
Box.__neg__ = lambda x: note("-{}", operator.neg, x)
for word in ("sum", "max", "reshape", "astype"):
    form, function = f"{{}}.{word}({{more}})", getattr(np.ndarray, word)
    setattr(Box, word, lambda *a, form=form, function=function, **options: note(form, function, *a, **options))


class Library:
    """The module of boxes: functions with NumPy's names."""

    def __getattr__(self, name: str) -> Any:
        return lambda x, *args: note(f"np.{name}({{}}{', {more}' if args else ''})", getattr(np, name), x, *args)


LIBRARIES[Box] = Library()


def record(net: Any, optimizer: Any, images: Any, targets: Any) -> str:
    """The source of a function ``step(state, images, targets)``, which returns the loss and the next state.

    The state is the list of parameters, then of the optimizer's velocities. This takes a real training step.
    """
    lines.clear()
    names = [name.replace(".", "_") for name, _ in net.named_parameters()]
    velocities = [f"{name}_velocity" for name in names]
    for p, name in zip(optimizer.parameters, names, strict=True):
        p.array = Box(p.array, name)
    optimizer.velocity = [Box(v, name) for v, name in zip(optimizer.velocity, velocities, strict=True)]

    loss = train_step(net, optimizer, Box(images, "images"), Box(targets, "targets")).array

    after = [p.array.name for p in optimizer.parameters] + [v.name for v in optimizer.velocity]
    for p in optimizer.parameters:  # back to plain arrays
        p.array, p.grad = p.array.host, None
    optimizer.velocity = [v.host for v in optimizer.velocity]
    first, last = f"{', '.join(names + velocities)} = state", f"return {loss.name}, [{', '.join(after)}]"
    return (
        "import numpy as np\n\n\ndef step(state, images, targets):\n    " + "\n    ".join([first, *lines, last]) + "\n"
    )


if __name__ == "__main__":
    net, optimizer, images, targets = net_and_data()
    train_step(net, optimizer, images, targets)  # in the first step there are no velocities yet
    source = record(net, optimizer, images, targets)
    print(source)
    # Its lines: up to t18 the forward pass, ending with the loss; from t19, the 1 that the backward pass begins with,
    # to t44 the rules of the ops, last first; then the optimizer, four lines for each parameter.

    program: dict[str, Any] = {}
    exec(source, program)
    state = [p.array for p in optimizer.parameters] + optimizer.velocity
    same = []
    for _ in range(10):
        loss, state = program["step"](state, images, targets)
        same.append(loss == train_step(net, optimizer, images, targets).array)
    print(all(same))  # True
    print(all((p.array == s).all() for p, s in zip(optimizer.parameters, state, strict=False)))  # True

# What it grew into: ../../minitorch/recording/boxes.py, and the recorder beside it in
# ../../minitorch/recording/recorder.py. They add: writing into memory, views, random numbers, a memory plan for the
# replay, and checks of all that the step was found to depend on. ../../docs/recording.md shows what `minitorch.record`
# can do.

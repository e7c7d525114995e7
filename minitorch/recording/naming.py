"""Names for the arrays of a program: of parameters, inputs, gradients, and of what each layer makes."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable
from typing import Any

from minitorch.autograd.graph import Variable
from minitorch.recording.capture import Capture, Returned, leaves_of
from minitorch.recording.needed import needed_calls
from minitorch.recording.program import Value
from minitorch.recording.text import identifier

RESERVED = {"np", "step", "kernels", "arrays", "SimpleNamespace", "generator"}


def name_values(step: Callable[..., Any], taken: Capture, results: list[Value]) -> dict[Value, str]:
    """A name for every value that the needed calls use."""
    names: dict[Value, str] = {}
    used: set[str] = set(RESERVED)

    def give(value: Value, text: str) -> None:
        if value in names:
            return
        name = text = identifier(text)
        number = 2
        while name in used or keyword.iskeyword(name):
            name, number = f"{text}_{number}", number + 1
        used.add(name)
        names[value] = name

    program = taken.program
    for number, text in enumerate(_input_names(step, taken)):
        if number in program.inputs:
            give(program.inputs[number], text)
    for value, holder, is_gradient in program.externals:
        text = taken.names.get(id(holder), "tensor")
        give(value, f"grad_{text}" if is_gradient else text)
    for g in taken.gradients:
        if isinstance(g.after, Returned):
            give(g.after.value, f"grad_{'input' if isinstance(g.leaf, int) else taken.names.get(id(g.leaf), 'tensor')}")
    for r in leaves_of(taken.result):
        if isinstance(r, Returned):
            give(r.value, "loss" if not r.value.host.shape and r.requires_grad else "result")
    kernels = program.kernels
    last: dict[int, Value] = {}  # by number of a kernel call: the last array that it makes
    calls = needed_calls(program, results)
    for i, call in calls:
        if call.kernel is not None:
            for value in call.results():
                if value.call == i and value.memory.values[0] is value:
                    last[call.kernel.number] = value
    for i, call in calls:
        for value in call.results():
            if value.call != i:
                continue
            kernel = call.kernel
            if kernel is None:
                give(value, call.name.rpartition(".")[2] if call.form == "draw" else "t")
            elif last.get(kernel.number) is value:
                source = kernel if kernel.origin is None else kernels[kernel.origin]
                module = source.place.module.replace(".", "_")
                text = f"{module}_{source.name}" if module else source.name
                give(value, f"grad_{text}" if kernel.place.section == "backward" else text)
            elif value.memory.values[0] is not value and value.memory.values[0] in names:
                give(value, f"{names[value.memory.values[0]]}_view")
            else:
                give(value, "t")
    return names


def _input_names(step: Callable[..., Any], taken: Capture) -> list[str]:
    """Of each tensor among the arguments: the parameter's name, with a number where there are several in one."""
    try:
        parameters = [*inspect.signature(step).parameters.values()]
    except (TypeError, ValueError):
        parameters = []
    found: list[str] = []
    for i, arg in enumerate(taken.args):
        inside = parameters[i] if i < len(parameters) else None
        name = inside.name if inside is not None and inside.kind is not inside.VAR_POSITIONAL else f"input_{i}"
        tensors = [t for t in leaves_of((arg,)) if isinstance(t, Variable)]
        found += [name] if len(tensors) == 1 and tensors[0] is arg else [f"{name}_{k}" for k in range(len(tensors))]
    return found

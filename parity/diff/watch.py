"""Noting what the calls of a script return, in either library.

torch tells of its calls through a `TorchFunctionMode`. minitorch's functions and methods are replaced, while the script
runs, by ones that note their results. Calls of modules are noted by global forward hooks, optimizer steps by global
hooks for these, in both. A call is noted if the script makes it: what libraries call inside is not.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name

import minitorch
from minitorch.functions.public import functions
from minitorch.nn import functional, init
from parity.compare.structure import to_numpy
from parity.diff.trace import Entry, Place, Stop, Trace, is_script, place_of, tensors

_TORCH = Path(torch.__file__).parent
_WRAPPERS = {
    str(_TORCH / name)
    for name in ("overrides.py", "functional.py", "_tensor.py", "_jit_internal.py", "nn/functional.py")
} | {str(_TORCH / "nn" / "init.py"), str(_TORCH / "_VF.py"), str(_TORCH / "__init__.py")}
_OPERATORS = {
    f"__{variant}{name}__"
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
    for variant in ("", "r", "i")
} | {f"__{name}__" for name in ("neg", "abs", "pos", "getitem", "eq", "ne", "lt", "le", "gt", "ge", "invert")}
_NOT_NOTED = {
    *("backward", "register_hook", "register_post_accumulate_grad_hook", "requires_grad_", "retain_grad"),
    *("numpy", "item", "tolist", "data_ptr", "storage", "untyped_storage", "__array__", "__reduce_ex__"),
    *("apply_", "map_", "set_", "share_memory_", "is_shared", "as_subclass", "dim", "size", "resize_"),
    *("empty", "empty_like", "empty_strided", "new_empty"),
    *("from_numpy", "cpu", "to", "float", "contiguous", "detach", "data"),
}
"""Functions that compute nothing, leave memory as it was, or are called by the libraries' files in their own ways."""


class Watcher:
    """Notes into a trace what a library returns.

    Args:
        trace: what is filled.
        tensor_type: the library's class of tensors.
        limit: after how many optimizer steps the script is stopped; None: it runs to its end.
    """

    def __init__(self, trace: Trace, tensor_type: type, limit: int | None) -> None:
        self.trace = trace
        self.tensor_type = tensor_type
        self.limit = limit
        self.made: dict[int, tuple[Any, int, Any]] = {}  # by id of a tensor: it, the call that made it, its node
        self.last_step = 0  # the number of the next call after the last step: what was made before the one before goes
        self.busy = False

    def note_call(self, name: str, place: Place, args: Any, result: Any) -> None:
        """Note a call; the gradients of its results are noted when they arrive."""
        found = [] if self.busy else list(tensors(result, self.tensor_type))
        if not found or not place.line:
            return
        self.busy = True
        try:
            taken = list(tensors(args, self.tensor_type))
            for t in taken:
                self._note_leaf(t, place)
            entry = Entry("call", name, place, [self._value(t) for t in found if t.is_floating_point()])
            entry.shapes = [tuple(t.shape) for t in found]
            entry.taken = [tuple(t.shape) for t in taken]
            entry.sources = [self.made[id(t)][1] for t in (*taken, *found) if id(t) in self.made]
            entry.grads = self._leaves_of([t for t in taken if id(t) not in self.made])
            number = self.trace.add(entry)
            for i, t in enumerate(found):
                node = t.grad_fn
                before = self.made.get(id(t))
                self.made[id(t)] = t, number, node
                if node is not None and (before is None or before[2] is not node):  # not for what a module passes on
                    t.register_hook(self._noting_gradient(number, i))
        finally:
            self.busy = False

    def unnoted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with nothing noted of what it calls."""

        @functools.wraps(function)
        def quiet(*args: Any, **kwargs: Any) -> Any:
            before, self.busy = self.busy, True
            try:
                return function(*args, **kwargs)
            finally:
                self.busy = before

        return quiet

    def note_module(self, module: Any, args: Any, result: Any) -> None:
        """Note a call of a module (a forward hook)."""
        if self.busy:
            return
        place = place_of(sys._getframe(1))
        self.busy = True
        try:
            for name, parameter in module.named_parameters(recurse=False):
                self._note_leaf(parameter, place, f"{type(module).__name__}.{name}")
        finally:
            self.busy = False
        own = list(module.parameters(recurse=False))
        self.note_call(f"{type(module).__name__}()", place, [args, own], result)

    def note_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Note the parameters after a step of an optimizer."""
        self.busy = True
        try:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            entry = Entry("step", f"{type(optimizer).__name__}.step", place_of(sys._getframe(1)), [])
            entry.values = [self._value(p) for p in parameters]
            entry.shapes = entry.taken = [tuple(p.shape) for p in parameters]
            self.trace.add(entry)
            self.trace.steps += 1
            old, self.last_step = self.last_step, self.trace.count
            self.made = {key: m for key, m in self.made.items() if m[1] >= old or (m[2] is None and m[0].requires_grad)}
        finally:
            self.busy = False
        if self.limit is not None and self.trace.steps >= self.limit:
            raise Stop

    def _note_leaf(self, t: Any, place: Place, name: str = "") -> None:
        """Note a leaf that requires a gradient when it is first seen."""
        if id(t) in self.made or not t.requires_grad or not t.is_leaf:
            return
        entry = Entry("call", name or "leaf", place, [self._value(t)], [tuple(t.shape)])
        number = self.trace.add(entry)
        self.made[id(t)] = t, number, None
        t.register_hook(self._noting_gradient(number, 0))

    def _leaves_of(self, unknown: list[Any]) -> list[int]:
        """The numbers of the leaves whose `grad` is among these tensors."""
        wanted = {id(t) for t in unknown}
        leaves = [m for m in self.made.values() if m[2] is None and m[0].requires_grad] if wanted else []
        return [number for t, number, _ in leaves if id(t.grad) in wanted]

    def _noting_gradient(self, number: int, index: int) -> Callable[[Any], None]:
        of, times = self.trace.entries[-1], 0

        def note(g: Any) -> None:
            nonlocal times
            times += 1
            entry = Entry("gradient", f"gradient of {of.name}", of.place, [self._value(g)], [tuple(g.shape)])
            entry.call, entry.nth = (number, index), times
            self.trace.add(entry)

        return note

    def _value(self, t: Any) -> Any:
        return to_numpy(t.detach()).copy()


@contextmanager
def watching(library: Any, trace: Trace, limit: int | None) -> Iterator[None]:
    """A block in which the calls of scripts are noted.

    Args:
        library: torch, or minitorch, perhaps with other functions in it.
        trace: what is filled.
        limit: after how many optimizer steps `Stop` is raised.
    """
    home = torch if library is torch else minitorch
    watcher = Watcher(trace, home.Tensor, limit)
    with ExitStack() as stack:
        hooks = sys.modules[f"{home.__name__}.nn.modules.module"]
        steps = sys.modules[f"{home.__name__}.optim.optimizer"]
        stack.callback(hooks.register_module_forward_hook(watcher.note_module).remove)
        stack.callback(steps.register_optimizer_step_post_hook(watcher.note_step).remove)
        for name in ("gradcheck", "gradgradcheck"):  # each library calls what it checks in its own way, its own times
            stack.callback(setattr, home.autograd, name, getattr(home.autograd, name))
            setattr(home.autograd, name, watcher.unnoted(getattr(home.autograd, name)))
        if home is torch:
            stack.enter_context(_Mode(watcher))
        else:
            _replace_functions(stack, watcher)
        yield


class _Mode(TorchFunctionMode):
    def __init__(self, watcher: Watcher) -> None:
        super().__init__()
        self.watcher = watcher

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in _NOT_NOTED or name in ("__get__", "__set__", "__delete__"):
            return result
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename in _WRAPPERS:
            frame = frame.f_back
        if frame is not None and is_script(frame.f_code.co_filename):
            place = Place(frame.f_code.co_filename, frame.f_lineno)
            with torch._C.DisableTorchFunction():
                self.watcher.note_call(resolve_name(func) or name, place, [args, kwargs], result)
        return result


def _replace_functions(stack: ExitStack, watcher: Watcher) -> None:
    """Let minitorch's public functions and methods note their results, until the stack is closed."""

    def put(space: Any, name: str, value: Any) -> None:
        own = vars(space)
        if name in own:
            stack.callback(setattr, space, name, own[name])
        else:
            stack.callback(delattr, space, name)
        setattr(space, name, value)

    for name in functions():
        if name not in _NOT_NOTED:
            put(minitorch, name, _noting(getattr(minitorch, name), f"torch.{name}", watcher))
    for space, prefix in ((functional, "torch.nn.functional."), (init, "torch.nn.init.")):
        for name, value in list(vars(space).items()):
            if inspect.isfunction(value) and not name.startswith("_"):
                put(space, name, _noting(value, prefix + name, watcher))
    for name in dir(minitorch.Tensor):
        value = inspect.getattr_static(minitorch.Tensor, name)
        if inspect.isfunction(value) and name not in _NOT_NOTED and (not name.startswith("_") or name in _OPERATORS):
            put(minitorch.Tensor, name, _noting(value, f"torch.Tensor.{name}", watcher))


def _noting(function: Callable[..., Any], name: str, watcher: Watcher) -> Callable[..., Any]:
    @functools.wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        frame = sys._getframe(1)
        if result is not NotImplemented and is_script(frame.f_code.co_filename):
            watcher.note_call(name, Place(frame.f_code.co_filename, frame.f_lineno), [args, kwargs], result)
        return result

    return noted

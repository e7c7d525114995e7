"""Calling a module: `forward`, and the hooks that run before and after it and in its backward pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from minitorch.autograd.origins import set_module_call
from minitorch.nn.modules._backward_hook import BackwardHook
from minitorch.utils.hooks import Hooks, RemovableHandle, add_hook

Hook = Callable[..., Any]

_global_forward_pre_hooks: Hooks = {}
_global_forward_hooks: Hooks = {}
_global_forward_hooks_with_kwargs: dict[int, bool] = {}
_global_forward_hooks_always_called: dict[int, bool] = {}
_global_backward_pre_hooks: Hooks = {}
_global_backward_hooks: Hooks = {}
_global_buffer_registration_hooks: Hooks = {}
_global_module_registration_hooks: Hooks = {}
_global_parameter_registration_hooks: Hooks = {}


class Hooked:
    """The part of `Module` that calls `forward` and hooks. Global hooks run before a module's hooks."""

    forward: Callable[..., Any]
    _forward_pre_hooks: Hooks
    _forward_pre_hooks_with_kwargs: dict[int, bool]
    _forward_hooks: Hooks
    _forward_hooks_with_kwargs: dict[int, bool]
    _forward_hooks_always_called: dict[int, bool]
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks

    def _init_hooks(self) -> None:
        self.__dict__.update({name: {} for name in _TABLES})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not (
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or _global_forward_hooks
            or _global_forward_pre_hooks
            or _global_backward_hooks
            or _global_backward_pre_hooks
        ):
            return self.forward(*args, **kwargs)
        ran: set[int] = set()
        try:
            return self._call_with_hooks(args, kwargs, ran)
        except Exception:
            for number, hook in self._forward_hooks_in_order():
                if self._flagged(number, "always_called") and number not in ran:
                    try:
                        self._call_forward_hook(number, hook, args, kwargs, None)
                    except Exception as error:
                        warnings.warn(
                            "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                            f"another error was raised in forward: {error}",
                            stacklevel=2,
                        )
            raise

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any], ran: set[int]) -> Any:
        for number, hook in (*_global_forward_pre_hooks.items(), *self._forward_pre_hooks.items()):
            if number in self._forward_pre_hooks_with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is not None:
                    if not isinstance(changed, tuple) or len(changed) != 2:
                        raise RuntimeError(
                            "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                            f"{changed}."
                        )
                    args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        hooks = (*_global_backward_hooks.values(), *self._backward_hooks.values())
        pre_hooks = (*_global_backward_pre_hooks.values(), *self._backward_pre_hooks.values())
        backward = BackwardHook(self, hooks, pre_hooks) if hooks or pre_hooks else None
        if backward is not None:
            args = backward.watch_inputs(args)
        result = self.forward(*args, **kwargs)
        for number, hook in self._forward_hooks_in_order():
            ran.add(number)
            changed = self._call_forward_hook(number, hook, args, kwargs, result)
            if changed is not None:
                result = changed
        return result if backward is None else backward.watch_outputs(result)

    def _forward_hooks_in_order(self) -> list[tuple[int, Hook]]:
        return [*_global_forward_hooks.items(), *self._forward_hooks.items()]

    def _flagged(self, number: int, flag: str) -> bool:
        own: dict[int, bool] = self.__dict__[f"_forward_hooks_{flag}"]
        return number in own or number in globals()[f"_global_forward_hooks_{flag}"]

    def _call_forward_hook(
        self, number: int, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> Any:
        return hook(self, args, kwargs, result) if self._flagged(number, "with_kwargs") else hook(self, args, result)

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before `forward`; a result other than None replaces the arguments.

        Args:
            hook: the function.
            prepend: whether to run it before the module's other hooks.
            with_kwargs: whether to call ``hook(module, args, kwargs)``, which returns None or (args, kwargs).
        """
        return add_hook(
            self._forward_pre_hooks, hook, (self._forward_pre_hooks_with_kwargs, with_kwargs), prepend=prepend
        )

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after `forward`; a result other than None replaces the output.

        Args:
            hook: the function.
            prepend: whether to run it before the module's other hooks.
            with_kwargs: whether to call ``hook(module, args, kwargs, output)``.
            always_call: whether to call it also if `forward` raises; the output is then None.
        """
        return add_hook(
            self._forward_hooks,
            hook,
            (self._forward_hooks_with_kwargs, with_kwargs),
            (self._forward_hooks_always_called, always_call),
            prepend=prepend,
        )

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the gradients of the inputs are computed.

        `grad_output` is a tuple with None for outputs that are not tensors. If the hook returns a tuple, it replaces
        `grad_output`.
        """
        return add_hook(self._backward_pre_hooks, hook, prepend=prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known.

        Both are tuples with None for arguments or outputs that are not tensors. If the hook returns a tuple, it
        replaces `grad_input`.
        """
        return add_hook(self._backward_hooks, hook, prepend=prepend)


set_module_call(Hooked.__call__.__code__)
_TABLES = [name for name in Hooked.__annotations__ if name.endswith(("_hooks", "_with_kwargs", "_always_called"))]


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """`Module.register_forward_pre_hook` on all modules, also on modules that are made later."""
    return add_hook(_global_forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """`Module.register_forward_hook` on all modules, also on modules that are made later."""
    return add_hook(
        _global_forward_hooks,
        hook,
        (_global_forward_hooks_with_kwargs, with_kwargs),
        (_global_forward_hooks_always_called, always_call),
    )


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """`Module.register_full_backward_pre_hook` on all modules, also later ones."""
    return add_hook(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """`Module.register_full_backward_hook` on all modules, also later ones."""
    return add_hook(_global_backward_hooks, hook)


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` when a buffer is registered; a result other than None replaces the buffer."""
    return add_hook(_global_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, child)`` when a module is registered; a result other than None replaces the module."""
    return add_hook(_global_module_registration_hooks, hook)


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, parameter)`` when a parameter is registered; a result other than None replaces it."""
    return add_hook(_global_parameter_registration_hooks, hook)


def registered(hooks: Hooks, module: Any, name: str, value: Any) -> Any:
    """The `value` to register in `module` as `name`, after `hooks` may have replaced it."""
    for hook in hooks.values():
        changed = hook(module, name, value)
        if changed is not None:
            value = changed
    return value


def registered_buffer(module: Any, name: str, value: Any) -> Any:
    """The buffer to register, after the registration hooks."""
    return registered(_global_buffer_registration_hooks, module, name, value)


def registered_module(module: Any, name: str, value: Any) -> Any:
    """The module to register, after the registration hooks."""
    return registered(_global_module_registration_hooks, module, name, value)


def registered_parameter(module: Any, name: str, value: Any) -> Any:
    """The parameter to register, after the registration hooks."""
    return registered(_global_parameter_registration_hooks, module, name, value)

"""Hooks of modules and optimizers, and the handles that remove them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch.autograd.hooks import Handle

Hooks = dict[int, Callable[..., Any]]


class RemovableHandle(Handle):
    """Returned for a registered hook: `remove()` removes the hook, and so does the end of a ``with`` block.

    Args:
        hooks: a dictionary of hooks by number, to which the caller adds this handle's hook.
        flags: other dictionaries with an entry for the hook's number, which is removed as well.
    """

    def __init__(self, hooks: dict[int, Any], *flags: dict[int, bool]) -> None:
        super().__init__(hooks)
        self._flags = flags

    def remove(self) -> None:
        """Remove the hook. Calling it again has no effect."""
        super().remove()
        for flag in self._flags:
            flag.pop(self.id, None)


def add_hook(
    hooks: Hooks, hook: Callable[..., Any], *flags: tuple[dict[int, bool], bool], prepend: bool = False
) -> RemovableHandle:
    """Add `hook` to `hooks`, after the others or before them.

    Args:
        hooks: the hooks by number, in the order in which they run.
        hook: the function.
        flags: (table, value) pairs: the value is stored in the table for the hook, if it is True.
        prepend: whether to run it before the existing hooks.
    """
    tables = [table for table, _ in flags]
    handle = RemovableHandle(hooks, *tables)
    while handle.id in hooks:  # a module that was unpickled has hooks with old numbers
        handle = RemovableHandle(hooks, *tables)
    others = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    hooks[handle.id] = hook
    hooks.update(others)
    for table, value in flags:
        if value:
            table[handle.id] = True
    return handle

"""Functions that users hang on modules and optimizers, and the handles that take them off again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch.autograd.hooks import Handle

Hooks = dict[int, Callable[..., Any]]


class RemovableHandle(Handle):
    """What registering a hook returns: `remove()` takes the hook away; as a context manager it does so at the end.

    Args:
        hooks: the hooks by number, where this handle's hook will be added.
        flags: what else is kept under the hook's number and goes with it.
    """

    def __init__(self, hooks: dict[int, Any], *flags: dict[int, bool]) -> None:
        super().__init__(hooks)
        self._flags = flags

    def remove(self) -> None:
        """Take the hook away; once is enough, twice does no harm."""
        super().remove()
        for flag in self._flags:
            flag.pop(self.id, None)


def add_hook(
    hooks: Hooks, hook: Callable[..., Any], *flags: tuple[dict[int, bool], bool], prepend: bool = False
) -> RemovableHandle:
    """Put `hook` behind the others in `hooks`, or before them.

    Args:
        hooks: the hooks by number, in the order in which they run.
        hook: the function.
        flags: (table, value): what to note of the hook; only True is kept.
        prepend: run it before the hooks that are there already.
    """
    tables = [table for table, _ in flags]
    handle = RemovableHandle(hooks, *tables)
    while handle.id in hooks:  # a module that was unpickled brings its numbers along
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

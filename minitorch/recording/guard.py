"""Whether what a step reads, beside the elements of tensors, is as it was when the step was recorded."""

from __future__ import annotations

import operator
from typing import Any

from minitorch import devices, dtypes
from minitorch.autograd.anomaly import AnomalyMode
from minitorch.autograd.graph import this_thread
from minitorch.recording.state import State

_FLAGS = operator.attrgetter("_requires_grad", "_node", "_hooks", "_after_hooks")


class Guard:
    """What is compared before each replay: modes, what the step reads of Python, the flags of tensors.

    Args:
        state: what the step reads of Python.
        names: by `id`, the names of tensors.
        more: tensors that the step uses, beside those in `state`.
    """

    def __init__(self, state: State, names: dict[int, str], more: list[Any]) -> None:
        self.state, self.names = state, names
        self._modes = _modes()
        remembered = {id(t) for o in state.optimizers for kept in o.state.values() for t in kept.values()}
        tensors = {id(t): t for t, _ in state.tensors.values()} | {id(t): t for t in more}
        self._tensors = [t for t in tensors.values() if id(t) not in remembered]
        self._flags = list(map(_FLAGS, self._tensors))

    def change(self) -> str | None:
        """What is no longer as it was, in words; None if all is."""
        modes = _modes()
        if modes != self._modes:
            return f"the mode is {modes}, the step was recorded under {self._modes}"
        changed = self.state.change()
        if changed is not None:
            return f"{changed}, which the step reads"
        if list(map(_FLAGS, self._tensors)) != self._flags:
            for t, flags in zip(self._tensors, self._flags, strict=True):
                if _FLAGS(t) != flags:
                    return f"requires_grad, the history or the hooks of {self.name_of(t)} have changed"
        return None

    def name_of(self, t: Any) -> str:
        """The name of a tensor; its shape, if it has none."""
        return self.names.get(id(t), f"a tensor of shape {tuple(t._array.shape)}")


def _modes() -> tuple[Any, ...]:
    """The modes of minitorch that decide what operations do."""
    return (
        this_thread.grad_enabled,
        this_thread.inference_mode,
        dtypes._default,
        devices._default,
        AnomalyMode.enabled,
    )

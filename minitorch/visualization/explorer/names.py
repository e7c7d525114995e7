"""Names for the modules and leaves of a trace, by the variables of the script that hold them."""

from __future__ import annotations

from minitorch.visualization.explorer.trace import Trace


class Names:
    """Names for a trace.

    Attributes:
        calls: by number of a module's call: (path, name of the class).
        leaves: by number of a leaf.
    """

    def __init__(self, trace: Trace) -> None:
        modules: dict[int, str] = {}
        parameters: dict[int, str] = {}
        for label, root in trace.roots.items():
            for path, module in root.named_modules():
                modules.setdefault(id(module), f"{label}.{path}" if path else label)
            for path, parameter in root.named_parameters():
                parameters.setdefault(id(parameter), path if len(trace.roots) == 1 else f"{label}.{path}")
        self.calls = [(modules.get(id(m), type(m).__name__), type(m).__name__) for m in trace.calls]
        self.leaves = []
        for i, leaf in enumerate(trace.leaves):
            name = parameters.get(id(leaf)) or trace.labels.get(i)
            self.leaves.append(name or f"leaf {i + 1}")

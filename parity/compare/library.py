"""A library with a floating-point dtype, and running calls with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parity.compare.call import Call, run, scope
from parity.compare.inputs import Input, largest, moved
from parity.compare.structure import Leaf, leaves, to_numpy

State = dict[str, np.ndarray]
Gradients = dict[str, np.ndarray | None]


@dataclass(frozen=True)
class Library:
    """A library with torch's API, and the floating-point dtype that it computes in."""

    lib: Any
    dtype: str

    def tensor(self, array: np.ndarray) -> Any:
        """A tensor with a copy of `array`; floating-point arrays in this library's dtype."""
        return self.lib.tensor(
            array, dtype=getattr(self.lib, self.dtype if array.dtype.kind == "f" else str(array.dtype))
        )

    def weights(self, tensors: list[Any], seed: int, variant: int = 0, places: list[int] | None = None) -> list[Any]:
        """Random numbers in the shapes of `tensors`, exact in every dtype; the seeds follow from their `places`."""
        found = []
        for i, t in zip(places or range(len(tensors)), tensors, strict=True):
            values = np.random.default_rng(seed + i).standard_normal(tuple(t.shape)).astype("float32")
            found.append(self.tensor(moved(values, variant) if variant > 0 else values).to(t.device))
        return found

    def seed(self, n: int) -> None:
        """Seed the random numbers of the library (torch's `manual_seed` is slow: it looks for other devices)."""
        self.lib.default_generator.manual_seed(n)

    def input(self, x: Input) -> Any:
        """An input as a tensor: a leaf of the graph with any layout."""
        tensor = self.tensor(x.base())
        view = x.view()
        if view:
            tensor = run("base" + view, {"base": tensor})
        return tensor.requires_grad_() if x.differentiable else tensor


@dataclass
class Outcome:
    """The outcome of a call with a library.

    Attributes:
        leaves: the parts of the result.
        gradients: gradients of the inputs and parameters, by name; None for one that is not used.
        recorded: the same, computed while recording (``create_graph=True``).
        second: gradients of a random projection of the gradients; empty where there is nothing to differentiate. Inputs
            with infinities or NaN have neither `second` nor `recorded`: whether these are NaN depends on the formulas
            of a library.
        missing: the first of ``gradient`` and ``second order`` that the library has not implemented; empty if none.
        sizes: the largest element of each gradient, by ``gradient of NAME`` and ``second order of NAME``, for several
            incoming gradients: how large the summed terms are, even where they happen to cancel. Only if asked for.
        state: the module's `state_dict` after the call.
        aliases: which results share memory with which inputs.
        mutated: the inputs that the call wrote to.
    """

    leaves: list[Leaf]
    gradients: Gradients = field(default_factory=dict)
    recorded: Gradients = field(default_factory=dict)
    second: Gradients = field(default_factory=dict)
    missing: str = ""
    sizes: dict[str, float] = field(default_factory=dict)
    state: State = field(default_factory=dict)
    aliases: frozenset[tuple[str, str]] = frozenset()
    mutated: tuple[str, ...] = ()


def build(call: Call, library: Library) -> Any:
    """The call's module, initialised by its seed, in the library's dtype and the call's mode."""
    library.seed(call.seed)
    module = run(call.build, scope(library.lib, library.dtype))
    if library.dtype != "float32":
        module.to(getattr(library.lib, library.dtype))
    return module.train(call.training)


def state_of(module: Any) -> State:
    """A module's state_dict as new arrays."""
    return {key: np.array(to_numpy(value)) for key, value in module.state_dict().items()}


def load(module: Any, state: State, library: Library) -> Any:
    """Load `state` into the module; returns the result of `load_state_dict`."""
    return module.load_state_dict({key: library.tensor(value) for key, value in state.items()})


def forward(call: Call, library: Library, module: Any = None) -> tuple[Any, dict[str, Any]]:
    """The result of the call, and the tensors of its inputs by name."""
    tensors = {x.name: library.input(x) for x in call.inputs}
    names = scope(library.lib, library.dtype) | tensors
    if module is not None:
        names["m"] = module
    if call.kind == "optimizer":
        start(call, names)
    library.seed(call.seed + 1)
    return run(call.text, names), tensors


def start(call: Call, names: dict[str, Any]) -> None:
    """Add ``params``, ``targets`` and ``optimizer`` to the names for the steps."""
    for kind in ("param", "target"):
        names[kind + "s"] = [names[x.name] for x in call.inputs if x.name.startswith(kind)]
    for p in names["params"]:
        p.requires_grad_()
    names["optimizer"] = run(call.build, names)


def evaluate(
    call: Call, library: Library, state: State | None = None, sized: bool = False, backward: bool = True
) -> Outcome:
    """Run the call with its gradients and second-order gradients.

    Args:
        call: the example.
        library: the library that runs it.
        state: the state that the module loads first; default: it keeps its initial state.
        sized: whether to find the `sizes` of gradients.
        backward: whether to compute gradients.
    """
    module = build(call, library) if call.kind == "module" else None
    if module is not None and state is not None:
        load(module, state, library)
    result, tensors = forward(call, library, module)
    outcome = Outcome(list(leaves(result, library.lib)))
    outcome.aliases = _aliases(outcome.leaves, tensors)
    if module is not None:
        outcome.state = state_of(module)
    if call.kind != "optimizer" and backward:
        wanted = {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}
        if module is not None:
            wanted |= {f"m.{name}": parameter for name, parameter in module.named_parameters()}
        _differentiate(call, library, outcome, wanted, _OTHERS if sized else 0)
        outcome.mutated = tuple(x.name for x in call.inputs if _written(x, library, tensors[x.name]))
    return outcome


_OTHERS = 3  # other incoming gradients: that the terms nearly cancel for all of them is practically impossible


def _differentiate(call: Call, library: Library, outcome: Outcome, wanted: dict[str, Any], others: int) -> None:
    """Fill in the gradients, as far as the library has them."""
    outputs = [leaf.tensor for leaf in outcome.leaves if leaf.requires_grad]
    if not outputs or not wanted:
        return
    inputs, names = list(wanted.values()), list(wanted)
    cotangents = _cotangents(call, library, outputs)
    try:
        outcome.gradients = _by_name(names, _grad(library, outputs, inputs, cotangents, retain_graph=True))
        for i in range(others):
            weights = library.weights(outputs, 1000 * (i + 1), call.variant)
            again = _grad(library, outputs, inputs, weights, retain_graph=True)
            _size(outcome, "gradient", _by_name(names, again))
        if not all(np.isfinite(x.base()).all() for x in call.inputs):
            return
        outcome.recorded, outcome.second = _second_order(call, library, outputs, wanted, cotangents, 100)
        for i in range(others if outcome.second else 0):
            if call.cotangent != "normal":  # gradients of ones may vanish whatever they are multiplied with
                cotangents = library.weights(outputs, 1000 * (i + 1), call.variant)
            _size(outcome, "second order", _second_order(call, library, outputs, wanted, cotangents, 100 * (i + 2))[1])
    except RuntimeError as error:
        if "not implemented" not in str(error) or "derivative" not in str(error):
            raise
        outcome.missing = "second order" if outcome.gradients else "gradient"


def _second_order(
    call: Call, library: Library, outputs: list[Any], wanted: dict[str, Any], cotangents: list[Any], seed: int
) -> tuple[Gradients, Gradients]:
    """The recorded gradients, and the gradients of a random projection of them."""
    for c in cotangents:
        c.requires_grad_()
    inputs, names = list(wanted.values()), list(wanted)
    grads = _grad(library, outputs, inputs, cotangents, create_graph=True)
    recorded = _by_name(names, grads)
    chosen = [i for i, g in enumerate(grads) if g is not None and g.requires_grad]
    if not chosen:
        return recorded, {}
    again = [grads[i] for i in chosen]
    names = names + [f"cotangent{i}" for i in range(len(cotangents))]
    weights = library.weights(again, seed, call.variant, chosen)
    seconds = _grad(library, again, inputs + cotangents, weights, retain_graph=True)
    return recorded, _by_name(names, seconds)


def _grad(library: Library, outputs: list[Any], inputs: list[Any], incoming: list[Any], **options: bool) -> Any:
    return library.lib.autograd.grad(outputs, inputs, incoming, allow_unused=True, **options)


def _by_name(names: list[str], grads: Any) -> Gradients:
    """Gradients as new arrays, by name."""
    return {name: None if g is None else np.array(to_numpy(g)) for name, g in zip(names, grads, strict=True)}


def _size(outcome: Outcome, order: str, grads: Gradients) -> None:
    for name, g in grads.items():
        if g is not None:
            key = f"{order} of {name}"
            outcome.sizes[key] = max(largest(g), outcome.sizes.get(key, 0.0))


def _cotangents(call: Call, library: Library, outputs: list[Any]) -> list[Any]:
    """The incoming gradients of the outputs."""
    if call.cotangent == "expanded":
        one = library.tensor(np.ones((), "float32"))
        return [one.to(out.device).expand(tuple(out.shape)) for out in outputs]
    return library.weights(outputs, 0, call.variant)


def _aliases(parts: list[Leaf], tensors: dict[str, Any]) -> frozenset[tuple[str, str]]:
    results = [leaf for leaf in parts if leaf.kind == "tensor"]
    return frozenset((leaf.path, name) for leaf in results for name, t in tensors.items() if overlap(leaf.tensor, t))


def overlap(a: Any, b: Any) -> bool:
    """Whether two tensors of one library share memory: their ranges of addresses on one device overlap."""
    here, there = _memory(a), _memory(b)
    return a.device == b.device and max(here.start, there.start) < min(here.stop, there.stop)


def _memory(tensor: Any) -> range:
    """The addresses from a tensor's first element to its last, on its device; empty for a tensor of no elements."""
    if not tensor.numel():
        return range(0)
    start, size = tensor.data_ptr(), tensor.element_size()
    last = sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True))
    return range(start, start + (last + 1) * size)


def _written(x: Input, library: Library, tensor: Any) -> bool:
    fresh = to_numpy(Library(library.lib, library.dtype).input(x))
    return not np.array_equal(fresh, to_numpy(tensor), equal_nan=fresh.dtype.kind == "f")

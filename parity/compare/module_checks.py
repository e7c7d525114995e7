"""Checks of every module besides its results: attributes, state, its exchange with torch, copies, repr."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np

from parity.compare.call import Call
from parity.compare.library import Library, State, build, forward, load, overlap, state_of
from parity.compare.structure import leaves


def differences(call: Call, ours: Library, torch: Library, state: State) -> Iterator[str]:
    """The differences from torch; `state` is torch's state before the call, as the call's seed initialises it."""
    mine, theirs = build(call, ours), build(call, torch)
    yield from _initial_state(state_of(mine), state)
    texts = [repr(copy.deepcopy(m).cpu()) for m in (mine, theirs)]
    if texts[0] != texts[1]:
        yield f"repr: expected {texts[1]}, got {texts[0]}"
    names = [[name for name, _ in m.named_parameters()] for m in (mine, theirs)]
    if names[0] != names[1]:
        yield f"named_parameters: expected {names[1]}, got {names[0]}"
    flags = [[p.requires_grad for p in m.parameters()] for m in (mine, theirs)]
    if flags[0] != flags[1]:
        yield f"requires_grad of the parameters: expected {flags[1]}, got {flags[0]}"
    yield from _attributes(mine, theirs)
    yield from _exchange(mine, theirs, ours, torch, state)
    yield from _incomplete_state(call, ours, torch, state)
    yield from _copies(call, ours, mine)


def _initial_state(mine: State, theirs: State) -> Iterator[str]:
    if list(mine) != list(theirs):
        yield f"keys of state_dict: expected {list(theirs)}, got {list(mine)}"
        return
    for key, expected in theirs.items():
        got = mine[key]
        if (got.dtype, got.shape) != (expected.dtype, expected.shape):
            yield f"{key}: expected {expected.dtype}{list(expected.shape)}, got {got.dtype}{list(got.shape)}"
        elif not _same_draw(got, expected):
            yield f"{key} starts from other values under the same seed: expected {expected}, got {got}"


def _attributes(mine: Any, theirs: Any) -> Iterator[str]:
    """The plain attributes of each module of the tree: ``in_features``, ``stride`` and the like."""
    for (path, ours), (_, other) in zip(mine.named_modules(), theirs.named_modules(), strict=True):
        for name, value in vars(other).items():
            if name.startswith("_") or callable(value) or type(value).__module__ != "builtins":
                continue
            expected, got = _listed(value), _listed(getattr(ours, name, "nothing"))
            if got != expected:
                yield f"{path and path + '.'}{name}: expected {expected!r}, got {got!r}"
        if ours._version != other._version:
            yield f"{path and path + '.'}_version: expected {other._version}, got {ours._version}"


def _listed(value: Any) -> Any:
    """Lists as tuples: the type of such an attribute does not matter."""
    return tuple(value) if isinstance(value, list) else value


def _same_draw(got: np.ndarray, expected: np.ndarray) -> bool:
    """Equal bits, or neighbouring numbers, as torch's generator of normals returns on other processors."""
    if expected.dtype.kind != "f":
        return np.array_equal(got, expected)
    return bool((np.abs(got - expected) <= np.spacing(np.abs(expected))).all())


def _exchange(mine: Any, theirs: Any, ours: Library, torch: Library, state: State) -> Iterator[str]:
    """Load our state into torch's module and torch's into ours; the values differ from the initial values of either."""
    for target, library, who in ((theirs, torch, "torch from ours"), (mine, ours, "ours from torch")):
        moved = {key: value + np.asarray(1, value.dtype) for key, value in state.items()}
        answer = load(target, moved, library)
        if repr(answer) != "<All keys matched successfully>":
            yield f"load_state_dict ({who}) returns {answer!r}"
        after = state_of(target)
        if any(not np.array_equal(after[key], moved[key]) for key in moved):
            yield f"load_state_dict ({who}) does not take over the values"
        load(target, state, library)


def _incomplete_state(call: Call, ours: Library, torch: Library, state: State) -> Iterator[str]:
    """A state_dict with one key missing and one unknown, loaded with `strict` and without."""
    if not state:
        return
    first = next(iter(state))
    odd = {key: value for key, value in state.items() if key != first} | {"unknown": np.zeros(1, "float32")}
    answers, errors = [], []
    for library in (torch, ours):
        module = build(call, library)
        tensors = {key: library.tensor(value) for key, value in odd.items()}
        found = module.load_state_dict(tensors, strict=False)
        answers.append((list(found.missing_keys), list(found.unexpected_keys)))
        try:
            module.load_state_dict(tensors)
        except RuntimeError as error:
            errors.append(str(error))
    if answers[0] != answers[1]:
        yield f"load_state_dict(strict=False): expected missing and unexpected keys {answers[0]}, got {answers[1]}"
    if len(errors) != 2:
        yield "load_state_dict does not raise RuntimeError for missing and unexpected keys"
    elif errors[0] != errors[1]:
        yield f"load_state_dict's error: expected {errors[0]!r}, got {errors[1]!r}"


def _copies(call: Call, library: Library, module: Any) -> Iterator[str]:
    """A deep copy and a pickled copy must have the original's results and share no memory with it."""
    expected = [leaf.value for leaf in leaves(forward(call, library, module)[0], library.lib) if leaf.kind == "tensor"]
    for how, twin in (("deepcopy", copy.deepcopy(module)), ("pickle", pickle.loads(pickle.dumps(module)))):
        got = [leaf.value for leaf in leaves(forward(call, library, twin)[0], library.lib) if leaf.kind == "tensor"]
        if len(got) != len(expected) or any(
            not np.array_equal(g, e, equal_nan=e.dtype.kind == "f") for g, e in zip(got, expected, strict=True)
        ):
            yield f"the module after {how} computes something else"
        if twin.training != module.training or repr(twin) != repr(module):
            yield f"{how} changes the module's mode or its repr"
        for p, q in zip(module.parameters(), twin.parameters(), strict=True):
            if p is q or overlap(p, q):
                yield f"{how} shares the memory of a parameter with the original"

"""Datasets, samplers and collation: torch's results, torch's order for the same seed."""

from __future__ import annotations

import collections
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.data
from hypothesis import given, strategies as st

import minitorch
import minitorch.utils.data
from tests.both import both, caught

Point = collections.namedtuple("Point", ["x", "y"])


def numbers(T: Any, n: int = 10) -> Any:
    return T.utils.data.TensorDataset(T.arange(float(n)).reshape(n, 1), T.arange(n))


def squares(T: Any) -> Any:
    """A dataset that is not a tensor."""

    class Squares(T.utils.data.Dataset):
        def __len__(self) -> int:
            return 7

        def __getitem__(self, i: int) -> Any:
            return {"i": i, "square": T.tensor([i * i]), "name": f"number {i}", "half": i / 2}

    return Squares()


def stream(T: Any, n: int = 7, length: int | None = None) -> Any:
    """An iterable dataset."""

    class Stream(T.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(n))

    if length is not None:
        Stream.__len__ = lambda self: length
    return Stream()


def test_the_names_are_torchs() -> None:
    ours, theirs = minitorch.utils.data, torch.utils.data
    pipes = {"IterDataPipe", "MapDataPipe", "DFIterDataPipe", "DataChunk", "functional_datapipe", "DistributedSampler"}
    pipes |= {"argument_validation", "runtime_validation", "runtime_validation_disabled", "non_deterministic"}
    pipes |= {"guaranteed_datapipes_determinism", "_DatasetKind"}
    assert set(ours.__all__) == set(theirs.__all__) - pipes
    for name in ours.__all__:
        expected = inspect.signature(getattr(theirs, name)).parameters
        found = inspect.signature(getattr(ours, name)).parameters
        assert [(p.name, p.kind) for p in found.values()] == [(p.name, p.kind) for p in expected.values()], name
        simple = (type(None), bool, int, float, str, type)
        defaults = {n: p.default for n, p in expected.items() if isinstance(p.default, simple)}
        assert {n: found[n].default for n in defaults} == defaults, name


def test_what_importing_it_does_not_import() -> None:
    script = (
        "import sys, minitorch as torch; torch.utils.data.DataLoader\n"
        "print([name for name in ('torch', 'multiprocessing', 'queue', 'zipfile') if name in sys.modules])"
    )
    folder = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], check=True, cwd=folder, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


# -- datasets


@both
def test_tensor_dataset(T: Any) -> Any:
    data = numbers(T)
    return [len(data), data[3], data[-1], data[[1, 2]], data[2:4], caught(lambda: data[10]), data.tensors]


@both
def test_tensors_of_different_lengths(T: Any) -> Any:
    return caught(lambda: T.utils.data.TensorDataset(T.ones(2), T.ones(3)))


@both
def test_concatenation(T: Any) -> Any:
    data = numbers(T, 3) + numbers(T, 4)
    D = T.utils.data
    return [
        type(data).__name__,
        len(data),
        data.cumulative_sizes,
        [data[i] for i in range(-7, 7)],
        caught(lambda: data[-8]),
        caught(lambda: data[7]),
        caught(lambda: D.ConcatDataset([])),
        caught(lambda: D.ConcatDataset([stream(T)])),
    ]


@both
def test_chains(T: Any) -> Any:
    D = T.utils.data
    chain = stream(T, 2, length=2) + stream(T, 3, length=3)
    return [
        type(chain).__name__,
        list(chain),
        len(chain),
        caught(lambda: list(D.ChainDataset([[1]]))),
        caught(lambda: len(D.ChainDataset([[1]]))),
        caught(lambda: D.Dataset()[0]),
    ]


@both
def test_stacks(T: Any) -> Any:
    D = T.utils.data
    pair = D.StackDataset(numbers(T, 4), squares_of(T, 4))
    named = D.StackDataset(a=numbers(T, 4), b=D.Subset(numbers(T, 9), [3, 1, 0, 2]))
    return [
        (len(pair), pair[2], pair.__getitems__([1, 3])),
        (len(named), named[2], named.__getitems__([1, 3])),
        caught(D.StackDataset),
        caught(lambda: D.StackDataset(numbers(T, 4), numbers(T, 5))),
        caught(lambda: D.StackDataset(a=numbers(T, 4), b=numbers(T, 5))),
        type(caught(lambda: D.StackDataset(numbers(T, 4), b=numbers(T, 4)))),
        caught(lambda: D.StackDataset(Short()).__getitems__([1, 2])),
    ]


class Short:
    def __len__(self) -> int:
        return 5

    def __getitems__(self, indices: list[int]) -> list[int]:
        return [1]


def squares_of(T: Any, n: int) -> list[int]:
    return [i * i for i in range(n)]


@both
def test_subsets(T: Any) -> Any:
    D = T.utils.data
    subset = D.Subset(numbers(T), [3, 5, 5, 0])
    within = D.Subset(subset, [2, 0])
    return [len(subset), subset[1], subset[[0, 3]], subset.__getitems__([0, 3]), within.__getitems__([0, 1]), within[1]]


def test_a_subset_that_changes_samples_must_do_so_in_batches_too() -> None:
    for library in (torch, minitorch):

        class Changed(library.utils.data.Subset):
            def __getitem__(self, idx: int) -> int:
                return 0

        with pytest.raises(NotImplementedError, match="Changed overrides __getitem__ but not __getitems__"):
            Changed(numbers(library), [1])


LENGTHS: list[Any] = [[3, 7], [10], [0, 10], [0.5, 0.5], [0.3, 0.3, 0.4], [0.9, 0.1], [1.0], [1 / 3] * 3, [0.05, 0.95]]


@pytest.mark.filterwarnings("ignore:Length of split")
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize("own", [True, False])
@both
def test_random_split(T: Any, lengths: Any, own: bool) -> Any:
    T.manual_seed(5)
    options = {"generator": T.Generator().manual_seed(42)} if own else {}
    parts = T.utils.data.random_split(range(10), lengths, **options)
    return [[list(part.indices) for part in parts], T.rand(1)]


@pytest.mark.parametrize("lengths", [[3, 3], [1.5, -0.5], [0.2, 0.2], [11], []], ids=str)
@both
def test_random_split_refuses(T: Any, lengths: Any) -> Any:
    return caught(lambda: T.utils.data.random_split(range(10), lengths))


def test_random_split_warns_of_empty_parts() -> None:
    for library in (torch, minitorch):
        with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
            library.utils.data.random_split(range(3), [0.99, 0.01])


# -- samplers

SAMPLERS: dict[str, Callable[[Any, Any], Any]] = {
    "sequential": lambda D, g: D.SequentialSampler(range(5)),
    "random": lambda D, g: D.RandomSampler(range(50), generator=g),
    "random, more": lambda D, g: D.RandomSampler(range(5), num_samples=12, generator=g),
    "random, fewer": lambda D, g: D.RandomSampler(range(5), num_samples=3, generator=g),
    "replacement": lambda D, g: D.RandomSampler(range(50), True, generator=g),
    "replacement, 32": lambda D, g: D.RandomSampler(range(50), True, 32, generator=g),
    "replacement, 97": lambda D, g: D.RandomSampler(range(3), True, 97, generator=g),
    "subset": lambda D, g: D.SubsetRandomSampler([5, 3, 8, 8, 1], generator=g),
    "weights": lambda D, g: D.WeightedRandomSampler([0.1, 3, 0, 0.5, 2], 20, generator=g),
    "weights, each once": lambda D, g: D.WeightedRandomSampler([0.1, 3, 1, 0.5, 2], 5, False, generator=g),
    "weights, one": lambda D, g: D.WeightedRandomSampler([0.1, 3, 1, 0.5, 2], 1, generator=g),
    "weights, an array": lambda D, g: D.WeightedRandomSampler(np.array([1, 2, 3], np.float32), 9, generator=g),
    "batches": lambda D, g: D.BatchSampler(D.RandomSampler(range(10), generator=g), 4, False),
    "batches, dropped": lambda D, g: D.BatchSampler(D.RandomSampler(range(10), generator=g), 4, True),
    "batches, even": lambda D, g: D.BatchSampler(range(8), 4, True),
    "batches, of a generator": lambda D, g: D.BatchSampler(list(range(9)), 100, False),
}


@pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])
@pytest.mark.parametrize("name", SAMPLERS)
@both
def test_samplers(T: Any, name: str, own: bool) -> Any:
    T.manual_seed(3)
    sampler = SAMPLERS[name](T.utils.data, T.Generator().manual_seed(9) if own else None)
    first = iter(sampler)
    before = next(first)
    return [len(sampler), before, list(first), list(sampler), T.rand(2)]


@both
def test_samplers_refuse(T: Any) -> Any:
    D = T.utils.data
    return [
        caught(lambda: D.RandomSampler([])),
        caught(lambda: D.RandomSampler(range(3), num_samples=0)),
        caught(lambda: D.RandomSampler(range(3), num_samples=-1)),
        caught(lambda: D.RandomSampler(range(3), num_samples=2.5)),
        caught(lambda: D.RandomSampler(range(3), replacement=1)),
        caught(lambda: D.WeightedRandomSampler([1, 2], 0)),
        caught(lambda: D.WeightedRandomSampler([1, 2], True)),
        caught(lambda: D.WeightedRandomSampler([1, 2], 1, replacement=0)),
        caught(lambda: D.WeightedRandomSampler([[1, 2], [3, 4]], 1)),
        caught(lambda: list(D.WeightedRandomSampler([1, 2], 3, replacement=False))).__class__.__name__,
        caught(lambda: D.BatchSampler(range(3), 0, False)),
        caught(lambda: D.BatchSampler(range(3), True, False)),
        caught(lambda: D.BatchSampler(range(3), 2, 1)),
        caught(lambda: len(D.BatchSampler(iter([1]), 2, False))),
        type(caught(lambda: iter(D.Sampler()))).__name__,
    ]


@given(st.integers(1, 200), st.integers(0, 2**63 - 1), st.booleans(), st.one_of(st.none(), st.integers(1, 300)))
def test_any_random_order_is_torchs(n: int, seed: int, replacement: bool, count: int | None) -> None:
    orders = []
    for library in (torch, minitorch):
        library.manual_seed(seed)
        sampler = library.utils.data.RandomSampler(range(n), replacement, count)
        orders.append([list(sampler), list(sampler)])
    assert orders[0] == orders[1]


# -- collation


class Tagged(dict[str, Any]):
    """A dict with another attribute."""

    tag = "none"


class Fixed(tuple[Any, ...]):
    """A tuple type that a user defines."""


def tagged(**items: Any) -> Tagged:
    mapping = Tagged(items)
    mapping.tag = "kept"
    return mapping


BATCHES: dict[str, Callable[[Any], Any]] = {
    "tensors": lambda T: [T.ones(2), T.zeros(2)],
    "0-d": lambda T: [T.tensor(1), T.tensor(2)],
    "arrays": lambda T: [np.ones(2, np.float32), np.zeros(2, np.float32)],
    "0-d arrays": lambda T: [np.array(1), np.array(2)],
    "floats": lambda T: [0.1, 2.0],
    "ints": lambda T: [1, 2**40],
    "bools": lambda T: [True, False],
    "float32": lambda T: [np.float32(0.1), np.float32(2)],
    "float64": lambda T: [np.float64(0.1), np.float64(2)],
    "float16": lambda T: [np.float16(0.1), np.float16(2)],
    "int8": lambda T: [np.int8(1), np.int8(2)],
    "numpy bool": lambda T: [np.bool_(True), np.bool_(False)],
    "strings": lambda T: ["a", "b"],
    "bytes": lambda T: [b"a", b"b"],
    "tuples": lambda T: [(0, "a", T.ones(1)), (1, "b", T.zeros(1))],
    "lists": lambda T: [[0, 1.5], [2, 3.5]],
    "dicts": lambda T: [{"x": 0, "y": (1, 2)}, {"x": 5, "y": (6, 7)}],
    "ordered": lambda T: [collections.OrderedDict(b=1, a=2), collections.OrderedDict(b=3, a=4)],
    "read only": lambda T: [MappingProxyType({"a": 1}), MappingProxyType({"a": 2})],
    "named": lambda T: [Point(0, "a"), Point(1, "b")],
    "own tuples": lambda T: [Fixed([1, 2]), Fixed([3, 4])],
    "deep": lambda T: [{"a": [(T.ones(1), {"b": 1.0})]}, {"a": [(T.zeros(1), {"b": 2.0})]}],
    "ranges": lambda T: [range(3), range(3, 6)],
    "deques": lambda T: [collections.deque([1, 2]), collections.deque([3, 4])],
    # refused
    "objects": lambda T: [object(), object()],
    "None": lambda T: [None, None],
    "sets": lambda T: [{1}, {2}],
    "lengths": lambda T: [[1, 2], [3]],
    "string arrays": lambda T: [np.array(["a"]), np.array(["b"])],
    "object arrays": lambda T: [np.array([None]), np.array([None])],
}


@pytest.mark.parametrize("name", BATCHES)
@both
def test_collation(T: Any, name: str) -> Any:
    found = caught(lambda: T.utils.data.default_collate(BATCHES[name](T)))
    return [type(found).__name__, list(found) if isinstance(found, collections.deque) else found]


@pytest.mark.parametrize("name", BATCHES)
@both
def test_conversion(T: Any, name: str) -> Any:
    found = [T.utils.data.default_convert(sample) for sample in BATCHES[name](T)]
    if name in ("deques", "object arrays", "string arrays"):
        found = [sample.tolist() if isinstance(sample, np.ndarray) else list(sample) for sample in found]
    return [[type(sample).__name__ for sample in found], found]


def test_shapes_that_do_not_stack() -> None:
    for library in (torch, minitorch):
        with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
            library.utils.data.default_collate([library.ones(1), library.ones(2)])


def test_containers_keep_what_else_they_carry() -> None:
    for library in (torch, minitorch):
        collated = library.utils.data.default_collate([tagged(a=1), tagged(a=2)])
        assert (type(collated), collated.tag, collated["a"].tolist()) == (Tagged, "kept", [1, 2])
        converted = library.utils.data.default_convert(tagged(a=np.ones(1)))
        assert (type(converted), converted.tag, converted["a"].tolist()) == (Tagged, "kept", [1.0])


def test_own_functions_for_types() -> None:
    from minitorch.utils.data.collate import collate, default_collate_fn_map

    table = {**default_collate_fn_map, slice: lambda batch, *, collate_fn_map: len(batch)}
    assert collate([slice(1), slice(2)], collate_fn_map=table) == 2
    assert collate([(1, slice(1)), (2, slice(2))], collate_fn_map=table)[1] == 2
    default_collate_fn_map[complex] = lambda batch, *, collate_fn_map: sum(batch)
    try:
        assert minitorch.utils.data.default_collate([{"z": 1j}, {"z": 2j}]) == {"z": 3j}
    finally:
        del default_collate_fn_map[complex]

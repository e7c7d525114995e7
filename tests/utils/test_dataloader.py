"""The loader in one process: torch's batches, torch's order for the same seed, its options and warnings."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import pytest
import torch
import torch.utils.data

import minitorch
import minitorch.utils.data
from tests.both import both, caught, plain
from tests.utils.test_data import numbers, squares, stream

LOADERS: dict[str, dict[str, Any]] = {
    "default": {},
    "batches": {"batch_size": 4},
    "dropped": {"batch_size": 4, "drop_last": True},
    "shuffled": {"batch_size": 4, "shuffle": True},
    "single": {"batch_size": None},
    "single, shuffled": {"batch_size": None, "shuffle": True},
    "sampler": {"batch_size": 3, "sampler": [4, 2, 0, 1]},
    "batch sampler": {"batch_sampler": [[0, 1], [2], [3, 4, 5]]},
    "own collation": {"batch_size": 3, "collate_fn": len},
    "no batches, own conversion": {"batch_size": None, "collate_fn": lambda sample: str(type(sample).__name__)},
}


@pytest.mark.parametrize("options", LOADERS.values(), ids=LOADERS.keys())
@pytest.mark.parametrize("data", [numbers, squares, lambda T: T.utils.data.Subset(numbers(T), [9, 2, 5, 5, 7, 0, 1])])
@both
def test_batches(T: Any, data: Any, options: dict[str, Any]) -> Any:
    T.manual_seed(7)
    loader = T.utils.data.DataLoader(data(T), **options)
    return [len(loader), list(loader), list(itertools.islice(loader, 2)), list(loader), T.rand(2)]


@pytest.mark.parametrize(
    "options",
    [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True}, {"batch_size": None}, {"shuffle": False}],
    ids=str,
)
@both
def test_streams(T: Any, options: dict[str, Any]) -> Any:
    T.manual_seed(7)
    loader = T.utils.data.DataLoader(stream(T, 7, length=7), **options)
    return [len(loader), list(loader), list(loader), T.rand(1)]


@both
def test_what_is_drawn_when(T: Any) -> Any:
    """The order of draws from the default generator, which a script's other random numbers depend on."""
    T.manual_seed(11)
    loader = T.utils.data.DataLoader(numbers(T), batch_size=3, shuffle=True)
    drawn = [T.rand(1)]
    batches = iter(loader)
    drawn += [T.rand(1), next(batches), T.rand(1), list(batches), T.rand(1)]
    for _ in loader:
        drawn.append(T.rand(1))
    first, second = iter(loader), iter(loader)
    drawn += [next(second), next(first), T.rand(1)]
    return drawn


@both
def test_an_own_generator(T: Any) -> Any:
    T.manual_seed(11)
    generator = T.Generator().manual_seed(1)
    loader = T.utils.data.DataLoader(numbers(T), batch_size=3, shuffle=True, generator=generator)
    replaced = T.utils.data.DataLoader(
        numbers(T), sampler=T.utils.data.WeightedRandomSampler([1.0, 2, 3], 5), generator=generator
    )
    return [list(loader), list(loader), list(replaced), T.rand(1), T.rand(1, generator=generator)]


@both
def test_options_that_do_not_go_together(T: Any) -> Any:
    def refused(data: Any = None, **options: Any) -> Any:
        return caught(lambda: T.utils.data.DataLoader(numbers(T) if data is None else data, **options))

    return [
        refused(num_workers=-1),
        refused(timeout=-1),
        type(refused(prefetch_factor=2)).__name__,
        refused(num_workers=1, prefetch_factor=-2),
        refused(persistent_workers=True),
        refused(sampler=[1], shuffle=True),
        refused(batch_sampler=[[1]], batch_size=2),
        refused(batch_sampler=[[1]], shuffle=True),
        refused(batch_sampler=[[1]], sampler=[1]),
        refused(batch_sampler=[[1]], drop_last=True),
        refused(batch_size=None, drop_last=True),
        refused(batch_size=0),
        refused(batch_size=-1),
        refused(batch_size=2.5),
        refused(data=[], shuffle=True),
        refused(data=stream(T), shuffle=True),
        refused(data=stream(T), sampler=[1]),
        refused(data=stream(T), batch_sampler=[[1]]),
        refused(multiprocessing_context="fork"),
        refused(num_workers=1, multiprocessing_context="fog"),
        refused(num_workers=1, multiprocessing_context=5),
        caught(lambda: list(T.utils.data.DataLoader(numbers(T), timeout=3))),
        caught(lambda: len(T.utils.data.DataLoader(stream(T)))).__class__.__name__,
        caught(lambda: list(T.utils.data.DataLoader(numbers(T), sampler=[99]))).__class__.__name__,
        [
            caught(lambda name=name: setattr(T.utils.data.DataLoader(numbers(T)), name, 1))
            for name in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        ],
    ]


@both
def test_attributes(T: Any) -> Any:
    loader = T.utils.data.DataLoader(numbers(T), batch_size=4, shuffle=True)
    names = [
        "batch_size",
        "drop_last",
        "num_workers",
        "timeout",
        "pin_memory",
        "prefetch_factor",
        "persistent_workers",
        "in_order",
    ]
    kinds = [type(loader.sampler).__name__, type(loader.batch_sampler).__name__, loader.collate_fn.__name__]
    return [{name: getattr(loader, name) for name in names}, kinds, len(iter(loader)), next(iter(loader))]


@pytest.mark.skipif(minitorch.cuda.is_available(), reason="there is a GPU, so that nothing is warned of")
def test_warnings() -> None:
    for library in (torch, minitorch):
        loader = library.utils.data.DataLoader(stream(library, 3, length=1))
        assert len(loader) == 1
        with pytest.warns(UserWarning, match=r"Length of IterableDataset .* was reported to be 1.* but 2 samples"):
            list(itertools.islice(loader, 2))
        with pytest.warns(UserWarning, match="'pin_memory' argument is set as true but no accelerator is found"):
            list(library.utils.data.DataLoader(numbers(library), pin_memory=True))
        with pytest.warns(UserWarning, match="This DataLoader will create 999 worker processes in total"):
            library.utils.data.DataLoader(numbers(library), num_workers=999)


def test_an_iterator_is_not_pickled() -> None:
    import pickle

    with pytest.raises(NotImplementedError, match="cannot be pickled"):
        pickle.dumps(iter(minitorch.utils.data.DataLoader(numbers(minitorch))))


def test_tensors_are_taken_at_once_but_as_if_one_by_one() -> None:
    for library in (torch, minitorch):
        x = library.arange(12.0).reshape(4, 3).requires_grad_()
        loader = library.utils.data.DataLoader(library.utils.data.TensorDataset(x), sampler=[3, 1, 1], batch_size=3)
        (batch,) = next(iter(loader))
        (batch * 2).sum().backward()
        assert x.grad.tolist() == [[0] * 3, [4] * 3, [0] * 3, [2] * 3]
        by_tensor = library.utils.data.DataLoader(
            library.utils.data.TensorDataset(x.detach()), sampler=[library.tensor(3), library.tensor(0)], batch_size=2
        )
        assert next(iter(by_tensor))[0].tolist() == [[9, 10, 11], [0, 1, 2]]


def test_no_warning_where_nothing_is_wrong() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plain(list(minitorch.utils.data.DataLoader(numbers(minitorch), batch_size=5)))

"""The loader with worker processes: torch's batches, errors that reach the main process, and nothing left behind."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.resource_tracker
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.data

import minitorch
import minitorch.utils.data
from minitorch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info
from tests.both import both, plain
from tests.utils.readers import Dying, Squares

pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Setting 'in_order'"),
]
multiprocessing.resource_tracker.ensure_running()  # one more open file, for good
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """A test leaves no process and no open file."""
    before = open_files()
    yield
    if multiprocessing.active_children() or open_files() > before:
        gc.collect()  # an exception held on to something
    assert multiprocessing.active_children() == []
    assert open_files() <= before


def open_files() -> int:
    """How many files this process has open, if the system says it."""
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def numbers(T: Any, n: int = 23) -> Any:
    return T.utils.data.TensorDataset(T.arange(float(n)).reshape(n, 1), T.arange(n))


class Drawing:
    """Samples of random numbers, drawn in the worker."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def __len__(self) -> int:
        return 8

    def __getitem__(self, i: int) -> Any:
        T = self.library
        info = T.utils.data.get_worker_info()
        old = np.random.rand()  # noqa: NPY002 - what users' datasets draw from
        return i, T.rand(2), random.random(), old, info.id, info.num_workers, str(info.seed)


def sharded(T: Any, n: int) -> Any:
    class Shard(T.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            info = T.utils.data.get_worker_info()
            return iter(range(info.id, n, info.num_workers))

    return Shard()


# -- torch's results


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize(
    "options", [{"batch_size": 4}, {"batch_size": None}, {"batch_size": 5, "drop_last": True}], ids=str
)
@both
def test_batches(T: Any, options: dict[str, Any], persistent: bool) -> Any:
    T.manual_seed(7)
    loader = T.utils.data.DataLoader(numbers(T), shuffle=True, num_workers=2, persistent_workers=persistent, **options)
    epochs = [list(loader), list(loader)]
    return [len(loader), epochs, T.rand(1)]


@pytest.mark.parametrize("own", [False, True])
@both
def test_random_numbers_in_workers(T: Any, own: bool) -> Any:
    T.manual_seed(5)
    generator = T.Generator().manual_seed(2**40) if own else None
    loader = T.utils.data.DataLoader(Drawing(T), batch_size=2, num_workers=2, generator=generator)
    return [list(loader), list(loader), T.rand(1)]


@pytest.mark.parametrize(
    "options", [{}, {"batch_size": 3}, {"batch_size": 2, "drop_last": True}, {"batch_size": None}], ids=str
)
@pytest.mark.parametrize("n", [1, 11])
@both
def test_streams(T: Any, n: int, options: dict[str, Any]) -> Any:
    loader = T.utils.data.DataLoader(sharded(T, n), num_workers=2, prefetch_factor=3, **options)
    return [n, list(loader), list(loader)]


def test_streams_of_persistent_workers() -> None:
    expected = list(DataLoader(sharded(minitorch, 11), batch_size=2, num_workers=2))
    loader = DataLoader(sharded(minitorch, 11), batch_size=2, num_workers=2, persistent_workers=True)
    for _ in range(3):
        assert plain(list(loader)) == plain(expected)


@both
def test_samples_that_are_not_sharded_come_twice(T: Any) -> Any:
    class Stream(T.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(3))

    return list(T.utils.data.DataLoader(Stream(), num_workers=2))


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_does_not_matter(workers: int) -> None:
    def run(count: int) -> Any:
        minitorch.manual_seed(1)
        return plain(list(DataLoader(numbers(minitorch), batch_size=3, shuffle=True, num_workers=count)))

    assert run(workers) == run(0)


def test_batches_as_they_come() -> None:
    class Uneven(Dataset[int]):
        """Sample 0 is ready after sample 1."""

        def __init__(self) -> None:
            self.later = multiprocessing.get_context("fork").Event()

        def __getitem__(self, i: int) -> int:
            if i == 0:
                self.later.wait(20)
                time.sleep(0.1)
            if i == 1:
                self.later.set()
            return i

        def __len__(self) -> int:
            return 10

    batches = list(DataLoader(Uneven(), batch_size=None, num_workers=2, in_order=False))
    assert sorted(batches) == list(range(10))
    assert batches[0] != 0
    assert list(DataLoader(Uneven(), batch_size=None, num_workers=2)) == list(range(10))


def test_workers_start_afresh_too() -> None:
    assert "spawn" in multiprocessing.get_all_start_methods()
    loader = DataLoader(
        Squares(), batch_size=None, num_workers=1, multiprocessing_context="spawn", persistent_workers=True
    )
    assert [list(loader), list(loader)] == [[i * i for i in range(10)]] * 2


def test_what_workers_know() -> None:
    said = []

    class Knowing(Dataset[Any]):
        level = 0

        def __getitem__(self, i: int) -> Any:
            info = get_worker_info()
            assert info is not None
            return info.id, info.num_workers, info.dataset is self, self.level, os.getpid() != main, len(said)

        def __len__(self) -> int:
            return 4

    def init(number: int) -> None:
        info = get_worker_info()
        assert info is not None
        assert info.id == number
        info.dataset.level = 10 + number
        said.append(number)

    main = os.getpid()
    loader = DataLoader(Knowing(), batch_size=None, num_workers=2, worker_init_fn=init)
    assert list(loader) == [[i % 2, 2, True, 10 + i % 2, True, 1] for i in range(4)]
    assert said == []
    assert get_worker_info() is None


# -- what passes through the pipes


class Made(Dataset[Any]):
    """Samples that a function makes."""

    def __init__(self, make: Callable[[int], Any], n: int = 4) -> None:
        self.make = make
        self.n = n

    def __getitem__(self, i: int) -> Any:
        return self.make(i)

    def __len__(self) -> int:
        return self.n


def test_large_batches_arrive_whole_and_can_be_written_to() -> None:
    loader = DataLoader(Made(lambda i: np.full((1000, 1000), i, np.float32)), batch_size=2, num_workers=2)
    for k, batch in enumerate(loader):
        assert batch.shape == (2, 1000, 1000)
        assert batch.mean().item() == 2 * k + 0.5
        batch += 1
        assert batch.max().item() == 2 * k + 2


def test_long_lists_of_indices_do_not_block() -> None:
    """Here both pipes are sometimes full."""
    n = 100_000
    loader = DataLoader(range(4 * n), batch_size=n, num_workers=1, prefetch_factor=4)
    assert [int(batch[0]) for batch in loader] == [0, n, 2 * n, 3 * n]


def test_any_value_passes() -> None:
    values = [
        None,
        {"a": (1, [minitorch.ones(2, dtype=minitorch.float16)])},
        minitorch.empty(0, 3),
        minitorch.tensor(True),
    ]
    values += [minitorch.ones(3, requires_grad=True), minitorch.arange(6).reshape(2, 3).t(), "text", np.arange(3)]
    loader = DataLoader(Made(lambda i: values[i], len(values)), batch_size=None, num_workers=1, collate_fn=lambda x: x)
    for found, value in zip(loader, values, strict=True):
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(found, value)
        else:
            assert plain(found) == plain(value)


# -- errors


class Strange(Exception):
    """An exception that takes two arguments."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"strange: {a} {b}")


class Speaking(Exception):
    """An exception that takes its message by name."""

    message = "nothing"

    def __init__(self, *, message: str) -> None:
        super().__init__(message)


def raising(error: Any) -> Callable[[int], int]:
    def make(i: int) -> int:
        if i == 2:
            raise error
        return i

    return make


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("too bad"), ValueError),
        (KeyError("missing key"), KeyError),
        (StopIteration("early"), StopIteration),
        (Strange(1, 2), RuntimeError),
        (Speaking(message="spoken"), Speaking),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_workers_exception_is_raised_here(error: Any, kind: type[BaseException]) -> None:
    for library in (torch, minitorch):
        batches = iter(library.utils.data.DataLoader(Made(raising(error)), batch_size=None, num_workers=2))
        assert [next(batches), next(batches)] == [0, 1]
        with pytest.raises(kind) as caught:
            next(batches)
        text = str(caught.value)
        assert text.startswith(f"Caught {type(error).__name__} in DataLoader worker process 0.\nOriginal ")
        assert "in make\n    raise error" in text
        assert "Traceback (most recent call last)" in text
        assert next(batches) == 3  # the worker goes on
        assert list(batches) == []
        del batches


def test_an_error_in_a_stream() -> None:
    class Stream(IterableDataset[int]):
        def __iter__(self) -> Any:
            yield 1
            raise ValueError("in the middle")

    batches = iter(DataLoader(Stream(), batch_size=None, num_workers=1))
    assert next(batches) == 1
    with pytest.raises(ValueError, match="Caught ValueError in DataLoader worker process 0"):
        next(batches)
    assert list(batches) == []


def test_an_error_at_the_start_of_a_worker() -> None:
    def init(number: int) -> None:
        raise ValueError(f"worker {number} cannot start")

    batches = iter(DataLoader(Squares(), num_workers=2, worker_init_fn=init))
    for number in (0, 1, 0):
        with pytest.raises(ValueError, match=f"worker {number} cannot start"):
            next(batches)


def test_batches_that_cannot_be_sent() -> None:
    identity = {"collate_fn": lambda sample: sample, "batch_size": None, "num_workers": 1}
    with pytest.raises((AttributeError, RuntimeError, TypeError), match="in DataLoader worker process 0"):
        list(DataLoader(Made(lambda i: lambda: i), **identity))
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor"):
        list(DataLoader(Made(lambda i: minitorch.ones(1, requires_grad=True) * i), **identity))


def test_a_dataset_that_cannot_be_sent() -> None:
    loader = DataLoader(Made(lambda i: i), num_workers=2, multiprocessing_context="spawn")
    with pytest.raises((AttributeError, TypeError), match=r"pickle|local object"):
        iter(loader)


def kill_itself(i: int) -> int:
    if i == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return i


def leave(i: int) -> int:
    if i == 3:
        sys.exit(7)
    return i


@pytest.mark.parametrize(("make", "reason"), [(kill_itself, "killed by signal SIGKILL"), (leave, "exit code 7")])
@pytest.mark.parametrize("persistent", [False, True])
def test_a_worker_that_dies_is_noticed_at_once(make: Any, reason: str, persistent: bool) -> None:
    loader = DataLoader(Made(make, 20), batch_size=None, num_workers=2, persistent_workers=persistent)
    started = time.monotonic()
    for _ in range(2):  # persistent workers are started anew
        batches = iter(loader)
        given: list[int] = []
        with pytest.raises(RuntimeError, match=rf"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly: {reason}"):
            given.extend(batches)
        assert given == [0, 1, 2][: len(given)]
        with pytest.raises(RuntimeError, match="exited unexpectedly"):
            next(batches)
        assert multiprocessing.active_children() == []
    assert time.monotonic() - started < 9


def test_a_worker_that_dies_when_started_afresh() -> None:
    loader = DataLoader(Dying(), batch_size=None, num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(RuntimeError, match="exit code 3"):
        list(loader)


def test_a_worker_that_is_killed_while_idle() -> None:
    loader = DataLoader(Made(lambda i: i, 6), batch_size=None, num_workers=2, persistent_workers=True)
    assert list(loader) == list(range(6))
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(loader)
    assert list(loader) == list(range(6))


def test_waiting_for_too_long() -> None:
    go_on = multiprocessing.get_context("fork").Event()
    loader = DataLoader(Made(lambda i: i if i != 1 else go_on.wait(20)), batch_size=None, num_workers=1, timeout=1.5)
    batches = iter(loader)
    assert next(batches) == 0
    with pytest.raises(RuntimeError, match=r"DataLoader timed out after 1\.5 seconds"):
        next(batches)
    go_on.set()
    assert list(batches) == [True, 2, 3]  # nothing is lost

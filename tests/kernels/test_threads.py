"""Two halves of a kernel's work in two threads: order, errors, settings, and processes that are forked."""

import multiprocessing
import sys
import threading

import numpy as np
import pytest

import minitorch
from kernels.cpu import threads


def squares(part):
    return [i * i for i in range(*part.indices(7))]


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize(("n", "expected"), [(7, [[0, 1, 4], [9, 16, 25, 36]]), (1, [[0]]), (0, [[]])])
def test_the_parts_are_the_same_on_one_processor(monkeypatch, used, n, expected):
    monkeypatch.setattr(threads._second, "used", used)
    assert threads.in_halves(lambda part: [i * i for i in range(n)[part]], n) == expected


def test_set_num_threads_decides_whether_there_is_a_second_one(monkeypatch):
    pytest.importorskip("threadpoolctl", reason="set_num_threads needs it")
    monkeypatch.setattr(threads._second, "used", True)
    before = minitorch.get_num_threads()
    try:
        minitorch.set_num_threads(1)
        here = threading.get_ident()
        assert threads.in_halves(lambda _: threading.get_ident(), 2) == [here, here]
        minitorch.set_num_threads(2)
        assert threads.in_halves(lambda _: threading.get_ident(), 2) != [here, here]
    finally:
        minitorch.set_num_threads(before)


@pytest.mark.parametrize("failing", [0, 3])
def test_an_error_in_either_half_is_raised(failing):
    def run(part):
        if failing in range(6)[part]:
            raise FloatingPointError("of this half")

    with pytest.raises(FloatingPointError, match="of this half"):
        threads.in_halves(run, 6)
    assert threads.in_halves(squares, 7) == [[0, 1, 4], [9, 16, 25, 36]]


def test_both_halves_keep_numpys_setting_of_the_caller(monkeypatch):
    monkeypatch.setattr(threads._second, "used", True)
    with np.errstate(over="raise"):
        assert threads.in_halves(lambda _: np.geterr()["over"], 2) == ["raise", "raise"]


def child(queue):
    queue.put(threads.in_halves(squares, 7))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_forked_process_starts_a_thread_of_its_own(monkeypatch):
    monkeypatch.setattr(threads._second, "used", True)
    threads.in_halves(squares, 7)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    assert queue.get(timeout=30) == [[0, 1, 4], [9, 16, 25, 36]]
    process.join()

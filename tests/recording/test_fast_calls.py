"""The calls that a replay writes instead of others give the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minitorch.recording.fast_calls import ARITHMETIC, as_array, changing, number_dtype, product
from minitorch.recording.program import Memory, Value

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, 1.5, -2.0]


def _value(host: np.ndarray) -> Value:
    return Value(0, Memory(0, "temporary", host.nbytes), host)


def _matrix(rng: np.random.Generator, rows: int, columns: int, dtype: str, special: bool) -> np.ndarray:
    found = rng.standard_normal((rows, columns)).astype(dtype)
    if special:
        some = rng.random((rows, columns)) < 0.3
        found[some] = rng.choice(SPECIAL, int(some.sum()))
    return found if rng.random() < 0.5 else np.asfortranarray(found)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("inner", [1, 2, 7, 33])
def test_product_gives_the_bits_of_matmul(inner: int, dtype: str) -> None:
    rng = np.random.default_rng(inner)
    chosen = set()
    for rows in (1, 2, 9, 40):
        for columns in (1, 3, 16, 50):
            for special in (False, True):
                a = _matrix(rng, rows, inner, dtype, special)
                b = _matrix(rng, inner, columns, dtype, special)
                expected, out = np.empty((rows, columns), dtype), np.empty((rows, columns), dtype)
                target = _value(out)
                arrays = {_value(a): a, _value(b): b, target: out}
                with np.errstate(all="ignore"):
                    np.matmul(a, b, expected)
                    first, second, _ = arrays
                    for function, args in product((first, second), target):
                        function(*[arrays.get(x, x) if isinstance(x, Value) else x for x in args], out)
                        chosen.add(function)
                assert out.tobytes() == expected.tobytes()
    assert (np.multiply in chosen) == (inner == 1)
    assert (np.dot in chosen) == (inner > 1)


def test_a_matrix_times_itself() -> None:
    a = np.random.default_rng(0).standard_normal((30, 20)).astype("float32")
    assert (np.dot(a, a.T).tobytes(), np.dot(a.T, a).tobytes()) == ((a @ a.T).tobytes(), (a.T @ a).tobytes())


@pytest.mark.parametrize("function", sorted(ARITHMETIC, key=str), ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_number_as_an_array_gives_the_same_bits_and_dtype(function: Any, dtype: str) -> None:
    x = np.array([*SPECIAL, 3.14159, 1 / 3], dtype)
    with np.errstate(all="ignore"):
        for number in (0, 1, -3, 0.1, -0.0, 1e-5, 1e30, float("inf"), float("nan"), 70_000, 2**60):
            assert number_dtype(function, (_value(x), number)) == x.dtype
            array = as_array(number, x.dtype)
            for expected, found in (
                (function(x, number), function(x, array)),
                (function(number, x), function(array, x)),
            ):
                assert found.dtype == expected.dtype
                assert found.tobytes() == expected.tobytes()


def test_numbers_that_decide_the_dtype_stay() -> None:
    integers, floats = _value(np.arange(3)), _value(np.ones(3, "float32"))
    assert number_dtype(np.divide, (integers, 2)) is None
    assert number_dtype(np.add, (integers, floats)) is None
    assert number_dtype(np.power, (floats, 2)) is None
    assert as_array(True, np.dtype("float32")) is True
    held = np.empty((), "float32")
    wide = np.float64(0.1)
    assert changing(wide, held) is wide
    assert changing(0.5, held) is held
    assert held == 0.5

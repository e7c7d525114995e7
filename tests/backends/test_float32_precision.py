"""The switches of TF32, as torch's; what they do: tests/ladder/test_l3_products.py."""

import warnings

import pytest
import torch

import minitorch
import minitorch.backends.cudnn

LIBRARIES = (minitorch, torch)


@pytest.fixture(autouse=True)
def _exact():
    before = torch.backends.cudnn.allow_tf32
    yield
    for library in LIBRARIES:
        library.set_float32_matmul_precision("highest")
    minitorch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = before


def state(library):
    return library.get_float32_matmul_precision(), library.backends.cuda.matmul.allow_tf32


def test_both_ways_to_set_the_precision_of_products():
    assert state(minitorch) == state(torch) == ("highest", False)
    for precision in ("high", "medium", "highest"):
        for library in LIBRARIES:
            library.set_float32_matmul_precision(precision)
        assert state(minitorch) == state(torch)
    minitorch.set_float32_matmul_precision("medium")
    minitorch.backends.cuda.matmul.allow_tf32 = True  # then torch 2.13 refuses to say which precision is set
    assert state(minitorch) == ("high", True)
    minitorch.backends.cuda.matmul.allow_tf32 = False
    assert state(minitorch) == ("highest", False)


def test_convolutions_are_exact_unless_the_program_allows_tf32():
    assert minitorch.backends.cudnn.allow_tf32 is False
    for library in LIBRARIES:
        library.backends.cudnn.allow_tf32 = True
        assert library.backends.cudnn.allow_tf32 is True
        assert state(library) == ("highest", False)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_no_setting(library):
    for wrong in (1, "high", None):
        with pytest.raises(RuntimeError, match="expects a bool"):
            library.backends.cuda.matmul.allow_tf32 = wrong
        with pytest.raises(RuntimeError, match="expects a bool"):
            library.backends.cudnn.allow_tf32 = wrong
    with pytest.raises(RuntimeError, match="expects a str, but got int"):
        library.set_float32_matmul_precision(3)
    with pytest.raises(AttributeError):
        library.backends.cuda.matmul.allow_tf23 = True
    assert state(library) == ("highest", False)


def test_an_unknown_precision_gives_a_warning_and_changes_nothing():
    for library in LIBRARIES:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            library.set_float32_matmul_precision("low")
        if library is minitorch:  # torch gives it once in a process
            assert "low is not one of 'highest', 'high', or 'medium'" in str(found[0].message)
        assert state(library) == ("highest", False)

"""Which form of a kernel runs: by the arrays, by a form's condition, by `using`, and on which device."""

from collections.abc import Iterator

import numpy as np
import pytest

import kernels
from kernels.dispatch import KERNELS, Kernel
from tests.backends.strict import DEVICES

pytestmark = pytest.mark.host


@pytest.fixture
def triple() -> Iterator[Kernel]:
    """A kernel for this test, 3x; each form adds another number to the result."""

    def triple(x, scale):
        return x * 3 * scale

    made = kernels.kernel(triple)
    yield made
    del KERNELS["triple"]


def test_a_form_runs_for_its_library(triple) -> None:
    triple.on("numpy")(lambda x, scale: x * 3 * scale + 0.25)
    assert triple(np.ones(2), 2).tolist() == [6.25, 6.25]
    with kernels.using("reference"):
        assert triple(np.ones(2), 2).tolist() == [6, 6]
    assert DEVICES.to_host(triple(DEVICES.asarray(np.ones(2)), 2)).tolist() == [6, 6]


def test_where_the_condition_is_false_the_reference_runs(triple) -> None:
    asked = []

    def small(x, scale):
        asked.append((x.shape, scale))
        return x.size < 3

    form = triple.on("numpy", when=small)(lambda x, scale: x * 3 * scale + 0.25)
    assert triple(np.ones(2), 2).tolist() == [6.25, 6.25]
    assert triple(np.ones(3), 2).tolist() == [6, 6, 6]
    assert triple(np.ones(2), 1).tolist() == [3.25, 3.25]  # asked again at every call
    assert asked == [((2,), 2), ((3,), 2), ((2,), 1)]
    assert form(np.ones(3), 2).tolist() == [6.25] * 3  # the function itself is as it was written
    with kernels.using("reference"):
        assert triple(np.ones(2), 2).tolist() == [6, 6]
    assert len(asked) == 3
    with kernels.using("numpy"):
        assert triple(np.ones(2), 2).tolist() == [6.25, 6.25]
        assert triple(np.ones(3), 2).tolist() == [6, 6, 6]


def test_a_form_and_its_fallback_run_on_the_device_of_the_arrays(triple) -> None:
    seen = []

    def current(x, scale):
        seen.append(DEVICES.current)
        return scale > 1

    triple.on("strict", when=current)(lambda x, scale: x * 3 * scale + DEVICES.asarray(np.array(0.25)))
    x = DEVICES.asarray(np.ones(2), index=1)
    for scale, expected in ((2, 6.25), (1, 3)):
        out = triple(x, scale)
        assert out.index == 1
        assert DEVICES.to_host(out).tolist() == [expected, expected]
    assert seen == [1, 1]
    assert DEVICES.current == 0
    with pytest.raises(kernels.DeviceMismatch):
        triple(x, DEVICES.asarray(np.ones(2), index=0))


def test_a_form_without_a_condition_is_called_directly(triple) -> None:
    form = triple.on("numpy")(lambda x, scale: x)
    triple(np.ones(2), 2)
    assert triple.by_type[np.ndarray].__wrapped__ is form  # what wraps it ignores floating-point errors
    assert kernels.add(np.ones(1), np.ones(1)) == 2
    assert kernels.add.by_type[np.ndarray].args == (np.add,)
    kernels.reshape(np.ones(1), (1, 1))
    assert kernels.reshape.by_type[np.ndarray] is kernels.reshape.reference  # it does not compute


def test_parameters_are_compared(triple) -> None:
    with pytest.raises(TypeError, match=r"triple.on\('numpy'\): expected parameters \('x', 'scale'\), got \('x',\)"):
        triple.on("numpy")(lambda x: x)
    with pytest.raises(TypeError, match=r"triple.on\('numpy'\): `when` must take the parameters \('x', 'scale'\)"):
        triple.on("numpy", when=lambda x: True)
    assert not triple.implementations

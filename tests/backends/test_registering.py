"""What `kernels.register` looks at, and the smallest backend that does everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kernels
import minitorch
import tests.backends.small as small
from kernels import backend as registry
from kernels.dispatch import KERNELS, Kernel
from parity.__main__ import main

pytestmark = pytest.mark.host


class Own(np.ndarray):
    """An array class that no backend has."""


def made(**attributes: Any) -> Any:
    """An instance of a backend with these attributes, and with zeros and arrays of the class `Own`."""
    xp = SimpleNamespace(zeros=lambda *args, **options: np.zeros(*args, **options).view(Own))
    asarray = lambda self, value, dtype=None, index=None: np.asarray(value, dtype).view(Own)  # noqa: E731
    given = {"name": "own", "library": "own", "xp": xp, "array_types": (Own,), "asarray": asarray, **attributes}
    return type("OwnBackend", (kernels.Backend,), {k: v for k, v in given.items() if v is not None})()


@pytest.mark.parametrize(
    ("attributes", "error", "message"),
    [
        ({"name": None}, TypeError, "has no attribute 'name'"),
        ({"xp": None}, TypeError, "has no attribute 'xp'"),
        ({"xp": object()}, TypeError, "xp must be a module with NumPy's functions, but has no zeros"),
        ({"name": "my own"}, TypeError, "must be a name"),
        ({"library": "reference"}, TypeError, "must be a name"),
        ({"array_types": Own}, TypeError, "must be a tuple of classes"),
        ({"array_types": ()}, TypeError, "must be a tuple of classes"),
        ({"array_types": (Own, np.ndarray)}, ValueError, "belong to the backend 'cpu' already"),
        ({"name": "cpu"}, ValueError, "registered already"),
        (
            {"xp": np},
            TypeError,
            r"xp.zeros\(2, dtype='float32'\) gives an array of type numpy.ndarray, which is none of",
        ),
        ({"asarray": lambda self, value, dtype=None, index=None: np.asarray(value)}, TypeError, r"asarray\("),
        ({"to_host": lambda self, array: [0.0]}, TypeError, "to_host.* gives a list"),
        ({"indexed": True}, ValueError, r"index_of\(\) gives None: expected a number from 0 to 0"),
        ({"index_of": lambda self, array: 0}, ValueError, "indexed is False"),
    ],
)
def test_mistakes_are_told_and_nothing_is_registered(
    attributes: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = dict(registry._BACKENDS), dict(registry._BY_TYPE)
    with pytest.raises(error, match=message):
        kernels.register(made(**attributes))
    assert before == (registry._BACKENDS, registry._BY_TYPE)


def test_a_class_instead_of_an_instance() -> None:
    with pytest.raises(TypeError, match=r"register\(OwnBackend\(\)\)"):
        kernels.register(type(made()))


def test_a_backend_without_a_device_is_not_asked_for_arrays() -> None:
    backend = made(xp=np, device_count=lambda self: 0)
    try:
        assert kernels.register(backend) is backend
    finally:
        registry._BACKENDS.pop("own")
        registry._BY_TYPE.pop(Own)


def test_the_page_shows_the_small_backend() -> None:
    page = Path(__file__).parents[2] / "docs" / "backends.md"
    assert Path(small.__file__).read_text(encoding="utf-8") in page.read_text(encoding="utf-8")


def test_the_small_backend_passes_the_cases_of_layers(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--load", "tests.backends.small", "--backend", "small", "--examples", "2"]
    for pattern in ("nn.functional.conv2d", "nn.functional.batch_norm", "nn.GRU", "optim.Adam"):
        assert main([pattern, *command]) == 0, capsys.readouterr().out


def test_the_small_backend_trains() -> None:
    minitorch.manual_seed(0)
    net = minitorch.nn.Linear(3, 1).to("small")
    optimizer = minitorch.optim.SGD(net.parameters(), lr=0.1)
    x, y = minitorch.ones(4, 3, device="small"), minitorch.zeros(4, 1, device="small")
    losses = []
    for _ in range(3):
        loss = ((net(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)
    assert all(type(p._array) is small.Array for p in net.parameters())


def test_memory_is_not_shared_with_another_device() -> None:
    """Also where both are in the host's memory."""
    given = np.zeros(3, "float32")
    there = minitorch.tensor(given, device="small")
    there.add_(1)
    back = there.cpu()
    back.add_(1)
    again = minitorch.zeros(3).to("small")
    assert (given.tolist(), there.tolist(), back.tolist()) == ([0] * 3, [1] * 3, [2] * 3)
    assert again.device.type == "small"
    given.flags.writeable = False
    minitorch.tensor(given, device="small").add_(1)


@pytest.fixture
def double() -> Iterator[Kernel]:
    """A kernel of this test alone."""

    def double(x):
        return x * 2

    yield kernels.kernel(double)
    del KERNELS["double"]


def test_an_unknown_library_is_refused(double: Kernel) -> None:
    with pytest.raises(ValueError, match=r"'nunpy'.*known: cupy, numpy, small"):
        double.on("nunpy")
    with pytest.raises(ValueError, match="'reference' or one of cupy, numpy"), kernels.using("nunpy"):
        pass


def test_a_decorator_without_parentheses(double: Kernel) -> None:
    with pytest.raises(TypeError, match=r"@kernels.double.on\('numpy'\)"):
        double.on(lambda x: x)


def test_a_function_that_the_library_lacks_is_named_with_its_kernel() -> None:
    backend = made()
    kernels.register(backend)
    try:
        with pytest.raises(AttributeError) as caught:
            kernels.add(np.ones(2).view(Own), np.ones(2).view(Own))
    finally:
        registry._BACKENDS.pop("own")
        registry._BY_TYPE.pop(Own)
    assert "@kernels.add.on('own')" in caught.value.__notes__[0]


def test_the_checking_mode_compares_shapes_and_dtypes(double: Kernel) -> None:
    x = np.ones(3, "float32")
    for wrong, what in (
        (lambda x: (x * 2)[:, None], r"float32\[3, 1\], but the reference returns float32\[3\]"),
        (lambda x: x * np.float64(2), r"float64\[3\]"),
        (lambda x: (x, x), r"float32\[3\], float32\[3\]"),
        (lambda x: None, "no array"),
    ):
        double.on("numpy")(wrong)
        double(x)
        with kernels.checked(), pytest.raises(TypeError, match=f"kernel double returns {what}"):
            double(x)
        double(x)
    double.on("small")(lambda x: np.multiply(np.asarray(x), 2).view(np.ndarray))
    with kernels.checked(), pytest.raises(TypeError, match=r"returns float32\[3\] of the library numpy, but .* small"):
        double(x.view(small.Array))
    double.on("numpy")(lambda x: np.multiply(x, 2, out=x))
    with kernels.checked():
        assert double(x).tolist() == [2, 2, 2]  # the reference ran on a copy
    with kernels.checked():
        minitorch.nn.Linear(3, 2)(minitorch.ones(2, 3)).sum().backward()  # the forms that are there are right

"""The settings of all tests: hypothesis's profiles, the number of threads, the device, the shared data."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

# One thread in each library: its results then do not depend on the number of cores, and the workers of
# ``pytest -n`` do not get in each other's way. The libraries read these when they are first imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# The default draws the same examples every time. `--hypothesis-profile thorough` explores: more of them, new ones
# each time, and those that failed first. Neither looks at the time: a test that passes must pass on a busy machine.
_TIMELESS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", derandomize=True, print_blob=True, **_TIMELESS)
settings.register_profile("thorough", max_examples=1000, print_blob=True, **_TIMELESS)
settings.load_profile("default")

import minitorch  # noqa: E402

# A shell's background jobs ignore Ctrl-C, and so would the processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]


def shared(path: str) -> Path:
    """A file or folder of ``shared/``, a folder beside the repository; the test is skipped if it is absent."""
    found = ROOT.parent / "shared" / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not beside this checkout")
    return found


@pytest.fixture
def mnist_folder() -> Path:
    """A folder with the two t10k files of MNIST."""
    return shared("data/mnist")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        default="cpu",
        help="the device that tensors are made on: that of any registered backend (cpu, cuda, or what -p MODULE "
        "registers); cupy is another name of cuda; strict is tests/backends/strict.py",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "host(reason): about the host alone: runs on the CPU whatever the --backend is")
    name = backend_name(config)
    os.environ["MINITORCH_CHECK_VALUES"] = "1"  # look at what is on a GPU to check arguments, as is done on the host
    if name == "strict":
        import tests.backends.strict  # noqa: F401 - registers it
    try:
        minitorch.device(name).backend  # noqa: B018 - raises where there is none
    except RuntimeError as error:
        hint = " (-p MODULE registers another)" if "Expected one of" in str(error) else ""
        raise pytest.UsageError(f"--backend {name}: {error}{hint}") from None


def backend_name(config: pytest.Config) -> str:
    """The device type of ``--backend``."""
    name = str(config.getoption("--backend"))
    return "cuda" if name == "cupy" else name


@pytest.fixture(autouse=True)
def default_device(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every test's default device: what ``--backend`` names, the CPU for a test marked `host`."""
    name = "cpu" if request.node.get_closest_marker("host") else backend_name(request.config)
    minitorch.set_default_device(None if name == "cpu" else name)
    yield name
    minitorch.set_default_device(None)

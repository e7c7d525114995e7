"""What all tests share: how hypothesis explores, how many threads run, where the shared data are."""

import os
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

ROOT = Path(__file__).resolve().parents[1]


def shared(path: str) -> Path:
    """A file or folder of ``shared/``, which lies beside the repository; the test is skipped where it does not."""
    found = ROOT.parent / "shared" / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not beside this checkout")
    return found


@pytest.fixture
def mnist_folder() -> Path:
    """A folder with the two t10k files of MNIST."""
    return shared("data/mnist")

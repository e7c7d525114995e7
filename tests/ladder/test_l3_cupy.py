"""L3 and L4: every kernel's form under CuPy itself, against its reference, on generated examples.

With a GPU this runs on it. Without one, `python -m kernels.cusim pytest tests/ladder/test_l3_cupy.py` runs the same
CuPy on an emulation of CUDA. It is skipped where CuPy finds neither.
"""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kernels
from kernels.dispatch import KERNELS
from tests.ladder.compare import check, outcome
from tests.ladder.examples import EXAMPLES, FLOATS


def reason():
    """Why these tests cannot run here, if they cannot. To ask must not make CuPy's backend known to other tests."""
    try:
        import cupy
    except ImportError as error:
        return f"needs CuPy (pip install 'minitorch-parity[cuda13]'): {error}"
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no GPU ({error}), and not started by `python -m kernels.cusim pytest …`"
    return None


pytestmark = pytest.mark.skipif(reason() is not None, reason=str(reason()))


def put(array):
    """On the device, in the same memory order, with the same gaps."""
    import cupy

    if array.ndim and array.size and array.strides != np.empty_like(array).strides:
        wide = cupy.asarray(np.repeat(array, 2, axis=-1))
        return wide[..., ::2]
    return cupy.asarray(array, order="F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C")


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@settings(max_examples=settings.default.max_examples // 5)
@given(data=st.data())
def test_values(name, data):
    backend, kernel = kernels.get_backend("cuda"), KERNELS[name]
    example, dtype = data.draw(EXAMPLES[name]), data.draw(st.sampled_from(FLOATS))
    results = [outcome(kernel, example.to(dtype).on(put), dtype, backend.to_host) for _ in range(2)]
    check(kernel, example, dtype, results[0])
    for once, again in zip(*results, strict=True):
        np.testing.assert_array_equal(once, again, err_msg="not the same the second time")

"""L1: NVRTC compiles every kernel for every architecture, and none spills; kernels that spill are found."""

import pytest

from kernels.cuda import all_kernels as all_kernels, launch
from tests.ladder import nvrtc

pytestmark = pytest.mark.skipif(nvrtc.unavailable_because() is not None, reason=str(nvrtc.unavailable_because()))
FILES = sorted({template.file for template in launch.TEMPLATES})


@pytest.mark.parametrize("architecture", nvrtc.ARCHITECTURES)
@pytest.mark.parametrize("file", FILES)
def test_every_kernel_compiles_without_spills(file, architecture):
    used = nvrtc.compile_file(file, architecture)
    assert used
    assert not {name: usage.complaint for name, usage in used.items() if usage.complaint}


def planted(body, arguments="const float* a, float* b, const int* q"):
    return f"template <typename T> __global__ void planted({arguments}) {{ {body} }}"


def test_a_kernel_that_spills_is_found():
    text = planted(
        """float v[300];
        #pragma unroll
        for (int i = 0; i < 300; i++) v[i] = a[i * 32 + threadIdx.x];
        for (int k = 0; k < q[0]; k++) {
            #pragma unroll
            for (int i = 0; i < 300; i++) v[i] = v[i] * v[(i * 7 + 3) % 300] + v[(i * 13 + 1) % 300];
        }
        #pragma unroll
        for (int i = 0; i < 300; i++) b[i * 32 + threadIdx.x] = v[i];"""
    )
    (usage,) = nvrtc.compile_text(text, ["planted<float>"], 80).values()
    assert usage.spill_stores > 0
    assert "spills" in usage.complaint


def test_a_kernel_with_an_array_in_local_memory_is_found():
    text = planted("float v[999]; for (int i = 0; i < 999; i++) v[i] = a[i]; b[0] = v[q[0]] + v[q[1]];")
    (usage,) = nvrtc.compile_text(text, ["planted<float>"], 80).values()
    assert "local memory" in usage.complaint


@pytest.mark.parametrize("body", ["b[0] = INFINITY;", "b[0] = std::exp(a[0]);", "b[0] = a[0]"])
def test_text_that_nvrtc_does_not_accept_is_refused(body):
    with pytest.raises(nvrtc.CompileError):
        nvrtc.compile_text(planted(body), ["planted<float>"], 80)

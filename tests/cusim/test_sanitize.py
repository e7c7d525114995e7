"""The sanitizers find planted faults, and nothing in correct kernels."""

import numpy as np
import pytest

from kernels.cusim.compiler import Module, shuffled
from kernels.cusim.sanitize import SanitizerError
from tests.cusim.requirements import needs_compiler

pytestmark = needs_compiler

SOURCE = r"""
extern "C" {
__global__ void total(const float* x, float* y, int n) {
    __shared__ float part[64];
    int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
    part[t] = i < n ? x[i] : 0.f;
    __syncthreads();
    for (int k = blockDim.x / 2; k; k /= 2) {
        if (t < k) part[t] += part[t + k];
        __syncthreads();
    }
    if (t == 0) atomicAdd(y, part[0]);
}

__global__ void warp_total(const float* x, float* y, int n) {
    __shared__ float part[2];
    int t = threadIdx.x;
    float v = t < n ? x[t] : 0.f;
    for (int d = 16; d; d /= 2) v += __shfl_down_sync(0xffffffffu, v, d);
    if (t % 32 == 0) part[t / 32] = v;
    __syncthreads();
    if (t == 0) y[0] = part[0] + part[1];
}

__global__ void in_a_warp(const float* x, float* y, int n) {
    __shared__ float s[64];
    int t = threadIdx.x;
    s[t] = x[t];
    __syncwarp();
    y[t] = s[t ^ 1];
}

__global__ void across_warps(const float* x, float* y, int n) {  // needs __syncthreads
    __shared__ float s[64];
    int t = threadIdx.x;
    s[t] = x[t];
    __syncwarp();
    y[t] = s[t ^ 32];
}

__global__ void missing_barrier(const float* x, float* y, int n) {
    __shared__ float s[64];
    int t = threadIdx.x;
    s[t] = x[t];
    y[t] = s[63 - t];
}

__global__ void too_few_barriers(const float* x, float* y, int n) {  // the second round overwrites what the first reads
    __shared__ float s[64];
    int t = threadIdx.x;
    for (int i = 0; i < 2; i++) {
        s[t] = x[t] + i;
        __syncthreads();
        y[t] = s[63 - t];
    }
}

__global__ void plain_add(const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[0] += x[i];
}

__global__ void one_too_many(const float* x, float* y, int n) {
    int t = threadIdx.x;
    if (t <= n) y[t] = 1.f;
}

__global__ void one_too_few(const float* x, float* y, int n) { y[0] = x[int(threadIdx.x) - 1]; }

__global__ void beyond_shared(const float* x, float* y, int n) {
    __shared__ float s[8];
    float* p = s;
    p[threadIdx.x + n] = 1.f;
    y[0] = p[0];
}

__global__ void beyond_dynamic(const float* x, float* y, int n) {
    extern __shared__ float s[];
    s[threadIdx.x] = 1.f;
    y[0] = s[0];
}

__global__ void overflow(const float* x, float* y, int n) { y[0] = float(2147483647 + n); }

__global__ void null_pointer(const float* x, float* y, int n) { y[0] = x[0]; }
}
"""
N = 64


@pytest.fixture(scope="module", params=["address", "undefined", "thread"])
def checked(request):
    return Module(SOURCE, sanitizer=request.param)


@pytest.fixture(scope="module")
def under():
    return {name: Module(SOURCE, sanitizer=name) for name in ("address", "undefined", "thread")}


def launch(module, name, grid=(1,), block=(N,), n=N, x=True, **options):
    values = np.arange(1, N + 1, dtype=np.float32) if x else None
    y = np.zeros(N, np.float32)
    module.get_function(name)(grid, block, (values, y, np.int32(n)), **options)
    return y


@pytest.mark.parametrize("schedule", [shuffled(1), shuffled(2)])
def test_right_kernels_pass_and_their_results_come_back(checked, schedule):
    expected = N * (N + 1) / 2
    assert launch(checked, "total", schedule=schedule)[0] == expected
    assert launch(checked, "total", (4,), (16,), schedule=schedule)[0] == expected
    assert launch(checked, "warp_total", schedule=schedule)[0] == expected
    np.testing.assert_array_equal(launch(checked, "in_a_warp", schedule=schedule), 1 + (np.arange(N) ^ 1))


@pytest.mark.parametrize("name", ["across_warps", "missing_barrier", "too_few_barriers"])
def test_missing_barriers_are_races(under, name):
    with pytest.raises(SanitizerError, match=rf"data race.*kernel\.cu.* in {name}"):
        launch(under["thread"], name)


@pytest.mark.parametrize(("grid", "block"), [((1,), (64,)), ((64,), (1,)), ((4,), (16,))])
def test_an_addition_that_is_not_atomic_is_a_race_within_and_across_blocks(under, grid, block):
    with pytest.raises(SanitizerError, match=r"data race.*kernel\.cu.* in plain_add"):
        launch(under["thread"], "plain_add", grid, block)


@pytest.mark.parametrize(
    ("name", "options", "match"),
    [
        ("one_too_many", {"block": (65,)}, "heap-buffer-overflow.*WRITE of size 4"),
        ("one_too_few", {}, "heap-buffer-overflow.*READ of size 4"),
        ("beyond_shared", {"block": (8,), "n": 1}, "heap-buffer-overflow.*WRITE of size 4"),
        ("beyond_dynamic", {"shared_mem": N * 4 - 4}, "heap-buffer-overflow.*WRITE of size 4"),
    ],
)
def test_accesses_out_of_bounds(under, name, options, match):
    with pytest.raises(SanitizerError, match=f"(?s){match}.*in {name}"):
        launch(under["address"], name, **options)


def test_undefined_behaviour(under):
    with pytest.raises(SanitizerError, match="signed integer overflow"):
        launch(under["undefined"], "overflow", n=1)
    with pytest.raises(SanitizerError, match="load of null pointer"):
        launch(under["undefined"], "null_pointer", x=False)


def test_arrays_are_the_same_memory_where_they_are_for_the_kernel():
    source = 'extern "C" __global__ void f(const float* x, float* y) { y[1] = 5.f; y[0] = x[1]; }'
    x = np.zeros((2, 3), np.float32, order="F")
    Module(source, sanitizer="address").get_function("f")((1,), (1,), (x, x))
    np.testing.assert_array_equal(x, [[5, 0, 0], [5, 0, 0]])


def test_arrays_that_overlap_in_part_are_refused(under):
    x = np.zeros(N + 1, np.float32)
    with pytest.raises(ValueError, match="two overlap in part"):
        under["address"].get_function("total")((1,), (N,), (x[:-1], x[1:], np.int32(N)))


def test_an_unknown_sanitizer():
    with pytest.raises(ValueError, match="expected one of address, undefined, thread, but got 'memory'"):
        Module(SOURCE, sanitizer="memory")

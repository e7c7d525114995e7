"""Kernels compiled by g++: their results, their arguments, their schedules, and the faults that they find."""

import subprocess
import sys

import numpy as np
import pytest

from kernels.cusim.compiler import FORWARD, REVERSED, LaunchError, Module, Schedule, shuffled
from kernels.cusim.toolchain import CompileError
from tests.cusim.requirements import needs_compiler

pytestmark = needs_compiler

SOURCE = r"""
template <typename T> __device__ T twice(T x) { return x + x; }
#define PLUS(name, T) extern "C" __global__ void name(const T* x, T* y, T a, int n) { \
    __shared__ T copy[64]; copy[threadIdx.x] = x[threadIdx.x]; __syncthreads(); \
    if (threadIdx.x < n) y[threadIdx.x] = copy[threadIdx.x] + a; }
PLUS(plus_float, float)
PLUS(plus_int, int)

extern "C" {
__global__ void where(int* x, int* y, int* z) {
    int b = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    int t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    int i = b * blockDim.x * blockDim.y * blockDim.z + t;
    x[i] = threadIdx.x + 100 * blockIdx.x, y[i] = threadIdx.y + 100 * blockIdx.y, z[i] = threadIdx.z + 100 * blockIdx.z;
}

__global__ void total(const float* x, float* y, int n) {
    __shared__ float part[256];
    int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
    part[t] = i < n ? x[i] : 0.f;
    __syncthreads();
    for (int k = blockDim.x / 2; k; k /= 2) {
        if (t < k) part[t] += part[t + k];
        __syncthreads();
    }
    if (t == 0) atomicAdd(y, part[0]);
}

__global__ void backwards(const double* x, double* y) {
    extern __shared__ double all[];
    all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = all[blockDim.x - 1 - threadIdx.x];
}

__global__ void uninitialized(float* y) {
    __shared__ float x[2];
    y[blockIdx.x] = x[0];
    x[0] = 1.f;
}

__global__ void shuffles(const int* x, int* index, int* up, int* down, int* across) {
    int t = threadIdx.x;
    index[t] = __shfl_sync(0xffffffffu, x[t], 5, 8);
    up[t] = __shfl_up_sync(0xffffffffu, x[t], 3);
    down[t] = __shfl_down_sync(0xffffffffu, x[t], 3, 16);
    across[t] = __shfl_xor_sync(0xffffffffu, x[t], 1);
}

__global__ void votes(const int* x, unsigned* ballot, int* any, int* all, int* count) {
    int t = threadIdx.x;
    ballot[t] = __ballot_sync(0xffffffffu, x[t] > 3);
    any[t] = __any_sync(0xffffffffu, x[t] == 7);
    all[t] = __all_sync(0xffffffffu, x[t] < 99);
    count[t] = __syncthreads_count(x[t] > 3);
}

__global__ void half_warps(const float* x, float* y) {
    int t = threadIdx.x;
    unsigned mask = t < 16 ? 0x0000ffffu : 0xffff0000u;
    float v = x[t];
    for (int i = 0; i < (t < 16 ? 3 : 1); i++) v += __shfl_xor_sync(mask, v, 1);
    y[t] = v;
}

__global__ void counts(const int* index, int* n, unsigned long long* low, int* swapped) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    atomicAdd(&n[index[i]], 1);
    atomicMax(low, (unsigned long long)i);
    atomicCAS(swapped, 0, i + 1);
}

__global__ void halves(const half* x, float* y, half* z) {
    int t = threadIdx.x;
    y[t] = __half2float(x[t] * x[t]);
    z[t] = __float2half(y[t] / 3.0f) + x[t];
}

__global__ void values(double* out, double a, float b, int c, unsigned char d, bool e) {
    out[0] = a, out[1] = b, out[2] = c, out[3] = d, out[4] = e;
}

__global__ void missing_barrier(const float* x, float* y) {
    __shared__ float part[256];
    int t = threadIdx.x;
    part[t] = x[t];
    __syncthreads();
    for (int k = blockDim.x / 2; k; k /= 2)
        if (t < k) part[t] += part[t + k];
    if (t == 0) y[0] = part[0];
}

__global__ void divergent(float* y) {
    if (threadIdx.x < 32) __syncthreads();
    y[threadIdx.x] = 1.f;
}

__global__ void two_barriers(float* y) {
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncthreads();
}

__global__ void lonely_warp(int* y) {
    if (threadIdx.x % 2) y[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
    else __syncthreads();
}
}
template <typename T> __global__ void doubled(T* x) { x[threadIdx.x] = twice(x[threadIdx.x]); }
"""
SCHEDULES = [FORWARD, REVERSED, shuffled(1)]


@pytest.fixture(scope="module")
def module():
    return Module(SOURCE, name_expressions=["doubled<double>", "doubled<int>"])


def launch(module, name, grid, block, *args, **options):
    module.get_function(name)(grid, block, args, **options)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_thread_of_every_block_runs_once_and_knows_its_place(module, schedule):
    grid, block = (3, 2, 2), (4, 3, 2)
    x, y, z = (np.full(12 * 24, -1, np.int32) for _ in range(3))
    launch(module, "where", grid, block, x, y, z, schedule=schedule)
    places = np.indices((*reversed(grid), *reversed(block))).reshape(6, -1)
    for found, thread, where in zip((x, y, z), (5, 4, 3), (2, 1, 0), strict=True):
        np.testing.assert_array_equal(found, places[thread] + 100 * places[where])


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("n", [0, 1, 255, 256, 1000])
def test_reduction_with_barriers(module, n, schedule):
    x = np.arange(n, dtype=np.float32)
    y = np.zeros(1, np.float32)
    launch(module, "total", (4,), (256,), x, y, np.int32(n), schedule=schedule)
    assert y[0] == x.sum()


def test_dynamic_shared_memory(module):
    x = np.arange(40.0)
    y = np.zeros(40)
    launch(module, "backwards", (1,), (40,), x, y, shared_mem=40 * 8)
    np.testing.assert_array_equal(y, x[::-1])


def test_shared_memory_holds_nothing_at_first(module):
    y = np.zeros(3, np.float32)
    launch(module, "uninitialized", (3,), (1,), y)
    assert np.isnan(y).all()


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_warp_shuffles(module, schedule):
    x = np.arange(64, dtype=np.int32) * 10
    index, up, down, across = (np.zeros(64, np.int32) for _ in range(4))
    launch(module, "shuffles", (1,), (64,), x, index, up, down, across, schedule=schedule)
    t = np.arange(64)
    np.testing.assert_array_equal(index, x[t // 8 * 8 + 5])
    np.testing.assert_array_equal(up, x[np.where(t % 32 < 3, t, t - 3)])
    np.testing.assert_array_equal(down, x[np.where(t % 16 + 3 >= 16, t, t + 3)])
    np.testing.assert_array_equal(across, x[t ^ 1])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_votes(module, schedule):
    x = np.arange(48, dtype=np.int32) % 9
    ballot = np.zeros(48, np.uint32)
    any_, all_, count = (np.zeros(48, np.int32) for _ in range(3))
    launch(module, "votes", (1,), (48,), x, ballot, any_, all_, count, schedule=schedule)
    bits = [sum(1 << i for i, v in enumerate(x[a:b]) if v > 3) for a, b in ((0, 32), (32, 48))]
    np.testing.assert_array_equal(ballot, np.repeat(bits, (32, 16)))
    np.testing.assert_array_equal(any_, 1)
    np.testing.assert_array_equal(all_, 1)
    np.testing.assert_array_equal(count, (x > 3).sum())


def test_lanes_of_a_mask_do_not_wait_for_the_others(module):
    x = np.arange(32, dtype=np.float32)
    y = np.zeros(32, np.float32)
    launch(module, "half_warps", (1,), (32,), x, y)
    pairs = x + x[np.arange(32) ^ 1]
    np.testing.assert_array_equal(y, np.where(np.arange(32) < 16, 4 * pairs, pairs))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_atomics(module, schedule):
    index = np.random.default_rng(0).integers(0, 5, 96).astype(np.int32)
    n, low, swapped = np.zeros(5, np.int32), np.zeros(1, np.uint64), np.zeros(1, np.int32)
    launch(module, "counts", (3,), (32,), index, n, low, swapped, schedule=schedule)
    np.testing.assert_array_equal(n, np.bincount(index, minlength=5))
    assert low[0] == 95
    assert 1 <= swapped[0] <= 96


def test_halves_round_as_numpy_does(module):
    x = np.random.default_rng(0).standard_normal(50).astype(np.float16)
    y, z = np.zeros(50, np.float32), np.zeros(50, np.float16)
    launch(module, "halves", (1,), (50,), x, y, z)
    np.testing.assert_array_equal(y, (x * x).astype(np.float32))
    np.testing.assert_array_equal(z, (y / np.float32(3)).astype(np.float16) + x)


def test_templates(module):
    x, n = np.arange(3.0), np.arange(3, dtype=np.int32)
    launch(module, "doubled<double>", (1,), (3,), x)
    launch(module, "doubled<int>", (1,), (3,), n)
    np.testing.assert_array_equal(x, [0, 2, 4])
    np.testing.assert_array_equal(n, [0, 2, 4])


def test_kernels_made_by_macros(module):
    x, y = np.arange(64, dtype=np.int32), np.zeros(64, np.int32)
    launch(module, "plus_int", (1,), (64,), x, y, np.int32(7), np.int32(64))
    np.testing.assert_array_equal(y, x + 7)


def test_values_and_options():
    source = 'extern "C" __global__ void f(int* x) { x[0] = N; }'
    x = np.zeros(1, np.int32)
    launch(Module(source, ["-DN=5"]), "f", (1,), (1,), x)
    assert x[0] == 5


def test_values_arrive(module):
    out = np.zeros(5)
    launch(module, "values", (1,), (1,), out, 0.5, np.float32(1.5), np.int32(-3), np.uint8(200), True)
    np.testing.assert_array_equal(out, [0.5, 1.5, -3, 200, 1])


@pytest.mark.parametrize(
    ("args", "error", "match"),
    [
        ((np.zeros(1, np.float32),), TypeError, "takes 3 arguments, but got 1"),
        (
            (np.zeros(1), np.zeros(1, np.float32), np.int32(1)),
            TypeError,
            "argument 0: expected a pointer to floating of 4",
        ),
        ((np.zeros(1, np.int32), np.zeros(1, np.float32), np.int32(1)), TypeError, "but got an array of int32"),
        (
            (3, np.zeros(1, np.float32), np.int32(1)),
            TypeError,
            "argument 0: expected an array for a pointer, but got int",
        ),
        (
            (None, np.zeros(1, np.float32), 1),
            TypeError,
            "argument 2: expected signed integer of 4 bytes, but got int64",
        ),
        ((None, np.zeros(1, np.float32), np.float32(1)), TypeError, "argument 2: .* but got float32"),
        ((None, np.zeros(1, np.float32), np.zeros(1, np.int32)), TypeError, "argument 2: .* but got ndarray"),
        ((np.zeros(4, np.float32)[::2], None, np.int32(1)), ValueError, "argument 0: expected a contiguous array"),
        ((None, np.broadcast_to(np.float32(0), (1,)), np.int32(1)), ValueError, "argument 1: .* read-only"),
    ],
)
def test_arguments_are_checked(module, args, error, match):
    with pytest.raises(error, match=match):
        launch(module, "total", (1,), (1,), *args)


@pytest.mark.parametrize(
    ("grid", "block", "shared"), [((0,), (1,), 0), ((1,), (1025,), 0), ((1,), (1, 1, 65), 0), ((1,), (1,), 2**20)]
)
def test_launches_that_no_gpu_takes(module, grid, block, shared):
    with pytest.raises(LaunchError, match="no GPU takes"):
        launch(module, "total", grid, block, None, None, np.int32(0), shared_mem=shared)


def test_unknown_names_and_options(module):
    with pytest.raises(LookupError, match="no kernel 'doubled' in this module; it has"):
        module.get_function("doubled")
    with pytest.raises(ValueError, match=r"options: .* \['--std=c\+\+11'\]"):
        Module("", ["--std=c++11"])
    with pytest.raises(CompileError, match=r"kernel\.cu:2.*nonsense"):
        Module("\n__global__ void f() { nonsense; }")


def test_the_same_text_is_compiled_once(tmp_path, monkeypatch):
    monkeypatch.setenv("MINITORCH_CUSIM_CACHE", str(tmp_path))
    source = 'extern "C" __global__ void f(int* x) { x[0] = 1; }'
    Module(source)
    (first,) = (tmp_path / "kernels").iterdir()
    made = first.stat().st_mtime_ns
    Module(source)
    assert [p.stat().st_mtime_ns for p in (tmp_path / "kernels").iterdir()] == [made]
    Module(source, ["-DA"])
    assert len(list((tmp_path / "kernels").iterdir())) == 2


def test_processes_share_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINITORCH_CUSIM_CACHE", str(tmp_path))
    program = """if True:
        import numpy as np
        from kernels.cusim.compiler import Module
        x = np.zeros(1, np.int32)
        Module('extern "C" __global__ void f(int* x) { x[0] = 1; }').get_function("f")((1,), (1,), (x,))
        assert x[0] == 1
    """
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [p.wait() for p in running] == [0, 0, 0]
    assert len(list((tmp_path / "kernels").iterdir())) == 1


def test_a_missing_barrier_shows_under_some_schedule(module):
    x = np.arange(256, dtype=np.float32)
    results = set()
    for schedule in (FORWARD, REVERSED, shuffled(1), shuffled(2)):
        y = np.zeros(1, np.float32)
        launch(module, "missing_barrier", (1,), (256,), x, y, schedule=schedule)
        results.add(float(y[0]))
    assert results != {float(x.sum())}


def test_shuffled_schedules_differ_by_seed_and_repeat():
    source = """extern "C" __global__ void f(int* next, int* turn) {
        for (int i = 0; i < 2; i++) { turn[i * blockDim.x + threadIdx.x] = next[0]++; __syncthreads(); } }"""
    kernel = Module(source).get_function("f")

    def turns(schedule: Schedule) -> list[int]:
        turn = np.zeros(128, np.int32)
        kernel((1,), (64,), (np.zeros(1, np.int32), turn), schedule=schedule)
        return turn.tolist()

    assert turns(FORWARD) == list(range(128))
    assert turns(REVERSED) == [*range(63, -1, -1), *range(127, 63, -1)]
    first = turns(shuffled(1))
    assert sorted(first) == list(range(128))
    assert [n - 64 for n in first[64:]] != first[:64]
    assert first == turns(shuffled(1))
    assert first != turns(shuffled(2))


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("divergent", "32 threads wait at __syncthreads that 32 others never reach"),
        ("two_barriers", "threads wait at different barriers"),
        ("lonely_warp", "deadlock: thread 0 waits at line"),
    ],
)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_threads_that_do_not_meet(module, name, match, schedule):
    y = np.zeros(64, np.int32 if name == "lonely_warp" else np.float32)
    with pytest.raises(LaunchError, match=match):
        launch(module, name, (1,), (64,), y, schedule=schedule)
    x = np.arange(40.0)
    launch(module, "backwards", (1,), (40,), np.arange(40.0), x, shared_mem=320)  # the next launch is not disturbed
    np.testing.assert_array_equal(x, np.arange(40.0)[::-1])

"""The emulation finds faults that are planted in programs and kernels.

A plain addition in place of an atomic one needs threads that run at once: the thread sanitizer finds it
(test_sanitize).
"""

from tests.cusim.emulated import run, run_unchecked
from tests.cusim.requirements import needs_emulation

pytestmark = needs_emulation

REVERSE = """
    kernel = cp.RawKernel(r'''
    extern "C" __global__ void reverse(const float* x, float* y) {
        __shared__ float s[64];
        s[threadIdx.x] = x[threadIdx.x];
        BARRIER
        y[threadIdx.x] = s[63 - threadIdx.x];
    }''', "reverse")
    x = cp.arange(64, dtype="f")
    for order, seed in (("forward", 0), ("reversed", 0), ("shuffled", 1)):
        emulator.set_order(order, seed)
        y = cp.zeros(64, "f")
        kernel((1,), (64,), (x, y))
        print(bool((y == x[::-1]).all()))
"""


def test_a_missing_barrier(tmp_path):
    assert run(REVERSE.replace("BARRIER", "__syncthreads();"), folder=tmp_path).split() == ["True"] * 3
    assert "False" in run(REVERSE.replace("BARRIER", ""), folder=tmp_path)


BEYOND = """
    source = 'extern "C" __global__ void fill(float* x, int n) { if (threadIdx.x < n) x[threadIdx.x] = 1; }'
    x = cp.zeros(SIZE, "f")
    cp.RawKernel(source, "fill")((1,), (32,), (x, np.int32(WRITTEN)))
    print("went unseen")
    x = None
    cp.cuda.runtime.deviceSynchronize()
"""


def test_a_write_beyond_the_end(tmp_path):
    assert run(BEYOND.replace("SIZE", "20").replace("WRITTEN", "20"), "--guarded", folder=tmp_path) == "went unseen\n"
    done = run_unchecked(BEYOND.replace("SIZE", "20").replace("WRITTEN", "21"), "--guarded", folder=tmp_path)
    assert "kernel fill: an access to 0 bytes behind the end of an allocation of 80 bytes" in done.stderr
    assert "CUDA_ERROR_ILLEGAL_ADDRESS" in done.stderr


def test_a_write_into_what_alignment_leaves(tmp_path):
    program = BEYOND.replace("SIZE", "19").replace("WRITTEN", "20")
    done = run_unchecked(program, "--guarded", folder=tmp_path)
    assert "something was written beside an allocation of 76 bytes" in done.stderr
    assert done.returncode == 1


def test_a_host_array_where_a_device_array_belongs(tmp_path):
    out = run(
        """
        host, device = np.zeros(3), cp.zeros(3)
        kernel = cp.RawKernel('extern "C" __global__ void f(double* x) { x[0] = 1; }', "f")
        attempts = (
            lambda: device + host,
            lambda: cp.matmul(device, host),
            lambda: kernel((1,), (1,), (host,)),
            lambda: kernel((1,), (1,), (host.ctypes.data,)),
        )
        for attempt in attempts:
            try:
                attempt()
            except (TypeError, cp.cuda.driver.CUDADriverError) as error:
                print(type(error).__name__, error)
        emulator.forget_failure()
        assert (device + 1).sum() == 3
        """,
        folder=tmp_path,
    ).splitlines()
    assert [line.split()[0] for line in out] == ["TypeError"] * 3 + ["CUDADriverError"]
    assert "kernel f: argument 0 is not a pointer to device memory" in out[3]


def test_a_keyword_that_only_numpy_has(tmp_path):
    done = run_unchecked("cp.sum(cp.ones(3), where=cp.ones(3, bool))", folder=tmp_path)
    assert "TypeError" in done.stderr
    assert "where" in done.stderr


def test_a_failed_kernel_takes_the_context_with_it(tmp_path):
    done = run_unchecked(
        """
        kernel = cp.RawKernel('extern "C" __global__ void f(double* x) { if (threadIdx.x < 1) __syncthreads(); }', "f")
        kernel((1,), (2,), (cp.zeros(1),))
        """,
        "--strict",
        folder=tmp_path,
    )
    assert "kernel f: block (0, 0, 0): line 1: 1 threads wait at __syncthreads that 1 others never reach" in done.stderr
    assert "CUDA_ERROR_LAUNCH_FAILURE" in done.stderr

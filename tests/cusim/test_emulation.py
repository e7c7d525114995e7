"""The real CuPy on the emulated CUDA: what it computes, and how memory, streams, devices and graphs behave.

Every test runs a program of its own in a process of its own: the process of pytest never loads the emulation.
"""

import subprocess
import sys

import pytest

from tests.cusim.emulated import ROOT, run, run_unchecked
from tests.cusim.requirements import needs_emulation

pytestmark = needs_emulation


def test_it_never_starts_by_itself():
    program = """if True:
        import sys, kernels.cusim.compiler, kernels.cusim.emulator
        assert "cupy" not in sys.modules
        assert kernels.cusim.emulator.current() is None
        import minitorch
        assert not minitorch.cuda.is_available()
    """
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_what_cupy_computes(tmp_path):
    run(
        """
        rng = np.random.default_rng(0)

        def same(function, *arrays, exact=False):
            expected, found = function(np, *arrays), function(cp, *map(cp.asarray, arrays)).get()
            assert found.dtype == expected.dtype, (found.dtype, expected.dtype)
            if exact:
                np.testing.assert_array_equal(found, expected)
            else:
                eps = np.finfo(expected.dtype).eps
                np.testing.assert_allclose(found, expected, rtol=64 * eps, atol=64 * eps)

        for dtype in "efd":
            x, y = (rng.standard_normal((5, 7)).astype(dtype) for _ in range(2))
            same(lambda xp, x, y: x * y + x, x, y, exact=True)
            same(lambda xp, x, y: xp.where(x > y, x, -y), x, y, exact=True)
            same(lambda xp, x: xp.exp(x) + xp.tanh(x), x)
            same(lambda xp, x: x.sum(axis=0), x)
            same(lambda xp, x: x.max(axis=1), x, exact=True)
            same(lambda xp, x, y: x @ y.T, x, y)
            same(lambda xp, x, y: x[2:].T @ y[2:, ::2], x, y)
            same(lambda xp, x, y: xp.matmul(x.reshape(5, 7, 1), y.reshape(5, 1, 7)), x, y)
            same(lambda xp, x, y: xp.tensordot(x, y, ((0,), (0,))), x, y)
            same(lambda xp, x: x[:, ::-2].T.copy(), x, exact=True)
            same(lambda xp, x: xp.sort(x, axis=1), x, exact=True)
            same(lambda xp, x: xp.argsort(x, axis=1), x, exact=True)
            same(lambda xp, x: xp.concatenate([x, x[:1]]), x, exact=True)
            same(lambda xp, x: xp.matmul(x[:0], x.T), x, exact=True)
        n = rng.integers(0, 5, (4, 6))
        same(lambda xp, n: xp.cumsum(n, axis=1), n, exact=True)
        same(lambda xp, n: xp.bincount(n.ravel()), n, exact=True)
        same(lambda xp, n: n[n > 2], n, exact=True)
        same(lambda xp, n: n @ n.T, n, exact=True)

        axpy = cp.ElementwiseKernel("T x, T y, float32 a", "T z", "z = a * x + y", "axpy")
        x = cp.arange(5, dtype=np.float32)
        assert axpy(x, x, 2).tolist() == [0, 3, 6, 9, 12]
        squares = cp.ReductionKernel("T x", "T y", "x * x", "a + b", "y = a", "0", "squares")
        assert squares(x) == 30
        """,
        folder=tmp_path,
    )


def test_raw_kernels_with_templates_shared_memory_and_atomics(tmp_path):
    run(
        r"""
        source = r'''
        template <typename T> __global__ void total(const T* x, T* y, int n) {
            extern __shared__ unsigned char raw[];
            T* part = reinterpret_cast<T*>(raw);
            int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
            part[t] = i < n ? x[i] : T(0);
            __syncthreads();
            for (int k = blockDim.x / 2; k; k /= 2) { if (t < k) part[t] += part[t + k]; __syncthreads(); }
            if (t == 0) atomicAdd(y, part[0]);
        }'''
        names = ("total<float>", "total<double>")
        module = cp.RawModule(code=source, options=("-std=c++17",), name_expressions=names)
        for name, dtype in zip(names, "fd"):
            x, y = cp.arange(1000, dtype=dtype), cp.zeros(1, dtype)
            module.get_function(name)((8,), (128,), (x, y, np.int32(1000)), shared_mem=128 * x.itemsize)
            assert y.get() == 499500
        """,
        folder=tmp_path,
    )


def test_threads_that_have_ended_stay_so_while_others_meet(tmp_path):
    """CuPy's scan needs this: the hardware does not wait for threads that have ended."""
    run(
        r"""
        source = r'''
        extern "C" __global__ void f(int* ended, int* y) {
            if (threadIdx.x % 4) { atomicAdd(ended, 1); return; }
            for (int k = 0; k < 3; k++) { y[threadIdx.x] += 1; __syncthreads(); }
        }'''
        f = cp.RawKernel(source, "f")
        for order, seed in (("forward", 0), ("reversed", 0), ("shuffled", 1)):
            emulator.set_order(order, seed)
            ended, y = cp.zeros(1, np.int32), cp.zeros(100, np.int32)
            f((1,), (100,), (ended, y))
            assert ended.get() == 75
            assert y.tolist() == [3, 0, 0, 0] * 25
        """,
        folder=tmp_path,
    )


def test_out_of_memory_leaves_the_program_usable(tmp_path):
    out = run(
        """
        x = cp.zeros(1 << 20, np.uint8)
        try:
            cp.zeros(64 << 20, np.uint8)
        except cp.cuda.memory.OutOfMemoryError as error:
            print(error)
        y = x + 1
        assert int(y.sum()) == 1 << 20
        del x, y
        cp.get_default_memory_pool().free_all_blocks()
        assert emulator.used_memory() == 0
        assert cp.cuda.runtime.memGetInfo() == (16 << 20, 16 << 20)
        """,
        "--memory=16M",
        folder=tmp_path,
    )
    assert "Out of memory allocating 67,108,864 bytes" in out


def test_devices_are_apart(tmp_path):
    out = run(
        """
        assert cp.cuda.runtime.getDeviceCount() == 2
        x = cp.arange(3)
        with cp.cuda.Device(1):
            y = cp.asarray(x)  # a copy
            assert y.device.id == 1
            assert (y + 1).tolist() == [1, 2, 3]
            assert emulator.used_memory(1) > 0
            kernel = cp.RawKernel('extern "C" __global__ void f(long long* x) { x[0] = 5; }', "f")
            kernel((1,), (1,), (y,))
            try:
                kernel((1,), (1,), (x.data.ptr,))
            except cp.cuda.driver.CUDADriverError as error:
                print(error)
        """,
        "--devices=2",
        folder=tmp_path,
    )
    assert "CUDA_ERROR_ILLEGAL_ADDRESS: kernel f: argument 0 is not a pointer to device memory" in out


def test_no_device_beyond_the_last(tmp_path):
    done = run_unchecked("cp.cuda.Device(1).use()", folder=tmp_path)
    assert "cudaErrorInvalidDevice: invalid device ordinal 1; there are 1" in done.stderr


LAZY_COPY = """
    x = cp.full(4, 7.0)
    pinned = cp.cuda.alloc_pinned_memory(32)
    host = np.frombuffer(pinned, np.float64, 4)
    host[...] = 0
    stream = cp.cuda.Stream(non_blocking=True)
    cp.cuda.runtime.deviceSynchronize()
    with stream:
        x.get(stream=stream, out=host, blocking=False)
        before = host.tolist()
        stream.synchronize()
    print(before, host.tolist())
"""


def test_lazy_streams_show_what_was_not_waited_for(tmp_path):
    assert run(LAZY_COPY, "--lazy", folder=tmp_path) == "[0.0, 0.0, 0.0, 0.0] [7.0, 7.0, 7.0, 7.0]\n"
    assert run(LAZY_COPY, folder=tmp_path) == "[7.0, 7.0, 7.0, 7.0] [7.0, 7.0, 7.0, 7.0]\n"


def test_lazy_streams_keep_to_events_and_to_the_null_stream(tmp_path):
    out = run(
        """
        def program(wait):
            first, second = cp.cuda.Stream(non_blocking=True), cp.cuda.Stream(non_blocking=True)
            x, y = cp.zeros(3), cp.zeros(3)
            cp.cuda.runtime.deviceSynchronize()
            with first:
                x += 1
                event = first.record()
            with second:
                if wait:
                    second.wait_event(event)
                y[...] = x
                second.synchronize()
            first.synchronize()
            return y.tolist()

        print(program(wait=False), program(wait=True))
        x = cp.zeros(3)
        with cp.cuda.Stream():  # a blocking stream: ordered with the null stream
            x += 1
        y = x * 2
        print(y.tolist())
        """,
        "--lazy",
        folder=tmp_path,
    )
    assert out == "[0.0, 0.0, 0.0] [1.0, 1.0, 1.0]\n[2.0, 2.0, 2.0]\n"


@pytest.mark.parametrize("options", [(), ("--lazy",)])
def test_graphs(tmp_path, options):
    out = run(
        """
        x, y = cp.ones((2, 3), "f"), cp.zeros((2, 3), "f")
        stream, other = cp.cuda.Stream(non_blocking=True), cp.cuda.Stream(non_blocking=True)
        cp.multiply(x, 3, out=y)
        y += 1  # compiled before
        cp.cuda.runtime.deviceSynchronize()
        with stream:
            stream.begin_capture()
            cp.multiply(x, 3, out=y)
            other.wait_event(stream.record())
            with other:
                y += 1
            stream.wait_event(other.record())
            y += 1
            graph = stream.end_capture()
        before = y.get().tolist()
        x[...] = 2
        cp.cuda.runtime.deviceSynchronize()
        graph.launch(stream=stream)
        stream.synchronize()
        print(before, y.get().tolist())

        with stream:
            stream.begin_capture(mode=cp.cuda.runtime.streamCaptureModeGlobal)
            try:
                stream.synchronize()
            except cp.cuda.runtime.CUDARuntimeError as error:
                print(error)
            try:
                stream.end_capture()
            except cp.cuda.runtime.CUDARuntimeError as error:
                print(error)
        """,
        *options,
        folder=tmp_path,
    ).splitlines()
    assert out[0] == "[[4.0, 4.0, 4.0], [4.0, 4.0, 4.0]] [[8.0, 8.0, 8.0], [8.0, 8.0, 8.0]]"
    assert "cudaErrorStreamCaptureUnsupported: synchronizing is not permitted while a stream is capturing" in out[1]
    assert "cudaErrorStreamCaptureInvalidated" in out[2]


def test_counters(tmp_path):
    out = run(
        """
        x = cp.asarray(np.ones(10, "f"))
        x + 1
        before = emulator.counters()
        y = x + 1
        z = y.get()
        cp.asarray(z)
        cp.cuda.runtime.deviceSynchronize()
        print(emulator.counters() - before)
        """,
        folder=tmp_path,
    )
    assert "launches=1," in out
    assert "copies_to_device=1, copies_to_host=1, copies_on_device=0, bytes_to_device=40, bytes_to_host=40" in out


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("cp.random.default_rng(0)", "cupy.random.Generator is not emulated"),
        ("cp.random.rand(3)", "curandCreateGenerator is not emulated"),
        ("cp.vdot(cp.ones(3, 'F'), cp.ones(3, 'F')), cp.cublas.nrm2(cp.ones(3))", "cublasDnrm2_v2 is not emulated"),
        ("cp.cuda.runtime.mallocManaged(8)", "cudaMallocManaged is not emulated"),
        ("cp.cuda.runtime.mallocAsync(8, 0)", "cudaMallocAsync is not emulated"),
    ],
)
def test_what_is_not_emulated_says_its_name(tmp_path, call, name):
    done = run_unchecked(f"import cupy.cublas\n{call}", folder=tmp_path)
    assert done.returncode == 1
    assert name in done.stderr


def test_nvrtc_too(tmp_path):
    program = """
        kernel = cp.RawKernel('extern "C" __global__ void f(float* x) { x[0] = INFINITY; }', "f")
        kernel((1,), (1,), (cp.zeros(1, "f"),))
    """
    assert run_unchecked(program, folder=tmp_path).returncode == 0  # g++ has the macro
    done = run_unchecked(program, "--nvrtc", folder=tmp_path)
    assert done.returncode == 1
    assert 'identifier "INFINITY" is undefined' in done.stderr
    run("assert (cp.ones(3) + 1).sum() == 6", "--nvrtc", folder=tmp_path)

"""The module `minitorch.cuda`: on a GPU, or on CUDA's emulation (``python -m kernels.cusim pytest tests/backends``).

Without either, only what it says where there is no GPU is tested.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
import torch

import kernels
import minitorch
from minitorch import cuda
from minitorch.utils import dlpack
from minitorch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.host("tensors are put where they are wanted, one by one")
on_gpu = pytest.mark.skipif(not cuda.is_available(), reason="CuPy finds no GPU here, not even an emulated one")
without = pytest.mark.skipif(cuda.is_available(), reason="there is a GPU, or an emulated one")


@without
def test_without_a_gpu_figures_are_nothing_as_in_torch():
    for name in ("is_available", "device_count", "memory_allocated", "max_memory_allocated", "memory_reserved"):
        assert getattr(cuda, name)() == getattr(torch.cuda, name)()
    assert cuda.empty_cache() is None
    assert cuda.manual_seed(1) is None
    assert not minitorch.ones(2).is_pinned()
    with cuda.device(-1), cuda.device_of(minitorch.ones(2)), cuda.stream(None):
        pass


@without
@pytest.mark.parametrize(
    "use",
    [
        lambda: minitorch.ones(2, device="cuda"),
        lambda: minitorch.ones(2).cuda(),
        lambda: minitorch.nn.Linear(2, 2).cuda(),
        lambda: minitorch.ones(2).to("cuda:1"),
        cuda.synchronize,
        cuda.current_device,
        cuda.get_device_name,
        cuda.get_device_properties,
        cuda.get_device_capability,
        cuda.mem_get_info,
        cuda.reset_peak_memory_stats,
        cuda.current_stream,
        cuda.default_stream,
        cuda.Stream,
        cuda.Event,
        lambda: cuda.set_device(0),
        lambda: cuda.can_device_access_peer(0, 1),
        lambda: minitorch.Generator(device="cuda").initial_seed() and minitorch.ones(2, device="cuda"),
    ],
)
def test_without_a_gpu_what_needs_one_says_what_is_missing(use: Any):
    with pytest.raises(RuntimeError, match=r"GPU|CuPy"):
        use()


@without
def test_without_a_gpu_nothing_is_pinned():
    for lib in (minitorch, torch):
        with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
            lib.ones(2).pin_memory()


@pytest.mark.parametrize("wrong", ["cpu", minitorch.device("cpu")])
def test_cuda_of_another_device_is_refused(wrong: Any):
    for lib in (minitorch, torch):
        with pytest.raises((ValueError, RuntimeError), match="must be cuda device"):
            lib.ones(2).cuda(str(wrong))
    with pytest.raises(ValueError, match="Expected a cuda device, but got: cpu"):
        cuda.memory_allocated(wrong) if cuda.is_available() else cuda.device(wrong)


def test_asking_for_gpus_imports_cupy_only_then():
    code = "import sys, minitorch; minitorch.ones(2).is_pinned(); assert 'cupy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@on_gpu
class TestDevices:
    def test_the_current_one(self):
        assert cuda.device_count() >= 1
        assert cuda.current_device() == 0
        assert str(minitorch.ones(2, device="cuda").device) == "cuda:0"
        last = cuda.device_count() - 1
        with cuda.device(last):
            assert cuda.current_device() == last
            assert minitorch.ones(2, device="cuda").device.index == last
            with cuda.device_of(minitorch.ones(2, device="cuda:0")):
                assert cuda.current_device() == 0
        cuda.set_device(f"cuda:{last}")
        assert cuda.current_device() == last
        cuda.set_device(0)
        cuda.set_device(-1)
        assert cuda.current_device() == 0

    def test_what_it_is(self):
        p = cuda.get_device_properties("cuda:0")
        assert cuda.get_device_name() == p.name
        assert cuda.get_device_capability(0) == (p.major, p.minor)
        free, total = cuda.mem_get_info()
        assert 0 < free <= total
        assert p.total_memory == total
        assert p.warp_size == 32

    def test_a_number_that_is_not_there(self):
        with pytest.raises(RuntimeError, match="invalid device ordinal; this machine has cuda:0"):
            minitorch.ones(2, device=f"cuda:{cuda.device_count()}")

    def test_moving(self):
        x = minitorch.arange(3.0)
        y = x.cuda()
        assert (y.is_cuda, y.get_device(), x.is_cuda, x.get_device()) == (True, 0, False, -1)
        assert y.cuda() is y
        assert y.to("cuda") is y
        assert y.to(0) is y
        assert x.to(y).is_cuda
        assert y.cpu().tolist() == x.tolist()
        assert y.type() == "torch.cuda.FloatTensor"
        assert isinstance(y, cuda.FloatTensor)
        assert x.type(cuda.DoubleTensor).device == y.device

    def test_many_devices(self):
        if cuda.device_count() < 2:
            pytest.skip("needs two GPUs: python -m kernels.cusim --devices 2 pytest tests/backends")
        x = minitorch.arange(6.0, device="cuda:1", requires_grad=True)
        (x.reshape(2, 3) @ minitorch.ones(3, 2, device="cuda:1")).relu().sum().backward()
        assert x.grad.tolist() == [2.0] * 6
        assert str(x.grad.device) == "cuda:1"
        assert x.detach().to("cuda").device.index == 0  # the current one
        with pytest.raises(RuntimeError, match=r"cuda:0 and cuda:1! In add\(Tensor"):
            x + minitorch.ones(6, device="cuda:0")


@on_gpu
class TestMemory:
    def test_figures(self):
        before = cuda.memory_allocated()
        cuda.reset_peak_memory_stats()
        x = minitorch.ones(1000, 1000, device="cuda")
        assert cuda.memory_allocated() - before == 4_000_256  # blocks of 512 bytes
        del x
        assert cuda.memory_allocated() == before
        assert cuda.max_memory_allocated() - before == 4_000_256
        assert cuda.memory_reserved() >= 4_000_000
        cuda.empty_cache()
        assert cuda.memory_reserved() < 4_000_000 + before
        cuda.reset_peak_memory_stats()
        assert cuda.max_memory_allocated() == before

    def test_running_out_leaves_the_program_usable(self):
        x = minitorch.ones(1000, device="cuda", requires_grad=True)
        before = cuda.memory_allocated()
        for use in (
            lambda: minitorch.empty(2**42, device="cuda"),
            lambda: x.expand(2**30, 1000).contiguous(),
            lambda: (x.expand(2**30, 1000) * x).sum(),
        ):
            with pytest.raises(
                minitorch.OutOfMemoryError, match=r"Tried to allocate .* GiB. GPU 0 has a total"
            ) as caught:
                use()
            assert isinstance(caught.value, RuntimeError)
            assert "is allocated by tensors" in str(caught.value)
            del caught
        assert cuda.OutOfMemoryError is minitorch.OutOfMemoryError
        assert cuda.memory_allocated() == before
        (x * x).sum().backward()
        assert float(x.grad.sum()) == 2000.0

    def test_pinned_memory(self):
        x = minitorch.arange(5)
        pinned = x.pin_memory()
        assert (x.is_pinned(), pinned.is_pinned()) == (False, True)
        assert pinned.tolist() == x.tolist()
        assert pinned.pin_memory() is pinned
        assert pinned.cuda(non_blocking=True).tolist() == x.tolist()
        with pytest.raises(RuntimeError, match="only tensors on the host"):
            x.cuda().pin_memory()
        for (batch,) in DataLoader(TensorDataset(x), batch_size=2, pin_memory=True):
            assert batch.is_pinned()


@on_gpu
class TestStreams:
    def test_streams_and_events(self):
        s = cuda.Stream()
        assert cuda.current_stream() == cuda.default_stream() != s
        x = minitorch.ones(1000, device="cuda")
        s.wait_stream(cuda.current_stream())
        start, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
        assert start.query()
        with cuda.stream(s):
            assert cuda.current_stream() == s
            start.record()
            y = x * 2
            end.record()
        assert cuda.current_stream() == cuda.default_stream()
        cuda.current_stream().wait_stream(s)
        end.synchronize()
        s.synchronize()
        assert s.query()
        assert end.query()
        assert start.elapsed_time(end) >= 0
        assert float(y.sum()) == 2000.0
        cuda.synchronize()
        cuda.synchronize("cuda:0")
        with pytest.raises(ValueError, match="enable_timing=True"):
            cuda.Event().elapsed_time(end)

    def test_a_stream_as_a_block_and_for_good(self):
        s = cuda.Stream()
        with s:
            assert cuda.current_stream() == s
        cuda.set_stream(s)
        assert cuda.current_stream() == s
        cuda.set_stream(cuda.default_stream())
        assert "cuda_stream=" in repr(s)
        assert len({s, cuda.default_stream(), cuda.current_stream()}) == 2


@on_gpu
class TestExchange:
    def test_dlpack_with_cupy_shares_memory(self):
        import cupy

        x = minitorch.arange(6.0, device="cuda").reshape(2, 3).t()
        theirs = cupy.from_dlpack(x)
        assert theirs.data.ptr == x.data_ptr()
        theirs[0, 0] = 9
        assert x[0, 0].item() == 9
        back = minitorch.from_dlpack(theirs)
        assert (back.data_ptr(), back.stride(), str(back.device)) == (x.data_ptr(), x.stride(), "cuda:0")
        assert x.__dlpack_device__()[0] == 2
        assert minitorch.from_dlpack(x, device="cpu").tolist() == x.tolist()

    def test_capsules(self):
        x = minitorch.arange(3.0, device="cuda")
        assert dlpack.from_dlpack(dlpack.to_dlpack(x)).data_ptr() == x.data_ptr()

    def test_a_consumers_stream_waits_for_the_work_on_ours(self):
        x, s = minitorch.ones(1000, device="cuda"), cuda.Stream()
        s.wait_stream(cuda.current_stream())
        with cuda.stream(s):
            capsule = (x * 3).__dlpack__(stream=1)  # 1: the default stream is the consumer's
        assert float(dlpack.from_dlpack(capsule).sum()) == 3000.0

    def test_cuda_array_interface(self):
        import cupy

        x = minitorch.arange(6.0, device="cuda")
        assert cupy.asarray(x).data.ptr == x.data_ptr()

        class Foreign:
            __cuda_array_interface__ = x.__cuda_array_interface__

        assert minitorch.as_tensor(Foreign(), device="cuda").data_ptr() == x.data_ptr()
        assert minitorch.as_tensor(Foreign(), device="cpu").tolist() == x.tolist()
        with pytest.raises(RuntimeError, match="on Variable that requires grad"):
            x.requires_grad_().__cuda_array_interface__  # noqa: B018

    def test_torch(self):
        if not torch.cuda.is_available():
            pytest.skip("this torch has no CUDA")
        x = minitorch.arange(6.0, device="cuda")
        theirs = torch.from_dlpack(x)
        assert theirs.data_ptr() == x.data_ptr()
        assert minitorch.from_dlpack(theirs * 2).tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


@on_gpu
def test_reductions_run_in_cupys_own_kernel_whatever_was_set_before():
    from cupy import _core

    from kernels.cuda.backend import CupyBackend

    _core.set_reduction_accelerators(["cub"])
    _core.set_routine_accelerators(["cub"])
    CupyBackend()
    assert _core.get_reduction_accelerators() == _core.get_routine_accelerators() == []


@on_gpu
def test_tensors_of_cupy_arrays():
    import cupy

    array = cupy.arange(3, dtype="float32")
    shared, copy = minitorch.as_tensor(array, device="cuda"), minitorch.tensor(array)
    assert minitorch.asarray(array).data_ptr() == shared.data_ptr() == array.data.ptr
    array[0] = 7
    assert (shared.tolist(), copy.tolist(), str(copy.device)) == ([7, 1, 2], [0, 1, 2], "cuda:0")
    assert minitorch.as_tensor(array, dtype=minitorch.float64, device="cpu").tolist() == [7, 1, 2]


@on_gpu
def test_no_kernel_makes_0_of_denormal_numbers(monkeypatch: pytest.MonkeyPatch):
    import cupy
    from cupy.cuda import compiler

    compile_with, options = compiler._compile_using_nvrtc_no_warning, []
    monkeypatch.setattr(
        compiler,
        "_compile_using_nvrtc_no_warning",
        lambda text, o, *args: options.append(o) or compile_with(text, o, *args),
    )
    x = minitorch.tensor([1e-40, -1e-40], device="cuda")
    name = f"new_{time.time_ns()}"  # never compiled before
    cupy.ElementwiseKernel("T x", "T y", "y = x * 2", name)(x._array)
    assert options
    assert not [o for o in options if "-ftz=true" in o]
    assert (x == 0).tolist() == [False, False]
    assert x.log()[0].item() == pytest.approx(-92.1034, rel=1e-5)
    assert x.sign().tolist() == [1, -1]


def test_dlpack_on_the_host_shares_memory_with_torch_and_numpy():
    x = minitorch.arange(6.0).reshape(2, 3).t()
    theirs, array = torch.from_dlpack(x), np.from_dlpack(x)
    theirs[0, 0] = 9
    assert (array[0, 0], x[0, 0].item(), theirs.stride()) == (9, 9, x.stride())
    for source in (theirs, array, x):
        back = minitorch.from_dlpack(source)
        assert (back.data_ptr(), back.stride(), str(back.device)) == (x.data_ptr(), x.stride(), "cpu")
    assert x.__dlpack_device__() == theirs.__dlpack_device__()
    with pytest.raises(BufferError, match="require gradient"):
        dlpack.to_dlpack(x.clone().requires_grad_())


def test_capsules_on_the_host():
    x = minitorch.arange(3)
    assert torch.utils.dlpack.from_dlpack(dlpack.to_dlpack(x)).tolist() == [0, 1, 2]
    assert dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(torch.arange(3))).tolist() == [0, 1, 2]
    assert dlpack.from_dlpack(torch.arange(3)).tolist() == [0, 1, 2]
    capsule = dlpack.to_dlpack(x)
    torch.utils.dlpack.from_dlpack(capsule)
    for taken in (capsule, 3):
        with pytest.raises((TypeError, RuntimeError)):
            dlpack.from_dlpack(taken)


def test_there_is_no_array_interface_on_the_host():
    assert not hasattr(minitorch.ones(2), "__cuda_array_interface__")


def test_the_registry_knows_what_is_loaded():
    assert kernels.loaded("cpu") is kernels.get_backend("cpu")
    assert kernels.loaded("nothing of that name") is None

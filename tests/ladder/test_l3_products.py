"""Products of matrices by cuBLAS: layouts, batches, precision; in streams, threads and captures."""

import itertools
import threading

import numpy as np
import pytest

import minitorch
from kernels.cuda.linear_algebra import product
from minitorch import cuda
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("each tensor names its device"),
]
TOLERANCES = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-13}
SHAPES = [
    ((3, 4), (4, 5)),
    ((1, 4), (4, 1)),
    ((3, 1), (1, 5)),
    ((2, 3, 4), (4, 5)),  # all rows as one matrix
    ((3, 4), (2, 4, 5)),  # a step of 0
    ((3, 4), (6, 4, 1)),  # all vectors as one matrix
    ((1, 4), (2, 3, 4, 1)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (6, 4, 5)),  # no single step: copied
    ((2, 3, 3, 4), (3, 4, 5)),
    ((1, 3, 4), (1, 4, 5)),
    ((2, 0, 4), (4, 5)),
    ((2, 3, 0), (0, 5)),
    ((0, 3, 4), (0, 4, 5)),
]
LAYOUTS = ("rows", "columns", "gaps", "reversed", "every second")


@pytest.fixture
def xp():
    import cupy

    minitorch.zeros(1, device="cuda")  # the first use of the device sets CuPy up
    return cupy


def arranged(xp, a, layout):
    """`a` on the GPU, in some layout in memory."""
    if layout == "columns":
        return xp.asarray(np.ascontiguousarray(a.swapaxes(-1, -2))).swapaxes(-1, -2)
    if layout == "reversed":
        return xp.asarray(np.ascontiguousarray(a[..., ::-1, ::-1]))[..., ::-1, ::-1]
    gaps, step = {"rows": (0, 1), "gaps": (3, 1), "every second": (0, 2)}[layout]
    out = xp.zeros((*a.shape[:-1], a.shape[-1] * step + gaps), a.dtype)[..., : a.shape[-1] * step : step]
    out[...] = xp.asarray(a)
    return out


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_layouts_and_batches(xp, shapes, dtype):
    random = np.random.default_rng(0)
    x, y = (random.normal(size=shape).astype(dtype) for shape in shapes)
    exact, near = np.matmul(x.astype("float64"), y.astype("float64")), TOLERANCES[dtype]
    for layouts in itertools.product(LAYOUTS, repeat=2):
        operands = [arranged(xp, a, layout) for a, layout in zip((x, y), layouts, strict=True)]
        ours = product(*operands)
        assert ours.dtype == dtype
        assert ours.flags.c_contiguous
        np.testing.assert_allclose(ours.get().astype("float64"), exact, rtol=near, atol=near)
        for result in {dtype, "float32" if dtype == "float16" else dtype}:
            out = xp.ones((*exact.shape[:-1], exact.shape[-1] + 2), result)[..., : exact.shape[-1]]
            assert product(*operands, out=out, add=True) is out
            np.testing.assert_allclose(out.get().astype("float64"), exact + 1, rtol=near, atol=near)
            product(*operands, out=out)
            np.testing.assert_allclose(out.get().astype("float64"), exact, rtol=near, atol=near)


def test_matrices_by_rows_or_columns_are_not_copied(xp):
    x, y = xp.ones((5, 7), "float32"), xp.ones((4, 5, 6), "float32")
    out = xp.empty((4, 7, 6), "float32")
    product(x.T, y, out=out)
    before = cuda.max_memory_allocated()
    cuda.reset_peak_memory_stats()
    held = cuda.memory_allocated()
    product(x.T, y, out=out)
    product(xp.broadcast_to(x.T, (4, 7, 5)), y, out=out)
    assert cuda.max_memory_allocated() == held <= before
    np.testing.assert_array_equal(out.get(), np.full((4, 7, 6), 5))


def test_what_is_one_product_is_one(xp):
    """A shared matrix with all rows, or with all vectors, is read once."""
    from kernels.cuda import cublas

    def function(x, y):
        plan = cublas._plan(x.shape, x.strides, y.shape, y.strides, x.dtype, False, False, None)
        return plan.call.__name__

    matrix, rows, vectors = xp.ones((3, 4)), xp.ones((6, 5, 4)), xp.ones((6, 4, 1))
    assert function(rows, matrix.T) == function(matrix, vectors) == "cublasGemmEx"
    assert (
        function(matrix, rows.swapaxes(1, 2)) == function(xp.ones((6, 3, 4)), vectors) == "cublasGemmStridedBatchedEx"
    )


def test_half_precision_is_summed_in_single_and_rounded_once(xp):
    """A sum in half would stop at 2048, and partial sums in half would lose the 1."""
    x, y = xp.ones((1, 4097), "float16"), xp.ones((4097, 1), "float16")
    assert product(x, y).get() == np.float16(4097)
    assert product(x, y, out=xp.zeros((1, 1), "float32")).get() == 4097
    y[:] = 100
    assert np.isinf(product(x, y).get())
    np.testing.assert_array_equal(product(x, y, out=xp.zeros((1, 1), "float32")).get(), 409700)


@pytest.fixture
def _exact():
    yield
    minitorch.set_float32_matmul_precision("highest")
    minitorch.backends.cudnn.allow_tf32 = False


@pytest.mark.usefixtures("_exact")
def test_tf32_only_where_it_is_allowed(xp):
    """1 + 2^-12 has one bit more than TF32. Convolutions and other products have a switch each; float64 has none."""
    bits = 1 + 2**-12
    x = minitorch.full((8, 64, 8, 8), bits, device="cuda")
    rows, inside = x.reshape(512, 64), minitorch.eye(64, device="cuda")
    kernel = minitorch.ones(64, 64, 1, 1, device="cuda").requires_grad_()

    def results():
        kernel.grad = None
        y = minitorch.nn.functional.conv2d(x, kernel)
        (y * bits).sum().backward()
        double = inside.double() @ (inside.double() * bits)
        assert double.max().item() == bits
        products = [rows @ inside, minitorch.nn.functional.linear(rows, inside)]
        convolutions = [y / 64, kernel.grad / 512 / bits]
        found = [[a.max().item() == pytest.approx(bits, rel=1e-5) for a in group] for group in (products, convolutions)]
        assert all(len(set(group)) == 1 for group in found)
        return found[0][0], found[1][0]

    assert results() == (True, True)
    minitorch.set_float32_matmul_precision("high")
    assert results() == (False, True)
    minitorch.backends.cudnn.allow_tf32 = True
    minitorch.backends.cuda.matmul.allow_tf32 = False
    assert results() == (True, False)


def test_more_products_than_a_grid_has_layers(xp):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(70_000, 1, 2)), random.normal(size=(70_000, 2, 1))
    np.testing.assert_allclose(product(xp.asarray(x), xp.asarray(y)).get(), x @ y, rtol=1e-12, atol=1e-14)


def test_what_does_not_fit_is_refused(xp):
    x = xp.ones((2, 3), "float32")
    with pytest.raises(ValueError, match="expected x"):
        product(x, x)
    for out in (xp.ones((3, 2), "float32").T, xp.ones((3, 3), "float32"), xp.ones((2, 3), "float64")):
        with pytest.raises(ValueError, match="expected `out`"):
            product(x, xp.ones((3, 3), "float32"), out=out)


def test_integers(xp):
    x = xp.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(product(x, x.T).get(), [[5, 14], [14, 50]])


def test_a_captured_product_is_the_same_to_the_last_bit(xp):
    """Also the first of a thread, and products of one graph in two streams; replays use no workspace of other work."""
    random = np.random.default_rng(0)
    x = xp.asarray(random.normal(size=(40, 300)).astype("float32"))
    y = xp.asarray(random.normal(size=(3, 300, 20)).astype("float32"))
    eager = product(x, y)
    graph, found = cuda.CUDAGraph(), []

    def captured():
        with cuda.graph(graph):
            first = product(x, y)
            here, side = cuda.current_stream(), cuda.Stream()
            side.wait_stream(here)
            with cuda.stream(side):
                second = product(x, y)
            third = product(x, y, out=xp.empty_like(first))
            here.wait_stream(side)
            found.extend([first, second, third])

    thread = threading.Thread(target=captured)
    thread.start()
    thread.join()
    x *= 2
    np.testing.assert_array_equal(eager.get(), product(x, y).get() / 2)
    noise = [xp.full(1 << 16, float("nan"), "float32") for _ in range(8)]
    side = cuda.Stream()
    side.wait_stream(cuda.current_stream())
    with cuda.stream(side):
        graph.replay()
        beside = product(x, y)
    graph.replay()
    cuda.synchronize()
    for result in (*found, beside):
        np.testing.assert_array_equal(result.get(), eager.get() * 2)
    assert all(bool(xp.isnan(a).all()) for a in noise)


def test_streams_and_threads_do_not_share_a_workspace(xp):
    """The emulated cuBLAS writes to its workspace, and looks whether work of another stream could do so meanwhile."""
    x, y = xp.ones((8, 16), "float32"), xp.ones((16, 4), "float32")
    cuda.synchronize()
    streams, found = [cuda.Stream() for _ in range(3)], []

    def work():
        for _ in range(3):
            for stream in streams:
                with cuda.stream(stream):
                    temporary = xp.full((64, 64), 2.0, "float32")
                    found.append((product(x, y), temporary * 1))
                    del temporary

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in (*threads, threading.Thread(target=work)):
        thread.start()
        thread.join()
    cuda.synchronize()
    assert len(found) == 27
    for result, temporary in found:
        np.testing.assert_array_equal(result.get(), np.full((8, 4), 16))
        np.testing.assert_array_equal(temporary.get(), np.full((64, 64), 2))


def test_a_replay_and_other_products_do_not_share_a_workspace(xp):
    x, y = xp.ones((8, 16), "float32"), xp.ones((16, 4), "float32")
    cuda.synchronize()
    here, there, graph = cuda.Stream(), cuda.Stream(), cuda.CUDAGraph()
    with cuda.stream(here):
        product(x, y)
    with cuda.graph(graph, stream=here):
        captured = product(x, y)
    with cuda.stream(there):
        graph.replay()
    with cuda.stream(here):
        eager = product(x, y)
    cuda.synchronize()
    for result in (captured, eager):
        np.testing.assert_array_equal(result.get(), np.full((8, 4), 16))


def test_no_room_for_a_workspace(xp):
    from kernels.cuda import cublas

    x = xp.ones((2, 2), "float32")
    cublas._workspaces.free_all_blocks()
    cublas._workspaces.set_limit(size=1 << 20)
    try:
        with (
            cuda.stream(cuda.Stream()),
            pytest.raises(minitorch.OutOfMemoryError, match="Tried to allocate"),
        ):
            product(x, x)
    finally:
        cublas._workspaces.set_limit(size=0)
    np.testing.assert_array_equal(product(x, x).get(), [[2, 2], [2, 2]])


def test_a_workspace_does_not_count_as_memory_of_tensors(xp):
    x = xp.ones((8, 8), "float32")
    with cuda.stream(cuda.Stream()):
        before = cuda.memory_allocated()
        y = x * 1
        size = cuda.memory_allocated() - before
        z = product(x, y)
        assert cuda.memory_allocated() == before + 2 * size
    del y, z
    assert cuda.memory_allocated() == before


def test_the_gradient_of_a_convolution_without_channels_is_empty():
    x = minitorch.ones(2, 0, 3, 3, device="cuda", requires_grad=True)
    weight = minitorch.ones(4, 0, 2, 2, device="cuda", requires_grad=True)
    minitorch.nn.functional.conv2d(x, weight).sum().backward()
    assert (weight.grad.shape, x.grad.shape) == (weight.shape, x.shape)

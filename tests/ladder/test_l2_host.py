"""L2: every kernel's text, compiled by g++ and run on the CPU, against its reference form, on generated examples."""

import itertools
import math
import shutil
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kernels
from kernels.cuda import all_kernels as all_kernels, launch, normalization, reduction, rnn, softmax
from kernels.cusim.compiler import FORWARD, REVERSED, Module, shuffled
from kernels.cusim.sanitize import SanitizerError
from kernels.dispatch import KERNELS
from kernels.rnn import Steps
from tests.kernels.compare import check, examples_of, forms, outcome
from tests.kernels.examples import FLOATS, Example
from tests.ladder.host import on_host

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++, which is not installed")
NAMES = forms("cupy")
SCHEDULES = (FORWARD, REVERSED, shuffled(1))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=settings.default.max_examples * 2 // 5)
@given(data=st.data())
def test_values_under_three_schedules(name, data):
    """The same values under all schedules, to the last bit: no sum depends on the order of threads."""
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    dtype = data.draw(st.sampled_from(FLOATS))
    grid = {"blocks": data.draw(st.sampled_from([launch.MAX_BLOCKS, 1, 3])), "long_indices": data.draw(st.booleans())}
    results = []
    for schedule in SCHEDULES:
        with on_host(schedule, **grid):
            results.append(outcome(kernel, example.to(dtype)))
    check(kernel, example, dtype, results[0])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("sanitizer", ["address", "undefined", "thread"])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=max(3, settings.default.max_examples // 30))
@given(data=st.data())
def test_sanitizers_find_nothing(name, sanitizer, data):
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    with on_host(SCHEDULES[2], sanitizer, blocks=data.draw(st.sampled_from([launch.MAX_BLOCKS, 2]))):
        check(kernel, example, "float32", outcome(kernel, example.to("float32")))


@pytest.mark.parametrize("sanitizer", [None, "address", "undefined", "thread"])
@pytest.mark.parametrize("name", [f"{kind}{grad}" for kind in ("rnn", "lstm", "gru") for grad in ("", "_grad")])
@settings(max_examples=max(3, settings.default.max_examples // 30))
@given(data=st.data())
def test_recurrent_layers_with_several_sequences_a_block(name, sanitizer, data):
    """As they run where there are many sequences, or many units: with few of both, a block has one sequence."""
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    for schedule in SCHEDULES if sanitizer is None else SCHEDULES[2:]:
        with (
            on_host(schedule, sanitizer, blocks=data.draw(st.sampled_from([launch.MAX_BLOCKS, 2]))),
            mock.patch.object(rnn, "ALONE", 0),
        ):
            check(kernel, example, "float32", outcome(kernel, example.to("float32")))


@pytest.mark.parametrize("alone", [rnn.ALONE, 0])
@pytest.mark.parametrize("size", [31, 64, 70, 161])
def test_an_lstm_of_many_units(size, alone):
    """Fewer units than a block's threads take together, as many, and more; forward and backward."""
    random = np.random.default_rng(size)

    def array(*shape):
        return random.normal(0, 0.3, size=shape).astype("float32")

    n, steps = 6, Steps((6,) * 4, True)
    forward = array(4 * n, 4 * size), array(n, size), array(n, size), array(4 * size, size), None, steps
    out, _, _, gates, cells = KERNELS["lstm"].reference(*forward)
    backward = gates, cells, out, *forward[1:4], None, array(4 * n, size), array(n, size), array(n, size), steps
    for name, args in (("lstm", forward), ("lstm_grad", backward)):
        with on_host(SCHEDULES[2]), mock.patch.object(rnn, "ALONE", alone):
            ours = KERNELS[name].implementations["cupy"](*args)
        for a, b in zip(ours, KERNELS[name].reference(*args), strict=True):
            if b is not None:
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_step")])
@settings(max_examples=max(5, settings.default.max_examples // 10))
@given(data=st.data())
def test_steps_of_many_parameters_together(name, dtype, data):
    """Steps that share launches give the values of steps that are launched one by one."""
    kernel, (first, second) = KERNELS[name], (data.draw(examples_of(name)) for _ in range(2))
    shapes = data.draw(st.lists(st.sampled_from([(), (1,), (0,), (3, 5), (4096,), (9001,)]), max_size=60))
    random = np.random.default_rng(len(shapes))

    def of_shape(value, shape):
        if not isinstance(value, np.ndarray):
            return value
        return np.asarray(random.choice(value.ravel(), shape) if value.size else np.ones(shape))

    examples = [
        replace(e, args=tuple(a if i in e.wide else of_shape(a, shape) for i, a in enumerate(e.args)))
        for shape, e in zip(shapes, [first, second] * 30, strict=False)
    ]
    ours = [e.to(dtype) for e in examples]
    with on_host(blocks=data.draw(st.sampled_from([launch.MAX_BLOCKS, 2]))), kernels.grouped_steps():
        for e in ours:
            kernel.implementations["cupy"](*e.args)
    for e, done in zip(examples, ours, strict=True):
        check(kernel, e, dtype, [done.args[i] for i in e.written if done.args[i] is not None])


@pytest.mark.parametrize("sanitizer", [None, "address", "undefined", "thread"])
@pytest.mark.parametrize("name", ["sum", "mean", "sum_to"])
@settings(max_examples=max(4, settings.default.max_examples // 20))
@given(data=st.data())
def test_sums_in_parts(name, sanitizer, data):
    """As sums of very many terms run: the sums of parts, then their sum."""
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    small = {"PART": data.draw(st.sampled_from([1, 7])), "BLOCKS": 12}
    for schedule in SCHEDULES if sanitizer is None else SCHEDULES[2:]:
        grid = {"blocks": data.draw(st.sampled_from([launch.MAX_BLOCKS, 2]))}
        with on_host(schedule, sanitizer, **grid), mock.patch.multiple(reduction, **small):
            check(kernel, example, "float32", outcome(kernel, example.to("float32")))


@pytest.mark.parametrize("sanitizer", [None, "address", "undefined", "thread"])
@pytest.mark.parametrize(
    ("shape", "dims", "enough", "kernels_run"),
    [
        ((40, 24), (1,), 1, ["sum_chunks"]),
        ((3, 2, 5, 8), (0, 2, 3), 1, ["sum_chunks", "add_parts"]),
        ((1, 2000), (1,), 1, ["sum_chunks", "add_parts"]),
        ((70, 16), (0,), 1 << 16, ["sum_columns"]),
        ((3, 5, 7, 112), (0, 2), 1 << 16, ["sum_columns"]),
        ((3, 5, 7, 112), (0, 2), 1, ["sum_each"]),
        ((9, 40), (0,), 1, ["sum_each"]),
        ((9, 41), (0,), 1, ["sum_terms"]),
    ],
)
def test_sums_of_chunks(shape, dims, enough, kernels_run, sanitizer):
    """As large arrays are summed: a thread reads 16 bytes at once, where the memory begins at a multiple of 16."""
    random, launched, launch_as_before = np.random.default_rng(0), [], launch.Template._launch

    def noting(self, *args):
        launched.append(self.name)
        launch_as_before(self, *args)

    kernel, in_parts = KERNELS["mean"], len(kernels_run) == 2
    patched = {"LARGE": 1, "ENOUGH": enough, "PART": 7 if in_parts else 1 << 20, "BLOCKS": 12}
    for dtype, schedule in itertools.product(FLOATS, SCHEDULES if sanitizer is None else SCHEDULES[2:]):
        example = Example((random.normal(size=shape), dims, False))
        aligned = example.to(dtype)
        shifted = np.empty(math.prod(shape) + 1, dtype)[1:].reshape(shape)  # begins within a chunk
        shifted[...] = aligned.args[0]
        with (
            on_host(schedule, sanitizer, blocks=2),
            mock.patch.multiple(reduction, **patched),
            mock.patch.object(launch.Template, "_launch", noting),
        ):
            results = [kernel.implementations["cupy"](x, *aligned.args[1:]) for x in (aligned.args[0], shifted)]
        for result in results:
            check(kernel, example, dtype, [result])
        assert launched[: len(kernels_run)] == kernels_run
        assert launched[len(kernels_run)] == "sum_terms"
        launched.clear()


@pytest.mark.parametrize("sanitizer", [None, "address"])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmax_grad", "log_softmax_grad", "argmax", "argmin"])
@settings(max_examples=max(4, settings.default.max_examples // 10))
@given(data=st.data())
def test_many_interleaved_rows(name, sanitizer, data):
    """A thread takes a row of them, in place of a block."""
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    dtype = data.draw(st.sampled_from(FLOATS))
    patched = (mock.patch.multiple(module, MANY=1, NEIGHBOURS=1) for module in (softmax, reduction))
    with on_host(SCHEDULES[2], sanitizer), next(patched), next(patched):
        check(kernel, example, dtype, outcome(kernel, example.to(dtype)))


@pytest.mark.parametrize("sanitizer", [None, "address", "undefined", "thread"])
@pytest.mark.parametrize("name", ["standardize", "standardize_grad", "normalize", "normalize_grad"])
@settings(max_examples=max(4, settings.default.max_examples // 20))
@given(data=st.data())
def test_normalization_in_parts(name, sanitizer, data):
    """As batch normalization of few channels runs: several blocks for a channel."""
    kernel, example = KERNELS[name], data.draw(examples_of(name))
    small = {"PART": data.draw(st.sampled_from([1, 7])), "BLOCKS": data.draw(st.sampled_from([12, 264]))}
    dtype = data.draw(st.sampled_from(FLOATS)) if sanitizer is None else "float32"
    for schedule in SCHEDULES if sanitizer is None else SCHEDULES[2:]:
        grid = {"blocks": data.draw(st.sampled_from([launch.MAX_BLOCKS, 2]))}
        with on_host(schedule, sanitizer, **grid), mock.patch.multiple(normalization, **small):
            check(kernel, example, dtype, outcome(kernel, example.to(dtype)))


@pytest.mark.parametrize(
    ("shape", "dims", "blocks"),
    [
        ((50, 16, 784), (0, 2), [16]),  # the gradient of a convolution's bias: a block for each result
        ((50, 2, 1024), (0, 2), [2]),
        ((1 << 17,), (0,), [16, 1]),
        ((3, 1 << 17), (1,), [48, 3]),
        ((1400, 256), (0,), [32]),  # of a linear layer's: eight neighbouring results a block
        ((300, 40), (1,), [19]),
    ],
)
def test_the_blocks_of_a_sum(shape, dims, blocks):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    grids = []
    original = launch.Template._launch

    def noting(self, *args):
        grids.append(args[2])
        original(self, *args)

    with on_host(), mock.patch.object(launch.Template, "_launch", noting):
        ours = reduction.total(x, dims)
    assert grids == blocks
    np.testing.assert_array_equal(ours, x.sum(axis=dims, dtype="float64").astype("float32"))


def test_gathering_and_its_gradient_need_no_sort():
    """One launch each, as for the values of chosen actions; an index out of range wraps around, as CuPy's does."""
    x, index = np.arange(12.0).reshape(4, 3), np.array([[2], [0], [-1], [4]])
    launched = []
    original = launch.Template._launch

    def noting(self, *args):
        launched.append(self.name)
        original(self, *args)

    with on_host(), mock.patch.object(launch.Template, "_launch", noting):
        (found,) = outcome(KERNELS["gather"], Example((x, 1, index)))
        (grad,) = outcome(KERNELS["gather_grad"], Example((found, x.shape, 1, index)))
    assert launched == ["gather", "add_along"]
    np.testing.assert_array_equal(found, [[2], [3], [8], [10]])
    np.testing.assert_array_equal(grad, [[0, 0, 2], [3, 0, 0], [0, 0, 8], [0, 10, 0]])


def test_a_row_beyond_the_table_is_nan():
    with on_host():
        out = outcome(KERNELS["embedding"], Example((np.ones((3, 2)), np.array([2, 3, -1]), None)))
    np.testing.assert_array_equal(out[0], [[1, 1], [np.nan, np.nan], [np.nan, np.nan]])


def test_a_class_beyond_the_last_makes_the_loss_nan():
    x, g = np.ones((2, 3)), np.ones(())
    for wrong in (3, -1):
        target = np.array([1, wrong])
        for way in ("none", "sum", "mean"):
            with on_host():
                (loss,) = outcome(KERNELS["nll_loss"], Example((x, target, None, -100, way)))
            assert np.isnan(loss).any()
        with on_host():
            (grad,) = outcome(KERNELS["nll_loss_grad"], Example((g, x.shape, target, None, -100, "sum")))
        np.testing.assert_array_equal(grad, [[0, -1, 0], [0, 0, 0]])


CONVERT = """
__global__ void to_single(const Half* from, float* to, int n) { each(int, i, n) to[i] = wide(from[i]); }
__global__ void to_half(const float* from, Half* to, int n) { each(int, i, n) to[i] = narrow<Half>(from[i]); }
"""


@pytest.fixture(scope="module")
def convert():
    return Module(launch.source("conv.cu") + CONVERT)


def test_every_half_is_read_as_numpy_reads_it(convert):
    halves = np.arange(65536, dtype="uint16").view("float16")
    ours = np.empty(65536, "float32")
    convert.get_function("to_single")((8,), (256,), (halves, ours, np.int32(65536)))
    np.testing.assert_array_equal(ours, halves.astype("float32"))


def test_singles_are_rounded_to_half_as_numpy_rounds_them(convert):
    """All halves, the middles between two, the neighbours of these, and random bits."""
    halves = np.arange(0x7C01, dtype="uint16").view("float16").astype("float64")
    halves[-1] = 65536.0
    middles = (halves[1:] + halves[:-1]) / 2
    points = np.concatenate([halves, middles, [1e30, np.inf, np.nan]]).astype("float32")
    singles = np.concatenate([points, np.nextafter(points, np.float32(0)), np.nextafter(points, np.float32("inf"))])
    anything = np.random.default_rng(0).integers(0, 2**32, 200_000, dtype="uint32").view("float32")
    singles = np.concatenate([singles, -singles, anything]).astype("float32")
    ours = np.empty(len(singles), "float16")
    convert.get_function("to_half")((64,), (256,), (singles, ours, np.int32(len(singles))))
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(ours, singles.astype("float16"))


SUMS = """
__global__ void sums(const float* x, float* y) {
    float value = x[threadIdx.x];
    y[threadIdx.x] = block_sum(value) + block_sum(2 * value) + block_max(-value) + block_max(value + 1);
}
"""


def test_block_reductions_need_their_barriers():
    """Without one of them the thread sanitizer finds the race; with all of them it does not."""
    text = launch.source("conv.cu") + SUMS
    x = np.arange(128, dtype="float32")
    y = np.empty_like(x)
    Module(text, sanitizer="thread").get_function("sums")((1,), (128,), (x, y))
    np.testing.assert_array_equal(y, np.full(128, 3 * x.sum() + x.max() + 1))
    barriers = text.split("__syncthreads();")
    assert len(barriers) == 5
    for missing in range(4):
        left = [piece + ("" if i in (missing, 4) else "__syncthreads();") for i, piece in enumerate(barriers)]
        with pytest.raises(SanitizerError, match="data race"):
            Module("".join(left), sanitizer="thread").get_function("sums")((1,), (128,), (x, np.empty_like(x)))

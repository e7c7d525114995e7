"""All public names, for type checkers. Made by `parity stubs --write`; do not edit."""

from builtins import bool as _bool, float as _float, int as _int
from collections.abc import Callable, Sequence
from typing import Any, Literal, Unpack, overload

from numpy import ndarray

from kernels.backend import OutOfMemoryError as OutOfMemoryError
from minitorch import (
    as_torch as as_torch,
    autograd as autograd,
    backends as backends,
    cuda as cuda,
    distributions as distributions,
    linalg as linalg,
    nn as nn,
    optim as optim,
    random as random,
    recording as recording,
    testing as testing,
    utils as utils,
)
from minitorch._size import Size as Size
from minitorch._tensor import Tensor as Tensor
from minitorch.autograd.grad_mode import (
    enable_grad as enable_grad,
    inference_mode as inference_mode,
    no_grad as no_grad,
    set_grad_enabled as set_grad_enabled,
)
from minitorch.devices import device as device
from minitorch.dtypes import dtype as dtype, finfo as finfo, iinfo as iinfo
from minitorch.functions.options import LikeOptions, TensorOptions
from minitorch.functions.return_types import (
    aminmax as return_types_aminmax,
    cummax as return_types_cummax,
    max as return_types_max,
    median as return_types_median,
    min as return_types_min,
    sort as return_types_sort,
    topk as return_types_topk,
)
from minitorch.nn.modules.module import Module
from minitorch.random import Generator as Generator
from minitorch.recording.recording import Recording
from minitorch.types import Device, Number
from minitorch.visualization.graph import Graph
from minitorch.visualization.summary import Summary

class BoolTensor(Tensor):
    """Tensors of torch.bool on cpu."""

class ByteTensor(Tensor):
    """Tensors of torch.uint8 on cpu."""

class CharTensor(Tensor):
    """Tensors of torch.int8 on cpu."""

class DoubleTensor(Tensor):
    """Tensors of torch.float64 on cpu."""

class FloatTensor(Tensor):
    """Tensors of torch.float32 on cpu."""

class HalfTensor(Tensor):
    """Tensors of torch.float16 on cpu."""

class IntTensor(Tensor):
    """Tensors of torch.int32 on cpu."""

class LongTensor(Tensor):
    """Tensors of torch.int64 on cpu."""

class ShortTensor(Tensor):
    """Tensors of torch.int16 on cpu."""

__version__: str

def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """|x|"""

def absolute(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """|x|"""

def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arccos x"""

def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arcosh x"""

def add(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """input + alpha · other."""

def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1, out: Tensor | None = None) -> Tensor:
    """input + value · tensor1 / tensor2."""

def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1, out: Tensor | None = None) -> Tensor:
    """input + value · tensor1 · tensor2; for integers, `value` loses its fraction."""

def addmm(
    input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """beta · input + alpha · mat1 mat2."""

def all(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Whether no element over the dimensions `dim` is 0 (uint8 for uint8, else bool); for ``()``, each itself."""

def allclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
) -> _bool:
    """Whether `isclose` is true for every pair of elements."""

def amax(
    input: Tensor, dim: _int | Sequence[_int] = (), keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The largest element over the dimensions `dim`; equal elements share the gradient."""

def amin(
    input: Tensor, dim: _int | Sequence[_int] = (), keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The smallest element over the dimensions `dim`; equal elements share the gradient."""

def aminmax(
    input: Tensor, *, dim: _int | None = None, keepdim: _bool = False, out: Tensor | tuple[Tensor, ...] | None = None
) -> return_types_aminmax:
    """`amin` and `amax` along `dim`, or over all elements."""

def any(
    input: Tensor, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Whether some element over the dimensions `dim` is not 0 (uint8 for uint8, else bool); for ``()``, each itself."""

@overload
def arange(end: Number, *, out: Tensor | None = None, **options: Unpack[TensorOptions]) -> Tensor:
    """The numbers start, start + step, … below `end`: ⌈(end - start) / step⌉ of them. With one argument, `start` is 0."""

@overload
def arange(
    start: Number, end: Number, step: Number = 1, *, out: Tensor | None = None, **options: Unpack[TensorOptions]
) -> Tensor:
    """The numbers start, start + step, … below `end`: ⌈(end - start) / step⌉ of them. With one argument, `start` is 0."""

def arccos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arccos x"""

def arccosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arcosh x"""

def arcsin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arcsin x"""

def arcsinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arsinh x"""

def arctan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arctan x"""

def arctan2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """the angle of the point (y, x)"""

def arctanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """artanh x"""

def argmax(input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index (int64) of the largest element along `dim`, or in the flattened tensor; of equal ones the first."""

def argmin(input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index (int64) of the smallest element along `dim`, or in the flattened tensor; of equal ones the first."""

def argsort(
    input: Tensor, dim: _int = -1, descending: _bool = False, *, stable: _bool = False, out: Tensor | None = None
) -> Tensor:
    """The indices (int64) that sort along `dim`; equal elements keep their order, NaN is the largest."""

def as_tensor(data: Any, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`data` as a tensor, on the same memory (and with the same node in the graph) if no conversion is needed."""

def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    copy: _bool | None = None,
    requires_grad: _bool = False,
) -> Tensor:
    """`obj` as a tensor."""

def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arcsin x"""

def asinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arsinh x"""

def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """arctan x"""

def atan2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """the angle of the point (y, x)"""

def atanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """artanh x"""

def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """beta · input + alpha · batch1 batch2, for batches of matrices."""

def bernoulli(
    input: Tensor, p: _float | None = None, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """1 with the probabilities in `input`, or with probability `p`, else 0; in the shape and dtype of `input`."""

def bitwise_and(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x & y, bit by bit"""

def bitwise_left_shift(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x · 2ʸ, without the bits that do not fit"""

def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """~x, bit by bit; logical not for booleans"""

def bitwise_or(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x | y, bit by bit"""

def bitwise_right_shift(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """⌊x / 2ʸ⌋"""

def bitwise_xor(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ^ y, bit by bit"""

def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products of the matrices of two batches (b, n, k) and (b, k, m)."""

bool: dtype

def broadcast_shapes(*shapes: _int | Sequence[_int]) -> Size:
    """The shape to which all of `shapes` broadcast."""

def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, expanded to their common shape."""

def broadcast_to(input: Tensor, size: Sequence[_int]) -> Tensor:
    """`expand` as a function."""

def can_cast(from_: dtype, to: dtype) -> _bool:
    """Whether a result of `from_` may be written into `to`: not if it has a higher category (see `rank`)."""

def cat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along `dim`, in their common dtype. Empty vectors are left out."""

def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """⌈x⌉"""

def chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views along `dim`, all of one size (the last may be smaller)."""

def clamp(
    input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

def clamp_max(input: Tensor, max: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller of each element and `max`."""

def clamp_min(input: Tensor, min: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The larger of each element and `min`."""

def clip(
    input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy. It is recorded, so gradients reach `input`."""

def concat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along `dim`, in their common dtype. Empty vectors are left out."""

def concatenate(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along `dim`, in their common dtype. Empty vectors are left out."""

def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """cos x"""

def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """cosh x"""

def count_nonzero(input: Tensor, dim: _int | Sequence[_int] | None = None) -> Tensor:
    """How many elements over the dimensions `dim` are not 0 (int64)."""

def cummax(input: Tensor, dim: _int, *, out: Tensor | tuple[Tensor, ...] | None = None) -> return_types_cummax:
    """For each element, the largest one so far along `dim`, and its index; NaN counts as largest."""

def cumprod(input: Tensor, dim: _int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """For each element, the product of those up to and including it along `dim`; int64 for integers and booleans."""

def cumsum(input: Tensor, dim: _int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """For each element, the sum of the elements up to and including it along `dim`; int64 for integers and booleans."""

default_generator: Generator

def diag(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix (a copy), or a square matrix with a vector on its diagonal."""

def diag_embed(input: Tensor, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """Square matrices in the dimensions (dim1, dim2) with the vectors of the last dimension on their diagonals."""

def diagonal(input: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
    """A view of the elements (i, i + offset) of the planes (dim1, dim2), as the last dimension."""

def div(
    input: Tensor | Number, other: Tensor | Number, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

def divide(
    input: Tensor | Number, other: Tensor | Number, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Σ input · tensor of two vectors of one length."""

double: dtype
e: _float

def einsum(equation: str, *operands: Tensor | Sequence[Tensor]) -> Tensor:
    """The products of the operands, summed over all labels that the result does not have."""

@overload
def empty(
    size: Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """An uninitialized tensor of shape `size`."""

@overload
def empty(
    *size: _int,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """An uninitialized tensor of shape `size`."""

def empty_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """An uninitialized tensor of the shape, and by default the dtype and device, of `input`."""

def eq(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x = y"""

def equal(input: Tensor, other: Tensor) -> _bool:
    """Whether two tensors have the same shape and the same elements."""

def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2/√π ∫₀ˣ e^(-t²) dt."""

def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 - erf(x), accurate where that is near 0."""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The y with erf(y) = x: ±∞ at ±1, NaN outside."""

def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """eˣ"""

def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2ˣ"""

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """eˣ - 1, accurate near 0"""

def eye(
    n: _int,
    m: _int | None = None,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A matrix (n, m) with ones on the diagonal, m defaulting to n."""

def fix(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x without its fraction"""

def flatten(input: Tensor, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` merged into one."""

def flip(input: Tensor, dims: Sequence[_int]) -> Tensor:
    """A copy with the order along `dims` reversed."""

float: dtype
float16: dtype
float32: dtype
float64: dtype

def float_power(input: Tensor | Number, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`pow` computed in float64."""

def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """⌊x⌋"""

def floor_divide(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """⌊input / other⌋."""

def fmod(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input - other · trunc(input / other), with the sign of `input`."""

def frac(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input - trunc(input)."""

def from_dlpack(ext_tensor: Any, *, device: Device = None, copy: _bool | None = None) -> Tensor:
    """A tensor that shares the memory of an object with ``__dlpack__``, on the device of that memory."""

def from_numpy(ndarray: ndarray) -> Tensor:
    """A tensor that shares the memory of a NumPy ndarray."""

def full(
    size: Sequence[_int],
    fill_value: Number,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of shape `size`, every element `fill_value`; the default dtype depends on the type of the value."""

def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of the shape, and by default the dtype and device, of `input`, every element `fill_value`."""

def gather(input: Tensor, dim: _int, index: Tensor, *, sparse_grad: _bool = False, out: Tensor | None = None) -> Tensor:
    """out[i][j][k] = input[i][index[i][j][k]][k] for dim = 1; the result has the shape of `index`."""

def ge(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≥ y"""

def ger(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products (n, m) of the elements of two vectors (n) and (m)."""

def get_default_device() -> device:
    """The device of new tensors; ``cpu`` unless `set_default_device` changed it."""

def get_default_dtype() -> dtype:
    """The dtype of new floating-point tensors; float32 unless `set_default_dtype` changed it."""

def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` or ``torch.backends.cuda.matmul.allow_tf32`` has set last."""

def get_num_threads() -> _int:
    """The number of threads of matrix products."""

def get_rng_state() -> Tensor:
    """The state of the default generator, a uint8 tensor in torch's layout."""

def graph(*tensors: Tensor, net: Module | None = None) -> Graph:
    """The recorded operations that lead to `tensors`."""

def greater(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x > y"""

def greater_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≥ y"""

def gt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x > y"""

half: dtype

def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along dimension 1, vectors along dimension 0."""

def index_add(
    input: Tensor, dim: _int, index: Tensor, source: Tensor, *, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """`input` with alpha · `source` added to the slices along `dim` that `index` names."""

def index_copy(input: Tensor, dim: _int, index: Tensor, source: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`input` with `source` in the slices along `dim` that `index` names."""

def index_fill(input: Tensor, dim: _int, index: Tensor, value: Tensor | Number) -> Tensor:
    """`input` with `value`, a number or a tensor without dimensions, in the slices along `dim` that `index` names."""

def index_put(input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: _bool = False) -> Tensor:
    """`input` with `values` written, or added, at ``input[indices]``."""

def index_select(input: Tensor, dim: _int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The slices along `dim` whose numbers are in the vector `index`, in its order."""

inf: _float

def initial_seed() -> _int:
    """The seed of the default generator."""

int: dtype
int16: dtype
int32: dtype
int64: dtype
int8: dtype

def is_complex(input: Tensor) -> _bool:
    """Always False: minitorch has no complex tensors."""

def is_floating_point(input: Tensor) -> _bool:
    """Whether the elements are of a floating-point type."""

def is_grad_enabled() -> _bool:
    """Whether operations are recorded in this thread now; inside `inference_mode`, whether they would be outside."""

def is_inference_mode_enabled() -> _bool:
    """Whether this thread is inside `inference_mode` now."""

def is_nonzero(input: Tensor) -> _bool:
    """Whether the only element is not 0."""

def is_tensor(obj: Any) -> _bool:
    """Whether `obj` is a tensor."""

def isclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
) -> Tensor:
    """|input - other| ≤ atol + rtol · |other|, or equal (infinities), or, if `equal_nan`, both NaN."""

def isfinite(input: Tensor) -> Tensor:
    """whether x is neither infinite nor NaN"""

def isinf(input: Tensor) -> Tensor:
    """whether x is +∞ or -∞"""

def isnan(input: Tensor) -> Tensor:
    """whether x is NaN"""

def isreal(input: Tensor) -> Tensor:
    """Whether each element is a real number: always True."""

def le(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≤ y"""

def lerp(input: Tensor, end: Tensor, weight: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input + weight · (end - input)."""

def less(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x < y"""

def less_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≤ y"""

def linspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: _int,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included; the second half is computed from `end`."""

def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: _bool | None = None,
    mmap: _bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read an object that `save` or ``torch.save`` has written."""

def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """ln x"""

def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log₁₀ x"""

def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """ln(1 + x), accurate near 0"""

def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log₂ x"""

def log_softmax(input: Tensor, dim: _int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """ln softmax(input) along `dim`; if `dtype` is given, `input` is converted first."""

def logaddexp(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """ln(eˣ + eʸ) without overflow"""

def logical_and(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x ≠ 0 and y ≠ 0"""

def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x = 0"""

def logical_or(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x ≠ 0 or y ≠ 0"""

def logical_xor(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exactly one of x, y is not 0"""

def logsumexp(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """ln Σ exp(input) over the dimensions `dim`, without overflow."""

long: dtype

def lt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x < y"""

def manual_seed(seed: _int) -> Generator:
    """Start the default generator anew from `seed`; returns it."""

def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """`input` with `value` (a number, or a tensor without dimensions) where `mask` is true, in the dtype of `input`."""

def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, in order, where `mask` is true."""

def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements where `mask` is true, as a vector; `input` and `mask` broadcast."""

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product: of matrices, of a vector and a matrix, of vectors; leading dimensions broadcast."""

@overload
def max(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

@overload
def max(input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None) -> return_types_max:
    """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

@overload
def max(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

def maximum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """max(x, y), NaN if either is"""

def mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean over the dimensions `dim`."""

@overload
def median(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The middle element in sorted order (the lower of two), NaN if an element is NaN; along `dim`, with its index."""

@overload
def median(
    input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> return_types_median:
    """The middle element in sorted order (the lower of two), NaN if an element is NaN; along `dim`, with its index."""

def meshgrid(*tensors: Tensor | Sequence[Tensor], indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: from n vectors, n tensors of n dimensions; tensor i varies along dimension i."""

@overload
def min(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

@overload
def min(input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None) -> return_types_min:
    """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

@overload
def min(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

def minimum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """min(x, y), NaN if either is"""

def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of matrices (n, k) and (k, m)."""

def moveaxis(input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
    """A view with dimensions `source` moved to positions `destination`; the others keep their order."""

def movedim(input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
    """A view with dimensions `source` moved to positions `destination`; the others keep their order."""

def mul(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x · y"""

def multinomial(
    input: Tensor,
    num_samples: _int,
    replacement: _bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Indices (int64) drawn with the weights in each row of `input`."""

def multiply(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x · y"""

def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix (n, k) and a vector (k)."""

nan: _float

def nan_to_num(
    input: Tensor,
    nan: _float | None = None,
    posinf: _float | None = None,
    neginf: _float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """NaN and infinities replaced by numbers: by default 0, the largest and the smallest number of the dtype."""

def nansum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Like `sum`, but NaN counts as 0."""

def narrow(input: Tensor, dim: _int, start: _int | Tensor, length: _int) -> Tensor:
    """A view of `length` elements along `dim` from `start` on."""

def ne(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≠ y"""

def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-input."""

def negative(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-input."""

@overload
def nonzero(input: Tensor, *, as_tuple: Literal[False] = False, out: Tensor | None = None) -> Tensor:
    """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""

@overload
def nonzero(input: Tensor, *, as_tuple: Literal[True], out: tuple[Tensor, ...] | None = None) -> tuple[Tensor, ...]:
    """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""

def norm(
    input: Tensor,
    p: _float | str | None = "fro",
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The vector norm over `dim` (None: all dimensions); "fro" is the 2-norm."""

def normal(
    mean: Tensor | _float,
    std: Tensor | _float = 1.0,
    size: Sequence[_int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Normal numbers: of shape `size` if it is given, else of the shape to which `mean` and `std` broadcast."""

def not_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x ≠ y"""

def numel(input: Tensor) -> _int:
    """The number of elements."""

@overload
def ones(
    size: Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of ones of shape `size`."""

@overload
def ones(
    *size: _int,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of ones of shape `size`."""

def ones_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of the shape, and by default the dtype and device, of `input`."""

def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products (n, m) of the elements of two vectors (n) and (m)."""

def permute(input: Tensor, dims: Sequence[_int]) -> Tensor:
    """A view whose dimension i is dimension ``dims[i]``."""

pi: _float

def positive(input: Tensor) -> Tensor:
    """`input` itself."""

def pow(input: Tensor | Number, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input to the power of `exponent`."""

def prod(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The product over the dimension `dim`, or over all elements; int64 for integers and booleans."""

def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The dtype of operations on both: floating point before integers before booleans, then the wider one."""

@overload
def rand(
    size: Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform numbers in [0, 1), of shape `size`."""

@overload
def rand(
    *size: _int,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform numbers in [0, 1), of shape `size`."""

def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """`rand` of the shape, and by default the dtype and device, of `input`."""

@overload
def randint(
    high: _int,
    size: Sequence[_int],
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    **options: Unpack[TensorOptions],
) -> Tensor:
    """Integers in [low, high), or with ``randint(high, size)`` in [0, high), of shape `size`; int64 by default."""

@overload
def randint(
    low: _int,
    high: _int,
    size: Sequence[_int],
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    **options: Unpack[TensorOptions],
) -> Tensor:
    """Integers in [low, high), or with ``randint(high, size)`` in [0, high), of shape `size`; int64 by default."""

@overload
def randint_like(
    input: Tensor, high: _int, *, generator: Generator | None = None, **options: Unpack[LikeOptions]
) -> Tensor:
    """`randint` of the shape, and by default the dtype and device, of `input`."""

@overload
def randint_like(
    input: Tensor, low: _int, high: _int, *, generator: Generator | None = None, **options: Unpack[LikeOptions]
) -> Tensor:
    """`randint` of the shape, and by default the dtype and device, of `input`."""

@overload
def randn(
    size: Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Standard normal numbers, of shape `size`."""

@overload
def randn(
    *size: _int,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Standard normal numbers, of shape `size`."""

def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """`randn` of the shape, and by default the dtype and device, of `input`."""

def randperm(
    n: _int,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The integers below `n` in random order; int64 by default."""

def ravel(input: Tensor) -> Tensor:
    """All dimensions merged into one: a view if the tensor is contiguous, else a copy."""

def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / x."""

def record(step: Callable[..., Any], *example_inputs: Any, on_change: str = "error") -> Recording:
    """Run a step a few times as it is, and note its array operations: forward, backward and optimizer."""

def relu(input: Tensor) -> Tensor:
    """max(x, 0), NaN where x is NaN."""

def remainder(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input - other · ⌊input / other⌋, with the sign of `other`."""

@overload
def repeat_interleave(repeats: Tensor, *, output_size: _int | None = None) -> Tensor:
    """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor."""

@overload
def repeat_interleave(
    input: Tensor, repeats: _int | Tensor, dim: _int | None = None, *, output_size: _int | None = None
) -> Tensor:
    """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor."""

def reshape(input: Tensor, shape: Sequence[_int]) -> Tensor:
    """The elements in row-major order in another shape: a view where the strides allow it. One size may be -1."""

def result_type(tensor: Tensor | Number, other: Tensor | Number) -> dtype:
    """The dtype of an arithmetic operation on two tensors or numbers."""

def roll(input: Tensor, shifts: _int | Sequence[_int], dims: _int | Sequence[_int] = ()) -> Tensor:
    """The elements shifted by `shifts` positions along `dims`, elements shifted beyond the end come in at the start."""

def round(input: Tensor, *, decimals: _int = 0, out: Tensor | None = None) -> Tensor:
    """Rounded to `decimals` places, half to even."""

def row_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along dimension 0, vectors as rows."""

def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / √x."""

def rsub(input: Tensor, other: Tensor | Number, alpha: Number = 1) -> Tensor:
    """other - alpha · input."""

def save(
    obj: object,
    f: Any,
    pickle_module: Any = ...,
    pickle_protocol: _int = 2,
    _use_new_zipfile_serialization: _bool = True,
    _disable_byteorder_record: _bool = False,
) -> None:
    """Write an object to a file that torch can read."""

def scalar_tensor(
    s: Number,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """A tensor without dimensions of the value `s`, in the default floating-point dtype even for an integer."""

@overload
def scatter(
    input: Tensor, dim: _int, index: Tensor, src: Tensor, *, reduce: str | None = None, out: Tensor | None = None
) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

@overload
def scatter(
    input: Tensor, dim: _int, index: Tensor, value: Number, *, reduce: str | None = None, out: Tensor | None = None
) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

def scatter_add(input: Tensor, dim: _int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] += src[i][j][k] for dim = 1; equal indices add up."""

def seed() -> _int:
    """Seed the default generator with a random number from the operating system, and return it."""

def select(input: Tensor, dim: _int, index: _int | Tensor) -> Tensor:
    """A view of slice number `index` along `dim`, without that dimension."""

def set_default_device(device: Any) -> None:
    """Set the device of new tensors for all threads; None means ``cpu``."""

def set_default_dtype(d: dtype) -> None:
    """Set the dtype of new floating-point tensors."""

def set_float32_matmul_precision(precision: str) -> None:
    """Set how precisely products of float32 matrices are computed on a GPU; the CPU is always exact."""

def set_num_threads(threads: _int) -> None:
    """Set the number of threads of matrix products; with 1, other kernels run in the calling thread alone too."""

def set_printoptions(
    precision: _int | None = None,
    threshold: _float | None = None,
    edgeitems: _int | None = None,
    linewidth: _int | None = None,
    profile: str | None = None,
    sci_mode: _bool | None = None,
) -> None:
    """Set how tensors are printed."""

def set_rng_state(new_state: Tensor) -> None:
    """Continue the default generator from a state."""

short: dtype

def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / (1 + e⁻ˣ). Half precision, in which e⁻ˣ overflows for x below -11, is computed in single."""

def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1; booleans are unchanged."""

def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin x"""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(πx) / (πx), 1 at 0"""

def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sinh x"""

def softmax(input: Tensor, dim: _int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`; if `dtype` is given, `input` is converted first."""

def sort(
    input: Tensor,
    dim: _int = -1,
    descending: _bool = False,
    *,
    stable: _bool | None = False,
    out: Tensor | tuple[Tensor, ...] | None = None,
) -> return_types_sort:
    """The elements sorted along `dim`, and their old indices; equal elements keep their order, NaN is the largest."""

def split(tensor: Tensor, split_size_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
    """Views along `dim`, all of one size (the last may be smaller), or of the sizes in a list."""

def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """√x"""

def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input · input; int64 for booleans."""

def squeeze(input: Tensor, dim: _int | Sequence[_int] | None = None) -> Tensor:
    """A view without the dimensions of size 1. If `dim` is given, only the dimensions in it are left out."""

def stack(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors, all of one shape, joined along a new dimension `dim`."""

def std(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The square root of `var`."""

def std_mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over the dimensions `dim`."""

def sub(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """input - alpha · other."""

def subtract(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """input - alpha · other."""

def sum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum over the dimensions `dim` (a number, several, or None for all); int64 for integers and booleans."""

def summary(net: Module, *inputs: Any) -> Summary:
    """The layers of a net, as one forward pass on an example shows them."""

def swapaxes(input: Tensor, axis0: _int, axis1: _int) -> Tensor:
    """`transpose`, as NumPy calls it."""

def swapdims(input: Tensor, dim0: _int, dim1: _int) -> Tensor:
    """A view with two dimensions exchanged."""

def t(input: Tensor) -> Tensor:
    """A view of a matrix with rows and columns exchanged; a vector unchanged."""

def take(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements of the flattened `input` at the positions `index`; negative ones count from the end."""

def take_along_dim(input: Tensor, indices: Tensor, dim: _int | None = None, *, out: Tensor | None = None) -> Tensor:
    """`gather` with `input` and `indices` broadcast in all dimensions but `dim`; None: both are flattened."""

def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """tan x"""

def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """tanh x"""

def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """A new tensor with a copy of `data`."""

def tensordot(
    a: Tensor, b: Tensor, dims: _int | Tensor | Sequence[Sequence[_int]] = 2, *, out: Tensor | None = None
) -> Tensor:
    """The sum of products over pairs of dimensions: the last `dims` of `a`, the first of `b`; or two lists."""

def tile(input: Tensor, dims: Sequence[_int]) -> Tensor:
    """`repeat`, where `dims` may have fewer entries than the tensor has dimensions: missing leading ones are 1."""

def topk(
    input: Tensor,
    k: _int,
    dim: _int = -1,
    largest: _bool = True,
    sorted: _bool = True,
    *,
    out: Tensor | tuple[Tensor, ...] | None = None,
) -> return_types_topk:
    """The `k` largest (or smallest) elements along `dim`, sorted, and their indices in `input`."""

def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""

def transpose(input: Tensor, dim0: _int, dim1: _int) -> Tensor:
    """A view with two dimensions exchanged."""

def tril(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The matrices of the last two dimensions, zero above the diagonal number `diagonal`."""

def triu(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The matrices of the last two dimensions, zero below the diagonal number `diagonal`."""

def true_divide(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`div` without rounding."""

def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x without its fraction"""

def typename(obj: Any) -> str:
    """The name of a class or function, or of an object's class; for a tensor, ``torch.FloatTensor`` or similar."""

uint8: dtype

def unbind(input: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
    """Views of the slices along `dim`, without that dimension."""

def unflatten(input: Tensor, dim: _int, sizes: Sequence[_int]) -> Tensor:
    """The dimension `dim` split into `sizes`, one of which may be -1."""

def unsqueeze(input: Tensor, dim: _int) -> Tensor:
    """A view with a dimension of size 1 inserted at `dim`."""

def var(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The variance over the dimensions `dim`, with n - correction (default 1) in the denominator."""

def var_mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
) -> tuple[Tensor, Tensor]:
    """Variance and mean over the dimensions `dim`."""

def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The tensors concatenated along dimension 0, vectors as rows."""

@overload
def where(condition: Tensor, *, out: tuple[Tensor, ...] | None = None) -> tuple[Tensor, ...]:
    """`input` where `condition` is true, else `other`. With `condition` only, the coordinates of its true elements."""

@overload
def where(condition: Tensor, input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input` where `condition` is true, else `other`. With `condition` only, the coordinates of its true elements."""

def xlogy(input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input · ln(other), 0 where `input` is 0 (but NaN where `other` is NaN)."""

@overload
def zeros(
    size: Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of zeros of shape `size`."""

@overload
def zeros(
    *size: _int,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """A tensor of zeros of shape `size`."""

def zeros_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Device = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of the shape, and by default the dtype and device, of `input`."""

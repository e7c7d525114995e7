"""The methods of Tensor that are made from functions, for type checkers. Made by `parity stubs --write`; do not edit."""

from collections.abc import Sequence
from typing import Any, Literal, Self, overload

from minitorch._tensor import Tensor
from minitorch._tensor_conversion import Conversion
from minitorch.dtypes import dtype
from minitorch.functions.return_types import (
    aminmax as return_types_aminmax,
    cummax as return_types_cummax,
    max as return_types_max,
    median as return_types_median,
    min as return_types_min,
    sort as return_types_sort,
    topk as return_types_topk,
)
from minitorch.random import Generator
from minitorch.types import Device, Number

class TensorMethods(Conversion):
    """The methods that are made from functions."""

    def __abs__(self) -> Tensor:
        """|x|"""

    def __add__(self, other: Tensor | Number) -> Tensor:
        """input + alpha · other."""

    def __and__(self, other: Tensor | Number) -> Tensor:
        """x & y, bit by bit"""

    def __floordiv__(self, other: Tensor | Number) -> Tensor:
        """⌊input / other⌋."""

    def __iadd__(self, other: Tensor | Number) -> Tensor:
        """`add` in place: input + alpha · other."""

    def __iand__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_and` in place: x & y, bit by bit"""

    def __ifloordiv__(self, other: Tensor | Number) -> Tensor:
        """`floor_divide` in place: ⌊input / other⌋."""

    def __ilshift__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_left_shift` in place: x · 2ʸ, without the bits that do not fit"""

    def __imod__(self, other: Tensor | Number) -> Tensor:
        """`remainder` in place: input - other · ⌊input / other⌋, with the sign of `other`."""

    def __imul__(self, other: Tensor | Number) -> Tensor:
        """`mul` in place: x · y"""

    def __ior__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_or` in place: x | y, bit by bit"""

    def __ipow__(self, other: Tensor | Number) -> Tensor:
        """`pow` in place: input to the power of `exponent`."""

    def __irshift__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_right_shift` in place: ⌊x / 2ʸ⌋"""

    def __isub__(self, other: Tensor | Number) -> Tensor:
        """`sub` in place: input - alpha · other."""

    def __itruediv__(self, other: Tensor | Number) -> Tensor:
        """`div` in place: input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def __ixor__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_xor` in place: x ^ y, bit by bit"""

    def __lshift__(self, other: Tensor | Number) -> Tensor:
        """x · 2ʸ, without the bits that do not fit"""

    def __matmul__(self, other: Tensor) -> Tensor:
        """The matrix product: of matrices, of a vector and a matrix, of vectors; leading dimensions broadcast."""

    def __mod__(self, other: Tensor | Number) -> Tensor:
        """input - other · ⌊input / other⌋, with the sign of `other`."""

    def __mul__(self, other: Tensor | Number) -> Tensor:
        """x · y"""

    def __neg__(self) -> Tensor:
        """-input."""

    def __or__(self, other: Tensor | Number) -> Tensor:
        """x | y, bit by bit"""

    def __pos__(self) -> Tensor:
        """`input` itself."""

    def __pow__(self, other: Tensor | Number) -> Tensor:
        """input to the power of `exponent`."""

    def __radd__(self, other: Tensor | Number) -> Tensor:
        """input + alpha · other."""

    def __rand__(self, other: Tensor | Number) -> Tensor:
        """x & y, bit by bit"""

    def __rfloordiv__(self, other: Tensor | Number) -> Tensor:
        """`floor_divide` with the operands in the other order."""

    def __rlshift__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_left_shift` with the operands in the other order."""

    def __rmatmul__(self, other: Tensor | Number) -> Tensor:
        """`matmul` with the operands in the other order."""

    def __rmod__(self, other: Tensor | Number) -> Tensor:
        """`remainder` with the operands in the other order."""

    def __rmul__(self, other: Tensor | Number) -> Tensor:
        """x · y"""

    def __ror__(self, other: Tensor | Number) -> Tensor:
        """x | y, bit by bit"""

    def __rpow__(self, other: Tensor | Number) -> Tensor:
        """`pow` with the operands in the other order."""

    def __rrshift__(self, other: Tensor | Number) -> Tensor:
        """`bitwise_right_shift` with the operands in the other order."""

    def __rshift__(self, other: Tensor | Number) -> Tensor:
        """⌊x / 2ʸ⌋"""

    def __rsub__(self, other: Tensor | Number) -> Tensor:
        """`sub` with the operands in the other order."""

    def __rtruediv__(self, other: Tensor | Number) -> Tensor:
        """`div` with the operands in the other order."""

    def __rxor__(self, other: Tensor | Number) -> Tensor:
        """x ^ y, bit by bit"""

    def __sub__(self, other: Tensor | Number) -> Tensor:
        """input - alpha · other."""

    def __truediv__(self, other: Tensor | Number) -> Tensor:
        """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def __xor__(self, other: Tensor | Number) -> Tensor:
        """x ^ y, bit by bit"""

    def abs(self) -> Tensor:
        """|x|"""

    def abs_(self) -> Self:
        """`abs` in place: |x|"""

    def absolute(self) -> Tensor:
        """|x|"""

    def absolute_(self) -> Self:
        """`abs` in place: |x|"""

    def acos(self) -> Tensor:
        """arccos x"""

    def acos_(self) -> Self:
        """`acos` in place: arccos x"""

    def acosh(self) -> Tensor:
        """arcosh x"""

    def acosh_(self) -> Self:
        """`acosh` in place: arcosh x"""

    def add(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """input + alpha · other."""

    def add_(self, other: Tensor | Number, *, alpha: Number = 1) -> Self:
        """`add` in place: input + alpha · other."""

    def addcdiv(self, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """input + value · tensor1 / tensor2."""

    def addcdiv_(self, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Self:
        """`addcdiv` in place: input + value · tensor1 / tensor2."""

    def addcmul(self, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """input + value · tensor1 · tensor2; for integers, `value` loses its fraction."""

    def addcmul_(self, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Self:
        """`addcmul` in place: input + value · tensor1 · tensor2; for integers, `value` loses its fraction."""

    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """beta · input + alpha · mat1 mat2."""

    def all(self, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
        """Whether no element over the dimensions `dim` is 0 (uint8 for uint8, else bool); for ``()``, each itself."""

    def allclose(self, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
        """Whether `isclose` is true for every pair of elements."""

    def amax(self, dim: int | Sequence[int] = (), keepdim: bool = False) -> Tensor:
        """The largest element over the dimensions `dim`; equal elements share the gradient."""

    def amin(self, dim: int | Sequence[int] = (), keepdim: bool = False) -> Tensor:
        """The smallest element over the dimensions `dim`; equal elements share the gradient."""

    def aminmax(self, *, dim: int | None = None, keepdim: bool = False) -> return_types_aminmax:
        """`amin` and `amax` along `dim`, or over all elements."""

    def any(self, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
        """Whether some element over the dimensions `dim` is not 0 (uint8 for uint8, else bool); for ``()``, each itself."""

    def arccos(self) -> Tensor:
        """arccos x"""

    def arccos_(self) -> Self:
        """`acos` in place: arccos x"""

    def arccosh(self) -> Tensor:
        """arcosh x"""

    def arccosh_(self) -> Self:
        """`acosh` in place: arcosh x"""

    def arcsin(self) -> Tensor:
        """arcsin x"""

    def arcsin_(self) -> Self:
        """`asin` in place: arcsin x"""

    def arcsinh(self) -> Tensor:
        """arsinh x"""

    def arcsinh_(self) -> Self:
        """`asinh` in place: arsinh x"""

    def arctan(self) -> Tensor:
        """arctan x"""

    def arctan2(self, other: Tensor) -> Tensor:
        """the angle of the point (y, x)"""

    def arctan2_(self, other: Tensor) -> Self:
        """`atan2` in place: the angle of the point (y, x)"""

    def arctan_(self) -> Self:
        """`atan` in place: arctan x"""

    def arctanh(self) -> Tensor:
        """artanh x"""

    def arctanh_(self) -> Self:
        """`atanh` in place: artanh x"""

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The index (int64) of the largest element along `dim`, or in the flattened tensor; of equal ones the first."""

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The index (int64) of the smallest element along `dim`, or in the flattened tensor; of equal ones the first."""

    def argsort(self, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
        """The indices (int64) that sort along `dim`; equal elements keep their order, NaN is the largest."""

    def asin(self) -> Tensor:
        """arcsin x"""

    def asin_(self) -> Self:
        """`asin` in place: arcsin x"""

    def asinh(self) -> Tensor:
        """arsinh x"""

    def asinh_(self) -> Self:
        """`asinh` in place: arsinh x"""

    def atan(self) -> Tensor:
        """arctan x"""

    def atan2(self, other: Tensor) -> Tensor:
        """the angle of the point (y, x)"""

    def atan2_(self, other: Tensor) -> Self:
        """`atan2` in place: the angle of the point (y, x)"""

    def atan_(self) -> Self:
        """`atan` in place: arctan x"""

    def atanh(self) -> Tensor:
        """artanh x"""

    def atanh_(self) -> Self:
        """`atanh` in place: artanh x"""

    def baddbmm(self, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """beta · input + alpha · batch1 batch2, for batches of matrices."""

    def bernoulli(self, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
        """1 with the probabilities in `input`, or with probability `p`, else 0; in the shape and dtype of `input`."""

    def bernoulli_(self, p: float | Tensor = 0.5, *, generator: Generator | None = None) -> Self:
        """1 with probability `p`, a number or a tensor of probabilities, whose gradient is 0; else 0."""

    def bitwise_and(self, other: Tensor | Number) -> Tensor:
        """x & y, bit by bit"""

    def bitwise_and_(self, other: Tensor | Number) -> Self:
        """`bitwise_and` in place: x & y, bit by bit"""

    def bitwise_left_shift(self, other: Tensor | Number) -> Tensor:
        """x · 2ʸ, without the bits that do not fit"""

    def bitwise_left_shift_(self, other: Tensor | Number) -> Self:
        """`bitwise_left_shift` in place: x · 2ʸ, without the bits that do not fit"""

    def bitwise_not(self) -> Tensor:
        """~x, bit by bit; logical not for booleans"""

    def bitwise_not_(self) -> Self:
        """`bitwise_not` in place: ~x, bit by bit; logical not for booleans"""

    def bitwise_or(self, other: Tensor | Number) -> Tensor:
        """x | y, bit by bit"""

    def bitwise_or_(self, other: Tensor | Number) -> Self:
        """`bitwise_or` in place: x | y, bit by bit"""

    def bitwise_right_shift(self, other: Tensor | Number) -> Tensor:
        """⌊x / 2ʸ⌋"""

    def bitwise_right_shift_(self, other: Tensor | Number) -> Self:
        """`bitwise_right_shift` in place: ⌊x / 2ʸ⌋"""

    def bitwise_xor(self, other: Tensor | Number) -> Tensor:
        """x ^ y, bit by bit"""

    def bitwise_xor_(self, other: Tensor | Number) -> Self:
        """`bitwise_xor` in place: x ^ y, bit by bit"""

    def bmm(self, mat2: Tensor) -> Tensor:
        """The products of the matrices of two batches (b, n, k) and (b, k, m)."""

    @overload
    def broadcast_to(self, size: Sequence[int]) -> Tensor:
        """`expand` as a function."""

    @overload
    def broadcast_to(self, *size: int) -> Tensor:
        """`expand` as a function."""

    def cauchy_(self, median: float = 0, sigma: float = 1, *, generator: Generator | None = None) -> Self:
        """Numbers of the Cauchy distribution."""

    def ceil(self) -> Tensor:
        """⌈x⌉"""

    def ceil_(self) -> Self:
        """`ceil` in place: ⌈x⌉"""

    def chunk(self, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """At most `chunks` views along `dim`, all of one size (the last may be smaller)."""

    def clamp(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

    def clamp_(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Self:
        """`clamp` in place: The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

    def clamp_max(self, max: Tensor | Number) -> Tensor:
        """The smaller of each element and `max`."""

    def clamp_max_(self, max: Tensor | Number) -> Self:
        """`clamp_max` in place: The smaller of each element and `max`."""

    def clamp_min(self, min: Tensor | Number) -> Tensor:
        """The larger of each element and `min`."""

    def clamp_min_(self, min: Tensor | Number) -> Self:
        """`clamp_min` in place: The larger of each element and `min`."""

    def clip(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

    def clip_(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Self:
        """`clamp` in place: The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`."""

    def clone(self, *, memory_format: Any = None) -> Tensor:
        """A copy. It is recorded, so gradients reach `input`."""

    def contiguous(self, memory_format: Any = None) -> Tensor:
        """The tensor itself if it is contiguous (in row-major order without gaps), else a contiguous copy."""

    def copy_(self, other: Tensor | Number, non_blocking: bool = False) -> Self:
        """Write the values of `other`, broadcast and converted, into this tensor."""

    def cos(self) -> Tensor:
        """cos x"""

    def cos_(self) -> Self:
        """`cos` in place: cos x"""

    def cosh(self) -> Tensor:
        """cosh x"""

    def cosh_(self) -> Self:
        """`cosh` in place: cosh x"""

    @overload
    def count_nonzero(self, dim: int | Sequence[int] | None = None) -> Tensor:
        """How many elements over the dimensions `dim` are not 0 (int64)."""

    @overload
    def count_nonzero(self, *dim: int) -> Tensor:
        """How many elements over the dimensions `dim` are not 0 (int64)."""

    def cummax(self, dim: int) -> return_types_cummax:
        """For each element, the largest one so far along `dim`, and its index; NaN counts as largest."""

    def cumprod(self, dim: int, *, dtype: dtype | None = None) -> Tensor:
        """For each element, the product of those up to and including it along `dim`; int64 for integers and booleans."""

    def cumprod_(self, dim: int, *, dtype: dtype | None = None) -> Self:
        """`cumprod` in place: For each element, the product of those up to and including it along `dim`; int64 for integers and booleans."""

    def cumsum(self, dim: int, *, dtype: dtype | None = None) -> Tensor:
        """For each element, the sum of the elements up to and including it along `dim`; int64 for integers and booleans."""

    def cumsum_(self, dim: int, *, dtype: dtype | None = None) -> Self:
        """`cumsum` in place: For each element, the sum of the elements up to and including it along `dim`; int64 for integers and booleans."""

    def diag(self, diagonal: int = 0) -> Tensor:
        """The diagonal of a matrix (a copy), or a square matrix with a vector on its diagonal."""

    def diag_embed(self, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
        """Square matrices in the dimensions (dim1, dim2) with the vectors of the last dimension on their diagonals."""

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
        """A view of the elements (i, i + offset) of the planes (dim1, dim2), as the last dimension."""

    def div(self, other: Tensor | Number, *, rounding_mode: str | None = None) -> Tensor:
        """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def div_(self, other: Tensor | Number, *, rounding_mode: str | None = None) -> Self:
        """`div` in place: input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def divide(self, other: Tensor | Number, *, rounding_mode: str | None = None) -> Tensor:
        """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def divide_(self, other: Tensor | Number, *, rounding_mode: str | None = None) -> Self:
        """`div` in place: input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor")."""

    def dot(self, tensor: Tensor) -> Tensor:
        """Σ input · tensor of two vectors of one length."""

    def eq(self, other: Tensor | Number) -> Tensor:
        """x = y"""

    def eq_(self, other: Tensor | Number) -> Self:
        """`eq` in place: x = y"""

    def equal(self, other: Tensor) -> bool:
        """Whether two tensors have the same shape and the same elements."""

    def erf(self) -> Tensor:
        """2/√π ∫₀ˣ e^(-t²) dt."""

    def erf_(self) -> Self:
        """`erf` in place: 2/√π ∫₀ˣ e^(-t²) dt."""

    def erfc(self) -> Tensor:
        """1 - erf(x), accurate where that is near 0."""

    def erfc_(self) -> Self:
        """`erfc` in place: 1 - erf(x), accurate where that is near 0."""

    def erfinv(self) -> Tensor:
        """The y with erf(y) = x: ±∞ at ±1, NaN outside."""

    def erfinv_(self) -> Self:
        """`erfinv` in place: The y with erf(y) = x: ±∞ at ±1, NaN outside."""

    def exp(self) -> Tensor:
        """eˣ"""

    def exp2(self) -> Tensor:
        """2ˣ"""

    def exp2_(self) -> Self:
        """`exp2` in place: 2ˣ"""

    def exp_(self) -> Self:
        """`exp` in place: eˣ"""

    @overload
    def expand(self, size: Sequence[int], *, implicit: bool = False) -> Tensor:
        """A view of shape `size`: new leading dimensions, and dimensions of size 1, repeat the elements; -1 keeps a size."""

    @overload
    def expand(self, *size: int, implicit: bool = False) -> Tensor:
        """A view of shape `size`: new leading dimensions, and dimensions of size 1, repeat the elements; -1 keeps a size."""

    def expand_as(self, other: Tensor) -> Tensor:
        """`expand` to the shape of `other`."""

    def expm1(self) -> Tensor:
        """eˣ - 1, accurate near 0"""

    def expm1_(self) -> Self:
        """`expm1` in place: eˣ - 1, accurate near 0"""

    def exponential_(self, lambd: float = 1, *, generator: Generator | None = None) -> Self:
        """Numbers of the exponential distribution with rate `lambd`."""

    def fill_(self, value: Tensor | Number) -> Self:
        """Set every element to `value`, a number or a tensor without dimensions."""

    def fill_diagonal_(self, fill_value: Number, wrap: bool = False) -> Self:
        """Fill the main diagonal with a number; with `wrap`, it starts again in a tall matrix after every n + 1 rows."""

    def fix(self) -> Tensor:
        """x without its fraction"""

    def fix_(self) -> Self:
        """`trunc` in place: x without its fraction"""

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The dimensions from `start_dim` to `end_dim` merged into one."""

    @overload
    def flip(self, dims: Sequence[int]) -> Tensor:
        """A copy with the order along `dims` reversed."""

    @overload
    def flip(self, *dims: int) -> Tensor:
        """A copy with the order along `dims` reversed."""

    def float_power(self, exponent: Tensor | Number) -> Tensor:
        """`pow` computed in float64."""

    def float_power_(self, exponent: Tensor | Number) -> Self:
        """`float_power` in place: `pow` computed in float64."""

    def floor(self) -> Tensor:
        """⌊x⌋"""

    def floor_(self) -> Self:
        """`floor` in place: ⌊x⌋"""

    def floor_divide(self, other: Tensor | Number) -> Tensor:
        """⌊input / other⌋."""

    def floor_divide_(self, other: Tensor | Number) -> Self:
        """`floor_divide` in place: ⌊input / other⌋."""

    def fmod(self, other: Tensor | Number) -> Tensor:
        """input - other · trunc(input / other), with the sign of `input`."""

    def fmod_(self, other: Tensor | Number) -> Self:
        """`fmod` in place: input - other · trunc(input / other), with the sign of `input`."""

    def frac(self) -> Tensor:
        """input - trunc(input)."""

    def frac_(self) -> Self:
        """`frac` in place: input - trunc(input)."""

    def gather(self, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
        """out[i][j][k] = input[i][index[i][j][k]][k] for dim = 1; the result has the shape of `index`."""

    def ge(self, other: Tensor | Number) -> Tensor:
        """x ≥ y"""

    def ge_(self, other: Tensor | Number) -> Self:
        """`ge` in place: x ≥ y"""

    def geometric_(self, p: float, *, generator: Generator | None = None) -> Self:
        """Numbers of the geometric distribution: the first success of trials with probability `p`."""

    def ger(self, vec2: Tensor) -> Tensor:
        """The products (n, m) of the elements of two vectors (n) and (m)."""

    def greater(self, other: Tensor | Number) -> Tensor:
        """x > y"""

    def greater_(self, other: Tensor | Number) -> Self:
        """`gt` in place: x > y"""

    def greater_equal(self, other: Tensor | Number) -> Tensor:
        """x ≥ y"""

    def greater_equal_(self, other: Tensor | Number) -> Self:
        """`ge` in place: x ≥ y"""

    def gt(self, other: Tensor | Number) -> Tensor:
        """x > y"""

    def gt_(self, other: Tensor | Number) -> Self:
        """`gt` in place: x > y"""

    def index_add(self, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
        """`input` with alpha · `source` added to the slices along `dim` that `index` names."""

    def index_add_(self, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Self:
        """`index_add` in place: `input` with alpha · `source` added to the slices along `dim` that `index` names."""

    def index_copy(self, dim: int, index: Tensor, source: Tensor) -> Tensor:
        """`input` with `source` in the slices along `dim` that `index` names."""

    def index_copy_(self, dim: int, index: Tensor, source: Tensor) -> Self:
        """`index_copy` in place: `input` with `source` in the slices along `dim` that `index` names."""

    def index_fill(self, dim: int, index: Tensor, value: Tensor | Number) -> Tensor:
        """`input` with `value`, a number or a tensor without dimensions, in the slices along `dim` that `index` names."""

    def index_fill_(self, dim: int, index: Tensor, value: Tensor | Number) -> Self:
        """`index_fill` in place: `input` with `value`, a number or a tensor without dimensions, in the slices along `dim` that `index` names."""

    def index_put(self, indices: Sequence[Tensor | None], values: Tensor, accumulate: bool = False) -> Tensor:
        """`input` with `values` written, or added, at ``input[indices]``."""

    def index_put_(self, indices: Sequence[Tensor | None], values: Tensor, accumulate: bool = False) -> Self:
        """`index_put` in place: `input` with `values` written, or added, at ``input[indices]``."""

    def index_select(self, dim: int, index: Tensor) -> Tensor:
        """The slices along `dim` whose numbers are in the vector `index`, in its order."""

    def isclose(self, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
        """|input - other| ≤ atol + rtol · |other|, or equal (infinities), or, if `equal_nan`, both NaN."""

    def isfinite(self) -> Tensor:
        """whether x is neither infinite nor NaN"""

    def isinf(self) -> Tensor:
        """whether x is +∞ or -∞"""

    def isnan(self) -> Tensor:
        """whether x is NaN"""

    def isreal(self) -> Tensor:
        """Whether each element is a real number: always True."""

    def le(self, other: Tensor | Number) -> Tensor:
        """x ≤ y"""

    def le_(self, other: Tensor | Number) -> Self:
        """`le` in place: x ≤ y"""

    def lerp(self, end: Tensor, weight: Tensor | Number) -> Tensor:
        """input + weight · (end - input)."""

    def lerp_(self, end: Tensor, weight: Tensor | Number) -> Self:
        """`lerp` in place: input + weight · (end - input)."""

    def less(self, other: Tensor | Number) -> Tensor:
        """x < y"""

    def less_(self, other: Tensor | Number) -> Self:
        """`lt` in place: x < y"""

    def less_equal(self, other: Tensor | Number) -> Tensor:
        """x ≤ y"""

    def less_equal_(self, other: Tensor | Number) -> Self:
        """`le` in place: x ≤ y"""

    def log(self) -> Tensor:
        """ln x"""

    def log10(self) -> Tensor:
        """log₁₀ x"""

    def log10_(self) -> Self:
        """`log10` in place: log₁₀ x"""

    def log1p(self) -> Tensor:
        """ln(1 + x), accurate near 0"""

    def log1p_(self) -> Self:
        """`log1p` in place: ln(1 + x), accurate near 0"""

    def log2(self) -> Tensor:
        """log₂ x"""

    def log2_(self) -> Self:
        """`log2` in place: log₂ x"""

    def log_(self) -> Self:
        """`log` in place: ln x"""

    def log_normal_(self, mean: float = 1, std: float = 2, *, generator: Generator | None = None) -> Self:
        """Numbers whose logarithm is normal with the given mean and standard deviation."""

    def log_softmax(self, dim: int, dtype: dtype | None = None) -> Tensor:
        """ln softmax(input) along `dim`; if `dtype` is given, `input` is converted first."""

    def logaddexp(self, other: Tensor) -> Tensor:
        """ln(eˣ + eʸ) without overflow"""

    def logical_and(self, other: Tensor) -> Tensor:
        """x ≠ 0 and y ≠ 0"""

    def logical_and_(self, other: Tensor) -> Self:
        """`logical_and` in place: x ≠ 0 and y ≠ 0"""

    def logical_not(self) -> Tensor:
        """x = 0"""

    def logical_not_(self) -> Self:
        """`logical_not` in place: x = 0"""

    def logical_or(self, other: Tensor) -> Tensor:
        """x ≠ 0 or y ≠ 0"""

    def logical_or_(self, other: Tensor) -> Self:
        """`logical_or` in place: x ≠ 0 or y ≠ 0"""

    def logical_xor(self, other: Tensor) -> Tensor:
        """exactly one of x, y is not 0"""

    def logical_xor_(self, other: Tensor) -> Self:
        """`logical_xor` in place: exactly one of x, y is not 0"""

    def logsumexp(self, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
        """ln Σ exp(input) over the dimensions `dim`, without overflow."""

    def lt(self, other: Tensor | Number) -> Tensor:
        """x < y"""

    def lt_(self, other: Tensor | Number) -> Self:
        """`lt` in place: x < y"""

    def masked_fill(self, mask: Tensor, value: Tensor | Number) -> Tensor:
        """`input` with `value` (a number, or a tensor without dimensions) where `mask` is true, in the dtype of `input`."""

    def masked_fill_(self, mask: Tensor, value: Tensor | Number) -> Self:
        """`masked_fill` in place: `input` with `value` (a number, or a tensor without dimensions) where `mask` is true, in the dtype of `input`."""

    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """`input` with the elements of `source`, in order, where `mask` is true."""

    def masked_scatter_(self, mask: Tensor, source: Tensor) -> Self:
        """`masked_scatter` in place: `input` with the elements of `source`, in order, where `mask` is true."""

    def masked_select(self, mask: Tensor) -> Tensor:
        """The elements where `mask` is true, as a vector; `input` and `mask` broadcast."""

    def matmul(self, other: Tensor) -> Tensor:
        """The matrix product: of matrices, of a vector and a matrix, of vectors; leading dimensions broadcast."""

    @overload
    def max(self) -> Tensor:
        """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

    @overload
    def max(self, dim: int, keepdim: bool = False) -> return_types_max:
        """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

    @overload
    def max(self, other: Tensor) -> Tensor:
        """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`."""

    def maximum(self, other: Tensor) -> Tensor:
        """max(x, y), NaN if either is"""

    def mean(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
    ) -> Tensor:
        """The mean over the dimensions `dim`."""

    @overload
    def median(self) -> Tensor:
        """The middle element in sorted order (the lower of two), NaN if an element is NaN; along `dim`, with its index."""

    @overload
    def median(self, dim: int, keepdim: bool = False) -> return_types_median:
        """The middle element in sorted order (the lower of two), NaN if an element is NaN; along `dim`, with its index."""

    @overload
    def min(self) -> Tensor:
        """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

    @overload
    def min(self, dim: int, keepdim: bool = False) -> return_types_min:
        """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

    @overload
    def min(self, other: Tensor) -> Tensor:
        """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`."""

    def minimum(self, other: Tensor) -> Tensor:
        """min(x, y), NaN if either is"""

    def mm(self, mat2: Tensor) -> Tensor:
        """The product of matrices (n, k) and (k, m)."""

    def moveaxis(self, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
        """A view with dimensions `source` moved to positions `destination`; the others keep their order."""

    def movedim(self, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
        """A view with dimensions `source` moved to positions `destination`; the others keep their order."""

    def mul(self, other: Tensor | Number) -> Tensor:
        """x · y"""

    def mul_(self, other: Tensor | Number) -> Self:
        """`mul` in place: x · y"""

    def multinomial(self, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Tensor:
        """Indices (int64) drawn with the weights in each row of `input`."""

    def multiply(self, other: Tensor | Number) -> Tensor:
        """x · y"""

    def multiply_(self, other: Tensor | Number) -> Self:
        """`mul` in place: x · y"""

    def mv(self, vec: Tensor) -> Tensor:
        """The product of a matrix (n, k) and a vector (k)."""

    def nan_to_num(self, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Tensor:
        """NaN and infinities replaced by numbers: by default 0, the largest and the smallest number of the dtype."""

    def nan_to_num_(self, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Self:
        """`nan_to_num` in place: NaN and infinities replaced by numbers: by default 0, the largest and the smallest number of the dtype."""

    def nansum(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
    ) -> Tensor:
        """Like `sum`, but NaN counts as 0."""

    def narrow(self, dim: int, start: int | Tensor, length: int) -> Tensor:
        """A view of `length` elements along `dim` from `start` on."""

    def ne(self, other: Tensor | Number) -> Tensor:
        """x ≠ y"""

    def ne_(self, other: Tensor | Number) -> Self:
        """`ne` in place: x ≠ y"""

    def neg(self) -> Tensor:
        """-input."""

    def neg_(self) -> Self:
        """`neg` in place: -input."""

    def negative(self) -> Tensor:
        """-input."""

    def negative_(self) -> Self:
        """`neg` in place: -input."""

    @overload
    def new_empty(
        self,
        size: Sequence[int],
        *,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """An uninitialized tensor of shape `size`, by default of this tensor's dtype and device."""

    @overload
    def new_empty(
        self,
        *size: int,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """An uninitialized tensor of shape `size`, by default of this tensor's dtype and device."""

    def new_full(
        self,
        size: Sequence[int],
        fill_value: Number,
        *,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """A tensor of shape `size` filled with `fill_value`, by default of this tensor's dtype and device."""

    @overload
    def new_ones(
        self,
        size: Sequence[int],
        *,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """Ones of shape `size`, by default of this tensor's dtype and device."""

    @overload
    def new_ones(
        self,
        *size: int,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """Ones of shape `size`, by default of this tensor's dtype and device."""

    def new_tensor(
        self,
        data: Any,
        *,
        dtype: dtype | None = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """A tensor with a copy of `data`, by default of this tensor's dtype and device."""

    @overload
    def new_zeros(
        self,
        size: Sequence[int],
        *,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """Zeros of shape `size`, by default of this tensor's dtype and device."""

    @overload
    def new_zeros(
        self,
        *size: int,
        dtype: dtype | None = None,
        layout: Any = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        """Zeros of shape `size`, by default of this tensor's dtype and device."""

    @overload
    def nonzero(self, *, as_tuple: Literal[False] = False) -> Tensor:
        """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""

    @overload
    def nonzero(self, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]:
        """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""

    def norm(
        self,
        p: float | str | None = "fro",
        dim: int | Sequence[int] | None = None,
        keepdim: bool = False,
        dtype: dtype | None = None,
    ) -> Tensor:
        """The vector norm over `dim` (None: all dimensions); "fro" is the 2-norm."""

    def normal_(self, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Self:
        """Normal numbers of the given mean and standard deviation."""

    def not_equal(self, other: Tensor | Number) -> Tensor:
        """x ≠ y"""

    def not_equal_(self, other: Tensor | Number) -> Self:
        """`ne` in place: x ≠ y"""

    def outer(self, vec2: Tensor) -> Tensor:
        """The products (n, m) of the elements of two vectors (n) and (m)."""

    @overload
    def permute(self, dims: Sequence[int]) -> Tensor:
        """A view whose dimension i is dimension ``dims[i]``."""

    @overload
    def permute(self, *dims: int) -> Tensor:
        """A view whose dimension i is dimension ``dims[i]``."""

    def positive(self) -> Tensor:
        """`input` itself."""

    def pow(self, exponent: Tensor | Number) -> Tensor:
        """input to the power of `exponent`."""

    def pow_(self, exponent: Tensor | Number) -> Self:
        """`pow` in place: input to the power of `exponent`."""

    def prod(self, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
        """The product over the dimension `dim`, or over all elements; int64 for integers and booleans."""

    def random_(
        self, from_: int | None = None, to: int | None = ..., *, generator: Generator | None = None, **named: Any
    ) -> Self:
        """Integers in [from, to), in [0, to), or of the whole non-negative range of the dtype."""

    def ravel(self) -> Tensor:
        """All dimensions merged into one: a view if the tensor is contiguous, else a copy."""

    def reciprocal(self) -> Tensor:
        """1 / x."""

    def reciprocal_(self) -> Self:
        """`reciprocal` in place: 1 / x."""

    def relu(self) -> Tensor:
        """max(x, 0), NaN where x is NaN."""

    def relu_(self) -> Self:
        """`relu` in place: max(x, 0), NaN where x is NaN."""

    def remainder(self, other: Tensor | Number) -> Tensor:
        """input - other · ⌊input / other⌋, with the sign of `other`."""

    def remainder_(self, other: Tensor | Number) -> Self:
        """`remainder` in place: input - other · ⌊input / other⌋, with the sign of `other`."""

    @overload
    def repeat(self, repeats: Sequence[int]) -> Tensor:
        """A copy of the tensor repeated ``repeats[i]`` times along dimension i; extra repeats add leading dimensions."""

    @overload
    def repeat(self, *repeats: int) -> Tensor:
        """A copy of the tensor repeated ``repeats[i]`` times along dimension i; extra repeats add leading dimensions."""

    @overload
    def repeat_interleave(self, *, output_size: int | None = None) -> Tensor:
        """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor."""

    @overload
    def repeat_interleave(
        self, repeats: int | Tensor, dim: int | None = None, *, output_size: int | None = None
    ) -> Tensor:
        """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor."""

    @overload
    def reshape(self, shape: Sequence[int]) -> Tensor:
        """The elements in row-major order in another shape: a view where the strides allow it. One size may be -1."""

    @overload
    def reshape(self, *shape: int) -> Tensor:
        """The elements in row-major order in another shape: a view where the strides allow it. One size may be -1."""

    def reshape_as(self, other: Tensor) -> Tensor:
        """`reshape` with the shape of `other`."""

    @overload
    def resize_(self, size: Sequence[int], *, memory_format: Any = None) -> Self:
        """Another shape in place, in row-major order. The elements stay in their places in memory."""

    @overload
    def resize_(self, *size: int, memory_format: Any = None) -> Self:
        """Another shape in place, in row-major order. The elements stay in their places in memory."""

    def roll(self, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
        """The elements shifted by `shifts` positions along `dims`, elements shifted beyond the end come in at the start."""

    def round(self, *, decimals: int = 0) -> Tensor:
        """Rounded to `decimals` places, half to even."""

    def round_(self, *, decimals: int = 0) -> Self:
        """`round` in place: Rounded to `decimals` places, half to even."""

    def rsqrt(self) -> Tensor:
        """1 / √x."""

    def rsqrt_(self) -> Self:
        """`rsqrt` in place: 1 / √x."""

    @overload
    def scatter(self, dim: int, index: Tensor, src: Tensor, *, reduce: str | None = None) -> Tensor:
        """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

    @overload
    def scatter(self, dim: int, index: Tensor, value: Number, *, reduce: str | None = None) -> Tensor:
        """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

    @overload
    def scatter_(self, dim: int, index: Tensor, src: Tensor, *, reduce: str | None = None) -> Self:
        """`scatter` in place: `input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

    @overload
    def scatter_(self, dim: int, index: Tensor, value: Number, *, reduce: str | None = None) -> Self:
        """`scatter` in place: `input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number."""

    def scatter_add(self, dim: int, index: Tensor, src: Tensor) -> Tensor:
        """`input` with out[i][index[i][j][k]][k] += src[i][j][k] for dim = 1; equal indices add up."""

    def scatter_add_(self, dim: int, index: Tensor, src: Tensor) -> Self:
        """`scatter_add` in place: `input` with out[i][index[i][j][k]][k] += src[i][j][k] for dim = 1; equal indices add up."""

    def select(self, dim: int, index: int | Tensor) -> Tensor:
        """A view of slice number `index` along `dim`, without that dimension."""

    def sigmoid(self) -> Tensor:
        """1 / (1 + e⁻ˣ). Half precision, in which e⁻ˣ overflows for x below -11, is computed in single."""

    def sigmoid_(self) -> Self:
        """`sigmoid` in place: 1 / (1 + e⁻ˣ). Half precision, in which e⁻ˣ overflows for x below -11, is computed in single."""

    def sign(self) -> Tensor:
        """-1, 0 or 1; booleans are unchanged."""

    def sign_(self) -> Self:
        """`sign` in place: -1, 0 or 1; booleans are unchanged."""

    def sin(self) -> Tensor:
        """sin x"""

    def sin_(self) -> Self:
        """`sin` in place: sin x"""

    def sinc(self) -> Tensor:
        """sin(πx) / (πx), 1 at 0"""

    def sinc_(self) -> Self:
        """`sinc` in place: sin(πx) / (πx), 1 at 0"""

    def sinh(self) -> Tensor:
        """sinh x"""

    def sinh_(self) -> Self:
        """`sinh` in place: sinh x"""

    def softmax(self, dim: int, dtype: dtype | None = None) -> Tensor:
        """exp(input) / Σ exp(input) along `dim`; if `dtype` is given, `input` is converted first."""

    def sort(self, dim: int = -1, descending: bool = False, *, stable: bool | None = False) -> return_types_sort:
        """The elements sorted along `dim`, and their old indices; equal elements keep their order, NaN is the largest."""

    def sqrt(self) -> Tensor:
        """√x"""

    def sqrt_(self) -> Self:
        """`sqrt` in place: √x"""

    def square(self) -> Tensor:
        """input · input; int64 for booleans."""

    def square_(self) -> Self:
        """`square` in place: input · input; int64 for booleans."""

    def squeeze(self, dim: int | Sequence[int] | None = None) -> Tensor:
        """A view without the dimensions of size 1. If `dim` is given, only the dimensions in it are left out."""

    def squeeze_(self, dim: int | Sequence[int] | None = None) -> Self:
        """`squeeze` in place: A view without the dimensions of size 1. If `dim` is given, only the dimensions in it are left out."""

    def std(
        self,
        dim: int | Sequence[int] | None = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """The square root of `var`."""

    def sub(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """input - alpha · other."""

    def sub_(self, other: Tensor | Number, *, alpha: Number = 1) -> Self:
        """`sub` in place: input - alpha · other."""

    def subtract(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """input - alpha · other."""

    def subtract_(self, other: Tensor | Number, *, alpha: Number = 1) -> Self:
        """`sub` in place: input - alpha · other."""

    def sum(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
    ) -> Tensor:
        """The sum over the dimensions `dim` (a number, several, or None for all); int64 for integers and booleans."""

    def swapaxes(self, axis0: int, axis1: int) -> Tensor:
        """`transpose`, as NumPy calls it."""

    def swapaxes_(self, axis0: int, axis1: int) -> Self:
        """`swapaxes` in place: `transpose`, as NumPy calls it."""

    def swapdims(self, dim0: int, dim1: int) -> Tensor:
        """A view with two dimensions exchanged."""

    def swapdims_(self, dim0: int, dim1: int) -> Self:
        """`transpose` in place: A view with two dimensions exchanged."""

    def t(self) -> Tensor:
        """A view of a matrix with rows and columns exchanged; a vector unchanged."""

    def t_(self) -> Self:
        """`t` in place: A view of a matrix with rows and columns exchanged; a vector unchanged."""

    def take(self, index: Tensor) -> Tensor:
        """The elements of the flattened `input` at the positions `index`; negative ones count from the end."""

    def take_along_dim(self, indices: Tensor, dim: int | None = None) -> Tensor:
        """`gather` with `input` and `indices` broadcast in all dimensions but `dim`; None: both are flattened."""

    def tan(self) -> Tensor:
        """tan x"""

    def tan_(self) -> Self:
        """`tan` in place: tan x"""

    def tanh(self) -> Tensor:
        """tanh x"""

    def tanh_(self) -> Self:
        """`tanh` in place: tanh x"""

    @overload
    def tile(self, dims: Sequence[int]) -> Tensor:
        """`repeat`, where `dims` may have fewer entries than the tensor has dimensions: missing leading ones are 1."""

    @overload
    def tile(self, *dims: int) -> Tensor:
        """`repeat`, where `dims` may have fewer entries than the tensor has dimensions: missing leading ones are 1."""

    def topk(self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> return_types_topk:
        """The `k` largest (or smallest) elements along `dim`, sorted, and their indices in `input`."""

    def trace(self) -> Tensor:
        """The sum of the diagonal of a matrix."""

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """A view with two dimensions exchanged."""

    def transpose_(self, dim0: int, dim1: int) -> Self:
        """`transpose` in place: A view with two dimensions exchanged."""

    def tril(self, diagonal: int = 0) -> Tensor:
        """The matrices of the last two dimensions, zero above the diagonal number `diagonal`."""

    def tril_(self, diagonal: int = 0) -> Self:
        """`tril` in place: The matrices of the last two dimensions, zero above the diagonal number `diagonal`."""

    def triu(self, diagonal: int = 0) -> Tensor:
        """The matrices of the last two dimensions, zero below the diagonal number `diagonal`."""

    def triu_(self, diagonal: int = 0) -> Self:
        """`triu` in place: The matrices of the last two dimensions, zero below the diagonal number `diagonal`."""

    def true_divide(self, other: Tensor | Number) -> Tensor:
        """`div` without rounding."""

    def true_divide_(self, other: Tensor | Number) -> Self:
        """`true_divide` in place: `div` without rounding."""

    def trunc(self) -> Tensor:
        """x without its fraction"""

    def trunc_(self) -> Self:
        """`trunc` in place: x without its fraction"""

    def unbind(self, dim: int = 0) -> tuple[Tensor, ...]:
        """Views of the slices along `dim`, without that dimension."""

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Tensor:
        """The dimension `dim` split into `sizes`, one of which may be -1."""

    def unfold(self, dimension: int, size: int, step: int) -> Tensor:
        """A view of all windows of `size` elements, `step` apart, along a dimension; the last dimension is a window's."""

    def uniform_(self, from_: float = 0, to: float = 1, *, generator: Generator | None = None, **named: Any) -> Self:
        """Uniform numbers in [from, to)."""

    def unsqueeze(self, dim: int) -> Tensor:
        """A view with a dimension of size 1 inserted at `dim`."""

    def unsqueeze_(self, dim: int) -> Self:
        """`unsqueeze` in place: A view with a dimension of size 1 inserted at `dim`."""

    def var(
        self,
        dim: int | Sequence[int] | None = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """The variance over the dimensions `dim`, with n - correction (default 1) in the denominator."""

    @overload
    def view(self, size: Sequence[int]) -> Tensor:
        """The same memory in another shape, or, for a dtype, reinterpreted bit by bit (not differentiable)."""

    @overload
    def view(self, *size: int) -> Tensor:
        """The same memory in another shape, or, for a dtype, reinterpreted bit by bit (not differentiable)."""

    @overload
    def view(self, dtype: dtype) -> Tensor:
        """The same memory in another shape, or, for a dtype, reinterpreted bit by bit (not differentiable)."""

    def view_as(self, other: Tensor) -> Tensor:
        """`view` with the shape of `other`."""

    def xlogy(self, other: Tensor | Number) -> Tensor:
        """input · ln(other), 0 where `input` is 0 (but NaN where `other` is NaN)."""

    def xlogy_(self, other: Tensor | Number) -> Self:
        """`xlogy` in place: input · ln(other), 0 where `input` is 0 (but NaN where `other` is NaN)."""

    def zero_(self) -> Self:
        """Set every element to 0."""

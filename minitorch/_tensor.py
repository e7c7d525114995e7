"""The tensor: an array, its place in the graph, and torch's methods, each one a function of `minitorch.functions`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch.autograd.basic import cast
from minitorch.autograd.inplace import inplace
from minitorch.autograd.op import Op
from minitorch.autograd.variable import Variable, set_tensor_type, wrap
from minitorch.functions import creation, elementwise as ew, indexing, linear_algebra, random, reduction, shape
from minitorch.functions.arguments import size as size_argument, tensor_argument
from minitorch.functions.writing import from_function
from minitorch.ops import elementwise as ops
from minitorch.printing import tensor_repr


class Size(tuple[int, ...]):
    """The sizes of a tensor's dimensions: a tuple with torch's repr and `numel`."""

    __slots__ = ()

    def numel(self) -> int:
        """The product of the sizes."""
        count = 1
        for n in self:
            count *= n
        return count

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    __str__ = __repr__

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return Size(found) if isinstance(key, slice) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))


def _reflected(op: Any) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return op(other, self)

    return method


class Tensor(Variable):
    """A multi-dimensional array of one dtype on one device, which operations can be recorded on.

    Made by `minitorch.tensor` and the other functions of creation, and by operations. ``Tensor(data)`` makes a float
    tensor, ``Tensor(2, 3)`` an uninitialized one of that shape, as in torch.
    """

    __array_priority__ = 1000  # NumPy leaves ``array * tensor`` to the tensor

    def __new__(cls, *data: Any, device: Any = None) -> Any:
        if len(data) == 1 and not isinstance(data[0], int | Size):
            t = creation.tensor(data[0], dtype=dtypes.get_default_dtype(), device=device)
        else:
            shape_ = data[0] if len(data) == 1 and isinstance(data[0], Size) else data or (0,)
            t = creation.empty(*shape_, device=device)
        if cls is not Tensor:
            t.__class__ = cls
        return t

    # -- what it is

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return Size(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of(self._array.dtype)

    @property
    def device(self) -> devices.device:
        """Where the elements lie."""
        return devices.device_of(self._array)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self._array.ndim)

    @property
    def is_cuda(self) -> bool:
        """Whether the elements lie on a GPU."""
        return self.device.type == "cuda"

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return int(self._array.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return int(self._array.nbytes)

    is_sparse = False
    is_quantized = False
    layout = "torch.strided"

    def size(self, dim: int | None = None) -> Any:
        """The sizes of the dimensions, or of one."""
        if dim is None:
            return self.shape
        from minitorch.functions.arguments import dimension

        if not self._array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return self._array.shape[dimension(dim, self._array.ndim)]

    def dim(self) -> int:
        """The number of dimensions."""
        return self.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return int(self._array.size)

    nelement = numel

    def element_size(self) -> int:
        """Bytes per element."""
        return self.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """How many elements lie between neighbours along each dimension, or one."""
        strides = tuple(n // self.itemsize for n in self._array.strides)
        return strides if dim is None else strides[dim]

    def storage_offset(self) -> int:
        """How many elements lie before the first one in the memory that this tensor views."""
        base = self if self._view is None else self._view.base
        return (self.data_ptr() - base.data_ptr()) // self.itemsize

    def data_ptr(self) -> int:
        """The address of the first element."""
        return kernels.backend_of(self._array).pointer(self._array)

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements lie in row-major order without gaps."""
        return bool(self._array.flags.c_contiguous)

    def is_floating_point(self) -> bool:
        """Whether the elements are of a floating-point type."""
        return bool(self._array.dtype.kind == "f")

    def is_nonzero(self) -> bool:
        """Whether the only element is not 0; RuntimeError if there is not exactly one."""
        return bool(self)

    def is_complex(self) -> bool:
        """False: there are no complex tensors here."""
        return False

    def is_signed(self) -> bool:
        """Whether the type of the elements has negative numbers."""
        return self.dtype.is_signed

    def is_same_size(self, other: Tensor) -> bool:
        """Whether another tensor has the same shape."""
        return bool(self._array.shape == other._array.shape)

    def get_device(self) -> int:
        """The number of the device, -1 for the host."""
        return -1 if self.device.index is None else self.device.index

    # -- the same numbers elsewhere

    def to(
        self,
        *args: Any,
        device: Any = None,
        dtype: Any = None,
        non_blocking: bool = False,
        copy: builtin_bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        """This tensor in another dtype or on another device (or those of another tensor); itself if nothing changes.

        Args:
            args: a dtype, a device, both (device first), or a tensor.
            device: the device, by name.
            dtype: the dtype, by name.
            non_blocking: accepted, without effect.
            copy: a copy even if nothing changes.
            memory_format: accepted, without effect.
        """
        for arg in args:
            if isinstance(arg, Tensor):
                dtype, device = arg.dtype, arg.device
            elif isinstance(arg, dtypes.dtype | type):
                dtype = arg
            elif isinstance(arg, str | int | devices.device) and not isinstance(arg, bool):
                device = arg
            elif arg is not None and not isinstance(arg, bool):
                raise TypeError(
                    f"to() received an invalid combination of arguments - got ({type(arg).__name__}), "
                    "but expected a dtype, a device or a tensor"
                )
        result = self
        if device is not None:
            where = devices.resolve(device).numbered()
            if where != self.device:
                result = to_device(result, where, self.device)
        dtype = dtypes.BY_PYTHON.get(dtype, dtype)
        if dtype is not None and result.dtype is not dtype:
            if not isinstance(dtype, dtypes.dtype):
                raise TypeError(f"to(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
            result = cast(result, dtype.numpy)
        return result.clone() if copy and result is self else result

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of the old type, ``torch.FloatTensor``; with a dtype or such a name, the tensor converted."""
        from minitorch.legacy import dtype_and_device, type_name

        if dtype is None:
            return type_name(self)
        wanted, device = dtype_and_device(dtype)
        return self.to(dtype=wanted, device=device)

    def type_as(self, other: Tensor) -> Tensor:
        """This tensor in the dtype and on the device of another."""
        return self.to(other)

    def cpu(self) -> Tensor:
        """This tensor on the host."""
        return self.to("cpu")

    def cuda(self, device: Any = None, non_blocking: builtin_bool = False, memory_format: Any = None) -> Tensor:
        """This tensor on a GPU, the current one by default.

        Raises:
            ValueError: for a device that is no GPU.
            RuntimeError: if there is no such GPU; says what is missing.
        """
        where = devices.resolve("cuda" if device is None else device)
        if where.type != "cuda":
            raise ValueError(f"Invalid device, must be cuda device, but got: {where}")
        return self.to(where, non_blocking=non_blocking)

    def pin_memory(self, device: Any = None) -> Tensor:
        """A copy of a host tensor in memory that GPUs read directly; the tensor itself if it lies there.

        Raises:
            RuntimeError: if there is no GPU, or the tensor does not lie on the host.
        """
        if self.device.type != "cpu":
            raise RuntimeError(f"cannot pin 'torch.{self.device.type}' memory: only tensors on the host can be pinned")
        from minitorch.cuda.gpus import backend as gpus

        backend = gpus()
        if backend is None:
            raise RuntimeError("Cannot access accelerator device when none is available: pin_memory() needs a GPU.")
        pinned = backend.pinned(self._array)
        return self if pinned is self._array else wrap(pinned)

    def is_pinned(self, device: Any = None) -> builtin_bool:
        """Whether the elements lie in host memory that GPUs read directly."""
        backend = devices.accelerator() if self.device.type == "cpu" else None
        return backend is not None and backend.is_pinned(self._array)

    def float(self) -> Tensor:
        """This tensor in float32."""
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        """This tensor in float64."""
        return self.to(dtypes.float64)

    def half(self) -> Tensor:
        """This tensor in float16."""
        return self.to(dtypes.float16)

    def long(self) -> Tensor:
        """This tensor in int64."""
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        """This tensor in int32."""
        return self.to(dtypes.int32)

    def short(self) -> Tensor:
        """This tensor in int16."""
        return self.to(dtypes.int16)

    def char(self) -> Tensor:
        """This tensor in int8."""
        return self.to(dtypes.int8)

    def byte(self) -> Tensor:
        """This tensor in uint8."""
        return self.to(dtypes.uint8)

    def bool(self) -> Tensor:
        """This tensor in bool."""
        return self.to(dtypes.bool_)

    def numpy(self, *, force: builtin_bool = False) -> np.ndarray:
        """A NumPy array on the same memory.

        Args:
            force: also detach, and copy from another device.

        Raises:
            RuntimeError: if the tensor requires a gradient.
            TypeError: if it does not lie on the host.
        """
        if self._requires_grad and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.device.type != "cpu" and not force:
            raise TypeError(
                f"can't convert {self.device} device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        return devices.to_host(self._array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        if self._requires_grad:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[Any, Any]:
        return self._array.__dlpack_device__()

    @property
    def __cuda_array_interface__(self) -> Any:
        if self.device.type != "cuda":
            raise AttributeError(f"Can't get __cuda_array_interface__ on non-CUDA tensor type: {self.type()}")
        if self._requires_grad:
            raise RuntimeError(
                "Can't get __cuda_array_interface__ on Variable that requires grad. If gradients aren't required, use "
                "var.detach() to get Variable that doesn't require grad."
            )
        return self._array.__cuda_array_interface__

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers; without dimensions, a number."""
        return devices.to_host(self._array).tolist()

    def item(self) -> Any:
        """The only element as a Python number.

        Raises:
            RuntimeError: if there is not exactly one.
        """
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()

    # -- in the graph

    def detach(self) -> Tensor:
        """The same memory as a tensor outside the graph."""
        t: Tensor = wrap(self._array)
        t._counter = self._counter
        return t

    def detach_(self) -> Tensor:
        """Take this tensor out of the graph: it becomes a leaf that does not require a gradient.

        Raises:
            RuntimeError: if it is a view.
        """
        if self._view is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._node, self._index, self._requires_grad = None, 0, False
        return self

    @property
    def data(self) -> Tensor:
        """The same memory as a tensor outside the graph, whose changes the graph does not notice."""
        return wrap(self._array)

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {value.__class__.__name__}")
        if self._requires_grad and value._array.dtype.kind != "f":
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self._array = value._array

    # -- as a Python object

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return tensor_repr(self)

    def __format__(self, spec: str) -> str:
        if type(self) is Tensor and self._array.ndim == 0:
            return format(self.item(), spec)
        return object.__format__(self, spec)

    def __len__(self) -> builtin_int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element: Any) -> builtin_bool:
        if not isinstance(element, Variable | builtin_int | builtin_float | builtin_bool):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}."
            )
        return bool(ops.eq(self.detach(), element)._array.any())

    def _only(self) -> Any:
        if self._array.size != 1:
            values = "more than one value" if self._array.size else "no values"
            raise RuntimeError(f"Boolean value of Tensor with {values} is ambiguous")
        return self._array.item()

    def _single(self) -> Any:
        if self._array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, but this is of shape {list(self.shape)}"
            )
        return self._array.item()

    def __bool__(self) -> builtin_bool:
        return bool(self._only())

    def __float__(self) -> builtin_float:
        return float(self._single())

    def __int__(self) -> builtin_int:
        return int(self._single())

    def __index__(self) -> builtin_int:
        if self._array.dtype.kind == "f" or self._array.size != 1 or self._array.ndim:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __hash__(self) -> builtin_int:
        return id(self)

    def __deepcopy__(self, memo: dict[builtin_int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) can be deep-copied; use tensor.detach()"
            )
        with kernels.on_device_of(self._array):
            t: Tensor = wrap(self._array.copy())
        t.__class__ = self.__class__
        t._requires_grad = self._requires_grad
        memo[id(self)] = t
        if self._grad is not None:
            t._grad = copy.deepcopy(self._grad, memo)
        for name, value in self.__dict__.items():
            if not name.startswith("_"):
                t.__dict__[name] = copy.deepcopy(value, memo)
        return t

    def __reduce_ex__(self, protocol: Any) -> Any:
        host = devices.to_host(self._array)
        return _rebuild, (
            self.__class__,
            np.ascontiguousarray(host).reshape(host.shape),
            str(self.device),
            self._requires_grad,
        )

    # -- operators

    __add__ = __radd__ = ew.add
    __sub__ = ew.sub
    __rsub__ = ew.rsub
    __mul__ = __rmul__ = ew.mul
    __truediv__ = ew.div
    __rtruediv__ = _reflected(ew.div)
    __floordiv__ = ew.floor_divide
    __rfloordiv__ = _reflected(ew.floor_divide)
    __mod__ = ew.remainder
    __rmod__ = _reflected(ew.remainder)
    __pow__ = ew.pow
    __rpow__ = _reflected(ew.pow)
    __matmul__ = linear_algebra.matmul
    __rmatmul__ = _reflected(linear_algebra.matmul)
    __neg__ = ew.neg
    __pos__ = ew.positive
    __and__ = __rand__ = ew.bitwise_and
    __or__ = __ror__ = ew.bitwise_or
    __xor__ = __rxor__ = ew.bitwise_xor
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem

    def __abs__(self) -> Tensor:
        return ew.abs(self)

    def __invert__(self) -> Tensor:
        if self._array.dtype.kind == "f":
            raise TypeError(f"~ (operator.invert) is only implemented on integer and boolean tensors, not {self.dtype}")
        return ops.bitwise_not(self)

    def __eq__(self, other: object) -> Any:
        return ops.eq(self, other) if _comparable(other) else False

    def __ne__(self, other: object) -> Any:
        return ops.ne(self, other) if _comparable(other) else True

    def __lt__(self, other: Any) -> Any:
        return ops.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return ops.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return ops.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return ops.ge(self, other)

    # -- shape

    @property
    def T(self) -> Tensor:
        """A view with the dimensions in reverse order."""
        return shape.permute(self, *reversed(range(self.ndim)))

    @property
    def H(self) -> Tensor:
        """A view of a matrix with rows and columns exchanged.

        Raises:
            RuntimeError: for a vector, or more than two dimensions.
        """
        if self.ndim not in (0, 2):
            raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor.")
        return self.T

    @property
    def mT(self) -> Tensor:
        """A view with the last two dimensions exchanged."""
        if self.ndim < 2:
            raise RuntimeError(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor."
            )
        return shape.transpose(self, -2, -1)

    def squeeze_(self, dim: Any = None) -> Tensor:
        """`squeeze` of the tensor itself."""
        return _reshaped(self, shape.squeeze(self, dim))

    def unsqueeze_(self, dim: builtin_int) -> Tensor:
        """`unsqueeze` of the tensor itself."""
        return _reshaped(self, shape.unsqueeze(self, dim))

    def t_(self) -> Tensor:
        """`t` of the tensor itself."""
        return _reshaped(self, shape.t(self))

    def transpose_(self, dim0: builtin_int, dim1: builtin_int) -> Tensor:
        """`transpose` of the tensor itself."""
        return _reshaped(self, shape.transpose(self, dim0, dim1))

    def resize_(self, *sizes: Any) -> Tensor:
        """Another shape in place; the elements in memory order stay, new ones are uninitialized.

        Raises:
            RuntimeError: for a tensor in a graph.
        """
        if self._requires_grad:
            raise RuntimeError("cannot resize variables that require grad")
        target = size_argument(sizes, "resize_()")
        with kernels.on_device_of(self._array):
            fresh = kernels.namespace(self._array).zeros(Size(target).numel(), self._array.dtype)
            flat = self._array.reshape(-1)[: fresh.size]
            fresh[: flat.size] = flat
        self._array = fresh.reshape(target)
        return self

    def new(self, *data: Any) -> Tensor:
        """A tensor of this dtype and device from data, or uninitialized from sizes (torch's old constructor)."""
        return Tensor(*data).to(self)

    # -- in place

    def zero_(self) -> Tensor:
        """Every element 0."""
        return inplace(ops.fill, self, 0)

    def fill_(self, value: Any) -> Tensor:
        """Every element `value`, a number or a tensor without dimensions.

        Raises:
            RuntimeError: for a tensor with dimensions.
        """
        if isinstance(value, Variable) and value._array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
            )
        return inplace(ops.fill, self, value)

    def fill_diagonal_(self, fill_value: Any, wrap: builtin_bool = False) -> Tensor:
        """The main diagonal filled with a number."""
        if self.ndim < 2:
            raise RuntimeError("dimensions must larger than 1")
        mask = np.zeros(self._array.shape, bool)
        np.fill_diagonal(mask, True, wrap)
        return self.masked_fill_(creation.as_tensor(mask, device=self.device), fill_value)

    def set_(self, source: Tensor) -> Tensor:
        """The memory of another tensor.

        Raises:
            TypeError: if it is not one.
        """
        tensor_argument(source, "set_", 1, "source")
        self._array, self._counter = source._array, source._counter
        return self

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """This tensor where `condition` holds, else `other`."""
        return ew.where(condition, self, other)

    copy_ = indexing.copy_
    requires_grad_ = Variable.requires_grad_


builtin_int = int
builtin_float = float
builtin_bool = bool


def _comparable(other: object) -> bool:
    return isinstance(other, Variable | int | float | np.ndarray | np.generic)


def _reshaped(x: Tensor, view: Tensor) -> Tensor:
    """Make `x` what `view`, a view of it in another shape, is."""
    x._array, x._node, x._index = view._array, view._node, view._index
    x._view, x._counter = view._view if x._view is not None else None, view._counter
    return x


def _to_device(x: Any, where: devices.device, origin: devices.device) -> Any:
    """`x`, which lies on `origin`, on another device."""
    source = kernels.backend_of(x)
    if source is where.backend:
        return source.asarray(x, index=where.index)
    return where.backend.asarray(source.to_host(x), index=where.index)


to_device: Op = Op(_to_device, name="to_copy", x=lambda g, where, origin: to_device(g, origin, where))


def _rebuild(cls: type, array: np.ndarray, device: str, requires_grad: bool) -> Tensor:
    t: Tensor = wrap(devices.put(array, array.dtype, devices.device(device)))
    t.__class__ = cls
    t._requires_grad = requires_grad
    return t


set_tensor_type(Tensor)


# torch gives these functions as methods too, under the same name.
_METHODS: dict[Any, str] = {
    ew: (
        "add sub mul div floor_divide remainder fmod pow float_power neg positive addcmul addcdiv lerp xlogy logaddexp "
        "clamp clamp_min clamp_max maximum minimum round frac floor ceil trunc abs sign square sqrt rsqrt reciprocal "
        "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh "
        "sigmoid relu softmax log_softmax erf erfc erfinv masked_fill nan_to_num isclose allclose equal "
        "eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor "
        "bitwise_not isnan isinf isfinite isreal"
    ),
    reduction: (
        "sum nansum mean var std prod amax amin argmax argmin max min aminmax all any count_nonzero logsumexp "
        "cumsum cumprod norm argsort sort topk median"
    ),
    shape: (
        "reshape view view_as reshape_as flatten unflatten ravel squeeze unsqueeze transpose t permute movedim "
        "expand expand_as swapaxes broadcast_to repeat tile repeat_interleave narrow split chunk unbind select flip "
        "roll unfold diagonal diag diag_embed tril triu clone contiguous"
    ),
    indexing: (
        "gather scatter scatter_add index_select index_add index_fill index_copy index_put masked_select "
        "masked_scatter take_along_dim take nonzero"
    ),
    linear_algebra: "matmul mm bmm mv dot outer addmm baddbmm trace",
    creation: "new_zeros new_ones new_empty new_full new_tensor",
    random: "uniform_ normal_ random_ bernoulli_ exponential_ geometric_ cauchy_ log_normal_ bernoulli multinomial",
}

# torch's other names for the same thing.
ALIASES = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "true_divide": "div", "negative": "neg", "absolute": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "clip": "clamp", "fix": "trunc", "swapdims": "transpose",
    "moveaxis": "movedim", "ger": "outer", "concat": "cat", "concatenate": "cat",
    "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le", "not_equal": "ne",
}  # fmt: skip

# Those with a form in place, which has an underscore behind its name.
_INPLACE: dict[Any, str] = {
    ew: (
        "add sub mul div floor_divide remainder fmod pow neg addcmul addcdiv lerp clamp clamp_min clamp_max round frac "
        "floor ceil trunc abs sign square sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin "
        "acos atan atan2 sinh cosh tanh asinh acosh atanh sigmoid relu erf erfc erfinv masked_fill nan_to_num "
        "eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor "
        "bitwise_not"
    ),
    shape: "tril triu",
    indexing: "scatter scatter_add index_add index_fill index_copy index_put masked_scatter",
    reduction: "cumsum cumprod",
}

for _module, _names in _METHODS.items():
    for _name in _names.split():
        setattr(Tensor, _name, getattr(_module, _name))
for _module, _names in _INPLACE.items():
    for _name in _names.split():
        setattr(Tensor, _name + "_", from_function(getattr(_module, _name)))
for _alias, _name in ALIASES.items():
    for _suffix in ("", "_"):
        if hasattr(Tensor, _name + _suffix):
            setattr(Tensor, _alias + _suffix, getattr(Tensor, _name + _suffix))
for _operator, _name in {
    "__iadd__": "add_", "__isub__": "sub_", "__imul__": "mul_", "__itruediv__": "div_", "__imod__": "remainder_",
    "__ifloordiv__": "floor_divide_", "__ipow__": "pow_", "__iand__": "bitwise_and_", "__ior__": "bitwise_or_",
    "__ixor__": "bitwise_xor_",
}.items():  # fmt: skip
    setattr(Tensor, _operator, getattr(Tensor, _name))
Tensor.swapaxes_ = Tensor.transpose_  # type: ignore[attr-defined]

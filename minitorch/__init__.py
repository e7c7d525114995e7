"""A hand-written autograd engine with PyTorch's face: ``import minitorch as torch``.

The engine is `minitorch.autograd`, the arithmetic below it the package `kernels`.
"""

import importlib as _importlib
import typing as _typing
import warnings as _warnings
from math import e, inf, nan, pi

from kernels import OutOfMemoryError
from minitorch import autograd, cuda, linalg, nn, optim, random, testing, utils
from minitorch._tensor import Size, Tensor
from minitorch.autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from minitorch.autograd.grad_mode import is_grad_enabled, is_inference_mode_enabled
from minitorch.devices import device, get_default_device, set_default_device
from minitorch.dtypes import (
    bool_ as bool,
    can_cast,
    double,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    float_ as float,
    get_default_dtype,
    half,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    int_ as int,
    long,
    promote_types,
    set_default_dtype,
    short,
    uint8,
)
from minitorch.functions.creation import (
    arange,
    as_tensor,
    asarray,
    empty,
    empty_like,
    eye,
    from_dlpack,
    from_numpy,
    full,
    full_like,
    linspace,
    meshgrid,
    ones,
    ones_like,
    scalar_tensor,
    tensor,
    zeros,
    zeros_like,
)
from minitorch.functions.einsum import einsum
from minitorch.functions.elementwise import (
    abs,
    absolute,
    acos,
    acosh,
    add,
    addcdiv,
    addcmul,
    allclose,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    ceil,
    clamp,
    clamp_max,
    clamp_min,
    clip,
    cos,
    cosh,
    div,
    divide,
    eq,
    equal,
    erf,
    erfc,
    erfinv,
    exp,
    exp2,
    expm1,
    fix,
    float_power,
    floor,
    floor_divide,
    fmod,
    frac,
    ge,
    greater,
    greater_equal,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    isreal,
    le,
    lerp,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    masked_fill,
    maximum,
    minimum,
    mul,
    multiply,
    nan_to_num,
    ne,
    neg,
    negative,
    not_equal,
    positive,
    pow,
    reciprocal,
    relu,
    remainder,
    round,
    rsqrt,
    rsub,
    sigmoid,
    sign,
    sin,
    sinh,
    softmax,
    sqrt,
    square,
    sub,
    subtract,
    tan,
    tanh,
    true_divide,
    trunc,
    where,
    xlogy,
)
from minitorch.functions.indexing import (
    gather,
    index_add,
    index_copy,
    index_fill,
    index_put,
    index_select,
    masked_scatter,
    masked_select,
    nonzero,
    scatter,
    scatter_add,
    take,
    take_along_dim,
)
from minitorch.functions.inquiry import (
    is_complex,
    is_floating_point,
    is_nonzero,
    is_tensor,
    numel,
    result_type,
    typename,
)
from minitorch.functions.linear_algebra import addmm, baddbmm, bmm, dot, ger, matmul, mm, mv, outer, tensordot, trace
from minitorch.functions.random import (
    bernoulli,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
)
from minitorch.functions.reduction import (
    all,
    amax,
    amin,
    aminmax,
    any,
    argmax,
    argmin,
    argsort,
    count_nonzero,
    cumprod,
    cumsum,
    logsumexp,
    max,
    mean,
    median,
    min,
    nansum,
    norm,
    prod,
    sort,
    std,
    std_mean,
    sum,
    topk,
    var,
    var_mean,
)
from minitorch.functions.shape import (
    broadcast_shapes,
    broadcast_tensors,
    broadcast_to,
    cat,
    chunk,
    clone,
    concat,
    concatenate,
    diag,
    diag_embed,
    diagonal,
    flatten,
    flip,
    hstack,
    moveaxis,
    movedim,
    narrow,
    permute,
    ravel,
    repeat_interleave,
    reshape,
    roll,
    row_stack,
    select,
    split,
    squeeze,
    stack,
    swapaxes,
    swapdims,
    t,
    tile,
    transpose,
    tril,
    triu,
    unbind,
    unflatten,
    unsqueeze,
    vstack,
)
from minitorch.functions.writing import taking_out as _taking_out
from minitorch.legacy import TYPES
from minitorch.printing import set_printoptions
from minitorch.random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from minitorch.serialization import load, save
from minitorch.threads import get_num_threads, set_num_threads
from minitorch.version import __version__

globals().update(TYPES)  # FloatTensor, LongTensor and their kin
_TAKE_OUT = (  # torch's functions take ``out=``, its methods do not
    "addcdiv addcmul addmm all amax amin any argsort baddbmm bernoulli bitwise_and bitwise_not bitwise_or bitwise_xor "
    "cumprod cumsum diag dot eye floor_divide fmod full gather hstack index_add index_select lerp linspace logsumexp "
    "masked_select max min multinomial mv neg nonzero norm normal outer prod randperm remainder round sort std "
    "take_along_dim tensordot topk tril triu var vstack where"
)
globals().update({_name: _taking_out(globals()[_name]) for _name in _TAKE_OUT.split()})

# torch computes 1/0, log(-1) and overflows without a word; NumPy warns: not from these packages' frames.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"(minitorch|kernels)(\.|$)")

if _typing.TYPE_CHECKING:
    from minitorch import backends, distributions
    from minitorch.as_torch import as_torch
else:

    def __getattr__(name: str) -> _typing.Any:
        """The modules that are imported when they are first used; `as_torch` is one that can be called."""
        if name in ("as_torch", "backends", "distributions"):
            return _importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A hand-written autograd engine with PyTorch's face: ``import minitorch as torch``.

The engine is `minitorch.autograd`, the arithmetic below it the package `kernels`.
"""

from __future__ import annotations

import warnings as _warnings

# torch computes 1/0, log(-1) and overflow without a word; NumPy warns. Warnings from these packages' own frames are silenced.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"(minitorch|kernels)(\.|$)")

from minitorch import autograd as autograd
from minitorch.autograd import enable_grad as enable_grad
from minitorch.autograd import inference_mode as inference_mode
from minitorch.autograd import no_grad as no_grad
from minitorch.autograd import set_grad_enabled as set_grad_enabled
from minitorch.autograd.grad_mode import is_grad_enabled as is_grad_enabled
from minitorch.autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from minitorch.devices import device as device
from minitorch.devices import get_default_device as get_default_device
from minitorch.devices import set_default_device as set_default_device
from minitorch.dtypes import bool_ as bool
from minitorch.dtypes import double as double
from minitorch.dtypes import dtype as dtype
from minitorch.dtypes import finfo as finfo
from minitorch.dtypes import float16 as float16
from minitorch.dtypes import float32 as float32
from minitorch.dtypes import float64 as float64
from minitorch.dtypes import float_ as float
from minitorch.dtypes import get_default_dtype as get_default_dtype
from minitorch.dtypes import half as half
from minitorch.dtypes import iinfo as iinfo
from minitorch.dtypes import int8 as int8
from minitorch.dtypes import int16 as int16
from minitorch.dtypes import int32 as int32
from minitorch.dtypes import int64 as int64
from minitorch.dtypes import int_ as int
from minitorch.dtypes import long as long
from minitorch.dtypes import promote_types as promote_types
from minitorch.dtypes import set_default_dtype as set_default_dtype
from minitorch.dtypes import short as short
from minitorch.dtypes import uint8 as uint8
from minitorch.functions.creation import (
    arange as arange,
    as_tensor as as_tensor,
    asarray as asarray,
    empty as empty,
    empty_like as empty_like,
    eye as eye,
    from_dlpack as from_dlpack,
    from_numpy as from_numpy,
    full as full,
    full_like as full_like,
    linspace as linspace,
    meshgrid as meshgrid,
    ones as ones,
    ones_like as ones_like,
    scalar_tensor as scalar_tensor,
    tensor as tensor,
    zeros as zeros,
    zeros_like as zeros_like,
)
from minitorch.functions.elementwise import (
    abs as abs,
    acos as acos,
    acosh as acosh,
    add as add,
    addcdiv as addcdiv,
    addcmul as addcmul,
    allclose as allclose,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    bitwise_and as bitwise_and,
    bitwise_not as bitwise_not,
    bitwise_or as bitwise_or,
    bitwise_xor as bitwise_xor,
    ceil as ceil,
    clamp as clamp,
    clamp_max as clamp_max,
    clamp_min as clamp_min,
    cos as cos,
    cosh as cosh,
    div as div,
    eq as eq,
    equal as equal,
    erf as erf,
    erfc as erfc,
    erfinv as erfinv,
    exp as exp,
    exp2 as exp2,
    expm1 as expm1,
    float_power as float_power,
    floor as floor,
    floor_divide as floor_divide,
    fmod as fmod,
    frac as frac,
    ge as ge,
    gt as gt,
    isclose as isclose,
    isfinite as isfinite,
    isinf as isinf,
    isnan as isnan,
    isreal as isreal,
    le as le,
    lerp as lerp,
    log as log,
    log10 as log10,
    log1p as log1p,
    log2 as log2,
    log_softmax as log_softmax,
    logaddexp as logaddexp,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    logical_xor as logical_xor,
    lt as lt,
    masked_fill as masked_fill,
    maximum as maximum,
    minimum as minimum,
    mul as mul,
    nan_to_num as nan_to_num,
    ne as ne,
    neg as neg,
    positive as positive,
    pow as pow,
    reciprocal as reciprocal,
    relu as relu,
    remainder as remainder,
    round as round,
    rsqrt as rsqrt,
    rsub as rsub,
    sigmoid as sigmoid,
    sign as sign,
    sin as sin,
    sinh as sinh,
    softmax as softmax,
    sqrt as sqrt,
    square as square,
    sub as sub,
    tan as tan,
    tanh as tanh,
    trunc as trunc,
    where as where,
    xlogy as xlogy,
)
from minitorch.functions.indexing import (
    gather as gather,
    index_add as index_add,
    index_copy as index_copy,
    index_fill as index_fill,
    index_put as index_put,
    index_select as index_select,
    masked_scatter as masked_scatter,
    masked_select as masked_select,
    nonzero as nonzero,
    scatter as scatter,
    scatter_add as scatter_add,
    take as take,
    take_along_dim as take_along_dim,
)
from minitorch.functions.linear_algebra import (
    addmm as addmm,
    baddbmm as baddbmm,
    bmm as bmm,
    dot as dot,
    matmul as matmul,
    mm as mm,
    mv as mv,
    outer as outer,
    tensordot as tensordot,
    trace as trace,
)
from minitorch.functions.random import (
    bernoulli as bernoulli,
    multinomial as multinomial,
    normal as normal,
    rand as rand,
    rand_like as rand_like,
    randint as randint,
    randint_like as randint_like,
    randn as randn,
    randn_like as randn_like,
    randperm as randperm,
)
from minitorch.functions.reduction import (
    all as all,
    amax as amax,
    amin as amin,
    aminmax as aminmax,
    any as any,
    argmax as argmax,
    argmin as argmin,
    argsort as argsort,
    count_nonzero as count_nonzero,
    cumprod as cumprod,
    cumsum as cumsum,
    logsumexp as logsumexp,
    max as max,
    mean as mean,
    median as median,
    min as min,
    nansum as nansum,
    norm as norm,
    prod as prod,
    sort as sort,
    std as std,
    std_mean as std_mean,
    sum as sum,
    topk as topk,
    var as var,
    var_mean as var_mean,
)
from minitorch.functions.shape import (
    broadcast_shapes as broadcast_shapes,
    broadcast_tensors as broadcast_tensors,
    broadcast_to as broadcast_to,
    cat as cat,
    chunk as chunk,
    clone as clone,
    diag as diag,
    diag_embed as diag_embed,
    diagonal as diagonal,
    flatten as flatten,
    flip as flip,
    hstack as hstack,
    movedim as movedim,
    narrow as narrow,
    permute as permute,
    ravel as ravel,
    repeat_interleave as repeat_interleave,
    reshape as reshape,
    roll as roll,
    select as select,
    split as split,
    squeeze as squeeze,
    stack as stack,
    t as t,
    tile as tile,
    transpose as transpose,
    tril as tril,
    triu as triu,
    unbind as unbind,
    unflatten as unflatten,
    unsqueeze as unsqueeze,
    vstack as vstack,
)
from minitorch.random import Generator as Generator
from minitorch.random import default_generator as default_generator
from minitorch.random import get_rng_state as get_rng_state
from minitorch.random import initial_seed as initial_seed
from minitorch.random import manual_seed as manual_seed
from minitorch.random import seed as seed
from minitorch.random import set_rng_state as set_rng_state
from minitorch._tensor import Size as Size
from minitorch._tensor import Tensor as Tensor
from minitorch.version import __version__ as __version__

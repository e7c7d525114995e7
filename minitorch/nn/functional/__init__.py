"""torch.nn.functional: the layers as functions, by family."""

import sys as _sys
import typing as _typing

from minitorch.functions.variants import checked_functions as _checked_functions
from minitorch.nn.functional.activation import (
    elu as elu,
    elu_ as elu_,
    gelu as gelu,
    glu as glu,
    hardtanh as hardtanh,
    hardtanh_ as hardtanh_,
    leaky_relu as leaky_relu,
    leaky_relu_ as leaky_relu_,
    logsigmoid as logsigmoid,
    mish as mish,
    prelu as prelu,
    relu as relu,
    relu6 as relu6,
    relu_ as relu_,
    selu as selu,
    selu_ as selu_,
    sigmoid as sigmoid,
    silu as silu,
    softplus as softplus,
    softsign as softsign,
    tanh as tanh,
)
from minitorch.nn.functional.conv import conv1d as conv1d, conv2d as conv2d, conv_transpose2d as conv_transpose2d
from minitorch.nn.functional.cross_entropy import cross_entropy as cross_entropy, nll_loss as nll_loss
from minitorch.nn.functional.distance import cosine_similarity as cosine_similarity
from minitorch.nn.functional.dropout import (
    dropout as dropout,
    dropout1d as dropout1d,
    dropout2d as dropout2d,
)
from minitorch.nn.functional.embedding import (
    embedding as embedding,
)
from minitorch.nn.functional.fold import fold as fold, unfold as unfold
from minitorch.nn.functional.linear import (
    bilinear as bilinear,
    linear as linear,
    normalize as normalize,
    one_hot as one_hot,
)
from minitorch.nn.functional.loss import (
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    huber_loss as huber_loss,
    kl_div as kl_div,
    l1_loss as l1_loss,
    mse_loss as mse_loss,
    smooth_l1_loss as smooth_l1_loss,
)
from minitorch.nn.functional.normalization import (
    batch_norm as batch_norm,
    group_norm as group_norm,
    layer_norm as layer_norm,
    rms_norm as rms_norm,
)
from minitorch.nn.functional.padding import pad as pad
from minitorch.nn.functional.pooling import (
    adaptive_avg_pool1d as adaptive_avg_pool1d,
    adaptive_avg_pool2d as adaptive_avg_pool2d,
    avg_pool1d as avg_pool1d,
    avg_pool2d as avg_pool2d,
    max_pool1d as max_pool1d,
    max_pool1d_with_indices as max_pool1d_with_indices,
    max_pool2d as max_pool2d,
    max_pool2d_with_indices as max_pool2d_with_indices,
)
from minitorch.nn.functional.softmax import log_softmax as log_softmax, softmax as softmax, softmin as softmin
from minitorch.nn.functional.upsampling import interpolate as interpolate

globals().update(_checked_functions(__name__, globals()))

if not _typing.TYPE_CHECKING:  # for a type checker a name that is not here is an error

    def __getattr__(name: str) -> _typing.Any:
        """The error for a name that is not here, with the nearest."""
        from minitorch.near_names import no_attribute

        raise no_attribute(_sys.modules[__name__], name)

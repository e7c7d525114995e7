"""Imports every module of this package that registers forms of kernels for CuPy. It does not import CuPy."""

from kernels.cuda import (
    conv as conv,
    elementwise as elementwise,
    embedding as embedding,
    indexing as indexing,
    linear_algebra as linear_algebra,
    loss as loss,
    normalization as normalization,
    optimizer as optimizer,
    pooling as pooling,
    random as random,
    reduction as reduction,
    rnn as rnn,
    softmax as softmax,
)

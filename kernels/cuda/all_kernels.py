"""Everything of this package that registers itself as a kernel's form for CuPy. It needs no CuPy to be imported."""

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
    rnn as rnn,
    softmax as softmax,
)

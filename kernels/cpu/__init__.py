"""Faster or more precise forms of kernels for NumPy. Importing this package registers them."""

from kernels.cpu import (
    activation as activation,
    conv as conv,
    elementwise as elementwise,
    indexing as indexing,
    linear_algebra as linear_algebra,
    loss as loss,
    normalization as normalization,
    optimizer as optimizer,
    pooling as pooling,
    reduction as reduction,
    rnn as rnn,
    softmax as softmax,
    special as special,
)

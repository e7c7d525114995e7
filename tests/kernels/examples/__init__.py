"""Examples of arguments for every kernel that has a form besides its reference, by family as in `kernels`."""

from tests.kernels.examples import (
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
from tests.kernels.examples.example import EXAMPLES as EXAMPLES, FLOATS as FLOATS, Example as Example

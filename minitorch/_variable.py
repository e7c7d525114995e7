"""The engine's class `Variable`, for the files that define the parts of `Tensor` and so cannot import `Tensor`.

Every tensor of a user is a `Tensor`, so to type checkers `Variable` is `Tensor` here: after ``isinstance(x, Variable)``
they know that `x` has a tensor's methods.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minitorch._tensor import Tensor as Variable
else:
    from minitorch.autograd.graph import Variable as Variable

"""`Variable` for the files that `Tensor` is made of: to type checkers it is `Tensor`, as all tensors of users are.

``isinstance(x, Variable)`` so leaves a tensor, with the methods that `Tensor` has over `Variable`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minitorch._tensor import Tensor as Variable
else:
    from minitorch.autograd.graph import Variable as Variable

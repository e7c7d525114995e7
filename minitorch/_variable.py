"""`Variable`, the class that the engine knows, for the files that `Tensor` is made of and that cannot import `Tensor`.

Every tensor of a user is a `Tensor`, so to type checkers `Variable` is `Tensor` here: after ``isinstance(x, Variable)``
they know the methods of `x`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minitorch._tensor import Tensor as Variable
else:
    from minitorch.autograd.graph import Variable as Variable

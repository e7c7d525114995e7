"""Automatic differentiation: what records operations, and what walks the record backward.

Read `variable`, `node`, `op`, `basic`, `inplace` and `engine`, in this order; `function` is for users'
own ops.
"""

from minitorch.autograd import functional as functional
from minitorch.autograd.anomaly import (
    detect_anomaly as detect_anomaly,
    is_anomaly_enabled as is_anomaly_enabled,
    set_detect_anomaly as set_detect_anomaly,
)
from minitorch.autograd.engine import backward as backward, grad as grad
from minitorch.autograd.function import Function as Function
from minitorch.autograd.grad_mode import (
    enable_grad as enable_grad,
    inference_mode as inference_mode,
    no_grad as no_grad,
    set_grad_enabled as set_grad_enabled,
)
from minitorch.autograd.gradcheck import (
    GradcheckError as GradcheckError,
    gradcheck as gradcheck,
    gradgradcheck as gradgradcheck,
)
from minitorch.autograd.old_variable import Variable as Variable

"""Automatic differentiation: what records operations, and what walks the record backward.

Read `variable`, `node`, `op`, `basic`, `inplace` and `engine`, in this order; `function` is the door for users' own ops.
"""

from minitorch.autograd import functional as functional
from minitorch.autograd.anomaly import detect_anomaly as detect_anomaly
from minitorch.autograd.anomaly import is_anomaly_enabled as is_anomaly_enabled
from minitorch.autograd.anomaly import set_detect_anomaly as set_detect_anomaly
from minitorch.autograd.engine import backward as backward
from minitorch.autograd.engine import grad as grad
from minitorch.autograd.function import Function as Function
from minitorch.autograd.grad_mode import enable_grad as enable_grad
from minitorch.autograd.grad_mode import inference_mode as inference_mode
from minitorch.autograd.grad_mode import no_grad as no_grad
from minitorch.autograd.grad_mode import set_grad_enabled as set_grad_enabled
from minitorch.autograd.gradcheck import GradcheckError as GradcheckError
from minitorch.autograd.gradcheck import gradcheck as gradcheck
from minitorch.autograd.gradcheck import gradgradcheck as gradgradcheck
from minitorch.autograd.old_variable import Variable as Variable

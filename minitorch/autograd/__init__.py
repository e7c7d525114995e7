"""Automatic differentiation: the graph that operations record, and the backward pass over it.

Read `graph`, `op`, `basic` and `engine`, in this order, with `docs/engine.md` beside them. Each file imports only files
that are before it in this list:

    graph: graph, grad_mode, hooks, messages, views, mixed_devices
    ops: plan, op, basic, inplace
    what users see of nodes: requested, node_hooks, saved_values, creation, origins, placement, grad_fn
    the backward pass: anomaly, accumulate, engine, reentrant, backward_and_grad
    for users: function, functional, gradcheck, old_variable
"""

from minitorch.autograd import functional as functional
from minitorch.autograd.anomaly import (
    detect_anomaly as detect_anomaly,
    is_anomaly_enabled as is_anomaly_enabled,
    set_detect_anomaly as set_detect_anomaly,
)
from minitorch.autograd.backward_and_grad import backward as backward, grad as grad
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
from minitorch.autograd.origins import keep_origins as keep_origins

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]

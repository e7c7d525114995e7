"""Faults that layers, losses and optimizers have had, or might have: each is found by the case that covers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from parity.compare.case import PINNED
from tests.parity.planted import explored, found, pinned


def changed(function: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    """The function with some keyword arguments always as given."""
    return lambda *args, **options: function(*args, **{**options, **given})


def scaled_gradient(factor: float) -> Callable[[Any], Any]:
    """The identity, with a gradient that is wrong by a factor."""

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * factor

    return Scaled.apply


def without_bias_gradient(x: Any, weight: Any, bias: Any = None, **options: Any) -> Any:
    return F.conv2d(x, weight, None if bias is None else scaled_gradient(0.0)(bias), **options)


def off_by_one_dilation(x: Any, weight: Any, bias: Any = None, dilation: Any = 1, **options: Any) -> Any:
    more = (
        dilation
        if dilation == 1
        else tuple(d - (d > 1) for d in (dilation if isinstance(dilation, tuple) else (dilation,) * 2))
    )
    return F.conv2d(x, weight, bias, dilation=more, **options)


def last_of_equals(x: Any, *args: Any, **options: Any) -> Any:
    """Maxima at the last of equal elements: the mirror image, and back."""
    values, places = F.max_pool2d(x.flip(-1, -2), *args, **{**options, "return_indices": True})
    plane = x.shape[-1] * x.shape[-2]
    flipped = values.flip(-1, -2), (plane - 1 - places).flip(-1, -2)
    return flipped if options.get("return_indices") else flipped[0]


def without_nan(x: Any, *args: Any, **options: Any) -> Any:
    return F.max_pool2d(x.nan_to_num(-torch.inf, torch.inf, -torch.inf), *args, **options)


def ignored_ones_counted(x: Any, target: Any, *args: Any, ignore_index: int = -100, **options: Any) -> Any:
    """A mean over all labels, including the ignored ones."""
    loss = F.cross_entropy(x, target, *args, ignore_index=ignore_index, **options)
    if options.get("reduction", "mean") != "mean" or target.is_floating_point():
        return loss
    return loss * (target != ignore_index).double().mean().to(x.dtype)


def smoothing_over_the_others(x: Any, *args: Any, label_smoothing: float = 0.0, **options: Any) -> Any:
    return F.cross_entropy(x, *args, label_smoothing=label_smoothing * 0.99, **options)


def biased_running_variance(x: Any, mean: Any, var: Any, *args: Any, **options: Any) -> Any:
    old = None if var is None else var.clone()
    out = F.batch_norm(x, mean, var, *args, **options)
    if options.get("training") and var is not None and old is not None:
        n = x.numel() // x.shape[1]
        momentum = options.get("momentum", 0.1)
        var.data.copy_(old * (1 - momentum) + (var - old * (1 - momentum)) * ((n - 1) / n))
    return out


def eps_outside_the_root(x: Any, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    dims = tuple(range(-len(shape), 0))
    out = (x - x.mean(dims, keepdim=True)) / (x.var(dims, unbiased=False, keepdim=True).sqrt() + eps)
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


def reflection_with_its_edge(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    return F.pad(x, pad, "replicate" if mode == "reflect" else mode, value)


def unclamped_logarithms(x: Any, target: Any, *args: Any, **options: Any) -> Any:
    return F.binary_cross_entropy(x.clamp(1e-12, 1 - 1e-7), target, *args, **options)


def softmax_without_its_maximum(x: Any, dim: int, **options: Any) -> Any:
    return torch.exp(x) / torch.exp(x).sum(dim, keepdim=True)


def hard_bounds_with_a_gradient(x: Any, *args: Any, **options: Any) -> Any:
    return F.hardtanh(x, *args, **options) + 0.5 * (x - x.detach()) * (x.abs() == 1)


def mean_over_the_padding(x: Any, *args: Any, count_include_pad: bool = True, **options: Any) -> Any:
    return F.avg_pool2d(x, *args, **options)


class NoMomentum(torch.optim.SGD):
    """The momentum buffer is not kept."""

    def step(self, closure: Any = None) -> Any:
        super().step(closure)
        self.state.clear()


class Ascent(torch.optim.SGD):
    """The weight decay has the wrong sign."""

    def step(self, closure: Any = None) -> Any:
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None and group["weight_decay"]:
                        p.grad -= 2 * group["weight_decay"] * p
        return super().step(closure)


class EpsInside(torch.optim.Adam):
    """The eps is added under the root."""

    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            group["eps"] = group["eps"] ** 0.5
        super().step(closure)
        for group in self.param_groups:
            group["eps"] = group["eps"] ** 2


class Deaf(torch.optim.RMSprop):
    """Loading a state does not change the optimizer's options."""

    def load_state_dict(self, state: Any) -> None:
        own = [{k: v for k, v in group.items() if k != "params"} for group in self.param_groups]
        super().load_state_dict(state)
        for group, options in zip(self.param_groups, own, strict=True):
            group.update(options)


class ForwardTwice(nn.GRU):
    """The reverse direction starts from the state of the forward one."""

    def forward(self, x: Any, hx: Any = None) -> Any:
        if hx is not None and self.bidirectional:
            hx = hx.reshape(self.num_layers, 2, *hx.shape[1:])[:, :1].expand(-1, 2, *hx.shape[1:]).reshape(hx.shape)
        return super().forward(x, hx)


class DropoutEverywhere(nn.LSTM):
    """Dropout between layers does not end with training."""

    def forward(self, x: Any, hx: Any = None) -> Any:
        mode = self.training
        self.training = True
        try:
            return super().forward(x, hx)
        finally:
            self.training = mode


for _class, _name in ((ForwardTwice, "GRU"), (DropoutEverywhere, "LSTM")):
    _class._get_name = lambda self, name=_name: name

FAULTS: list[tuple[str, str, str, Any, str]] = [
    # case, option group, what is planted where, and how it shows
    ("nn.functional.conv2d", "plain", "nn__functional__conv2d", without_bias_gradient, "gradient in float32: of bias"),
    ("nn.functional.conv2d", "dilation", "nn__functional__conv2d", off_by_one_dilation, "forward in float32"),
    ("nn.functional.conv2d", PINNED, "nn__functional__conv2d", changed(F.conv2d, groups=1), "raised RuntimeError"),
    ("nn.functional.max_pool2d", "ceil_mode", "nn__functional__max_pool2d", changed(F.max_pool2d, ceil_mode=False), "forward"),
    ("nn.functional.max_pool2d", PINNED, "nn__functional__max_pool2d", last_of_equals, "expected int64"),
    ("nn.functional.max_pool2d", PINNED, "nn__functional__max_pool2d", without_nan, "where torch has NaN"),
    ("nn.functional.avg_pool2d", PINNED, "nn__functional__avg_pool2d", mean_over_the_padding, "forward in float32"),
    ("nn.functional.pad", "reflect", "nn__functional__pad", reflection_with_its_edge, "forward in float32"),
    ("nn.functional.softmax", PINNED, "nn__functional__softmax", softmax_without_its_maximum, "NaN where torch has"),
    ("nn.functional.hardtanh", PINNED, "nn__functional__hardtanh", hard_bounds_with_a_gradient, "gradient in float32"),
    ("nn.functional.cross_entropy", "ignore", "nn__functional__cross_entropy", ignored_ones_counted, "forward in float32"),
    ("nn.functional.cross_entropy", "smoothing", "nn__functional__cross_entropy", smoothing_over_the_others, "forward"),
    ("nn.functional.binary_cross_entropy", PINNED, "nn__functional__binary_cross_entropy", unclamped_logarithms, "forward"),
    ("nn.functional.batch_norm", "training", "nn__functional__batch_norm", biased_running_variance, "forward in float32: out[2]"),
    ("nn.functional.layer_norm", "", "nn__functional__layer_norm", eps_outside_the_root, "forward"),
    ("nn.GRU", PINNED, "nn__GRU", ForwardTwice, "forward in float32"),
    ("nn.LSTM", "layers", "nn__LSTM", DropoutEverywhere, "forward in float32"),
    ("optim.SGD", "momentum", "optim__SGD", NoMomentum, "structure of the result"),
    ("optim.SGD", "weight_decay", "optim__SGD", Ascent, "forward in float32"),
    ("optim.Adam", PINNED, "optim__Adam", EpsInside, "forward in float64"),
    ("optim.RMSprop", PINNED, "optim__RMSprop", Deaf, "torch continued by ours"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "group", "place", "wrong", "expected"),
    [pytest.param(*fault, id=getattr(fault[3], "__name__", str(fault[3]))) for fault in FAULTS],
)
def test_found(case: str, group: str, place: str, wrong: Any, expected: str) -> None:
    exploration = pinned(case, **{place: wrong}) if group == PINNED else explored(case, group, 8, **{place: wrong})
    assert expected in found(exploration), found(exploration)[:600]

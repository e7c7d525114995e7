"""Normalization over batches, layers and groups; running statistics are compared as state."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume

FILL = "normal|normal|positive|zeros"


def _options(d: Draw, *options: str) -> str:
    """Some of the keyword arguments, each after a comma."""
    return "".join(f", {option}" for option in d.subset(options))


def _input(d: Draw, shape: Shape) -> str:
    return str(d.floats("x", shape, FILL))


def _affine(d: Draw, shape: Shape, *names: str) -> str:
    """Some of the parameters (the first few), as keyword arguments.

    torch has no second derivative for a bias without a weight, and reads weights that are not contiguous wrongly.
    """
    return "".join(
        f", {name}={d.floats(name, shape, layout='contiguous')}" for name in names[: d.integer(0, len(names))]
    )


# -- batches


def _batch_shape(d: Draw, dims: tuple[int, ...]) -> Shape:
    """(N, C, …), with at least 2 values per channel."""
    spatial = tuple(d.size(1, 5) for _ in range(d.choose(*dims)))
    least = -(-2 // volume(spatial))
    shape = (d.size(least, least + 3), d.size(1, 4), *spatial)
    d.terms = d.gradient_terms = volume(shape) // shape[1]
    return shape


@case("nn.functional.batch_norm", groups=("training", "evaluation"))
def batch_norm(d: Draw) -> str:
    training = d.group == "training"
    shape = _batch_shape(d, (0, 1, 2, 3))
    channels = (shape[1],)
    affine = _affine(d, channels, "weight", "bias")
    options = _options(d, "eps=0.01", "momentum=0.3", "momentum=1.0")
    options = options.replace(", momentum=0.3", "") if "momentum=1.0" in options else options
    x = _input(d, shape)
    if training and d.flag():
        return f"F.batch_norm({x}, None, None{affine}, training=True{options})"
    mean, var = d.floats("mean", channels, "normal", grad=False), d.floats("var", channels, "positive", grad=False)
    call = f"F.batch_norm({x}, mean, var{affine}, training={training}{options})"
    return f"mean, var = {mean}.clone(), {var}.clone()\nout = {call}, mean, var"


batch_norm.refuses(
    "F.batch_norm(torch.ones(1, 3), None, None, training=True)",
    "F.batch_norm(torch.ones(1, 3, 1, 1), None, None, training=True)",
    "F.batch_norm(torch.ones(2, 3), None, None)",
    "F.batch_norm(torch.ones(2, 3), torch.zeros(3), None)",
    "F.batch_norm(torch.ones(2, 3), torch.zeros(3), None, training=True)",
    "F.batch_norm(torch.ones(2, 3), None, torch.ones(3), training=True)",
    "F.batch_norm(torch.ones(2, 3), torch.ones(2), torch.ones(2))",
    "F.batch_norm(torch.ones(2, 3), torch.ones(3), torch.ones(4))",
    "F.batch_norm(torch.ones(2, 3), torch.ones(3), torch.ones(3), weight=torch.ones(2))",
    "F.batch_norm(torch.ones(2, 3), torch.ones(3), torch.ones(3), bias=torch.ones(4))",
)
batch_norm.example("F.batch_norm(x, None, None)", "F.batch_norm(x, torch.zeros(2, dtype=dtype), None)", x=(0, 2))


def _batch_module(name: str, dims: tuple[int, ...]) -> None:
    @case(f"nn.{name}", groups=("", "statistics"), kind="module")
    def module(d: Draw) -> str:
        shape = _batch_shape(d, dims)
        d.build = f"nn.{name}({shape[1]}{_options(d, d.choose('eps=0.01', 'eps=0.001'), d.choose('momentum=0.3', 'momentum=None'), 'affine=False', 'track_running_stats=False')})"
        x = _input(d, shape)
        if d.group != "statistics" or "track" in d.build:
            return f"m({x})"
        mean, var = (
            d.floats("mean", (shape[1],), "normal", grad=False),
            d.floats("var", (shape[1],), "positive", grad=False),
        )
        return f"m.running_mean.copy_({mean})\nm.running_var.copy_({var})\nm.num_batches_tracked.fill_(3)\nout = m({x})"

    wrong = "torch.ones(2, 3, 4, 4)" if name == "BatchNorm1d" else "torch.ones(2, 3, 4)"
    single = "torch.ones(1, 3)" if name == "BatchNorm1d" else "torch.ones(1, 3, 1, 1)"
    module.refuses(
        f"nn.{name}(3); m({wrong})",
        f"nn.{name}(3); m(torch.ones(3))",
        f"nn.{name}(3); m({single})",
        f"nn.{name}(4); m({'torch.ones(2, 3)' if name == 'BatchNorm1d' else 'torch.ones(2, 3, 4, 4)'})",
        f"nn.{name}(); m({single})",
        f"nn.{name}(-1); m({single})",
    )

    @module.refuses_drawn
    def broken(d: Draw) -> str:
        """One value per channel, or a number of channels that the module does not have."""
        channels, spatial = d.size(1, 4), (1,) * max(dims)
        d.training = True
        d.build = f"nn.{name}({channels})"
        shape = d.choose((1, channels, *spatial), (3, channels + 1, *spatial))
        return f"m({d.floats('x', shape)})"


_batch_module("BatchNorm1d", (0, 1))
_batch_module("BatchNorm2d", (2,))


# -- layers


def _layer_shape(d: Draw) -> tuple[Shape, Shape]:
    """The shape of an input, and the shape of the normalized dimensions."""
    normalized = tuple(d.size(1, 6) for _ in range(d.integer(1, 2)))
    rows = d.shape(most=2, elements=40)
    d.terms, d.gradient_terms = volume(normalized), max(volume(normalized), volume(rows))
    return (*rows, *normalized), normalized


def _spelled(d: Draw, shape: Shape) -> str:
    return d.choose(f"{shape[0]}", f"({shape[0]},)") if len(shape) == 1 else d.choose(f"{shape}", f"{list(shape)}")


@case("nn.functional.layer_norm")
def layer_norm(d: Draw) -> str:
    shape, normalized = _layer_shape(d)
    x, affine = _input(d, shape), _affine(d, normalized, "weight", "bias")
    return f"F.layer_norm({x}, {d.choose(str(normalized), str(list(normalized)))}{affine}{d.choose('', ', eps=0.01')})"


@case("nn.functional.rms_norm")
def rms_norm(d: Draw) -> str:
    shape, normalized = _layer_shape(d)
    x, affine = _input(d, shape), _affine(d, normalized, "weight")
    return f"F.rms_norm({x}, {d.choose(str(normalized), str(list(normalized)))}{affine}{d.choose('', ', eps=0.01', ', eps=1e-06')})"


for _case, _name in ((layer_norm, "layer_norm"), (rms_norm, "rms_norm")):
    _case.refuses(
        f"F.{_name}(torch.ones(2, 3), (2,))",
        f"F.{_name}(torch.ones(2, 3), ())",
        f"F.{_name}(torch.ones(2, 3), (3,), weight=torch.ones(2))",
        f"F.{_name}(torch.ones(2, 3), (1, 2, 3))",
        f"F.{_name}(torch.ones(2, 3))",
    )
layer_norm.refuses(
    "F.layer_norm(torch.ones(2, 3), (3,), bias=torch.ones(2, 3))",
    "F.layer_norm(torch.ones(2, 3, dtype=torch.int64), (3,))",
)


@case("nn.LayerNorm", kind="module")
def layer_norm_module(d: Draw) -> str:
    shape, normalized = _layer_shape(d)
    d.build = f"nn.LayerNorm({_spelled(d, normalized)}{_options(d, 'eps=0.01', d.choose('elementwise_affine=False', 'bias=False'))})"
    return f"m({_input(d, shape)})"


@case("nn.RMSNorm", kind="module")
def rms_norm_module(d: Draw) -> str:
    shape, normalized = _layer_shape(d)
    d.build = f"nn.RMSNorm({_spelled(d, normalized)}{_options(d, 'eps=0.01', 'elementwise_affine=False')})"
    return f"m({_input(d, shape)})"


for _module, _name in ((layer_norm_module, "LayerNorm"), (rms_norm_module, "RMSNorm")):
    _module.refuses(
        f"nn.{_name}(3); m(torch.ones(2, 4))",
        f"nn.{_name}((2, 3)); m(torch.ones(3))",
        f"nn.{_name}(); m(torch.ones(3))",
    )


# -- groups


def _group_shape(d: Draw) -> tuple[Shape, int]:
    """The shape of an input, and a number of groups that divides its channels; with at least 2 values in each group."""
    groups, spatial = d.size(1, 3), tuple(d.size(1, 4) for _ in range(d.integer(1, 2)))
    least = -(-2 // volume(spatial))
    shape = (d.batch(), groups * d.size(least, least + 2), *spatial)
    n = volume(shape[1:]) // groups
    d.terms, d.gradient_terms = n, max(n, shape[0] * volume(spatial))
    return shape, groups


@case("nn.functional.group_norm")
def group_norm(d: Draw) -> str:
    shape, groups = _group_shape(d)
    return f"F.group_norm({_input(d, shape)}, {groups}{_affine(d, (shape[1],), 'weight', 'bias')}{d.choose('', ', eps=0.01')})"


group_norm.refuses(
    "F.group_norm(torch.ones(2, 3, 4), 2)",
    "F.group_norm(torch.ones(2, 4, 4), 2, weight=torch.ones(2))",
    "F.group_norm(torch.ones(2, 4, 4), 2, bias=torch.ones(4, 1))",
    "F.group_norm(torch.ones(4), 2)",
    "F.group_norm(torch.ones(1, 2, 1), 2)",
    "F.group_norm(torch.ones(2, 4, 4))",
)


@case("nn.GroupNorm", kind="module")
def group_norm_module(d: Draw) -> str:
    shape, groups = _group_shape(d)
    d.build = f"nn.GroupNorm({groups}, {shape[1]}{_options(d, 'eps=0.01', 'affine=False')})"
    return f"m({_input(d, shape)})"


group_norm_module.refuses(
    "nn.GroupNorm(2, 3); m(torch.ones(1, 3, 2))",
    "nn.GroupNorm(2, 4); m(torch.ones(1, 6, 2))",
    "nn.GroupNorm(2); m(torch.ones(1, 2, 2))",
)

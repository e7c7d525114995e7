"""Dropout of elements and of whole channels: functions and modules."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw


@case("nn.functional.dropout")
def dropout(d: Draw) -> str:
    x = d.floats("x", d.shape())
    p = d.choose("", ", 0.25", ", p=0.0", ", p=1.0", ", 0.9")
    return f"F.dropout({d.choose(str(x), f'{x}.clone()')}{p}{d.choose('', '', ', training=False', ', training=True')})"


dropout.refuses(
    "F.dropout(torch.ones(2), p=1.5)",
    "F.dropout(torch.ones(2), p=-0.1)",
    "F.dropout(torch.ones(3, dtype=torch.int64), 0.5)",
    "F.dropout(torch.ones(3, requires_grad=True), 0.5, True, True)",
)


dropout.example(
    "F.dropout(x), torch.rand(1)", "F.dropout(x.permute(2, 0, 1), 0.1)", "F.dropout(F.dropout(x, 0.8))", x=(6, 5, 4)
)
dropout.example("F.dropout(x, 0.25)", x=())


@case("nn.Dropout", kind="module")
def dropout_module(d: Draw) -> str:
    inplace = d.flag()
    d.build = (
        f"nn.Dropout({d.choose('', 'p=0.25', '0.9', 'p=0.0', 'p=1.0')}{', inplace=True' if inplace else ''})".replace(
            "(, ", "("
        )
    )
    x = d.floats("x", d.shape())
    return f"m({x}.clone())" if inplace else f"m({x})"


dropout_module.refuses("nn.Dropout(1.5); m(torch.ones(2))", "nn.Dropout(-0.1); m(torch.ones(2))")


@case("nn.functional.dropout1d", also=["nn.functional.dropout2d"], sampled=True)
def channel_dropout(d: Draw) -> str:
    dims = d.size(1, 2)
    shape = (d.size(1, 3), d.size(1, 4), *(d.size(1, 4) for _ in range(dims)))
    return f"F.dropout{dims}d({d.floats('x', shape)}{d.choose('', ', 0.25', ', p=0.0', ', p=1.0')}{d.choose('', ', training=False')})"


@case("nn.Dropout1d", kind="module", also=["nn.Dropout2d"], sampled=True)
def channel_dropout_module(d: Draw) -> str:
    dims = d.size(1, 2)
    shape = (d.size(1, 3), d.size(1, 4), *(d.size(1, 4) for _ in range(dims)))
    d.build = f"nn.Dropout{dims}d({d.choose('', '0.25', 'p=0.0')})"
    return f"m({d.floats('x', shape)})"


channel_dropout.refuses("F.dropout1d(torch.ones(1, 2, 3), p=1.5)", "F.dropout2d(torch.ones(1, 2, 3, 4), p=-0.5)")
channel_dropout_module.refuses("nn.Dropout1d(1.5); m(torch.ones(1, 2, 3))")

"""The functions of `nn.functional` that work element by element, and dropout."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw


@case("nn.functional.relu", groups=("", "special"))
def relu(d: Draw) -> str:
    x = d.floats("x", d.shape(), d.group or None)
    return f"F.relu({d.choose(str(x), f'{x}.clone(), inplace=True', f'{x}, inplace=False')})"


relu.refuses("F.relu([1.0])", "x = torch.ones(2, requires_grad=True)\nF.relu(x, inplace=True)")


@case("nn.functional.sigmoid", groups=("", "special"), also=["nn.functional.tanh"])
def sigmoid(d: Draw) -> str:
    return f"F.{d.choose('sigmoid', 'tanh')}({d.floats('x', d.shape(), d.group or 'normal|big|zeros')})"


sigmoid.refuses("F.sigmoid(1.0)", "F.tanh([1.0])")


@case("nn.functional.dropout")
def dropout(d: Draw) -> str:
    x = d.floats("x", d.shape())
    p = d.choose("", ", 0.25", ", p=0.0", ", p=1.0", ", 0.9")
    return f"F.dropout({d.choose(str(x), f'{x}.clone()')}{p}{d.choose('', '', ', training=False', ', training=True')})"


dropout.refuses("F.dropout(torch.ones(2), p=1.5)", "F.dropout(torch.ones(2), p=-0.1)")


@case("nn.functional.one_hot", exact=True)
def one_hot(d: Draw) -> str:
    x = d.integers("x", d.shape(1, 2, empty=False), 0, 5)
    return f"F.one_hot({x}{d.choose('', ', 5', ', num_classes=7')})"


one_hot.refuses(
    "F.one_hot(torch.tensor([5]), 3)",
    "F.one_hot(torch.tensor([1.0]))",
    "F.one_hot(torch.tensor([-1]))",
    "F.one_hot(torch.zeros(0, dtype=torch.int64))",
)


@case("nn.functional.pad", groups=("", "reflect", "replicate", "circular"))
def pad(d: Draw) -> str:
    mode = d.group or "constant"
    if mode == "constant":
        shape = d.shape(1)
        amounts = [d.integer(-(n // 3), 3) for n in reversed(shape[d.integer(0, len(shape) - 1) :]) for _ in range(2)]
        value = d.choose("", ", value=1.5", ", 'constant'", ", mode='constant', value=-1.0")
        return f"F.pad({d.floats('x', shape)}, {tuple(amounts)}{value})"
    spatial = tuple(d.size(2, 6) for _ in range(d.integer(1, 3)))
    x = d.floats("x", (*d.choose((2, 3), (1, 1), (2,)), *spatial))
    most = {"reflect": -1, "replicate": 1, "circular": 0}[mode]
    d.gradient_terms = 16
    amounts = [d.integer(0, n + most) for n in reversed(spatial) for _ in range(2)]
    return f"F.pad({x}, {tuple(amounts)}, mode='{mode}')"


pad.refuses(
    "F.pad(torch.ones(2), (1, 1, 1, 1))",
    "F.pad(torch.ones(2), (1,))",
    "F.pad(torch.ones(2), (-3, 0))",
    "F.pad(torch.ones(1, 1, 3), (3, 0), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3), (4, 0), mode='circular')",
    "F.pad(torch.ones(3), (1, 1), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3), (1, 1), mode='nothing')",
    "F.pad(torch.ones(1, 1, 3), (1, 1), mode='reflect', value=1.0)",
)

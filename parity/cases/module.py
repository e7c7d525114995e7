"""A module that a user defines: registration, hooks and text by `nn.Module`."""

from __future__ import annotations

from string import Template

from parity.compare.case import case
from parity.compare.draw import Draw, volume

MODULE = """class Net(nn.Module):
    scale = $SCALE

    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.full((n,), 0.5, dtype=dtype))
        self.register_buffer('shift', torch.ones(n, dtype=dtype), persistent=$PERSISTENT)
        self.register_parameter('none', None)
        self.inner = nn.ModuleList([nn.Tanh() for _ in range($DEPTH)])

    def forward(self, x):
        for layer in self.inner:
            x = layer(x * self.weight + self.shift)
        return x * self.scale

    def extra_repr(self):
        return f'scale={self.scale}'

net = Net($N)
net.weight.requires_grad_($TRAINED)
seen = []
net.register_forward_hook(lambda module, args, result: seen.append(result.shape))
names = [name for name, _ in net.named_parameters()], [name for name, _ in net.named_buffers()], list(net.state_dict())
out = net($X), net.eval().training, names, seen, repr(net)"""


@case("nn.Module")
def module(d: Draw) -> str:
    n = d.size(1, 6)
    rows = d.shape(most=2, elements=40)
    x = d.floats("x", (*rows, n))
    depth = d.integer(0, 3)
    d.terms, d.gradient_terms = 2, 2 * max(1, depth) * max(1, volume(rows))  # second order: a term for each layer
    values = {"SCALE": d.choose(2.0, -0.5), "PERSISTENT": d.flag(), "TRAINED": d.flag()}
    return Template(MODULE).substitute(values, N=n, X=x, DEPTH=depth)


module.refuses(
    "nn.Module()(torch.ones(2))",
    "m = nn.Module()\nm.weight",
    "m = nn.Module()\nm.register_parameter('a.b', None)",
    "m = nn.Module()\nm.register_buffer('a', 3)",
    "m = nn.Module()\nm.add_module('a', torch.ones(2))",
    "class Net(nn.Module):\n    def __init__(self):\n        self.layer = nn.Tanh()\n\nNet()",
)

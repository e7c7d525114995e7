"""Modules that the tests of `Module` share, built with either library."""

from __future__ import annotations


def scale(torch, *shape, buffer=True):
    """A module that multiplies by a weight, with a buffer of each kind."""

    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.full(shape, 2.0))
            self.register_parameter("bias", None)
            if buffer:
                self.register_buffer("count", torch.zeros(2, dtype=torch.int64))
                self.register_buffer("hidden", torch.ones(1), persistent=False)
                self.register_buffer("nothing", None)

        def forward(self, x, power=1):
            return self.weight * x**power

        def extra_repr(self):
            return f"shape={tuple(self.weight.shape)}"

    return Scale()


def tree(torch):
    """A module with nested, shared and missing children, a shared parameter and a parameter."""

    class Tree(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = scale(torch, 3)
            self.inner = torch.nn.Sequential(scale(torch, 1, buffer=False), torch.nn.Sequential(scale(torch, 3)))
            self.again = self.first
            self.gone = None
            self.register_module("none", None)
            self.top = torch.nn.Parameter(torch.arange(3.0))
            self.tied = self.first.weight
            self.plain = [1, 2]

        def forward(self, x):
            return self.inner(self.first(x)) + self.top

    return Tree()

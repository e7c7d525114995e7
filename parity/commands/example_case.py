"""A layer, an op, a loss and an optimizer of one's own, compared with torch by ``parity FILE``.

The text that a case returns is Python. It is run twice: with ``torch`` meaning torch, and with ``torch`` meaning
minitorch. Results, gradients of first and second order, dtypes and more are compared by themselves, in float32 and in
float64. What is written once, with ``both``, has the same formula in both libraries: a mistake in it shows only beside
a ``twin`` that is written in another way. Keep what you need, delete the rest.
"""

from __future__ import annotations

from typing import Any

from kernels import kernel, namespace
from minitorch.autograd.op import Op
from parity import Draw, both, case, twin

# 1. A layer. It is written once, as a function of the library; its name can be used in the texts below.


@both
def Swish(torch: Any) -> type:
    """x · sigmoid(βx), with a learned β."""

    class Swish(torch.nn.Module):
        def __init__(self, beta: float = 1.0) -> None:
            super().__init__()
            if beta <= 0:
                raise ValueError(f"expected beta > 0, but got {beta}")
            self.beta = torch.nn.Parameter(torch.tensor(beta))

        def forward(self, x: Any) -> Any:
            return x * torch.sigmoid(self.beta * x)

    return Swish


@case("my.Swish", kind="module", groups=("default", "beta"))  # the groups are explored and reported one by one
def swish(d: Draw) -> str:
    """The calls of a layer: what makes it, and its input."""
    d.build = f"Swish({d.real(0.5, 2.0)})" if d.group == "beta" else "Swish()"  # what makes the module, called m below
    x = d.floats("x", d.shape())  # an input: its shape, values and order in memory are drawn
    d.gradient_terms = 2000  # the gradient of beta is a sum over the elements of x: their largest number
    return f"m({x})"


swish.example("Swish(); m(x)", x=[0.0, -0.0, 1e-30, 100.0])  # tried every time
swish.refuses("Swish(0.0); 1", "Swish(beta=-1.0); 1")  # must raise, in both libraries, errors of one type


# 2. An op with a kernel and a gradient of its own; torch has it under another name, or as a formula.


@kernel
def cube(x: Any) -> Any:
    """x³: a kernel, which takes and returns arrays of NumPy, CuPy or another library."""
    return namespace(x).multiply(x * x, x)


twin("cube", minitorch=Op(cube, x=lambda g, x: g * x * x * 3), torch=lambda x: x**3)


@case("my.cube")
def compared_cube(d: Draw) -> str:
    """The calls of an op."""
    return f"cube({d.floats('x', d.shape())})"


compared_cube.example("cube(x)", x=[0.0, -0.0, 1e-30, float("inf"), float("nan")])


# 3. A loss: a layer of two inputs. It may be a function too.


@both
def log_cosh(torch: Any) -> Any:
    """The mean of log(cosh(x - y)), written such that no number overflows."""

    def loss(x: Any, y: Any) -> Any:
        d = (x - y).abs()
        return (d + torch.nn.functional.softplus(-2.0 * d) - 0.6931471805599453).mean()

    return loss


@case("my.log_cosh")
def compared_log_cosh(d: Draw) -> str:
    """The calls of a loss; the values are such that x and y are apart, for the slope of |x - y| jumps at 0."""
    shape = d.shape(empty=False)
    x, y = d.floats("x", shape, "unit"), d.floats("y", shape, (2.0, 3.0), grad=False)
    d.terms = 2000  # how many numbers are summed for one result: the tolerance grows with the root of it
    return f"log_cosh({x}, {y})"


# 4. An optimizer. `Draw.steps` draws parameters and targets, and returns the text of some steps towards them.


@both
def Lion(torch: Any) -> type:
    """Steps of one size, in the direction of the sign of the averaged gradient."""

    class Lion(torch.optim.Optimizer):
        def __init__(self, params: Any, lr: float = 1e-2, beta: float = 0.9) -> None:
            super().__init__(params, {"lr": lr, "beta": beta})

        def step(self) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        with torch.no_grad():
                            average = self.state[p].setdefault("average", torch.zeros_like(p))
                            average.mul_(group["beta"]).add_(p.grad, alpha=1 - group["beta"])
                            p.add_(average.sign(), alpha=-group["lr"])

    return Lion


@case("my.Lion", kind="optimizer")
def lion(d: Draw) -> str:
    """The optimizer and its steps."""
    d.build = f"Lion(params, lr={d.choose(0.01, 0.1)})"
    return d.steps()


lion.refuses("Lion([]); 1")

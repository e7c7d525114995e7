"""Functions with a backward of one's own."""

import math

import numpy as np
import torch


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class ScaledSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y, factor, way):
        ctx.factor, ctx.outputs, ctx.edges = factor, 1, "free names"
        print("forward", way, ctx.needs_input_grad)
        return (x + y) * factor

    @staticmethod
    def backward(ctx, grad_output):
        g = grad_output * ctx.factor
        return g, g, None, None


class NumpySort(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        order = np.argsort(x.detach().numpy(), kind="stable")
        ctx.order = torch.from_numpy(order)
        ctx.mark_non_differentiable(ctx.order)
        return x[ctx.order], ctx.order

    @staticmethod
    def backward(ctx, g, _):
        out = torch.zeros_like(g)
        out[ctx.order] = g
        return out


torch.manual_seed(0)
N, D_in, H, D_out = 16, 20, 10, 4
x, y = torch.randn(N, D_in), torch.randn(N, D_out)
w1, w2 = torch.randn(D_in, H, requires_grad=True), torch.randn(H, D_out, requires_grad=True)
learning_rate = 1e-4
for t in range(60):
    y_pred = MyReLU.apply(x.mm(w1)).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    if t % 20 == 0:
        print(t, "%.1f" % loss.item())
    loss.backward()
    with torch.no_grad():
        w1 -= learning_rate * w1.grad
        w2 -= learning_rate * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()

P3 = LegendrePolynomial3.apply
points = torch.linspace(-math.pi, math.pi, 50, dtype=torch.float64)
target = torch.sin(points)
a, b, c, d = (torch.full((), v, dtype=torch.float64, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
for _ in range(100):
    loss = (a + b * P3(c + d * points) - target).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 5e-4 * p.grad
            p.grad = None
print(f"y = {a.item():.4f} + {b.item():.4f} * P3({c.item():.4f} + {d.item():.4f} x), {loss.item():.6f}")
inputs = torch.randn(4, dtype=torch.float64, requires_grad=True)
print(torch.autograd.gradcheck(P3, (inputs,)), torch.autograd.gradgradcheck(P3, (inputs,)))

u, v = torch.ones(2, requires_grad=True), torch.ones(2)
out = ScaledSum.apply(u, v, 3.0, "once")
print(out.requires_grad, type(out.grad_fn).__name__)
out.sum().backward()
print(u.grad, v.grad)
s = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
ordered, order = NumpySort.apply(s)
(ordered * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
print(ordered, order, s.grad)

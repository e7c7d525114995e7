"""A graph made by ordinary control flow, one layer used several times, modules shared between nets."""

import random

import torch

torch.manual_seed(0)
random.seed(0)


class DynamicNet(torch.nn.Module):
    def __init__(self, D_in, H, D_out):
        super().__init__()
        self.input_linear = torch.nn.Linear(D_in, H)
        self.middle_linear = torch.nn.Linear(H, H)
        self.output_linear = torch.nn.Linear(H, D_out)

    def forward(self, x):
        h_relu = self.input_linear(x).clamp(min=0)
        for _ in range(random.randint(0, 3)):
            h_relu = self.middle_linear(h_relu).clamp(min=0)
        return self.output_linear(h_relu)


x, y = torch.randn(64, 20), torch.randn(64, 10)
model = DynamicNet(20, 30, 10)
criterion = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
for t in range(60):
    y_pred = model(x)
    loss = criterion(y_pred, y)
    if t % 10 == 0:
        print(t, "%.2f" % loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


class Polynomial(torch.nn.Module):
    """a + b x + c x² + d x³ + e x⁴ ? + e x⁵ ?, the last terms by chance."""

    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(()))
        self.b = torch.nn.Parameter(torch.randn(()))
        self.c = torch.nn.Parameter(torch.randn(()))
        self.d = torch.nn.Parameter(torch.randn(()))
        self.e = torch.nn.Parameter(torch.randn(()))

    def forward(self, x):
        y = self.a + self.b * x + self.c * x**2 + self.d * x**3
        for exp in range(4, random.randint(4, 6)):
            y = y + self.e * x**exp
        return y

    def string(self):
        return f"y = {self.a.item():.3f} + {self.b.item():.3f} x + {self.c.item():.3f} x^2 + {self.d.item():.3f} x^3"


polynomial = Polynomial()
print(polynomial, polynomial.string(), polynomial.a)
points = torch.linspace(-1, 1, 50)
optimizer = torch.optim.SGD(polynomial.parameters(), lr=1e-2, momentum=0.5)
for _ in range(50):
    optimizer.zero_grad()
    loss = (polynomial(points) - torch.sin(points)).pow(2).mean()
    loss.backward()
    optimizer.step()
print(polynomial.string(), "%.4f" % loss)

# One body, two heads; the same weights in two nets
body = torch.nn.Linear(4, 4)
first = torch.nn.Sequential(body, torch.nn.ReLU(), torch.nn.Linear(4, 2))
second = torch.nn.Sequential(body, torch.nn.Tanh(), torch.nn.Linear(4, 3))
both = torch.nn.ModuleList([first, second])
print(len(list(both.parameters())), len(list(first.parameters())), len(both.state_dict()), first[0] is second[0])
print([name for name, _ in both.named_parameters()], [name for name, _ in both.named_modules()])
inputs = torch.randn(5, 4)
(first(inputs).sum() + second(inputs).sum()).backward()
print(body.weight.grad)
tied = torch.nn.Linear(3, 3, bias=False)
other = torch.nn.Linear(3, 3, bias=False)
other.weight = tied.weight
(tied(torch.ones(1, 3)) + other(torch.ones(1, 3))).sum().backward()
print(tied.weight.grad, other.weight is tied.weight)

"""The third lesson: activation functions, from torch, from nn.functional, and as layers."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable

x = Variable(torch.linspace(-2, 2, 11))
print(torch.relu(x).data.numpy())
print(torch.sigmoid(x).data.numpy())
print(torch.tanh(x).data.numpy())
print(F.softplus(x).data.numpy())
print(F.softmax(x, dim=0).sum(), F.log_softmax(x, dim=0))
for layer in (
    nn.ReLU(),
    nn.LeakyReLU(0.1),
    nn.ELU(),
    nn.SELU(),
    nn.GELU(),
    nn.GELU(approximate="tanh"),
    nn.SiLU(),
    nn.Softplus(beta=2),
    nn.Softsign(),
    nn.Hardtanh(-2, 2),
    nn.ReLU6(),
    nn.LogSigmoid(),
    nn.PReLU(),
    nn.Sigmoid(),
    nn.Tanh(),
    nn.Softmax(dim=-1),
    nn.LogSoftmax(dim=0),
):
    inputs = x.clone().requires_grad_()
    out = layer(inputs)
    out.sum().backward()
    print(layer, out.detach()[::5], inputs.grad[::5])
print(nn.GLU(), nn.GLU()(torch.arange(6.0).view(1, 6)), nn.PReLU(3)(-torch.ones(2, 3)))

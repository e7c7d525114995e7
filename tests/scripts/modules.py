"""Modules: buffers, containers, counting, freezing, initializing, moving, and how they print."""

import copy
import math
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import init

torch.manual_seed(0)


class RunningMean(nn.Module):
    def __init__(self, size, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(size))
        self.register_parameter("bias", None)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scratch", torch.zeros(1), persistent=False)

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.mean.mul_(1 - self.momentum).add_(x.mean(0), alpha=self.momentum)
        return (x - self.mean) * self.weight

    def extra_repr(self):
        return f"momentum={self.momentum}"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = RunningMean(4)
        self.blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.heads = nn.ModuleDict({"left": nn.Linear(4, 2), "right": nn.Linear(4, 1)})
        self.act = nn.Sequential(OrderedDict([("drop", nn.Dropout(0.25)), ("relu", nn.ReLU(inplace=True))]))
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x, head):
        x = self.norm(x)
        for block in self.blocks:
            x = self.act(block(x)) * self.scale
        return self.heads[head](x)


net = Net()
print(net)
print(list(net.state_dict()))
print([(n, tuple(p.shape)) for n, p in net.named_parameters()], [n for n, _ in net.named_buffers()])
print(sum(p.numel() for p in net.parameters() if p.requires_grad), [n for n, _ in net.named_children()])
print(net(torch.ones(3, 4), "left").shape, net.norm.mean, net.training, net.eval().training, net.norm.training)
print(torch.equal(net(torch.ones(3, 4), "right"), net(torch.ones(3, 4), "right")))


def init_weights(m):
    if isinstance(m, nn.Linear):
        init.xavier_uniform_(m.weight)
        m.bias.data.fill_(0.01)


net.apply(init_weights)
print(net.heads["left"].weight, net.heads.left.bias)
w = torch.empty(3, 5)
for fill in (init.normal_, init.kaiming_uniform_, init.kaiming_normal_, init.xavier_normal_, init.ones_, init.eye_):
    print(fill.__name__, fill(w)[0])
print(init.calculate_gain("relu"), init.constant_(w, 0.3)[0, 0], init.uniform_(w, -math.pi, math.pi)[2])

for p in net.blocks.parameters():
    p.requires_grad = False
net.train()
net.zero_grad()
F.mse_loss(net(torch.randn(8, 4), "left"), torch.zeros(8, 2)).backward()
print([n for n, p in net.named_parameters() if p.grad is not None])
twin = copy.deepcopy(net)
with torch.no_grad():
    twin.scale.zero_()
print(net.scale, twin.scale, twin.blocks[0].weight is net.blocks[0].weight, torch.equal(twin.norm.mean, net.norm.mean))
print(net.double().scale.dtype, net.norm.mean.dtype, net.float().scale.dtype)
print(
    {type(m).__name__ for m in net.modules()}
    == {"Net", "RunningMean", "ModuleList", "ModuleDict", "Linear", "Sequential", "Dropout", "ReLU"}
)
net.blocks.append(nn.Linear(4, 4))
net.extra = nn.Identity()
net.add_module("flat", nn.Flatten())
print(len(net.blocks), "extra" in dict(net.named_modules()), list(net.heads.keys()), net.flat)
del net.extra
try:
    print(net.extra)
except AttributeError as error:
    print(error)
try:
    net.scale = torch.zeros(1)
except TypeError as error:
    print(error)
print(nn.Conv2d(3, 6, 5, stride=2, padding=1, bias=False), nn.Conv2d(1, 2, (3, 5), padding="same"), nn.MaxPool2d(3, 2))
print(
    nn.Linear(2, 3, bias=False),
    nn.BatchNorm1d(4),
    nn.CrossEntropyLoss(),
    nn.Softmax(dim=1),
    nn.Flatten(),
    nn.AvgPool2d(2),
)
print(
    nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Tanh(), nn.Sequential())),
    nn.ModuleList(),
    nn.Parameter(torch.zeros(2)),
)

"""Saving and loading: a whole net, its parameters alone, and a checkpoint to go on from."""

import os
import tempfile

import torch

torch.manual_seed(1)
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)

x = torch.unsqueeze(torch.linspace(-1, 1, 100), dim=1)
y = x.pow(2) + 0.2 * torch.rand(x.size())


def make():
    return torch.nn.Sequential(torch.nn.Linear(1, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))


class Scaled(torch.nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.inner = make()
        self.register_buffer("scale", torch.tensor(scale))

    def forward(self, x):
        return self.inner(x) * self.scale


def train(net, optimizer, steps):
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


net1 = make()
print("%.4f" % train(net1, torch.optim.SGD(net1.parameters(), lr=0.5), 100))
torch.save(net1, "net.pkl")
torch.save(net1.state_dict(), "net_params.pkl")

net2 = torch.load("net.pkl", weights_only=False)
print(net2, (net2(x) - net1(x)).abs().max())
try:
    torch.load("net.pkl")
except Exception as error:
    print("refused:", type(error).__name__)

net3 = make()
print(net3.load_state_dict(torch.load("net_params.pkl")))
print(torch.equal(net3(x), net1(x)), list(torch.load("net_params.pkl")))
try:
    torch.nn.Linear(1, 10).load_state_dict(torch.load("net_params.pkl"))
except RuntimeError as error:
    print(error)
try:
    torch.nn.Sequential(torch.nn.Linear(2, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)).load_state_dict(
        net1.state_dict()
    )
except RuntimeError as error:
    print(error)
print(torch.nn.Linear(1, 10).load_state_dict({"weight": torch.zeros(10, 1), "more": torch.ones(1)}, strict=False))

net4 = Scaled(2.0)
optimizer = torch.optim.Adam(net4.parameters(), lr=0.01)
train(net4, optimizer, 20)
torch.save({"epoch": 3, "model": net4.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.25}, "check.tar")
direct = [train(net4, optimizer, 1) for _ in range(3)]
check = torch.load("check.tar")
net5 = Scaled(1.0)
optimizer = torch.optim.Adam(net5.parameters(), lr=0.5)
net5.load_state_dict(check["model"])
optimizer.load_state_dict(check["optimizer"])
print(check["epoch"], check["loss"], sorted(check), list(check["model"]), optimizer.param_groups[0]["lr"])
print(direct == [train(net5, optimizer, 1) for _ in range(3)])

torch.save(
    [torch.arange(4).view(2, 2), {"a": torch.ones(2, dtype=torch.float64)}, "text", 3, None, (1, 2.5)], "mixed.pt"
)
print(torch.load("mixed.pt"))
torch.save(net4, "whole.pkl")
net6 = torch.load("whole.pkl", weights_only=False)
print(net6, type(net6).__name__, torch.equal(net6(x), net4(x)), net6.scale)
shared = torch.zeros(4)
torch.save([shared, shared[:2]], "views.pt")
whole, part = torch.load("views.pt")
part += 1
print(whole, sorted(os.listdir()))

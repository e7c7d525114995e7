"""What surrounds a lesson: imports from every corner, seeds, devices, a custom dataset, optimizer and scheduler."""

import argparse
import random

import numpy as np
import torch
import torch.backends.cudnn as cudnn
import torch.cuda
import torch.nn.functional as F
import torch.optim as optim
from torch import Tensor, nn
from torch.autograd import Function, Variable, grad
from torch.autograd.functional import jacobian
from torch.nn import Parameter
from torch.nn.functional import mse_loss
from torch.nn.init import kaiming_normal_
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter as SameParameter
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, ReduceLROnPlateau, StepLR
from torch.optim.optimizer import Optimizer
from torch.utils.data import DataLoader, Dataset, random_split
from torch.utils.data.dataset import TensorDataset
from torch.utils.data.sampler import SubsetRandomSampler

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--no-cuda", action="store_true", default=True)
args = parser.parse_args()


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


seed_everything(42)
use_cuda = not args.no_cuda and torch.cuda.is_available()
device = torch.device("cuda:0" if use_cuda else "cpu")
kwargs = {"num_workers": 1, "pin_memory": True} if use_cuda else {}
print(device, device.type, device.index, torch.device("cuda", 1), torch.device("cpu") == device)
print(Parameter is SameParameter, Module is nn.Module, issubclass(optim.Adam, Optimizer), issubclass(Parameter, Tensor))
print(
    torch.get_default_dtype(), torch.finfo(torch.float32).eps, torch.iinfo(torch.int64).max, torch.float32, torch.long
)


class Curve(Dataset):
    def __init__(self, n, transform=None):
        self.x = np.random.rand(n, 3).astype(np.float32)
        self.y = self.x.sum(1) ** 2
        self.transform = transform

    def __len__(self):
        return len(self.x)

    def __getitem__(self, idx):
        x, y = self.x[idx], self.y[idx]
        if self.transform:
            x = self.transform(x)
        return x, y


class Halve:
    def __call__(self, sample):
        return torch.from_numpy(sample) / 2


dataset = Curve(64, transform=Halve())
train_set, val_set = random_split(dataset, [48, 16])
train_loader = DataLoader(train_set, batch_size=16, shuffle=True, **kwargs)
val_loader = DataLoader(val_set, batch_size=16, shuffle=False, drop_last=False, **kwargs)
print(len(train_loader), len(val_loader), next(iter(val_loader))[0].dtype, next(iter(val_loader))[1].dtype)


class SignSGD(Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    state = self.state[p]
                    state["step"] = state.get("step", 0) + 1
                    p.add_(torch.sign(p.grad), alpha=-group["lr"])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 16)
        self.weight = Parameter(torch.empty(1, 16))
        kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(torch.tanh(self.fc1(x)), self.weight).squeeze(-1)


def train(model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = mse_loss(model(data), target)
        loss.backward()
        norm = clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        done, total = batch_idx * len(data), len(loader.dataset)
        print(
            f"Train Epoch: {epoch} [{done}/{total} ({100.0 * done / total:.0f}%)]\tLoss: {loss.item():.4f}\t{norm:.3f}"
        )


@torch.no_grad()
def evaluate(model, device, loader):
    model.eval()
    total = 0.0
    for data, target in loader:
        total += F.mse_loss(model(data.to(device)), target.to(device), reduction="sum").item()
    return total / len(loader.dataset)


for make in (lambda ps: optim.Adam(ps, lr=0.01), lambda ps: SignSGD(ps, lr=0.02), lambda ps: optim.AdamW(ps)):
    torch.manual_seed(7)
    model = Net().to(device)
    optimizer = make(model.parameters())
    scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, args.epochs + 1):
        train(model, device, train_loader, optimizer, epoch)
        val = evaluate(model, device, val_loader)
        scheduler.step()
        print("validation %.4f, lr %g" % (val, scheduler.get_last_lr()[0]))
print(len(optimizer.state), sorted(optimizer.state_dict()["state"][0]))

vector = parameters_to_vector(model.parameters())
vector_to_parameters(vector * 0, model.parameters())
print(vector.shape, sum(p.abs().sum() for p in model.parameters()))
weights = Variable(torch.ones(3), requires_grad=True)
print(jacobian(lambda w: w**2, weights), grad((weights**3).sum(), weights)[0], issubclass(Function, object))
picks = DataLoader(TensorDataset(torch.arange(6)), batch_size=2, sampler=SubsetRandomSampler([0, 2, 4]))
print([b[0].tolist() for b in picks])
opt = optim.SGD([weights], lr=1.0)
plateau = ReduceLROnPlateau(opt, factor=0.1, patience=1)
for metric in (1.0, 0.9, 0.9, 0.9, 0.9):
    opt.step()
    plateau.step(metric)
    print(opt.param_groups[0]["lr"], end=" ")
for scheduler in (ExponentialLR(opt, 0.5), LambdaLR(opt, lambda epoch: 1 / (epoch + 1))):
    for _ in range(3):
        opt.step()
        scheduler.step()
    print(scheduler.get_last_lr(), end=" ")
print()
with torch.autograd.set_detect_anomaly(True):
    print((weights * 2).sum())
with torch.set_grad_enabled(False):
    print((weights * 2).requires_grad, torch.is_grad_enabled())
with torch.inference_mode():
    print(torch.ones(1).is_inference())
torch.set_default_dtype(torch.float64)
print(torch.ones(1).dtype, torch.tensor(1.5).dtype, torch.tensor(1).dtype)
torch.set_default_dtype(torch.float32)
state = torch.get_rng_state()
first = torch.rand(2)
torch.set_rng_state(state)
print(torch.equal(first, torch.rand(2)), torch.initial_seed(), torch.Generator().manual_seed(3).initial_seed())
try:
    torch.ones(1).cuda()
except (RuntimeError, AssertionError):
    print("no CUDA here")

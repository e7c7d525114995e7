"""A script as users write it, for ``mypy --strict`` and pyright: every expression has the type written beside it.

Type checkers read it; nobody runs it. See `test_checkers.py`.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, assert_type

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.distributions import Categorical, Normal
from minitorch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split

Tensor = torch.Tensor

# -- making tensors

x = torch.randn(2, 3, requires_grad=True)
assert_type(x, Tensor)
assert_type(torch.tensor([1.0, 2.0], dtype=torch.float32, device="cpu"), Tensor)
assert_type(torch.zeros(2, 3), Tensor)
assert_type(torch.zeros((2, 3), dtype=torch.float64), Tensor)
assert_type(torch.ones(2), Tensor)
assert_type(torch.empty(2, 3), Tensor)
assert_type(torch.full((2, 3), 7), Tensor)
assert_type(torch.zeros_like(x), Tensor)
assert_type(torch.ones_like(x, dtype=torch.int64), Tensor)
assert_type(torch.full_like(x, 2.0), Tensor)
assert_type(torch.arange(10), Tensor)
assert_type(torch.arange(0, 1, 0.1), Tensor)
assert_type(torch.linspace(0, 1, 5), Tensor)
assert_type(torch.eye(3), Tensor)
assert_type(torch.from_numpy(np.zeros(3)), Tensor)
assert_type(torch.as_tensor(3), Tensor)
assert_type(torch.rand(2, 3), Tensor)
assert_type(torch.randn_like(x), Tensor)
assert_type(torch.randint(0, 10, (2, 3)), Tensor)
assert_type(torch.randint(10, (2,)), Tensor)
assert_type(torch.randperm(5), Tensor)
assert_type(torch.normal(0.0, 1.0, (2, 3)), Tensor)
assert_type(torch.bernoulli(torch.rand(3)), Tensor)
assert_type(torch.multinomial(torch.rand(3), 2), Tensor)
assert_type(torch.FloatTensor([1.0, 2.0]), torch.FloatTensor)
assert_type(Tensor([1.0, 2.0]), Tensor)
made: Tensor = torch.LongTensor([1, 2])

# -- what a tensor is

assert_type(x.shape, torch.Size)
assert_type(x.size(), torch.Size)
assert_type(x.size(0), int)
assert_type(x.size(dim=1), int)
assert_type(x.shape[0], int)
assert_type(x.shape[:1], torch.Size)
assert_type(x.dim(), int)
assert_type(x.ndim, int)
assert_type(x.numel(), int)
assert_type(x.dtype, torch.dtype)
assert_type(x.device, torch.device)
assert_type(x.is_leaf, bool)
assert_type(x.requires_grad, bool)
assert_type(x.grad, Tensor | None)
assert_type(x.data, Tensor)
assert_type(x.item(), int | float | bool)
assert_type(x.stride(), tuple[int, ...])
assert_type(x.stride(0), int)
assert_type(x.is_contiguous(), bool)
assert_type(x.is_floating_point(), bool)
assert_type(x.data_ptr(), int)
assert_type(float(x.sum()), float)
assert_type(int(x.sum()), int)
assert_type(bool(x.sum()), bool)
assert_type(len(x), int)
assert_type(x[0], Tensor)
assert_type(x[0, 1:], Tensor)
assert_type(x[x > 0], Tensor)
assert_type(x[None, ..., 0], Tensor)
assert_type(list(x), list[Tensor])
assert_type(x.numpy(), np.ndarray)
x[0] = 1.0
x[:, 1] = torch.zeros(2)

# -- elsewhere and otherwise

assert_type(x.to("cpu"), Tensor)
assert_type(x.to(torch.float64), Tensor)
assert_type(x.to(torch.device("cpu"), torch.float64), Tensor)
assert_type(x.float(), Tensor)
assert_type(x.double(), Tensor)
assert_type(x.long(), Tensor)
assert_type(x.bool(), Tensor)
assert_type(x.cpu(), Tensor)
assert_type(x.cuda(), Tensor)
assert_type(x.type(), str)
assert_type(x.type(torch.float64), Tensor)
assert_type(x.detach(), Tensor)
assert_type(x.clone(), Tensor)
assert_type(x.contiguous(), Tensor)

# -- elementwise

assert_type(torch.exp(x), Tensor)
assert_type(torch.exp(x, out=torch.empty(2, 3)), Tensor)
assert_type(torch.log(x), Tensor)
assert_type(torch.sqrt(x), Tensor)
assert_type(torch.tanh(x), Tensor)
assert_type(torch.sigmoid(x), Tensor)
assert_type(torch.relu(x), Tensor)
assert_type(torch.abs(x), Tensor)
assert_type(torch.absolute(x), Tensor)
assert_type(torch.add(x, 1, alpha=2), Tensor)
assert_type(torch.mul(x, x), Tensor)
assert_type(torch.div(x, 2, rounding_mode="floor"), Tensor)
assert_type(torch.pow(x, 2), Tensor)
assert_type(torch.pow(2, x), Tensor)
assert_type(torch.maximum(x, x), Tensor)
assert_type(torch.clamp(x, 0, 1), Tensor)
assert_type(torch.clamp(x, min=0), Tensor)
assert_type(torch.where(x > 0, x, 0), Tensor)
assert_type(torch.where(x > 0), tuple[Tensor, ...])
assert_type(torch.eq(x, x), Tensor)
assert_type(torch.isnan(x), Tensor)
assert_type(torch.equal(x, x), bool)
assert_type(torch.allclose(x, x), bool)
assert_type(torch.lerp(x, x, 0.5), Tensor)
assert_type(torch.round(x, decimals=2), Tensor)
assert_type(x.exp(), Tensor)
assert_type(x.exp().log().sqrt().tanh().sigmoid().relu(), Tensor)
assert_type(x.add(1), Tensor)
assert_type(x.pow(2), Tensor)
assert_type(x.clamp(min=0), Tensor)
assert_type(x.masked_fill(x > 0, 0), Tensor)
assert_type(x.where(x > 0, 0), Tensor)
assert_type(x.add_(1), Tensor)
assert_type(x.mul_(2).clamp_(0, 1).zero_().fill_(3), Tensor)
assert_type(x.sub_(x, alpha=2), Tensor)
assert_type(x.copy_(x), Tensor)
assert_type(x.uniform_(0, 1), Tensor)
assert_type(x.normal_(), Tensor)
assert_type(x.requires_grad_(), Tensor)
assert_type(x + 1, Tensor)
assert_type(1 + x, Tensor)
assert_type(1 - x, Tensor)
assert_type(2 * x, Tensor)
assert_type(x / 2, Tensor)
assert_type(1 / x, Tensor)
assert_type(x // 2, Tensor)
assert_type(x % 2, Tensor)
assert_type(x**2, Tensor)
assert_type(2**x, Tensor)
assert_type(-x, Tensor)
assert_type(abs(x), Tensor)
assert_type(x > 0, Tensor)
assert_type(x == x, Tensor)
assert_type(x != 0, Tensor)
assert_type((x > 0) & (x < 1), Tensor)
assert_type(~(x > 0), Tensor)
x += 1
x -= 0.1 * x
x *= 2
assert_type(x, Tensor)

# -- reductions

assert_type(x.sum(), Tensor)
assert_type(x.sum(0), Tensor)
assert_type(x.sum(dim=(0, 1), keepdim=True), Tensor)
assert_type(x.mean(dim=1), Tensor)
assert_type(x.std(), Tensor)
assert_type(x.var(dim=0, correction=0), Tensor)
assert_type(x.norm(), Tensor)
assert_type(x.prod(), Tensor)
assert_type(x.all(), Tensor)
assert_type(x.any(dim=0), Tensor)
assert_type(x.argmax(dim=1), Tensor)
assert_type(x.max(), Tensor)
assert_type(x.max(dim=0).values, Tensor)
assert_type(x.max(0).indices, Tensor)
assert_type(x.max(x), Tensor)
values, indices = x.max(1, keepdim=True)
assert_type(values, Tensor)
assert_type(torch.max(x), Tensor)
assert_type(torch.max(x, 1)[1], Tensor)
assert_type(torch.max(x, x), Tensor)
assert_type(torch.min(x, dim=1).indices, Tensor)
assert_type(torch.sort(x).values, Tensor)
assert_type(x.sort(descending=True)[0], Tensor)
assert_type(x.topk(2).indices, Tensor)
assert_type(torch.median(x), Tensor)
assert_type(x.median(dim=0).values, Tensor)
assert_type(torch.aminmax(x).max, Tensor)
assert_type(x.cumsum(0), Tensor)
assert_type(x.logsumexp(1), Tensor)
assert_type(torch.softmax(x, dim=1), Tensor)
assert_type(x.log_softmax(-1), Tensor)
assert_type(torch.var_mean(x), tuple[Tensor, Tensor])
assert_type(torch.count_nonzero(x), Tensor)

# -- shape

assert_type(x.reshape(3, 2), Tensor)
assert_type(x.reshape((3, 2)), Tensor)
assert_type(x.view(-1), Tensor)
assert_type(x.view(x.size(0), -1), Tensor)
assert_type(x.flatten(1), Tensor)
assert_type(x.squeeze(0).unsqueeze(1), Tensor)
assert_type(x.transpose(0, 1), Tensor)
assert_type(x.permute(1, 0), Tensor)
assert_type(x.t(), Tensor)
assert_type(x.T, Tensor)
assert_type(x.mT, Tensor)
assert_type(x.expand(2, 3), Tensor)
assert_type(x.expand_as(x), Tensor)
assert_type(x.repeat(2, 1), Tensor)
assert_type(torch.cat([x, x], dim=0), Tensor)
assert_type(torch.cat((x, x)), Tensor)
assert_type(torch.stack([x, x]), Tensor)
assert_type(torch.split(x, 1), tuple[Tensor, ...])
assert_type(x.chunk(2), tuple[Tensor, ...])
assert_type(x.unbind(0), tuple[Tensor, ...])
assert_type(torch.flip(x, (0,)), Tensor)
assert_type(torch.roll(x, 1), Tensor)
assert_type(torch.tril(x), Tensor)
assert_type(torch.diag(x), Tensor)
assert_type(torch.broadcast_to(x, (2, 3)), Tensor)
assert_type(torch.meshgrid(x, x, indexing="ij"), tuple[Tensor, ...])

# -- indexing, products

index = torch.zeros(2, 1, dtype=torch.long)
assert_type(x.gather(1, index), Tensor)
assert_type(x.scatter(1, index, 1.0), Tensor)
assert_type(x.scatter_add_(1, index, x), Tensor)
assert_type(torch.index_select(x, 0, index), Tensor)
assert_type(torch.masked_select(x, x > 0), Tensor)
assert_type(torch.nonzero(x), Tensor)
assert_type(x @ x, Tensor)
assert_type(x.mm(x), Tensor)
assert_type(torch.matmul(x, x), Tensor)
assert_type(torch.bmm(x, x), Tensor)
assert_type(torch.einsum("ij,jk->ik", x, x), Tensor)
assert_type(torch.linalg.norm(x), Tensor)
assert_type(torch.dot(x, x), Tensor)
assert_type(torch.outer(x, x), Tensor)

# -- autograd

x.backward()
x.backward(torch.ones_like(x), retain_graph=True)
assert_type(torch.autograd.grad(x.sum(), x), tuple[Tensor, ...])
assert_type(torch.is_grad_enabled(), bool)
with torch.no_grad():
    pass
with torch.enable_grad(), torch.set_grad_enabled(False), torch.inference_mode():
    pass


@torch.no_grad()
def evaluate(net: nn.Module, batch: Tensor) -> float:
    net.eval()
    return float(net(batch).mean())


assert_type(evaluate(nn.Linear(3, 2), x), float)


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        result = input.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        result: Tensor = ctx.saved_tensors[0]
        return grad_output * result


if x.grad is not None:
    assert_type(x.grad.norm(), Tensor)
    x.grad.zero_()
handle = x.register_hook(lambda grad: grad * 2)
handle.remove()

# -- modules


class Net(nn.Module):
    running: Tensor

    def __init__(self, hidden: int = 8) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(4 * 14 * 14, hidden)
        self.out = nn.Linear(hidden, 10)
        self.layers = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(2)])
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("running", torch.zeros(1))

    def forward(self, images: Tensor, *, flag: bool = False) -> Tensor:
        features = F.relu(self.norm(self.conv(images)))
        assert_type(features, Tensor)
        features = self.pool(features).flatten(1)
        features = torch.relu(self.fc(features)) * self.scale + self.running
        for layer in self.layers:
            features = layer(features)
        return self.out(features)


net = Net()
assert_type(net(torch.zeros(2, 1, 28, 28), flag=True), Tensor)
assert_type(net.fc.weight, nn.Parameter)
assert_type(net.fc.bias.grad, Tensor | None)
assert_type(net.scale, nn.Parameter)
assert_type(net.parameters(), Iterator[nn.Parameter])
assert_type([p.numel() for p in net.parameters() if p.requires_grad], list[int])
assert_type(dict(net.named_parameters()), dict[str, nn.Parameter])
assert_type(list(net.children()), list[nn.Module])
assert_type(net.train(), Net)
assert_type(net.eval().to("cpu").double(), Net)
assert_type(net.state_dict()["scale"], Any)
net.load_state_dict(net.state_dict())
net.zero_grad()

sequential = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(4, 1))
assert_type(sequential[0], nn.Module)
assert_type(sequential[:2], nn.Sequential)
assert_type(len(sequential), int)
assert_type(nn.Sequential(OrderedDict(a=nn.ReLU())), nn.Sequential)
assert_type(nn.Linear(3, 4)(x), Tensor)
assert_type(nn.CrossEntropyLoss()(x, index), Tensor)
assert_type(nn.MSELoss(reduction="sum")(x, x), Tensor)
assert_type(nn.BCEWithLogitsLoss()(x, x), Tensor)
assert_type(nn.Embedding(10, 3)(index), Tensor)
assert_type(nn.Embedding(10, 3).weight, nn.Parameter)
assert_type(nn.LayerNorm(3)(x), Tensor)
assert_type(nn.AvgPool2d(2)(x), Tensor)
assert_type(nn.AdaptiveAvgPool2d(1)(x), Tensor)
assert_type(nn.ConvTranspose2d(2, 3, 2)(x), Tensor)
assert_type(nn.LSTM(3, 4, num_layers=2, batch_first=True)(x), tuple[Tensor, tuple[Tensor, Tensor]])
assert_type(nn.GRU(3, 4)(x, x)[1], Tensor)
assert_type(nn.LSTMCell(3, 4)(x), tuple[Tensor, Tensor])
assert_type(nn.ModuleDict({"a": nn.ReLU()})["a"], nn.Module)
nn.init.kaiming_normal_(net.fc.weight, nonlinearity="relu")
nn.init.zeros_(net.fc.bias)
assert_type(nn.utils.clip_grad_norm_(net.parameters(), 1.0), Tensor)

assert_type(F.softmax(x, dim=1), Tensor)
assert_type(F.cross_entropy(x, index, reduction="none"), Tensor)
assert_type(F.linear(x, x), Tensor)
assert_type(F.conv2d(x, x, stride=2), Tensor)
assert_type(F.max_pool2d(x, 2), Tensor)
assert_type(F.dropout(x, 0.5, training=False), Tensor)
assert_type(F.one_hot(index, 3), Tensor)
assert_type(F.pad(x, (1, 1)), Tensor)
assert_type(F.mse_loss(x, x), Tensor)
assert_type(F.sigmoid(x), Tensor)
assert_type(F.interpolate(x, scale_factor=2), Tensor)

# -- optimizers

optimizer = optim.Adam(net.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4)
assert_type(optimizer, optim.Adam)
groups = [{"params": list(net.fc.parameters()), "lr": 0.1}]
optim.SGD(groups, lr=0.1, momentum=0.9, nesterov=True)
optimizer.zero_grad()
optimizer.step()
assert_type(optimizer.param_groups[0]["lr"], Any)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
scheduler.step()
assert_type(scheduler.get_last_lr()[0], float | Tensor)
optim.lr_scheduler.ReduceLROnPlateau(optimizer).step(0.5)

# -- data


class Squares(Dataset[tuple[Tensor, int]]):
    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return torch.tensor(float(index)), index**2

    def __len__(self) -> int:
        return 10


for images, labels in DataLoader(TensorDataset(x, index), batch_size=2, shuffle=True):
    assert_type(images, Tensor)
    assert_type(labels, Tensor)
for batch in DataLoader(Squares(), 3, drop_last=True, num_workers=2):
    assert_type(batch, list[Tensor])


def collate(samples: list[tuple[Tensor, int]]) -> dict[str, Tensor]:
    return {"x": torch.stack([sample for sample, _ in samples])}


for named in DataLoader(Squares(), batch_size=2, collate_fn=collate):
    assert_type(named, dict[str, Tensor])
assert_type(random_split(Squares(), [8, 2]), list[Subset[tuple[Tensor, int]]])
assert_type(len(DataLoader(Squares())), int)

# -- distributions, random numbers, files, devices

assert_type(Categorical(logits=x).sample(), Tensor)
assert_type(Categorical(probs=x).log_prob(index), Tensor)
assert_type(Normal(x, 1.0).rsample(), Tensor)
assert_type(torch.manual_seed(0), torch.Generator)
assert_type(torch.Generator().manual_seed(1), torch.Generator)
assert_type(torch.randn(2, generator=torch.Generator()), Tensor)
torch.save(net.state_dict(), "net.pt")
net.load_state_dict(torch.load("net.pt"))
assert_type(torch.cuda.is_available(), bool)
assert_type(torch.device("cuda" if torch.cuda.is_available() else "cpu"), torch.device)
assert_type(torch.finfo(torch.float32).eps, float)
assert_type(torch.float32, torch.dtype)
assert_type(torch.get_default_dtype(), torch.dtype)
assert_type(torch.is_tensor(x), bool)
assert_type(torch.numel(x), int)
assert_type(torch.pi, float)
assert_type(torch.__version__, str)
torch.set_printoptions(precision=3)

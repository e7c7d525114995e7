"""Lines that ``mypy --strict`` and pyright must refuse; each ends with the kind of its error. This file is not run."""

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.utils.data import DataLoader, TensorDataset

x = torch.randn(2, 3)
net = nn.Sequential(nn.Linear(3, 2))
linear = nn.Linear(3, 2)

# -- names that there are not
x.summ()  # error: attribute
x.reshap(3, 2)  # error: attribute
x.exp_2()  # error: attribute
x.sum().itm()  # error: attribute
x.max(dim=0).vals  # error: attribute
(x @ x).siz()  # error: attribute
(x + 1).meen()  # error: attribute
x.add_(1).zeroo_()  # error: attribute
torch.randm(2)  # error: attribute
torch.flaot32  # error: attribute
torch.no_gradd()  # error: attribute
torch.autograd.gradd(x, x)  # error: attribute
torch.linalg.nrm(x)  # error: attribute
nn.Liner(3, 2)  # error: attribute
F.rellu(x)  # error: attribute
optim.Adamm(net.parameters())  # error: attribute
linear(x).sumn()  # error: attribute
for images, _ in DataLoader(TensorDataset(x, x)):
    images.shap  # error: attribute

# -- arguments
x.sum(dimension=0)  # error: argument
x.sum("rows")  # error: argument
x.reshape("3")  # error: argument
x.transpose(0)  # error: argument
torch.zeros("two")  # error: argument
torch.zeros(2, dtype="float32")  # error: argument
torch.exp(2.0)  # error: argument
torch.cat(x, x)  # error: argument
torch.matmul(x)  # error: argument
torch.add(x, "1")  # error: argument
x.gather(1, index=2)  # error: argument
linear("x")  # error: argument
linear()  # error: argument
nn.Linear(3)  # error: argument
nn.Linear(3, 2, biass=True)  # error: argument
nn.LSTM(3, 2, batchfirst=True)  # error: argument
nn.Sequential(3)  # error: argument
F.relu([1.0])  # error: argument
F.dropout(x, probability=0.5)  # error: argument
optim.Adam(net.parameters(), learning_rate=0.1)  # error: argument
optim.SGD(3)  # error: argument
DataLoader(TensorDataset(x), batchsize=2)  # error: argument
x.backward(retain=True)  # error: argument

# -- what is done with a result
total: int = x.sum()  # error: assignment
shape: str = x.shape  # error: assignment
x.grad.norm()  # error: optional
net.paramters()  # error: call
x + "1"  # error: operator

"""The first lesson: tensors beside NumPy's arrays, old constructors, printing."""

import numpy as np
import torch

np_data = np.arange(6).reshape((2, 3))
torch_data = torch.from_numpy(np_data)
tensor2array = torch_data.numpy()
print("\nnumpy array:", np_data, "\ntorch tensor:", torch_data, "\ntensor to array:", tensor2array)
np_data[0, 0] = 100  # one memory
print(torch_data[0, 0], torch_data[0, 0].item(), tensor2array[0, 0])

data = [-1, -2, 1, 2]
tensor = torch.FloatTensor(data)
print("\nabs\nnumpy:", np.abs(data), "\ntorch:", torch.abs(tensor))
print("\nsin\nnumpy:", np.sin(data), "\ntorch:", torch.sin(tensor))
print("\nmean\nnumpy:", np.mean(data), "\ntorch:", torch.mean(tensor))

data = [[1, 2], [3, 4]]
tensor = torch.FloatTensor(data)
print("\nmatrix multiplication\nnumpy:", np.matmul(data, data), "\ntorch:", torch.mm(tensor, tensor))
print(tensor.view(-1).dot(tensor.view(-1)), tensor @ tensor.t(), tensor * tensor)

for kind in (torch.FloatTensor, torch.DoubleTensor, torch.LongTensor, torch.IntTensor, torch.ByteTensor):
    made = kind([1, 2, 3])
    print(kind.__name__, made, made.type(), made.dtype, isinstance(made, kind), isinstance(made, torch.FloatTensor))
print(torch.Tensor([1, 2, 3]), torch.Tensor(2, 3).shape, torch.Tensor().shape, torch.LongTensor(2, 2).zero_())
print(torch.LongTensor([1, 2]).type(torch.FloatTensor), torch.ones(2).type("torch.DoubleTensor"), torch.ones(2).long())
print(torch.is_tensor(tensor), torch.is_tensor(np_data), tensor.numel(), tensor.size(), tensor.size(0), tensor.dim())

print(
    torch.linspace(-1, 1, 5),
    torch.arange(3),
    torch.arange(1, 4, 0.5),
    torch.eye(3),
    torch.zeros(2, 3, dtype=torch.int8),
)
print(torch.tensor(3.14159265), torch.tensor([1e-5, 1.0]), torch.tensor([1e6, 1.5]), torch.tensor([True, False]))
print(torch.tensor([[0.1, -22.5], [float("inf"), float("nan")]]), torch.tensor([]), torch.empty(0, 3))
print(torch.arange(2000.0), torch.arange(60.0).view(3, 20) / 7, torch.zeros(2, 2, 2))
print(
    torch.tensor([1.0, 2.0], dtype=torch.float64),
    torch.tensor([1, 2], dtype=torch.int32),
    torch.ones(2, dtype=torch.float16),
)
torch.set_printoptions(precision=2)
print(torch.tensor([3.14159, 2.71828]))
torch.set_printoptions(profile="default")

x = torch.tensor(2.0)
print(
    "%.3f" % x,
    f"{x:.2f}",
    f"{x}",
    "{:5.1f}".format(x),
    "%d" % torch.tensor(7),
    f"{torch.tensor(7)}",
    str(x),
    float(x) / 3,
)
print(
    np.array([1.0, 2.0], dtype=np.float32) + torch.ones(2).numpy(),
    np.sum(torch.ones(3).numpy()),
    np.asarray(torch.ones(2)),
)
print(
    torch.from_numpy(np.ones(3)).dtype,
    torch.tensor(np.float32(1.5)).dtype,
    torch.tensor(np.int16(3)).dtype,
    torch.as_tensor(np.ones(2, dtype=np.uint8)),
)
print(
    tensor.tolist(),
    [float(v) for v in tensor.view(-1)],
    list(torch.arange(3)),
    len(tensor),
    2 in torch.arange(3),
    sum(torch.arange(4)),
)

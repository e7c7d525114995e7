"""Reading and writing parts of tensors, writing in place, and what the graph makes of it."""

import torch

x = torch.arange(24).view(2, 3, 4)
print(x[0], x[:, 1], x[..., -1], x[1, 2, 3], x[:, ::2, 1:3].shape, x[None].shape, x[:, None, :, 0].shape)
print(x[x > 20], x[0, [0, 2]], x[torch.tensor([1, 0]), :, torch.tensor([3, 0])], x[x.sum(-1) > 40].shape)
x[0, 0] = 100
x[:, :, -1] += 1000
x[x == 100] = -1
print(x)
m = torch.zeros(3, 4)
m[1] = torch.arange(4.0)
m[:, 2] = 7
m[[0, 2], [1, 3]] = torch.tensor([5.0, 6.0])
m[m == 7] *= 2
print(m)
rows = m[1:]
rows.fill_(9)
print(m, m.t().is_contiguous(), m.t().contiguous().is_contiguous(), m.view(-1)[5], m.t().reshape(-1)[:4])
try:
    m.t().view(-1)
except RuntimeError as error:
    print(type(error).__name__)
for wrong in (lambda: m[5], lambda: m[0, 0, 0], lambda: m.view(5, 5), lambda: m + torch.ones(5), lambda: m @ m):
    try:
        wrong()
    except (IndexError, RuntimeError) as error:
        print(type(error).__name__, str(error)[:9])

labels = torch.tensor([2, 0, 1])
one_hot = torch.zeros(3, 4).scatter_(1, labels.unsqueeze(1), 1)
print(one_hot, one_hot.argmax(1), one_hot.gather(1, labels.view(-1, 1)), torch.nn.functional.one_hot(labels))
print(torch.index_select(m, 0, torch.tensor([0, 2])), torch.masked_select(m, m > 8).shape, torch.nonzero(one_hot))
print(torch.where(m > 8, m, -m)[0], m.masked_fill(m > 8, 0)[1], torch.take_along_dim(m, labels.view(3, 1), 1).T)
counts = torch.zeros(3).index_add_(0, torch.tensor([0, 0, 2]), torch.ones(3))
print(counts, torch.zeros(3).scatter_add_(0, torch.tensor([1, 1, 1]), torch.ones(3)))

values, indices = torch.tensor([3, 1, 2]).sort(descending=True)
print(
    values,
    indices,
    torch.tensor([3.0, 1.0, 2.0]).topk(2),
    torch.tensor([[1, 5], [4, 2]]).max(1),
    torch.max(m),
    m.min(0),
)
print(
    torch.cat([m, m], 1).shape,
    torch.stack([m, m]).shape,
    [t.shape for t in m.split(2)],
    [t.shape for t in torch.chunk(m, 2, 1)],
)
print(
    m.unsqueeze(0).expand(2, 3, 4).shape,
    m.repeat(2, 1).shape,
    m.permute(1, 0).shape,
    m.flip(0)[0],
    m.roll(1, 0)[0],
    torch.tril(m),
)
print(
    m.sum(), m.sum(0), m.mean(1, keepdim=True), m.std(), m.prod(1), m.cumsum(0)[2], m.norm(), m.any(), (m > -1).all(1)
)

a = torch.ones(3)
b = a
a += 1
print(b, a.add(1), a.add_(1), b, a.mul_(2).sub_(1), a.clamp_(max=4), a.zero_(), id(a) == id(b))
i = torch.tensor([1, 2])
try:
    i /= 2
except RuntimeError as error:
    print(type(error).__name__)
i //= 2
print(i, i / 2, i + 0.5, (i + 1) ** 2, -i, ~i, i % 2, 2 - i, 1 / (i + 1), i.float().pow(0.5))

w = torch.ones(3, requires_grad=True)
try:
    w += 1
except RuntimeError as error:
    print(error)
with torch.no_grad():
    w += 1
y = w * 2
y[0] = 0
y.mul_(w)
y.sum().backward()
print(w, y, w.grad)
w.grad.zero_()
z = w.exp()
z += 1
try:
    z.sum().backward()
except RuntimeError as error:
    print(str(error)[:88])
buffer = torch.zeros(2, 3)
buffer[0] = w * 3
buffer[1] = w**2
print(buffer)
buffer.sum().backward()
print(w.grad)
print(
    w.new_zeros(2),
    w.new_tensor([1, 2]),
    torch.zeros_like(w),
    torch.full((2,), 3),
    torch.rand_like(w).shape,
    w.detach().clone(),
)

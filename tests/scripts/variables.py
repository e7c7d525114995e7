"""The second lesson: Variable, backward, and what .data is."""

import torch
from torch.autograd import Variable

tensor = torch.FloatTensor([[1, 2], [3, 4]])
variable = Variable(tensor, requires_grad=True)
print(tensor)
print(variable)

t_out = torch.mean(tensor * tensor)
v_out = torch.mean(variable * variable)
print(t_out, v_out)
print(t_out.grad_fn, v_out.grad_fn is not None)

v_out.backward()
print(variable.grad)
print(variable.data)
print(variable.data.numpy())
print(variable.is_leaf, v_out.is_leaf, variable.requires_grad, variable.data.requires_grad)

variable.grad.data.zero_()
(variable**3).sum().backward()
print(variable.grad)
variable.data -= 0.1 * variable.grad.data
print(variable)
try:
    variable.numpy()
except RuntimeError as error:
    print(type(error).__name__, error)
try:
    v_out.backward()
except RuntimeError as error:
    print(str(error)[:61])
try:
    (variable * 2).backward()
except RuntimeError as error:
    print(str(error)[:54])

# Gradients of vectors, several outputs, graphs kept alive
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
print(y, z, out)
out.backward(retain_graph=True)
out.backward()
print(x.grad)
x = torch.tensor([0.5, -1.5, 2.0], requires_grad=True)
y = x * 2
steps = 0
while y.data.norm() < 1000:
    y = y * 2
    steps += 1
print(steps, y)
y.backward(torch.FloatTensor([0.1, 1.0, 0.0001]))
print(x.grad)

with torch.no_grad():
    print((x * 2).requires_grad)
print((x * 2).requires_grad, x.detach().requires_grad, (x.detach() * 2).grad_fn)
a = torch.tensor(2.0, requires_grad=True)
(first,) = torch.autograd.grad(a**4, a, create_graph=True)
(second,) = torch.autograd.grad(first, a, create_graph=True)
(third,) = torch.autograd.grad(second, a)
print(first, second, third)
print("%.2f" % first.data, f"{second.item():.3f}")

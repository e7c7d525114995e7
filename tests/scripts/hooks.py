"""Hooks on tensors and modules."""

import torch
import torch.nn as nn

torch.manual_seed(0)

v = torch.tensor([0.0, 0.0, 0.0], requires_grad=True)
h = v.register_hook(lambda grad: grad * 2)
v.backward(torch.tensor([1.0, 2.0, 3.0]))
print(v.grad)
h.remove()
v.grad = None
v.backward(torch.tensor([1.0, 2.0, 3.0]))
print(v.grad)

x = torch.ones(2, requires_grad=True)
y = x * 3
y.register_hook(lambda g: print("gradient of y", g))
y.retain_grad()
(y * y).sum().backward()
print(y.grad, x.grad, y.retains_grad)

net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
activations, order = {}, []


def keep(name):
    def hook(module, inputs, output):
        activations[name] = output.detach()
        order.append(f"forward {name}")

    return hook


handles = [layer.register_forward_hook(keep(name)) for name, layer in net.named_children()]
handles.append(net[2].register_forward_pre_hook(lambda module, inputs: order.append(f"before {type(module).__name__}")))
handles.append(
    net[0].register_full_backward_hook(lambda m, g_in, g_out: order.append(("back", len(g_in), g_out[0].shape)))
)
handles.append(net[1].register_full_backward_hook(lambda m, g_in, g_out: (g_in[0] * 0.5,)))
inputs = torch.randn(5, 3, requires_grad=True)
net(inputs).sum().backward()
print(order)
print({name: tuple(a.shape) for name, a in activations.items()}, inputs.grad.abs().sum())
for handle in handles:
    handle.remove()
order.clear()
net(inputs)
print(order)

with net[0].register_forward_hook(lambda m, i, o: o * 0):
    print(net[0](inputs).abs().sum())
print(net[0](inputs).abs().sum() > 0)
doubled = net.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
print(torch.allclose(net(torch.ones(1, 3)), nn.Sequential(*net)(2 * torch.ones(1, 3))))
doubled.remove()
net.register_forward_hook(lambda m, args, kwargs, out: out + 1, with_kwargs=True)
print(net(torch.zeros(1, 3)))

p = nn.Parameter(torch.ones(2))
p.register_post_accumulate_grad_hook(lambda p: print("accumulated", p.grad))
(p * 2).sum().backward()
(p * 3).sum().backward()
print(p)

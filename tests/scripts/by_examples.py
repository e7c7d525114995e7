"""One net, five times: NumPy, tensors, autograd, nn, optim."""

import numpy as np
import torch

N, D_in, H, D_out = 32, 100, 20, 10
np.random.seed(0)
x, y = np.random.randn(N, D_in), np.random.randn(N, D_out)
w1, w2 = np.random.randn(D_in, H), np.random.randn(H, D_out)
rate = 1e-5

a1, a2 = w1.copy(), w2.copy()
for t in range(30):
    h = x.dot(a1)
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(a2)
    loss = np.square(y_pred - y).sum()
    grad_y_pred = 2.0 * (y_pred - y)
    grad_h = grad_y_pred.dot(a2.T)
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h[h < 0] = 0
    a1 -= rate * x.T.dot(grad_h)
    a2 -= rate * grad_w2
print("numpy   %.2f" % loss)

X, Y = torch.from_numpy(x).float(), torch.from_numpy(y).float()
a1, a2 = torch.from_numpy(w1).float(), torch.from_numpy(w2).float()
for t in range(30):
    h = X.mm(a1)
    h_relu = h.clamp(min=0)
    y_pred = h_relu.mm(a2)
    loss = (y_pred - Y).pow(2).sum().item()
    grad_y_pred = 2.0 * (y_pred - Y)
    grad_w2 = h_relu.t().mm(grad_y_pred)
    grad_h = grad_y_pred.mm(a2.t()).clone()
    grad_h[h < 0] = 0
    a1 -= rate * X.t().mm(grad_h)
    a2 -= rate * grad_w2
print("tensors %.2f" % loss)

a1 = torch.tensor(w1, dtype=torch.float, requires_grad=True)
a2 = torch.tensor(w2, dtype=torch.float, device=torch.device("cpu"), requires_grad=True)
for t in range(30):
    loss = (X.mm(a1).clamp(min=0).mm(a2) - Y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        a1 -= rate * a1.grad
        a2 -= rate * a2.grad
        a1.grad.zero_()
        a2.grad.zero_()
print("autograd %.2f" % loss, a1.device, a1.dtype, a1.is_cuda, torch.cuda.is_available())

model = torch.nn.Sequential(
    torch.nn.Linear(D_in, H, bias=False), torch.nn.ReLU(), torch.nn.Linear(H, D_out, bias=False)
)
model[0].weight.data = torch.from_numpy(w1.T).float()
model[2].weight.data.copy_(torch.from_numpy(w2.T))
loss_fn = torch.nn.MSELoss(reduction="sum")
for t in range(30):
    loss = loss_fn(model(X), Y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for param in model.parameters():
            param -= rate * param.grad
print("nn      %.2f" % loss)

optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for t in range(20):
    loss = loss_fn(model(X), Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("optim   %.2f" % loss)


def closure():
    optimizer.zero_grad()
    loss = loss_fn(model(X), Y)
    loss.backward()
    return loss


print("closure %.2f" % optimizer.step(closure))

"""Dropout: a net that over-fits twenty points, and its dropped twin; weight decay beside it."""

import torch

torch.manual_seed(1)

N_SAMPLES, N_HIDDEN = 20, 100
x = torch.unsqueeze(torch.linspace(-1, 1, N_SAMPLES), 1)
y = x + 0.3 * torch.normal(torch.zeros(N_SAMPLES, 1), torch.ones(N_SAMPLES, 1))
test_x = torch.unsqueeze(torch.linspace(-1, 1, N_SAMPLES), 1)
test_y = test_x + 0.3 * torch.normal(torch.zeros(N_SAMPLES, 1), torch.ones(N_SAMPLES, 1))


def plain():
    return torch.nn.Sequential(
        torch.nn.Linear(1, N_HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Linear(N_HIDDEN, N_HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Linear(N_HIDDEN, 1),
    )


net_overfitting = plain()
net_dropped = torch.nn.Sequential(
    torch.nn.Linear(1, N_HIDDEN),
    torch.nn.Dropout(0.5),
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, N_HIDDEN),
    torch.nn.Dropout(0.5),
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, 1),
)
print(net_overfitting)
print(net_dropped)
optimizer_ofit = torch.optim.Adam(net_overfitting.parameters(), lr=0.01)
optimizer_drop = torch.optim.Adam(net_dropped.parameters(), lr=0.01)
loss_func = torch.nn.MSELoss()
for t in range(51):
    pred_ofit = net_overfitting(x)
    pred_drop = net_dropped(x)
    loss_ofit = loss_func(pred_ofit, y)
    loss_drop = loss_func(pred_drop, y)
    optimizer_ofit.zero_grad()
    optimizer_drop.zero_grad()
    loss_ofit.backward()
    loss_drop.backward()
    optimizer_ofit.step()
    optimizer_drop.step()
    if t % 10 == 0:
        net_overfitting.eval()
        net_dropped.eval()
        test_pred_ofit, test_pred_drop = net_overfitting(test_x), net_dropped(test_x)
        print("overfitting loss=%.3f" % loss_func(test_pred_ofit, test_y).data.numpy(), end=" ")
        print("dropout loss=%.3f" % loss_func(test_pred_drop, test_y).data.numpy())
        net_overfitting.train()
        net_dropped.train()

drop = torch.nn.Dropout(p=0.25)
print(drop(torch.ones(12)), drop.eval()(torch.ones(3)), torch.nn.functional.dropout(torch.ones(6), 0.5, training=True))
print(torch.nn.Dropout(1.0)(torch.ones(3)), torch.nn.Dropout(0)(torch.ones(3)))
try:
    torch.nn.Dropout(1.5)
except ValueError as error:
    print(error)

for name, decay, l1 in (("none", 0.0, 0.0), ("L2 by weight_decay", 0.1, 0.0), ("L1 by hand", 0.0, 0.01)):
    torch.manual_seed(2)
    net = plain()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=decay)
    for _ in range(20):
        loss = loss_func(net(x), y) + l1 * sum(p.abs().sum() for p in net.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(name, "%.3f" % loss_func(net(x), y), "%.2f" % sum(p.norm() ** 2 for p in net.parameters()))

"""Optimizers: four of them on one problem, side by side."""

import torch
import torch.nn.functional as F
import torch.utils.data as Data

torch.manual_seed(1)

LR = 0.01
BATCH_SIZE = 32
EPOCH = 2

x = torch.unsqueeze(torch.linspace(-1, 1, 320), dim=1)
y = x.pow(2) + 0.1 * torch.normal(torch.zeros(*x.size()))
loader = Data.DataLoader(dataset=Data.TensorDataset(x, y), batch_size=BATCH_SIZE, shuffle=True, num_workers=0)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(1, 20)
        self.predict = torch.nn.Linear(20, 1)

    def forward(self, x):
        return self.predict(F.relu(self.hidden(x)))


nets = [Net() for _ in range(4)]
net_SGD, net_Momentum, net_RMSprop, net_Adam = nets
opt_SGD = torch.optim.SGD(net_SGD.parameters(), lr=LR)
opt_Momentum = torch.optim.SGD(net_Momentum.parameters(), lr=LR, momentum=0.8)
opt_RMSprop = torch.optim.RMSprop(net_RMSprop.parameters(), lr=LR, alpha=0.9)
opt_Adam = torch.optim.Adam(net_Adam.parameters(), lr=LR, betas=(0.9, 0.99))
optimizers = [opt_SGD, opt_Momentum, opt_RMSprop, opt_Adam]
loss_func = torch.nn.MSELoss()
losses_his = [[], [], [], []]

for epoch in range(EPOCH):
    print("Epoch: ", epoch)
    for b_x, b_y in loader:
        for net, opt, l_his in zip(nets, optimizers, losses_his):
            output = net(b_x)
            loss = loss_func(output, b_y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            l_his.append(loss.data.numpy())
for name, l_his in zip(("SGD", "Momentum", "RMSprop", "Adam"), losses_his):
    print(name, ["%.3f" % l for l in l_his[::5]])
for opt in optimizers:
    print(opt)
    print(sorted(opt.state_dict()), sorted(opt.state_dict()["param_groups"][0]), len(opt.state))

net = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
groups = [{"params": net[0].parameters(), "lr": 0.1}, {"params": net[2].parameters()}]
opt = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True, weight_decay=1e-3)
scheduler = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
for _ in range(5):
    loss = loss_func(net(x), y)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    total = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    opt.step()
    scheduler.step()
    print("%.4f %.4f" % (loss, total), [g["lr"] for g in opt.param_groups], scheduler.get_last_lr())
try:
    torch.optim.SGD(net.parameters(), lr=-1)
except ValueError as error:
    print(error)

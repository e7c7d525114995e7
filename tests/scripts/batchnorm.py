"""Batch normalization: the eight-layer net with and without it, badly initialized."""

import numpy as np
import torch
import torch.utils.data as Data
from torch import nn
from torch.nn import init

torch.manual_seed(1)
np.random.seed(1)

N_SAMPLES, BATCH_SIZE, EPOCH, LR, N_HIDDEN, B_INIT = 192, 64, 2, 0.05, 4, -0.2
ACTIVATION = torch.tanh

x = np.linspace(-7, 10, N_SAMPLES)[:, np.newaxis]
noise = np.random.normal(0, 2, x.shape)
y = (np.square(x) - 5 + noise) / 20
train_x, train_y = torch.from_numpy(x).float(), torch.from_numpy(y).float()
train_loader = Data.DataLoader(dataset=Data.TensorDataset(train_x, train_y), batch_size=BATCH_SIZE, shuffle=True)


class Net(nn.Module):
    def __init__(self, batch_normalization=False):
        super().__init__()
        self.do_bn = batch_normalization
        self.fcs, self.bns = [], []
        self.bn_input = nn.BatchNorm1d(1, momentum=0.5)
        for i in range(N_HIDDEN):
            input_size = 1 if i == 0 else 10
            fc = nn.Linear(input_size, 10)
            setattr(self, f"fc{i}", fc)
            self._set_init(fc)
            self.fcs.append(fc)
            if self.do_bn:
                bn = nn.BatchNorm1d(10, momentum=0.5)
                setattr(self, f"bn{i}", bn)
                self.bns.append(bn)
        self.predict = nn.Linear(10, 1)
        self._set_init(self.predict)

    def _set_init(self, layer):
        init.normal_(layer.weight, mean=0.0, std=0.1)
        init.constant_(layer.bias, B_INIT)

    def forward(self, x):
        pre_activation = [x]
        if self.do_bn:
            x = self.bn_input(x)
        layer_input = [x]
        for i in range(N_HIDDEN):
            x = self.fcs[i](x)
            pre_activation.append(x)
            if self.do_bn:
                x = self.bns[i](x)
            x = ACTIVATION(x)
            layer_input.append(x)
        return self.predict(x), layer_input, pre_activation


nets = [Net(batch_normalization=False), Net(batch_normalization=True)]
print(*nets)
opts = [torch.optim.SGD(net.parameters(), lr=LR) for net in nets]
loss_func = torch.nn.MSELoss()
for epoch in range(EPOCH):
    for net in nets:
        net.eval()
        prediction, layer_input, _ = net(train_x)
        print(epoch, "loss %.3f" % loss_func(prediction, train_y), ["%.2f" % layer.std() for layer in layer_input])
        net.train()
    for b_x, b_y in train_loader:
        for net, opt in zip(nets, opts):
            loss = loss_func(net(b_x)[0], b_y)
            opt.zero_grad()
            loss.backward()
            opt.step()
print(nets[1].bn_input.running_mean, nets[1].bn_input.num_batches_tracked, list(nets[1].bn_input.state_dict()))
try:
    nets[1](train_x[:1])
except ValueError as error:
    print(error)
images = nn.BatchNorm2d(3)
out = images(torch.randn(4, 3, 5, 5))
print(images, out.mean((0, 2, 3)).abs() < 1e-6, out.var((0, 2, 3), unbiased=False).round(decimals=3))
print(nn.LayerNorm(4)(torch.arange(8.0).view(2, 4)), nn.LayerNorm((3, 4)))

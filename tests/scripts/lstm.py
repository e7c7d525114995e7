"""A recurrent classifier: an LSTM reads each digit row by row."""

import torch
from torch import nn

from minitorch.datasets import load_digits  # arrays

torch.manual_seed(1)

TIME_STEP, INPUT_SIZE = 8, 8
digits = load_digits(size=8)
x, y = torch.from_numpy(digits.train_images), torch.from_numpy(digits.train_labels)
test_x = torch.from_numpy(digits.test_images).squeeze(1)
test_y = digits.test_labels


class RNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(input_size=INPUT_SIZE, hidden_size=32, num_layers=1, batch_first=True)
        self.out = nn.Linear(32, 10)

    def forward(self, x):
        r_out, (h_n, h_c) = self.rnn(x, None)
        return self.out(r_out[:, -1, :])


rnn = RNN()
print(rnn)
print([(name, tuple(p.shape)) for name, p in rnn.named_parameters()])
optimizer = torch.optim.Adam(rnn.parameters(), lr=0.01)
loss_func = nn.CrossEntropyLoss()

for step in range(25):
    b_x = x[step * 50 : step * 50 + 50].view(-1, TIME_STEP, INPUT_SIZE)
    output = rnn(b_x)
    loss = loss_func(output, y[step * 50 : step * 50 + 50])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 8 == 0:
        pred_y = torch.max(rnn(test_x), 1)[1].data.numpy()
        accuracy = float((pred_y == test_y).sum()) / test_y.size
        print("step", step, "| train loss: %.3f" % loss.data.numpy(), "| test accuracy: %.2f" % accuracy)

stacked = nn.LSTM(8, 5, num_layers=2, bidirectional=True, dropout=0.5)
out, (h, c) = stacked(torch.randn(4, 3, 8), (torch.zeros(4, 3, 5), torch.zeros(4, 3, 5)))
print(stacked, out.shape, h.shape, c.shape)
cell = nn.LSTMCell(8, 5)
h, c = cell(torch.ones(3, 8))
print(cell, h[0], c[0])
gru = nn.GRU(8, 4).eval()
print(gru, gru(torch.ones(2, 1, 8))[1])

"""A recurrent regression: cos from sin, the hidden state carried from window to window."""

import numpy as np
import torch
from torch import nn

torch.manual_seed(1)

TIME_STEP, INPUT_SIZE, LR = 10, 1, 0.02


class RNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(input_size=INPUT_SIZE, hidden_size=32, num_layers=1, batch_first=True)
        self.out = nn.Linear(32, 1)

    def forward(self, x, h_state):
        r_out, h_state = self.rnn(x, h_state)
        outs = []
        for time_step in range(r_out.size(1)):
            outs.append(self.out(r_out[:, time_step, :]))
        return torch.stack(outs, dim=1), h_state


rnn = RNN()
print(rnn)
optimizer = torch.optim.Adam(rnn.parameters(), lr=LR)
loss_func = nn.MSELoss()
h_state = None

for step in range(40):
    start, end = step * np.pi, (step + 1) * np.pi
    steps = np.linspace(start, end, TIME_STEP, dtype=np.float32, endpoint=False)
    x_np, y_np = np.sin(steps), np.cos(steps)
    x = torch.from_numpy(x_np[np.newaxis, :, np.newaxis])
    y = torch.from_numpy(y_np[np.newaxis, :, np.newaxis])
    prediction, h_state = rnn(x, h_state)
    h_state = h_state.data
    loss = loss_func(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 8 == 0:
        print("step %d, loss %.3f" % (step, loss), prediction.shape, tuple(h_state.shape))
print(np.round(prediction.data.numpy().flatten(), 2))

# The graph made anew each time: a length drawn anew each step
torch.manual_seed(2)
np.random.seed(2)
for _ in range(3):
    dynamic_steps = np.random.randint(1, 4)
    prediction, h_state = rnn(torch.ones(1, dynamic_steps, 1), h_state)
    prediction.sum().backward()
    h_state = h_state.detach()
    print(dynamic_steps, prediction.shape)

cell = nn.RNNCell(2, 3, nonlinearity="relu")
h = torch.zeros(1, 3)
for t in range(3):
    h = cell(torch.ones(1, 2) * t, h)
print(cell, h)

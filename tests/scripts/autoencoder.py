"""An autoencoder of real digits."""

import torch
import torch.nn as nn
import torch.utils.data as Data

from minitorch.datasets import load_digits  # arrays

torch.manual_seed(1)

images = torch.from_numpy(load_digits(size=8).train_images)
train_loader = Data.DataLoader(dataset=images, batch_size=64, shuffle=True)


class AutoEncoder(nn.Module):
    def __init__(self):
        super(AutoEncoder, self).__init__()  # noqa: UP008
        self.encoder = nn.Sequential(nn.Linear(8 * 8, 32), nn.Tanh(), nn.Linear(32, 12), nn.Tanh(), nn.Linear(12, 3))
        self.decoder = nn.Sequential(
            nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 8 * 8), nn.Sigmoid()
        )

    def forward(self, x):
        encoded = self.encoder(x)
        decoded = self.decoder(encoded)
        return encoded, decoded


autoencoder = AutoEncoder()
print(autoencoder)
optimizer = torch.optim.Adam(autoencoder.parameters(), lr=0.005)
loss_func = nn.MSELoss()
for epoch in range(2):
    for step, x in enumerate(train_loader):
        b_x = x.view(-1, 8 * 8)
        b_y = x.view(-1, 8 * 8)
        encoded, decoded = autoencoder(b_x)
        loss = loss_func(decoded, b_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print("Epoch: ", epoch, "| train loss: %.4f" % loss.data.numpy())
view_data = images[:5].view(-1, 64)
encoded_data, decoded_data = autoencoder(view_data)
X = encoded_data.data[:, 0].numpy()
print(encoded_data.shape, decoded_data.size(), X.shape, X.dtype)
for name, child in autoencoder.named_children():
    print(name, len(child), [type(m).__name__ for m in child])

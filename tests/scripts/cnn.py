"""A convolutional network on real handwritten digits."""

import torch
import torch.nn as nn
import torch.utils.data as Data

from minitorch.datasets import load_digits  # arrays

torch.manual_seed(1)

digits = load_digits(size=8)
train_data = Data.TensorDataset(torch.from_numpy(digits.train_images), torch.from_numpy(digits.train_labels))
train_loader = Data.DataLoader(dataset=train_data, batch_size=50, shuffle=True)
test_x = torch.from_numpy(digits.test_images)
test_y = torch.from_numpy(digits.test_labels)
print(train_data.tensors[0].size(), train_data.tensors[1].size(), test_y[:10])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(in_channels=1, out_channels=8, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2),
        )
        self.conv2 = nn.Sequential(nn.Conv2d(8, 16, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.out = nn.Linear(16 * 2 * 2, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = self.conv2(x)
        x = x.view(x.size(0), -1)
        output = self.out(x)
        return output, x


cnn = CNN()
print(cnn)
print(sum(p.numel() for p in cnn.parameters()), [tuple(p.shape) for p in cnn.parameters()])
optimizer = torch.optim.Adam(cnn.parameters(), lr=0.01)
loss_func = nn.CrossEntropyLoss()

for epoch in range(2):
    for step, (b_x, b_y) in enumerate(train_loader):
        output = cnn(b_x)[0]
        loss = loss_func(output, b_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            test_output, last_layer = cnn(test_x)
            pred_y = torch.max(test_output, 1)[1].data.numpy()
            accuracy = float((pred_y == test_y.data.numpy()).astype(int).sum()) / float(test_y.size(0))
            print("Epoch: ", epoch, "| train loss: %.2f" % loss.data.numpy(), "| test accuracy: %.1f" % accuracy)

test_output, _ = cnn(test_x[:10])
print(torch.max(test_output, 1)[1].data.numpy(), "prediction number")
print(test_y[:10].numpy(), "real number", last_layer.shape)

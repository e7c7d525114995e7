"""Training runs of the tutorial's networks, written against torch's API."""

from __future__ import annotations

from typing import Any

from minitorch.datasets import load_digits
from parity.runs import Trace, run


@run("models.cnn", terms=1568)
def cnn(torch: Any, dtype: str) -> Trace:
    """Two epochs of the convolutional network on 400 digits, Adam at 1e-3, batches of 50."""
    nn, data = torch.nn, load_digits(28)
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 10),
    ).to(getattr(torch, dtype))  # fmt: skip
    initial = {name: w.detach().cpu().numpy().copy() for name, w in net.state_dict().items()}
    images = torch.tensor(data.train_images[:400], dtype=getattr(torch, dtype))
    digits = torch.utils.data.TensorDataset(images, torch.tensor(data.train_labels[:400]))
    loader = torch.utils.data.DataLoader(digits, batch_size=50, shuffle=True)
    optimizer, loss_function = torch.optim.Adam(net.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    batches, losses = [], []
    for _ in range(2):
        for x, y in loader:
            loss = loss_function(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            batches.append(y.cpu().numpy())
            losses.append(loss.item())
    return Trace(initial, batches, losses)

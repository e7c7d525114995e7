"""A training that writes a checkpoint of two megabytes after every step: its writing takes most of its time."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.session import Session


def train(folder: Path, steps: int, ready: Any = None) -> list[float]:
    """Train up to `steps`, from the checkpoint in `folder` if there is one; `ready` is called after the first write.

    Returns:
        The losses of all steps.
    """
    checkpoint = folder / "checkpoint.pt"
    args = argparse.Namespace(seed=3, out=folder, resume=checkpoint if checkpoint.exists() else None, json=None)
    torch.manual_seed(args.seed)
    net = nn.Sequential(nn.Linear(8, 400), nn.Dropout(0.2), nn.Tanh(), nn.Linear(400, 400), nn.Linear(400, 1))
    optimizer = optim.Adam(net.parameters())
    state = Run(args, ("seed",), net=net, optimizer=optimizer)
    state.extra["inputs"] = []
    with Session("toy", args, state, total=steps, unit="steps", done=lambda: state.step) as session:
        for _ in state.steps(steps):
            x = torch.randn(16, 8)
            loss = F.mse_loss(net(x), x.sum(1, keepdim=True))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            state.extra["inputs"].append(float(x[0, 0]))
            state.count(loss.item())
            session.step(loss=loss.item())
            session.save()
            if ready is not None:
                ready.send(state.step)
                ready = None
    return state.losses

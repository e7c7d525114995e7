"""A generative adversarial network learns to paint: curves between a·x² + (a - 1) for a = 1 and a = 2.

The generator turns five random ideas into a painting of 15 points; the discriminator learns to tell it from a
master's, and the generator to fool it. I. Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661.

    minitorch train gan
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.options import add_run_options
from minitorch.training.session import Session

IDEAS, POINTS = 5, 15
X = torch.linspace(-1, 1, POINTS)


def masterpieces(count: int) -> Tensor:
    """Paintings (N, 15) of the master: a·x² + (a - 1), a uniform in [1, 2)."""
    a = torch.rand(count, 1) + 1
    return a * X.pow(2) + (a - 1)


def generator() -> nn.Module:
    """Ideas (N, 5) to paintings (N, 15)."""
    return nn.Sequential(nn.Linear(IDEAS, 128), nn.ReLU(), nn.Linear(128, POINTS))


def discriminator() -> nn.Module:
    """Paintings (N, 15) to the probabilities (N, 1) that the master painted them."""
    return nn.Sequential(nn.Linear(POINTS, 128), nn.ReLU(), nn.Linear(128, 1), nn.Sigmoid())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train gan``."""
    add_run_options(parser, steps=10_000, batch_size=64, lr=1e-4)


def run(args: argparse.Namespace) -> int:
    """Train, and leave a checkpoint, a figure and, if asked for, the metrics as JSON. Returns the exit code."""
    torch.manual_seed(args.seed)
    G, D = generator().to(args.device), discriminator().to(args.device)
    optimizer_G = optim.Adam(G.parameters(), lr=args.lr)
    optimizer_D = optim.Adam(D.parameters(), lr=args.lr)
    parts = {"G": G, "D": D, "optimizer_G": optimizer_G, "optimizer_D": optimizer_D}
    state = Run(args, ("seed", "batch_size", "lr"), **parts)
    state.extra["fooled"] = []  # of each step: the probability that D gives to a painting of the master's

    with Session("gan", args, state, total=args.steps, unit="steps", done=lambda: state.step) as session:
        fooled = state.extra["fooled"]
        for step in state.steps(args.steps):
            real = masterpieces(args.batch_size).to(args.device)
            ideas = torch.randn(args.batch_size, IDEAS).to(args.device)
            painted = G(ideas)
            p_real, p_painted = D(real), D(painted)

            loss_D = -torch.mean(torch.log(p_real) + torch.log(1 - p_painted))
            loss_G = torch.mean(torch.log(1 - p_painted))
            optimizer_D.zero_grad()
            loss_D.backward(retain_graph=True)  # the graph through G and D serves twice
            D_gradients = [p.grad.clone() for p in D.parameters()]
            optimizer_G.zero_grad()
            loss_G.backward()
            for p, g in zip(D.parameters(), D_gradients, strict=True):
                p.grad = g  # what loss_G left there is not D's to learn from
            optimizer_D.step()
            optimizer_G.step()

            fooled.append(p_real.mean().item())
            state.count(loss_D.item())
            if session.step(D_loss=loss_D.item(), p_real=fooled[-1]):
                return session.stopped()
            if (step + 1) % 1000 == 0:
                session.report(f"step {step + 1}/{args.steps}")

    with torch.no_grad():
        paintings = G(torch.randn(200, IDEAS).to(args.device)).cpu()
    inside = ((paintings >= X.pow(2) - 0.1) & (paintings <= 2 * X.pow(2) + 1.1)).float().mean().item()
    probability = sum(fooled[-500:]) / len(fooled[-500:])
    print(f"\n{inside:.1%} of the painted points lie between the master's extremes (0.1 allowed on either side);")
    print(f"the discriminator takes a real painting for real with probability {probability:.2f}: 0.5 is a guess")

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        for painting in paintings[:12]:
            left.plot(X.numpy(), painting.numpy(), color="tab:green", linewidth=0.8, alpha=0.7)
        left.plot(X.numpy(), (2 * X.pow(2) + 1).numpy(), color="tab:blue", linewidth=2, label="upper extreme, a = 2")
        left.plot(X.numpy(), X.pow(2).numpy(), color="tab:red", linewidth=2, label="lower extreme, a = 1")
        left.set(xlabel="x", ylim=(-0.5, 3.5), title="paintings of the generator")
        left.legend(loc="upper center")
        draw_accuracy(right, fooled)

    return session.finish({"inside": inside, "p_real": fooled}, draw)


def draw_accuracy(axes: Any, p_real: list[float]) -> None:
    """How sure the discriminator is of a real painting, over time."""
    axes.plot(range(1, len(p_real) + 1), p_real, linewidth=0.6)
    axes.axhline(0.5, color="tab:gray", linestyle="--", label="a guess")
    axes.set(xlabel="step", ylim=(0, 1), title="probability the discriminator gives to a real painting")
    axes.legend()

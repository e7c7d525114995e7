"""A generative adversarial network learns to paint: curves between a·x² + (a - 1) for a = 1 and a = 2.

The generator turns five random numbers into a painting of 15 points; the discriminator learns to tell it from a
master's, and the generator to fool it. I. Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661.

    minitorch train gan
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import minitorch as torch
from minitorch import Tensor, nn, optim
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.recorded import recorded
from minitorch.training.session import Session

IDEAS, POINTS = 5, 15
X = torch.linspace(-1, 1, POINTS)


def masterpieces(count: int) -> Tensor:
    """Paintings (N, 15) of the master: a·x² + (a - 1), a uniform in [1, 2)."""
    a = torch.rand(count, 1) + 1
    return a * X.pow(2) + (a - 1)


def generator() -> nn.Module:
    """Random numbers (N, 5) to paintings (N, 15)."""
    return nn.Sequential(nn.Linear(IDEAS, 128), nn.ReLU(), nn.Linear(128, POINTS))


def discriminator() -> nn.Module:
    """Paintings (N, 15) to the probabilities (N, 1) that the master painted them."""
    return nn.Sequential(nn.Linear(POINTS, 128), nn.ReLU(), nn.Linear(128, 1), nn.Sigmoid())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train gan``."""
    add_run_options(parser, steps=10_000, batch_size=64, lr=1e-4, record=True)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    G, D = generator().to(args.device), discriminator().to(args.device)
    optimizer_G = optim.Adam(G.parameters(), lr=args.lr)
    optimizer_D = optim.Adam(D.parameters(), lr=args.lr)
    parts = {"G": G, "D": D, "optimizer_G": optimizer_G, "optimizer_D": optimizer_D}
    state = Run(args, ("seed", "batch_size", "lr"), **parts)
    state.extra.update(accuracy=[], p_real=[], painted={})

    def train_step(real: Tensor, ideas: Tensor) -> tuple[Tensor, ...]:
        """A step of both networks; D's loss before it, what G painted, and D's probabilities."""
        painted = G(ideas)
        p_real, p_painted = D(real), D(painted)
        loss_D = -torch.mean(torch.log(p_real) + torch.log(1 - p_painted))
        loss_G = torch.mean(torch.log(1 - p_painted))
        optimizer_D.zero_grad()
        loss_D.backward(retain_graph=True)  # loss_G uses the same graph through G and D
        D_gradients = [None if p.grad is None else p.grad.clone() for p in D.parameters()]
        optimizer_G.zero_grad()
        loss_G.backward()
        for p, g in zip(D.parameters(), D_gradients, strict=True):
            p.grad = g  # without the gradients of loss_G, which are for G only
        optimizer_D.step()
        optimizer_G.step()
        return loss_D, painted, p_real, p_painted

    learn = recorded(train_step, args.record, args.explore)

    with Session("gan", args, state, total=args.steps, unit="steps", done=lambda: state.step) as session:
        accuracy, p_master = state.extra["accuracy"], state.extra["p_real"]
        for step in state.steps(args.steps):
            real = masterpieces(args.batch_size).to(args.device)
            ideas = torch.randn(args.batch_size, IDEAS).to(args.device)
            loss_D, painted, p_real, p_painted = learn(real, ideas)
            accuracy.append(judged_rightly(p_real, p_painted))
            p_master.append(p_real.mean().item())
            if step & (step + 1) == 0:  # after 1, 2, 4, 8, … steps
                state.extra["painted"][step + 1] = painted.detach()[:12].cpu()
            state.count(loss_D.item())
            if session.step(D_loss=loss_D.item(), D_accuracy=accuracy[-1]):
                return session.stopped()
            if (step + 1) % 1000 == 0:
                session.report(f"step {step + 1}/{args.steps}")

    with torch.no_grad():
        paintings = G(torch.randn(200, IDEAS).to(args.device)).cpu()
    inside = ((paintings >= X.pow(2) - 0.1) & (paintings <= 2 * X.pow(2) + 1.1)).float().mean().item()
    late = accuracy[-500:]
    right = sum(late) / len(late)
    print(f"\n{inside:.1%} of the painted points are between the master's extremes (0.1 allowed on either side);")
    print(f"of real and painted curves the discriminator tells {right:.1%} rightly, late in training: 50% is a guess")

    def draw(figure: Any) -> None:
        top, bottom = figure.subfigures(2, 1)
        stages = {**state.extra["painted"], state.step: paintings[:12]}
        steps = [step for step in stages if step in (1, 256, 1024) or step == state.step]
        for axes, step in zip(top.subplots(1, len(steps), sharey=True, squeeze=False)[0], steps, strict=True):
            axes.plot(
                X.numpy(), (2 * X.pow(2) + 1).numpy(), color=COLORS["blue"], linewidth=2, label="a = 2, the highest"
            )
            axes.plot(X.numpy(), X.pow(2).numpy(), color=COLORS["red"], linewidth=2, label="a = 1, the lowest")
            for i, painting in enumerate(stages[step]):
                label = None if i else "painted"
                axes.plot(X.numpy(), painting.numpy(), color=COLORS["green"], linewidth=0.8, alpha=0.7, label=label)
            axes.set(xlabel="x", ylim=(-0.8, 3.5), title=f"paintings after {step:,} step{'s' * (step > 1)}")
        top.axes[0].legend(loc="upper center", fontsize=8)
        draw_accuracy(bottom.subplots(), accuracy, p_master)

    return session.finish({"inside": inside, "accuracy": accuracy, "p_real": p_master}, draw, size=(12, 8))


def judged_rightly(p_real: Tensor, p_painted: Tensor) -> float:
    """The discriminator's accuracy: the fraction of real and painted curves that it classifies correctly."""
    return ((p_real >= 0.5).float().mean().item() + (p_painted < 0.5).float().mean().item()) / 2


def draw_accuracy(axes: Any, accuracy: list[float], p_real: list[float]) -> None:
    """The discriminator's accuracy over time, and how sure it is of a real painting."""
    steps = range(1, len(accuracy) + 1)
    window = min(100, len(accuracy))
    means = np.convolve(accuracy, np.full(window, 1 / window), "valid")
    axes.plot(steps, accuracy, color=COLORS["orange"], linewidth=0.5, alpha=0.35, label="accuracy, each step")
    axes.plot(steps[window - 1 :], means, color=COLORS["orange"], label=f"accuracy, mean of the last {window} steps")
    axes.plot(steps, p_real, color=COLORS["blue"], linewidth=0.8, label="probability it gives to a real painting")
    axes.axhline(0.5, color=COLORS["gray"], linestyle="--", label="a guess")
    axes.set(
        xlabel="step",
        ylabel="share, probability",
        ylim=(0, 1),
        title="the discriminator's accuracy on real and painted curves",
    )
    axes.legend(loc="lower right", ncols=2, fontsize=9)

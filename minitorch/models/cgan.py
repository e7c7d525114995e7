"""A conditional GAN: the networks of `gan` also get a class, which says if the curve is in the upper or lower half.

M. Mirza and S. Osindero 2014, https://arxiv.org/abs/1411.1784.

    minitorch train cgan
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
from minitorch import Tensor, nn, optim
from minitorch.models.gan import IDEAS, POINTS, X, draw_accuracy, judged_rightly, masterpieces
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.session import Session


def labelled_masterpieces(count: int) -> tuple[Tensor, Tensor]:
    """Paintings (N, 15) of the master and their classes (N, 1): 1 where a ≥ 1.5, the upper half, else 0."""
    paintings = masterpieces(count)
    a = (paintings[:, :1] + 1) / 2  # at x = -1 the curve is at 2a - 1
    return paintings, (a >= 1.5).float()


def generator() -> nn.Module:
    """Random numbers and a class (N, 5 + 1) to paintings (N, 15)."""
    return nn.Sequential(nn.Linear(IDEAS + 1, 128), nn.ReLU(), nn.Linear(128, POINTS))


def discriminator() -> nn.Module:
    """Paintings and a class (N, 15 + 1) to the probabilities (N, 1) that the master painted them."""
    return nn.Sequential(nn.Linear(POINTS + 1, 128), nn.ReLU(), nn.Linear(128, 1), nn.Sigmoid())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train cgan``."""
    add_run_options(parser, steps=10_000, batch_size=64, lr=1e-4)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    G, D = generator().to(args.device), discriminator().to(args.device)
    optimizer_G = optim.Adam(G.parameters(), lr=args.lr)
    optimizer_D = optim.Adam(D.parameters(), lr=args.lr)
    parts = {"G": G, "D": D, "optimizer_G": optimizer_G, "optimizer_D": optimizer_D}
    state = Run(args, ("seed", "batch_size", "lr"), **parts)
    state.extra.update(accuracy=[], p_real=[])

    with Session("cgan", args, state, total=args.steps, unit="steps", done=lambda: state.step) as session:
        accuracy, p_master = state.extra["accuracy"], state.extra["p_real"]
        for step in state.steps(args.steps):
            real, classes = (t.to(args.device) for t in labelled_masterpieces(args.batch_size))
            ideas = torch.randn(args.batch_size, IDEAS).to(args.device)
            painted = G(torch.cat([ideas, classes], 1))
            p_real = D(torch.cat([real, classes], 1))
            p_painted = D(torch.cat([painted, classes], 1))

            loss_D = -torch.mean(torch.log(p_real) + torch.log(1 - p_painted))
            loss_G = torch.mean(torch.log(1 - p_painted))
            optimizer_D.zero_grad()
            loss_D.backward(retain_graph=True)
            D_gradients = [None if p.grad is None else p.grad.clone() for p in D.parameters()]
            optimizer_G.zero_grad()
            loss_G.backward()
            for p, g in zip(D.parameters(), D_gradients, strict=True):
                p.grad = g
            optimizer_D.step()
            optimizer_G.step()

            accuracy.append(judged_rightly(p_real, p_painted))
            p_master.append(p_real.mean().item())
            state.count(loss_D.item())
            if session.step(D_loss=loss_D.item(), D_accuracy=accuracy[-1]):
                return session.stopped()
            if (step + 1) % 1000 == 0:
                session.report(f"step {step + 1}/{args.steps}")

    paintings = {}
    middle = 1.5 * X.pow(2) + 0.5
    with torch.no_grad():
        for wanted in (0, 1):
            ideas = torch.randn(200, IDEAS)
            classes = torch.full((200, 1), float(wanted))
            paintings[wanted] = G(torch.cat([ideas, classes], 1).to(args.device)).cpu()
    right_half = {w: ((p.mean(1) >= middle.mean()) == bool(w)).float().mean().item() for w, p in paintings.items()}
    share = (right_half[0] + right_half[1]) / 2
    late = accuracy[-500:]
    print(f"\n{share:.1%} of the paintings are in the half that their class says;")
    print(f"late in training the discriminator classifies {sum(late) / len(late):.1%} correctly; guessing gives 50%")

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(2, 3))
        for wanted, color in ((1, COLORS["blue"]), (0, COLORS["red"])):
            for i, painting in enumerate(paintings[wanted][:8]):
                label = f"class: {'upper' if wanted else 'lower'} half" if i == 0 else None
                left.plot(X.numpy(), painting.numpy(), color=color, linewidth=0.8, alpha=0.7, label=label)
        left.plot(X.numpy(), middle.numpy(), color="black", linestyle="--", label="the middle, a = 1.5")
        left.set(xlabel="x", ylim=(-0.5, 3.5), title="paintings of both classes")
        left.legend(loc="upper center")
        draw_accuracy(right, accuracy, p_master)

    return session.finish({"right_half": share, "accuracy": accuracy, "p_real": p_master}, draw, size=(14, 6))

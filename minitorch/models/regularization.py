"""L1, L2 and weight decay against over-fitting, compared on the data of `dropout`.

minitorch train regularization
"""

from __future__ import annotations

import argparse
from typing import Any

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.models.dropout import net, points
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.session import Session

L1, L2, DECAY = 1e-3, 5e-3, 1.0  # the weights of the penalties, and of AdamW's decay
TITLES = {
    "none": "no regularization",
    "L1": f"L1, {L1:g}",
    "L2": f"L2, {L2:g}",
    "decay": f"weight decay (AdamW), {DECAY:g}",
}


def penalty(name: str, model: nn.Module) -> Tensor | float:
    """The penalty in the loss of the net `name`: the sum of its weights' absolute values or squares, or zero."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    if name == "L1":
        return L1 * torch.stack([w.abs().sum() for w in weights]).sum()
    if name == "L2":
        return L2 / 2 * torch.stack([w.pow(2).sum() for w in weights]).sum()
    return 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train regularization``."""
    add_run_options(parser, steps=500, lr=0.01)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    torch.manual_seed(args.seed)
    x, y = (t.to(args.device) for t in points())
    test_x, test_y = (t.to(args.device) for t in points())
    beginning = net(0).state_dict()
    nets = nn.ModuleDict({name: net(0) for name in TITLES})
    for model in nets.values():
        model.load_state_dict(beginning)
    nets.to(args.device)
    optimizers: dict[str, optim.Optimizer] = {
        name: optim.Adam(nets[name].parameters(), lr=args.lr) for name in ("none", "L1", "L2")
    }
    optimizers["decay"] = optim.AdamW(nets["decay"].parameters(), lr=args.lr, weight_decay=DECAY)
    state = Run(args, ("seed", "lr"), nets=nets, **optimizers)

    with Session(
        "regularization", args, state, total=args.steps, unit="steps", done=lambda: state.step, lines=10
    ) as session:
        for _ in state.steps(args.steps):
            errors = {}
            for name, optimizer in optimizers.items():
                error = F.mse_loss(nets[name](x), y)
                loss = error + penalty(name, nets[name])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                errors[name] = error.item()
            state.count(errors["none"])
            if session.step(**errors):
                return session.stopped()

    with torch.no_grad():
        train = {name: F.mse_loss(model(x), y).item() for name, model in nets.items()}
        test = {name: F.mse_loss(model(test_x), test_y).item() for name, model in nets.items()}
        weights = {
            name: torch.cat([p.flatten() for p in m.parameters() if p.dim() > 1]).cpu() for name, m in nets.items()
        }
        line = torch.linspace(-1, 1, 200).unsqueeze(1)
        curves = {name: model(line.to(args.device)).cpu() for name, model in nets.items()}
    large = {name: int((w.abs() > 0.01).sum()) for name, w in weights.items()}
    print(f"\n{'':<28} error on train points   on test points   weights above 0.01")
    for name, title in TITLES.items():
        print(f"{title:<28} {train[name]:>21.4f} {test[name]:>16.4f} {large[name]:>20,}")
    best = min(test, key=lambda name: test[name])
    print(
        f"new points are met best with {TITLES[best]}; "
        f"L1 gets by with {large['L1']:,} of {len(weights['L1']):,} weights"
    )

    def draw(figure: Any) -> None:
        top, bottom = figure.subplots(2, len(TITLES), sharey="row")
        for axes, below, (name, title) in zip(top, bottom, TITLES.items(), strict=True):
            axes.scatter(x.cpu().numpy(), y.cpu().numpy(), color=COLORS["pink"], s=15, label="train points")
            axes.scatter(test_x.cpu().numpy(), test_y.cpu().numpy(), color=COLORS["sky"], s=15, label="test points")
            axes.plot(line.numpy(), curves[name].numpy(), color=COLORS["red"], label="the net")
            axes.set(xlabel="x", ylim=(-2.5, 2.5), title=title)
            below.hist(weights[name].numpy(), bins=80, range=(-0.3, 0.3), color=COLORS["gray"], log=True)
            below.set(xlabel="weight")
        top[0].set_ylabel("y")
        top[0].legend(fontsize=8)
        bottom[0].set_ylabel("how many")

    return session.finish({"train_mse": train, "test_mse": test, "large_weights": large}, draw, size=(14, 7))

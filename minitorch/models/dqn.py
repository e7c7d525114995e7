"""Deep Q-learning balances a pole on a cart: a replay memory, a target network, and ever fewer random actions.

V. Mnih et al. 2015, https://doi.org/10.1038/nature14236. CartPole's reward is 1 for every step until the pole falls,
500 at most.

    pip install "minitorch-parity[rl]"
    minitorch train dqn

Mean over 100 episodes without random actions, after the default 20,000 steps: 461, 325, 385, 350 and 381 for the seeds
0 to 4.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.errors import UsageError
from minitorch.training.checkpoint import Run
from minitorch.training.figures import COLORS
from minitorch.training.options import add_run_options
from minitorch.training.recorded import recorded
from minitorch.training.session import Session

GAMMA = 0.99  # the discount: how much a reward of the next step counts
MEMORY = 10_000  # the number of transitions that are stored
WARM_UP = 500  # steps before the net starts to learn
COPY_EVERY = 100  # steps between two copies of the net to the target net
EPSILON_FIRST, EPSILON_LAST, EPSILON_STEPS = 1.0, 0.02, 5_000  # the chance of a random action, falling linearly
WIDTH = 4 + 1 + 1 + 4 + 1  # a transition: state, action, reward, next state, whether the pole fell


class QNet(nn.Module):
    """States (N, 4) to the values (N, 2) of pushing left and of pushing right."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(4, 50)
        self.out = nn.Linear(50, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.relu(self.fc1(x)))


class Pole:
    """CartPole whose state can be restored from the seed of its episode and the actions so far."""

    def __init__(self) -> None:
        try:
            import gymnasium
        except ImportError:
            raise UsageError('dqn needs gymnasium: pip install "minitorch-parity[rl]"') from None
        self.env = gymnasium.make("CartPole-v1").unwrapped
        self.state = np.zeros(4, np.float32)
        self.steps = 0

    def start(self, seed: int) -> np.ndarray:
        """A new episode; the same seed gives the same episode."""
        self.state, self.steps = self.env.reset(seed=seed)[0], 0
        return self.state

    def push(self, action: int) -> tuple[np.ndarray, float, bool, bool]:
        """The next state, the reward, whether the pole fell, and whether the episode is over."""
        self.state, reward, fell, _, _ = self.env.step(action)
        self.steps += 1
        return self.state, float(reward), bool(fell), bool(fell) or self.steps >= 500

    def restore(self, episode: int, actions: list[int]) -> None:
        """Play an episode again with the same actions. It depends only on its seed and the actions."""
        self.start(episode)
        for action in actions:
            self.push(action)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``minitorch train dqn``."""
    add_run_options(parser, steps=20_000, batch_size=64, lr=1e-3, record=True)


def run(args: argparse.Namespace) -> int:
    """Train, and write a checkpoint, a figure and, with ``--json``, the metrics. Returns the exit code."""
    pole = Pole()
    torch.manual_seed(args.seed)
    net, target = QNet().to(args.device), QNet().to(args.device)
    target.load_state_dict(net.state_dict())
    optimizer = optim.Adam(net.parameters(), lr=args.lr)
    state = Run(args, ("seed", "batch_size", "lr"), net=net, target=target, optimizer=optimizer)
    extra = state.extra
    extra.update(memory=torch.zeros(MEMORY, WIDTH), returns=[], episode=0, actions=[])

    learn = recorded(lesson(net, target, optimizer), args.record, args.explore)
    with Session("dqn", args, state, total=args.steps, unit="steps", done=lambda: state.step) as session:
        extra = state.extra
        memory = extra["memory"].numpy()
        first = args.seed % 2**32 * 1_000_000  # different seeds have different episodes; none is negative
        pole.restore(first + extra["episode"], extra["actions"])
        for step in state.steps(args.steps):
            before = pole.state
            action = act(net, before, epsilon(step), args.device)
            after, reward, fell, over = pole.push(action)
            memory[step % MEMORY] = (*before, action, reward, *after, fell)
            extra["actions"].append(action)
            if over:
                extra["returns"].append(float(pole.steps))
                extra["episode"] += 1
                extra["actions"] = []
                pole.start(first + extra["episode"])

            loss = float("nan")
            if step >= WARM_UP:
                loss = learn(sample(memory[: step + 1], args.batch_size).to(args.device)).item()
            if step % COPY_EVERY == 0:
                target.load_state_dict(net.state_dict())
            state.count(loss)
            recent = extra["returns"][-20:] or [0.0]
            if session.step(mean_return=sum(recent) / len(recent)):
                return session.stopped()
            if (step + 1) % 2000 == 0:
                session.report(f"step {step + 1}/{args.steps}", epsilon=epsilon(step))

    returns = [play(pole, net, 900_000_000 + i, args.device) for i in range(100)]
    mean = sum(returns) / len(returns)
    print(f"\nwithout chance the net holds the pole for {mean:.1f} steps in the mean of 100 new episodes (of 500)")

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        played = extra["returns"]
        left.plot(range(1, len(played) + 1), played, linewidth=0.6, alpha=0.5, label="each episode")
        means = [sum(played[max(0, i - 19) : i + 1]) / len(played[max(0, i - 19) : i + 1]) for i in range(len(played))]
        left.plot(range(1, len(means) + 1), means, color=COLORS["red"], label="mean of the last 20")
        left.axhline(195, color=COLORS["gray"], linestyle="--", label="the lesson's aim, 195")
        left.set(xlabel="episode", ylabel="return", title="returns while learning")
        left.legend()
        right.hist(returns, bins=25, range=(0, 500), color=COLORS["green"])
        right.set(xlabel="return", ylabel="episodes", title="100 episodes without chance")

    return session.finish({"mean_return": mean, "returns": extra["returns"], "evaluation": returns}, draw)


def epsilon(step: int) -> float:
    """The probability of a random action at a step."""
    return EPSILON_LAST + (EPSILON_FIRST - EPSILON_LAST) * max(0.0, 1 - step / EPSILON_STEPS)


def act(net: nn.Module, observation: np.ndarray, chance: float, device: str) -> int:
    """The action with the highest value, or with probability `chance` a random one."""
    if float(torch.rand(())) < chance:
        return int(torch.randint(0, 2, ()))
    with torch.no_grad():
        return int(net(torch.from_numpy(observation[None]).to(device)).argmax(1))


def lesson(net: nn.Module, target: nn.Module, optimizer: Any) -> Callable[[Tensor], Tensor]:
    """One step towards Q(s, a) = r + γ max Q'(s', ·), a function of a batch (N, 11) of transitions; gives the loss."""

    def train(batch: Tensor) -> Tensor:
        states, actions, rewards, after, fell = batch.split([4, 1, 1, 4, 1], dim=1)
        values = net(states).gather(1, actions.long())
        with torch.no_grad():
            wanted = rewards + GAMMA * (1 - fell) * target(after).max(1, keepdim=True).values
        loss = F.mse_loss(values, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return train


def sample(memory: np.ndarray, size: int) -> Tensor:
    """`size` stored transitions, drawn with replacement."""
    picks = torch.randint(0, len(memory), (size,)).numpy()
    return torch.from_numpy(memory[picks])


def play(pole: Pole, net: nn.Module, seed: int, device: str) -> float:
    """The return of one episode without random actions."""
    observation, over, total = pole.start(seed), False, 0.0
    while not over:
        observation, reward, _, over = pole.push(act(net, observation, 0.0, device))
        total += reward
    return total

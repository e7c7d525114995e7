"""Several threads at once: training four nets, and backward passes over graphs that share a leaf."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

import minitorch
from tests.autograd.worlds import assert_same, plain


def train(w: Any, seed: int, steps: int = 60) -> Any:
    """The losses and weights of a small net, trained with plain gradient descent."""
    draw = np.random.default_rng(seed)

    def numbers(*shape: int) -> Any:
        return w.tensor(draw.normal(size=shape).tolist(), dtype=w.float64)

    x, target = numbers(16, 4), numbers(16, 2)
    weights = [(numbers(4, 8) * 0.5).requires_grad_(), w.zeros(8, dtype=w.float64, requires_grad=True)]
    weights += [(numbers(8, 2) * 0.5).requires_grad_(), w.zeros(2, dtype=w.float64, requires_grad=True)]
    losses = []
    for step in range(steps):
        w1, b1, w2, b2 = weights
        loss = (((x @ w1 + b1).tanh() @ w2 + b2 - target) ** 2).mean()
        if step % 3 == 2:  # a gradient penalty, so that the threads also differ in whether they record backward passes
            (g,) = w.autograd.grad(loss, w1, create_graph=True)
            loss = loss + 0.1 * (g * g).sum()
        loss.backward()
        losses.append(loss.item())
        with w.no_grad():
            for p in weights:
                p -= 0.1 * p.grad
                p.grad = None
    return losses, weights


def test_four_threads_train_four_nets() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: train(minitorch, seed), range(4)))
    for seed, result in enumerate(found):
        assert_same(plain(result[1]), plain(train(torch, seed)[1]), rtol=1e-9)
        np.testing.assert_allclose(result[0], train(torch, seed)[0], rtol=1e-9)


def test_backward_from_several_threads_over_separate_graphs() -> None:
    inputs = [minitorch.full((3,), float(i), requires_grad=True) for i in range(8)]
    outputs = [(x.exp() * x).sum() for x in inputs]

    def work(i: int) -> Any:
        outputs[i].backward()
        return inputs[i].grad

    with ThreadPoolExecutor(4) as pool:
        grads = list(pool.map(work, range(8)))
    for i, g in enumerate(grads):
        np.testing.assert_allclose(g.cpu().numpy(), np.full(3, np.exp(i) * (i + 1)), rtol=1e-6)


def test_a_graph_built_in_one_thread_is_passed_in_another() -> None:
    x = minitorch.ones(2, requires_grad=True)
    with minitorch.no_grad(), ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: (x * 3).sum()).result().backward()
    assert x.grad.tolist() == [3, 3]

"""Clipping of gradients, and parameters as one vector: what they write to, and messages."""

from __future__ import annotations

import pytest

from tests.both import both, caught


@pytest.mark.filterwarnings("ignore:`parameters`")
@both
def test_clipping(torch):
    utils = torch.nn.utils
    p = torch.zeros(3, requires_grad=True)
    p.grad = torch.tensor([3.0, -0.25, -4.0])
    grad = p.grad
    utils.clip_grad_value_(p, 2)
    utils.clip_grad_value_([p], 3.5)
    seen = [p.grad.clone(), p.grad is grad, utils.get_total_norm([p.grad], 1.0), utils.get_total_norm([])]
    utils.clip_grads_with_norm_(p, 17.0, torch.tensor(4.0))
    seen += [p.grad.clone(), utils.clip_grad_norm_([], 1.0), utils.clip_grad_norm_((x for x in ()), 1.0)]
    p.grad[0] = float("inf")
    return [
        *seen,
        caught(lambda: utils.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)),
        utils.clip_grad_norm_(p, 1.0),
    ]


@both
def test_one_vector(torch):
    utils = torch.nn.utils
    p, q = torch.arange(4.0).reshape(2, 2).requires_grad_(), torch.tensor(5.0, requires_grad=True)
    vector = utils.parameters_to_vector(iter([p, q]))
    (vector * vector).sum().backward()
    new = torch.arange(5.0) * 10
    utils.vector_to_parameters(new, iter([p, q]))
    new[0] = 7.0
    return [
        vector.detach(),
        p.grad,
        q.grad,
        p,
        q,
        p.is_leaf,
        caught(lambda: utils.vector_to_parameters([1.0], [p])),
        type(caught(lambda: utils.vector_to_parameters(torch.ones(2), [p]))).__name__,
    ]

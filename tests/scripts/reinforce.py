"""Policy gradients and the reparametrized normal: torch.distributions at work."""

import torch
from torch import nn, optim
from torch.distributions import Bernoulli, Categorical, Normal, Uniform, kl_divergence

torch.manual_seed(0)

policy = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
optimizer = optim.Adam(policy.parameters(), lr=0.05)
running = 0.0
for episode in range(60):
    state = torch.rand(5, 2)
    m = Categorical(logits=policy(state))
    action = m.sample()
    best = (state[:, 0] > state[:, 1]).long()
    reward = (action == best).float()
    loss = -(m.log_prob(action) * (reward - reward.mean())).sum() - 0.01 * m.entropy().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    running = 0.9 * running + 0.1 * reward.mean().item()
    if episode % 20 == 0:
        print(episode, action, "%.2f" % running)
print(m, "%.2f" % running)

mu, rho = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
target = torch.tensor([1.0, -2.0])
optimizer = optim.SGD([mu, rho], lr=0.05)
prior = Normal(torch.zeros(2), torch.ones(2))
for _ in range(50):
    q = Normal(mu, rho.exp())
    z = q.rsample((8,))
    loss = ((z - target) ** 2).sum(-1).mean() + kl_divergence(q, prior).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(mu, rho, "%.3f" % loss)
print(Normal(0.0, 1.0), Normal(torch.zeros(3), 1.0).sample((2,)), Uniform(-1, 1).sample(), Bernoulli(0.3).sample((5,)))
print(prior.log_prob(target), Normal(0, 1).cdf(torch.tensor(1.96)), Bernoulli(logits=torch.tensor([0.0, 2.0])).probs)
try:
    Normal(0.0, -1.0)
except ValueError as error:
    print(str(error)[:120])

"""A generative adversarial net that paints curves; the graph of the discriminator is walked twice."""

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1)
np.random.seed(1)

BATCH_SIZE, LR_G, LR_D, N_IDEAS, ART_COMPONENTS = 64, 0.0001, 0.0001, 5, 15
PAINT_POINTS = np.vstack([np.linspace(-1, 1, ART_COMPONENTS) for _ in range(BATCH_SIZE)])


def artist_works():
    a = np.random.uniform(1, 2, size=BATCH_SIZE)[:, np.newaxis]
    paintings = a * np.power(PAINT_POINTS, 2) + (a - 1)
    return torch.from_numpy(paintings).float()


G = nn.Sequential(nn.Linear(N_IDEAS, 128), nn.ReLU(), nn.Linear(128, ART_COMPONENTS))
D = nn.Sequential(nn.Linear(ART_COMPONENTS, 128), nn.ReLU(), nn.Linear(128, 1), nn.Sigmoid())
opt_D = torch.optim.Adam(D.parameters(), lr=LR_D)
opt_G = torch.optim.Adam(G.parameters(), lr=LR_G)

for step in range(100):
    artist_paintings = artist_works()
    G_ideas = torch.randn(BATCH_SIZE, N_IDEAS, requires_grad=True)
    G_paintings = G(G_ideas)
    prob_artist1 = D(G_paintings)
    G_loss = torch.mean(torch.log(1.0 - prob_artist1))
    opt_G.zero_grad()
    G_loss.backward()
    opt_G.step()

    prob_artist0 = D(artist_paintings)
    prob_artist1 = D(G_paintings.detach())
    D_loss = -torch.mean(torch.log(prob_artist0) + torch.log(1.0 - prob_artist1))
    opt_D.zero_grad()
    D_loss.backward(retain_graph=True)
    opt_D.step()
    if step % 20 == 0:
        print("D accuracy=%.2f" % prob_artist0.data.numpy().mean(), "D score= %.2f" % -D_loss.data.numpy())
print(G_paintings.shape, G_ideas.grad.shape, [p.grad is not None for p in D.parameters()])

# Both losses from one forward pass, as older lessons had it: the graph must be kept, and nothing written in between
opt_D.zero_grad()
opt_G.zero_grad()
prob_fake = D(G(torch.randn(4, N_IDEAS)))
g_loss, d_loss = torch.log(1 - prob_fake).mean(), torch.log(prob_fake).mean()
d_loss.backward(retain_graph=True)
before = D[0].weight.grad.norm()
g_loss.backward()
print("%.3f %.3f" % (before, D[0].weight.grad.norm()))
try:
    g_loss.backward()
except RuntimeError as error:
    print(str(error)[:61])
prob_fake = D(G(torch.randn(4, N_IDEAS)))
loss = torch.log(prob_fake).mean()
loss.backward(retain_graph=True)
opt_G.step()
try:
    loss.backward()
except RuntimeError as error:
    print(str(error)[:96])

"""Deep Q-learning on a small world: a corridor with the prize at its end."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
np.random.seed(3)

N_STATES, N_ACTIONS, MEMORY_CAPACITY, BATCH_SIZE, GAMMA, EPSILON = 4, 2, 60, 16, 0.9, 0.9


class Corridor:
    def reset(self):
        self.at = 0
        return np.eye(N_STATES)[self.at]

    def step(self, action):
        self.at = max(0, self.at + (1 if action == 1 else -1))
        done = self.at == N_STATES - 1
        return np.eye(N_STATES)[self.at], float(done), done


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(N_STATES, 50)
        self.fc1.weight.data.normal_(0, 0.1)
        self.out = nn.Linear(50, N_ACTIONS)
        self.out.weight.data.normal_(0, 0.1)

    def forward(self, x):
        return self.out(F.relu(self.fc1(x)))


class DQN:
    def __init__(self):
        self.eval_net, self.target_net = Net(), Net()
        self.learn_step_counter = self.memory_counter = 0
        self.memory = np.zeros((MEMORY_CAPACITY, N_STATES * 2 + 2))
        self.optimizer = torch.optim.Adam(self.eval_net.parameters(), lr=0.01)
        self.loss_func = nn.MSELoss()

    def choose_action(self, x):
        x = torch.unsqueeze(torch.FloatTensor(x), 0)
        if np.random.uniform() < EPSILON:
            return torch.max(self.eval_net.forward(x), 1)[1].data.numpy()[0]
        return np.random.randint(0, N_ACTIONS)

    def store_transition(self, s, a, r, s_):
        self.memory[self.memory_counter % MEMORY_CAPACITY, :] = np.hstack((s, [a, r], s_))
        self.memory_counter += 1

    def learn(self):
        if self.learn_step_counter % 10 == 0:
            self.target_net.load_state_dict(self.eval_net.state_dict())
        self.learn_step_counter += 1
        b_memory = self.memory[np.random.choice(MEMORY_CAPACITY, BATCH_SIZE), :]
        b_s = torch.FloatTensor(b_memory[:, :N_STATES])
        b_a = torch.LongTensor(b_memory[:, N_STATES : N_STATES + 1].astype(int))
        b_r = torch.FloatTensor(b_memory[:, N_STATES + 1 : N_STATES + 2])
        b_s_ = torch.FloatTensor(b_memory[:, -N_STATES:])
        q_eval = self.eval_net(b_s).gather(1, b_a)
        q_next = self.target_net(b_s_).detach()
        q_target = b_r + GAMMA * q_next.max(1)[0].view(BATCH_SIZE, 1)
        loss = self.loss_func(q_eval, q_target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss


dqn, env = DQN(), Corridor()
for episode in range(40):
    s, steps = env.reset(), 0
    while True:
        a = dqn.choose_action(s)
        s_, r, done = env.step(a)
        dqn.store_transition(s, a, r, s_)
        steps += 1
        if dqn.memory_counter > MEMORY_CAPACITY:
            loss = dqn.learn()
        if done or steps == 20:
            break
        s = s_
    if episode % 5 == 0:
        print("episode", episode, "steps", steps, "learnt", dqn.learn_step_counter)
print("loss %.3f" % loss)
with torch.no_grad():
    q = dqn.eval_net(torch.eye(N_STATES)[:-1])
print(np.round(q.numpy(), 1), q.argmax(1))

"""Embeddings: an n-gram model of a sentence, padded batches of sentences, sampling words."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Categorical
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(1)

CONTEXT_SIZE, EMBEDDING_DIM = 2, 10
text = "the cat sat on the mat and the dog sat on the log and the cat saw the dog on the mat".split()
vocab = sorted(set(text))
word_to_ix = {word: i for i, word in enumerate(vocab)}
ngrams = [([text[i], text[i + 1]], text[i + 2]) for i in range(len(text) - 2)]
print(ngrams[:3], len(vocab))

embeds = nn.Embedding(2, 5)
print(embeds, embeds(torch.tensor([1], dtype=torch.long)), embeds.weight.shape)


class NGramLanguageModeler(nn.Module):
    def __init__(self, vocab_size, embedding_dim, context_size):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear1 = nn.Linear(context_size * embedding_dim, 16)
        self.linear2 = nn.Linear(16, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).view((1, -1))
        out = F.relu(self.linear1(embeds))
        return F.log_softmax(self.linear2(out), dim=1)


model = NGramLanguageModeler(len(vocab), EMBEDDING_DIM, CONTEXT_SIZE)
print(model)
loss_function = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(6):
    total_loss = 0
    for context, target in ngrams:
        context_idxs = torch.tensor([word_to_ix[w] for w in context], dtype=torch.long)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    print(f"{total_loss:.2f}", end=" ")
print()
print((model.embeddings.weight.grad.abs().sum(1) > 0).sum())

words = ["the", "cat"]
for _ in range(6):
    log_probs = model(torch.tensor([word_to_ix[w] for w in words[-2:]]))
    words.append(vocab[Categorical(logits=log_probs[0]).sample()])
print(" ".join(words))

sentences = [torch.tensor([1, 2, 3, 4]), torch.tensor([5, 6]), torch.tensor([7, 3, 2])]
lengths = torch.tensor([len(s) for s in sentences])
padded = pad_sequence(sentences, batch_first=True)
print(padded)
embedding = nn.Embedding(10, 4, padding_idx=0)
gru = nn.GRU(4, 3, batch_first=True)
packed = pack_padded_sequence(embedding(padded), lengths, batch_first=True, enforce_sorted=False)
print(packed.batch_sizes, packed.data.shape)
out, h = gru(packed)
unpacked, sizes = pad_packed_sequence(out, batch_first=True)
print(unpacked.shape, sizes, h.squeeze(0), unpacked[1])
unpacked.sum().backward()
print(embedding.weight.grad[0], embedding.weight.grad[8], embedding.weight.grad[3].shape)

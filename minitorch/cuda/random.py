"""Seeds for the GPU: numbers for it come from the one generator of the host, unless a generator on the GPU is given."""

from __future__ import annotations


def manual_seed(seed: int) -> None:
    """Nothing: numbers for the GPU are drawn from the one generator that ``torch.manual_seed`` seeds."""


manual_seed_all = manual_seed

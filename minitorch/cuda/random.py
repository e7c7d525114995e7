"""Seeding for the GPU. Random numbers come from the host's default generator, unless a GPU generator is given."""

from __future__ import annotations


def manual_seed(seed: int) -> None:
    """Does nothing: numbers for the GPU are drawn from the default generator, which ``torch.manual_seed`` seeds."""


manual_seed_all = manual_seed

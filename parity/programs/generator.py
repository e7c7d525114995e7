"""Programs by seed."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import torch

from parity.programs.fields import Fields
from parity.programs.program import Program, execute
from parity.programs.statements import FAMILIES, MODES

LARGEST = 200
"""How many elements a tensor of a program may have."""
INVALID = 0.3
"""How many of the statements that torch refuses are kept."""
EXTREME = 1e4
"""How large numbers may become in most programs."""


def program(seed: int, number: int = 0, length: int = 12) -> Program:
    """A random program: the same for the same arguments.

    It is grown statement by statement, each run with torch as soon as it is drawn, so that the next ones can be drawn
    to fit the existing shapes. Most statements that torch refuses are left out.

    Args:
        seed: seed of a sequence of programs.
        number: the number of the program in that sequence.
        length: the largest number of statements after the first ones, which make tensors.
    """
    rng = random.Random(f"{seed}/{number}")
    names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional, "np": np, "seen": []}
    names |= {"inf": float("inf"), "nan": float("nan")}
    fields = Fields(rng, names)
    found: list[str] = []
    extreme = rng.random() < 0.1
    torch.default_generator.manual_seed(0)
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        wanted = ["{new} = {made}"] * rng.randrange(1, 4)
        for template in wanted:
            found.append(_first(fields, template))
        for _ in range(rng.randrange(3, length + 1)):
            statement = _draw(fields)
            if statement and _keep(statement, names, rng, extreme):
                found.append(statement)
    return tuple(found)


def _first(fields: Fields, template: str) -> str:
    statement = fields.fill(template)
    execute(statement, fields.names)
    return statement


_KINDS, _WEIGHTS = zip(*((name, family.weight) for name, family in FAMILIES.items()), strict=True)


def _draw(fields: Fields) -> str:
    """A statement; empty if the program does not have the tensors for it."""
    rng = fields.rng
    family = FAMILIES[rng.choices(_KINDS, _WEIGHTS)[0]]
    template = rng.choice(family.templates)
    try:
        statement = fields.fill(template)
    except LookupError:
        return ""
    draw = rng.random() * 100
    for mode, share in MODES:
        if draw < share:
            return mode + statement
        draw -= share
    return statement


def _keep(statement: str, names: dict[str, Any], rng: random.Random, extreme: bool) -> bool:
    """Run a statement with torch; whether it is to be part of the program."""
    before = dict(names)
    error = execute(statement, names)
    if error:
        return rng.random() < INVALID
    for name, value in names.items():
        if not isinstance(value, torch.Tensor):
            continue
        new = value is not before.get(name)
        if value.numel() > LARGEST or (new and not extreme and _is_extreme(value)):
            names.clear()
            names.update(before)
            return False
    return True


def _is_extreme(t: torch.Tensor) -> bool:
    values = t.detach()
    return bool((values.abs() > EXTREME).any()) if values.dtype != torch.bool else False

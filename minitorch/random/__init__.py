"""Seeds and generators: after `manual_seed(s)` the same numbers are drawn as by torch's CPU generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from kernels import backend_names
from minitorch._variable import Variable
from minitorch.autograd.graph import wrap
from minitorch.random import generator

if TYPE_CHECKING:
    from minitorch._tensor import Tensor
    from minitorch.devices import device


class Generator(generator.Generator):
    """A stream of random numbers, for the argument ``generator=`` of functions.

    Args:
        device: where the numbers are made. On the host they are torch's numbers; on other devices they are Philox's,
            and need no copy (see `minitorch.random.device_generator`). A generator on the host can fill any tensor.
    """

    def __new__(cls, device: str | device = "cpu") -> Self:
        from minitorch.devices import device as Device

        if cls is Generator and str(device).partition(":")[0] in backend_names() and Device(str(device)).type != "cpu":
            from minitorch.random.device_generator import DeviceGenerator

            return super().__new__(DeviceGenerator)  # type: ignore[return-value]  # `cls` is `Generator`
        return super().__new__(cls)

    def __init__(self, device: str | device = "cpu") -> None:
        from minitorch.devices import device as Device

        super().__init__(device)
        self.device = Device(str(device))

    def get_state(self) -> Tensor:
        """The state as a uint8 tensor, in torch's layout."""
        return wrap(super().get_state())

    def set_state(self, new_state: Any) -> None:
        """Continue from a state that `get_state` returned, in minitorch or in torch.

        Raises:
            TypeError: if it is not a tensor.
            RuntimeError: if it is not a valid state.
        """
        if not isinstance(new_state, Variable | np.ndarray):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        super().set_state(new_state._array if isinstance(new_state, Variable) else new_state)


default_generator = Generator()
"""The default generator, with a random seed until `manual_seed` is called."""
default_generator.seed()


def of(chosen: generator.Generator | None, where: Any = None) -> generator.Generator:
    """The generator that an argument ``generator=`` means; None means the default generator.

    Args:
        chosen: the argument.
        where: the tensor that will be filled, or the argument ``device=`` of a tensor that will be made.

    Raises:
        TypeError: if it is not a generator.
        RuntimeError: if the generator is on a device other than the host and the tensor's.
    """
    if chosen is None:
        return default_generator
    if not isinstance(chosen, generator.Generator):
        raise TypeError(f"expected a torch.Generator, but got {type(chosen).__name__}")
    if str(chosen.device) != "cpu":
        from minitorch import devices

        there = where.device if isinstance(where, Variable) else devices.resolve(where).numbered()
        if there != chosen.device:
            raise RuntimeError(f"Expected a '{there}' device type for generator but found '{chosen.device}'")
    return chosen


def manual_seed(seed: int) -> Generator:
    """Start the default generator anew from `seed`; returns it.

    Raises:
        RuntimeError: for a seed outside [-2⁶³, 2⁶⁴).
    """
    default_generator.manual_seed(int(seed))
    return default_generator


def seed() -> int:
    """Seed the default generator with a random number from the operating system, and return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the default generator, a uint8 tensor in torch's layout."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Continue the default generator from a state."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """A context after which the default generator has the same state as before."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)

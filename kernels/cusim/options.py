"""The options of an emulated machine. The emulation, which is C++, reads them from environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass

RUNNING = "CUSIM_RUNNING"
"""The environment variable that marks a program under the emulation, and the processes that it starts."""

ORDERS = ("forward", "reversed", "shuffled")


@dataclass(frozen=True)
class Options:
    """The devices of the machine, and which faults of a program it detects.

    Attributes:
        devices: how many devices there are.
        capability: their compute capability, ten times major plus minor.
        memory: bytes of memory of each; allocating more is CUDA's out-of-memory error.
        lazy: a stream does its work only when the host or another stream waits for it: a missing synchronisation then
            reads old data.
        order: of blocks and threads: forward, reversed or shuffled.
        seed: for a shuffled order.
        guarded: arrays end at memory without access, and CuPy's memory pool is off: an access out of bounds is reported
            with the kernel that made it.
        strict: a thread that ends while others of its block wait at a barrier is an error.
        nvrtc: NVRTC must accept every kernel too, for this compute capability.
    """

    devices: int = 1
    capability: int = 80
    memory: int = 8 << 30
    lazy: bool = False
    order: str = "forward"
    seed: int = 0
    guarded: bool = False
    strict: bool = False
    nvrtc: bool = False

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise ValueError(f"order: expected one of {', '.join(ORDERS)}, but got {self.order!r}")
        if self.devices < 1:
            raise ValueError(f"devices: expected at least 1, but got {self.devices}")

    def environment(self) -> dict[str, str]:
        """The variables that ``emulation/devices.cpp`` reads."""
        return {
            RUNNING: "1",
            "CUSIM_DEVICES": str(self.devices),
            "CUSIM_CAPABILITY": str(self.capability),
            "CUSIM_MEMORY": str(self.memory),
            "CUSIM_LAZY": str(int(self.lazy)),
            "CUSIM_ORDER": str(ORDERS.index(self.order)),
            "CUSIM_SEED": str(self.seed),
            "CUSIM_GUARDED": str(int(self.guarded)),
            "CUSIM_STRICT": str(int(self.strict)),
            "CUSIM_NVRTC": str(int(self.nvrtc)),
        }


def from_environment() -> Options:
    """The options that a process was started with, for its children."""
    get = os.environ.get
    default = Options()
    return Options(
        devices=int(get("CUSIM_DEVICES", default.devices)),
        capability=int(get("CUSIM_CAPABILITY", default.capability)),
        memory=int(get("CUSIM_MEMORY", default.memory)),
        lazy=get("CUSIM_LAZY") == "1",
        order=ORDERS[int(get("CUSIM_ORDER", "0"))],
        seed=int(get("CUSIM_SEED", "0")),
        guarded=get("CUSIM_GUARDED") == "1",
        strict=get("CUSIM_STRICT") == "1",
        nvrtc=get("CUSIM_NVRTC") == "1",
    )

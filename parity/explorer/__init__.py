"""torch's values for the explorer: each operation of a trace, its backward step and each optimizer step, in torch."""

from parity.explorer.beside import beside_torch as beside_torch

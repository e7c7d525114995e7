"""The subcommands of ``python -m parity``."""

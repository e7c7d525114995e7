"""The subcommands of ``python -m parity``: runs, backends, gpu, surface."""

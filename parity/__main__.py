"""``python -m parity``: the comparison with torch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from parity.environment import prepare

prepare()

COMMANDS = ("backends", "diff", "gpu", "init", "ops", "programs", "runs", "speed", "stubs", "surface")
"""The commands besides the comparison of cases: modules of `parity.commands`."""
_NEEDED = ("hypothesis", "tabulate", "torch")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    The exit code is 0 if all agrees with torch, 1 if something differs, 2 if the command cannot do what it was asked
    for, a message on standard error saying why, and 130 after Ctrl-C.
    """
    from minitorch import streams
    from minitorch.errors import UsageError

    streams.prepare()
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = arguments.pop(0) if arguments[:1] and arguments[0] in COMMANDS else "cases"
    try:
        code: int = import_module(f"parity.commands.{command}").main(arguments)
        sys.stdout.flush()
        return code
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        print(
            f"parity compares with torch and needs {', '.join(_NEEDED)}, but there is no {error.name} here: "
            "pip install 'minitorch-parity[parity]'",
            file=sys.stderr,
        )
        return 2
    except UsageError as error:
        print(f"parity: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 141  # 128 + 13, a shell's code for a process that SIGPIPE ended
    except KeyboardInterrupt:
        print("parity: stopped", file=sys.stderr)
        return 130
    finally:
        streams.discard_if_broken()


if __name__ == "__main__":
    sys.exit(main())

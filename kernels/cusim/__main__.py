"""Run a program with CuPy on this machine's processor, without a GPU."""

from __future__ import annotations

import argparse
import dataclasses
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kernels.cusim.build import EmulationUnavailable
from kernels.cusim.emulator import start
from kernels.cusim.options import ORDERS, Options
from kernels.cusim.toolchain import CompileError, ToolchainMissing


def parser() -> argparse.ArgumentParser:
    """The command line."""
    default = Options()
    parser = argparse.ArgumentParser(
        prog="python -m kernels.cusim",
        description=__doc__,
        epilog="COMMAND: python FILE or -m MODULE, pytest, minitorch, parity; with its arguments.",
    )
    parser.add_argument("--devices", type=int, default=default.devices, help="how many devices (%(default)s)")
    parser.add_argument("--capability", type=int, default=default.capability, help="e.g. 80, 90, 120 (%(default)s)")
    parser.add_argument("--memory", type=_bytes, default=default.memory, help="of a device, e.g. 64M, 2G (8G)")
    parser.add_argument("--lazy", action="store_true", help="work is done as late as CUDA allows")
    parser.add_argument("--order", choices=ORDERS, default=default.order, help="of blocks and threads (%(default)s)")
    parser.add_argument("--seed", type=int, default=default.seed, help="of a shuffled order (%(default)s)")
    parser.add_argument("--guarded", action="store_true", help="an access beyond the end of an array is an error")
    parser.add_argument(
        "--strict", action="store_true", help="a thread that ends while others wait at a barrier is an error"
    )
    parser.add_argument("--nvrtc", action="store_true", help="NVRTC must accept every kernel too")
    parser.add_argument(
        "--counters", action="store_true", help="print what the devices and each kernel did, at the end"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND …")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command under the emulation; return its exit status."""
    args = parser().parse_args(arguments)
    if not args.command:
        parser().error("expected a COMMAND, such as: minitorch train cnn --device cuda --epochs 1")
    values = vars(args)
    options = Options(**{field.name: values[field.name] for field in dataclasses.fields(Options)})
    try:
        emulator = start(options)
    except (EmulationUnavailable, ToolchainMissing, CompileError) as error:
        print(f"cusim: {error}", file=sys.stderr)
        return 2
    try:
        return run(args.command)
    finally:
        if args.counters:
            counters = dataclasses.asdict(emulator.counters())
            emulator.print_kernels()
            print(
                "EMULATED: " + ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in counters.items()), file=sys.stderr
            )


def run(command: Sequence[str]) -> int:
    """Run a command line in this process; return its exit status."""
    name, arguments = Path(command[0]).name, list(command[1:])
    if name in ("python", "python3", Path(sys.executable).name):
        if not arguments or (arguments[0].startswith("-") and arguments[0] != "-m"):
            print("cusim: expected python FILE … or python -m MODULE …", file=sys.stderr)
            return 2
        if arguments[0] == "-m":
            return _run_module(arguments[1], arguments[2:])
        return _run_file(arguments[0], arguments[1:])
    if name == "pytest":
        return _run_module("pytest", ["-p", "kernels.cusim.pytest_plugin", *arguments])
    if name in ("minitorch", "parity"):
        return _run_module(name, arguments)
    mend = f"; did you mean: python {command[0]}" if name.endswith(".py") else ""
    print(f"cusim: {command[0]}: expected python, pytest, minitorch or parity{mend}", file=sys.stderr)
    return 2


def _run_module(module: str, arguments: list[str]) -> int:
    sys.argv = [module, *arguments]
    return _status(lambda: runpy.run_module(module, run_name="__main__", alter_sys=True))


def _run_file(path: str, arguments: list[str]) -> int:
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    return _status(lambda: runpy.run_path(path, run_name="__main__"))


def _status(program: Callable[[], object]) -> int:
    """Run a program; return the exit status that it gives to `sys.exit`, 0 if it does not call it."""
    try:
        program()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


def _bytes(text: str) -> int:
    """A number of bytes, with an optional K, M or G."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    number, unit = (text[:-1], units[text[-1].upper()]) if text[-1:].upper() in units else (text, 1)
    return int(float(number) * unit)


if __name__ == "__main__":
    sys.exit(main())

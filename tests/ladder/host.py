"""L2: the kernels' text, compiled by g++ and launched by the same Python code as on a GPU, on NumPy's arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from unittest import mock

from kernels.cuda import launch
from kernels.cusim.compiler import FORWARD, Module, Schedule
from kernels.cusim.sanitize import Sanitizer


@cache
def module(text: str, types: str, sanitizer: Sanitizer | None) -> Module:
    """All kernels of a text for some types, compiled together."""
    expressions = [
        expression
        for template in launch.TEMPLATES
        if launch.source(template.file) == text
        for expression in template.expressions()
        if expression.endswith(types)
    ]
    return Module(text, name_expressions=expressions, sanitizer=sanitizer)


@contextmanager
def on_host(
    schedule: Schedule = FORWARD,
    sanitizer: Sanitizer | None = None,
    *,
    blocks: int = launch.MAX_BLOCKS,
    long_indices: bool = False,
) -> Iterator[None]:
    """Within the block, run the kernels that `kernels.cuda.launch` launches on the host.

    Args:
        schedule: the order of threads.
        sanitizer: the sanitizer that watches the kernels, or None.
        blocks: the largest grid; a small one makes every thread do several elements.
        long_indices: use indices of 64 bits, whatever the size.
    """

    def compiler(text: str, expression: str) -> launch.Launch:
        types = re.search(r"<.*>$", expression)
        assert types is not None
        run = module(text, types[0], sanitizer).get_function(expression)
        return partial(run, schedule=schedule)

    limit = 0 if long_indices else launch.INT32_LIMIT
    with launch.compiled_by(compiler), mock.patch.multiple(launch, MAX_BLOCKS=blocks, INT32_LIMIT=limit):
        yield

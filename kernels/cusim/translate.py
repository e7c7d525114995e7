"""The text of a CUDA C module as C++ for the host.

Three things are rewritten, which the macros and templates of ``include/cusim.h`` cannot do:

- ``__shared__ float tile[32][33];`` → a reference to memory of the running block (``cusim::shared``);
- ``extern __shared__ float all[];`` → a pointer to its dynamic shared memory;
- at the end of the text, an export for each kernel or name expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


class TranslationError(ValueError):
    """The text uses CUDA C in a way that the translation does not support."""


@dataclass(frozen=True)
class Translated:
    """C++ for the host, and the symbols of its kernels.

    Attributes:
        text: for the host compiler, with ``cusim.h`` included before it.
        symbols: for each kernel's name or name expression, the `SYMBOL` of its ``CUSIM_EXPORT``.
    """

    text: str
    symbols: dict[str, str]


_LITERAL_OR_COMMENT = re.compile(
    r"""(?P<literal>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//(?:\\\n|[^\n])*|/\*.*?\*/""", re.DOTALL
)
_KERNEL = re.compile(
    r"""(?P<template>\btemplate\s*<[^;{}()]*>\s*)?
        (?:\bextern\s*"C"\s*)?(?:\b(?:static|inline)\s+)*
        \b__global__\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?(?:static\s+|inline\s+)*
        void\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?
        (?P<name>\w+)\s*\(""",
    re.VERBOSE,
)
_SHARED = re.compile(r"(?P<storage>(?:\b(?:extern|static|volatile)\s+)*)\b__shared__\b(?P<declaration>[^;{}]*);")
_DECLARATOR = re.compile(r"(?P<type>.*\S.*?)(?<!\w)(?P<name>[A-Za-z_]\w*)\s*(?P<sizes>(?:\[.*\])?)\s*$", re.DOTALL)
MACROS = re.compile(r"^[ \t]*#[ \t]*define\b(?:\\\n|[^\n])*\b(?:__global__|__shared__)\b", re.MULTILINE)
"""If it matches, the preprocessor must expand the text before it can be translated."""


def without_comments(source: str) -> str:
    """`source` with blanks in place of comments, so that all other characters keep their positions."""

    def blank(found: re.Match[str]) -> str:
        return found[0] if found["literal"] else re.sub(r"[^\n]", " ", found[0])

    return _LITERAL_OR_COMMENT.sub(blank, source)


def translate(source: str, name_expressions: Iterable[str] = ()) -> Translated:
    """Translate CUDA C to C++.

    Args:
        source: the text; macros may not hide ``__global__`` or ``__shared__`` (see `MACROS`).
        name_expressions: instances of templates to export, such as ``"scale<float>"``.

    Raises:
        TranslationError: for a declaration of shared memory with several variables, with an initial value, or outside
            of a function.
    """
    bare = without_comments(source)
    symbols = {found["name"]: found["name"] for found in _KERNEL.finditer(bare) if not found["template"]}
    exports = [f'CUSIM_EXPORT({symbol}, "{name}", {name})' for name, symbol in symbols.items()]
    for number, expression in enumerate(name_expressions):
        symbols[expression] = f"expression{number}"
        exports.append(f'CUSIM_EXPORT(expression{number}, "{expression}", {expression})')

    def shared(found: re.Match[str]) -> str:
        inside = bare[: found.start()]
        # Braces of extern "C" and of namespaces are open around functions too; a function's body opens one more.
        blocks = len(re.findall(r'\bextern\s*"C"\s*\{|\bnamespace\b[^;{}()]*\{', inside))
        if inside.count("{") - inside.count("}") <= blocks and "extern" not in found["storage"]:
            raise TranslationError(f"shared memory is declared within functions only, but got: {found[0].strip()}")
        return _shared_declaration(found["storage"], found["declaration"].strip(), found[0])

    text = _SHARED.sub(shared, bare)
    return Translated("\n".join([text, *exports, ""]), symbols)


def _shared_declaration(storage: str, declaration: str, whole: str) -> str:
    found = _DECLARATOR.match(declaration)
    if not found or "=" in declaration or "," in re.sub(r"<[^<>]*>|\([^()]*\)", "", declaration):
        raise TranslationError(
            f"expected one shared variable without an initial value per declaration, but got: {whole.strip()}"
        )
    kind, name, sizes = found["type"].strip(), found["name"], found["sizes"]
    if "volatile" in storage:
        kind = f"volatile {kind}"
    newlines = "\n" * whole.count("\n")  # the lines that follow keep their numbers
    if "extern" in storage:
        if sizes.replace(" ", "") != "[]":
            raise TranslationError(
                f"expected dynamic shared memory as an array without a size, but got: {whole.strip()}"
            )
        bare_kind = re.sub(r"__align__\s*\((?:[^()]|\([^()]*\))*\)\s*", "", kind)
        return f"{bare_kind}* {name} = cusim::dynamic_shared<{bare_kind}>();{newlines}"
    return (
        f"typedef {kind} cusim_type_of_{name}{sizes}; "
        f"cusim_type_of_{name}& {name} = cusim::shared<cusim_type_of_{name}>([] {{}});{newlines}"
    )

"""``python -m parity stubs``: type stubs for names that minitorch makes while it is imported.

Public functions and methods are made from a table when `minitorch` is imported. A type checker does not run code, so it
does not see them. The stubs are made from the objects themselves: their signatures, with the annotations of the
functions behind them, and the first lines of their docstrings. A function that is defined with ``typing.overload``,
because its result depends on its arguments, has these signatures; its method too, without ``out=``.

The files are ``minitorch/__init__.pyi``, all public names, and ``minitorch/_tensor_methods.pyi``, the base class that
`Tensor` has for type checkers, with the methods that are attached to it. No other file has a stub beside it, because a
type checker reads the stub and leaves the file unchecked.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_overloads

import minitorch
from minitorch.command_line import Parser
from minitorch.files import atomic_write
from minitorch.functions.public import functions
from minitorch.legacy import TYPES, TensorType
from parity.commands.formatted import formatted

PACKAGE = Path(minitorch.__file__).parent
SHARED = ("minitorch.functions.options",)  # whose names the table of public functions puts into signatures
HEADER = '"""{} Made by `parity stubs --write`; do not edit."""'


class Stub:
    """A stub file while it is written.

    Args:
        title: the first line of its docstring.
        taken: the names that the file or its class defines; a type of such a name is imported under another.
        given: of these, the names of types that an annotation may use as they are.
    """

    def __init__(self, title: str, taken: Iterable[str], given: Mapping[str, Any] = {}) -> None:
        self.title = title
        self.taken = frozenset(taken)
        self.given = given
        self.imports: set[str] = set()
        self.body: list[str] = []

    def name(self, module: str, name: str, prefix: str = "") -> str:
        """The name in the file for `name` of `module`, which is imported: with `prefix` if the name is taken."""
        if name in self.given and self.given[name] is getattr(importlib.import_module(module), name, None):
            return name
        if module == "builtins" and name not in self.taken:
            return name
        local = f"{prefix}_{name}" if name in self.taken else name
        self.imports.add(f"from {module} import {name}" + (f" as {local}" if local != name else ""))
        return local

    def export(self, module: str, name: str, public: str) -> None:
        """Import `name` of `module` as a public name of the file."""
        self.imports.add(f"from {module} import {name} as {public}")

    def text(self) -> str:
        """The whole file, formatted."""
        lines = [HEADER.format(self.title), *sorted(self.imports), "", *self.body]
        return formatted("\n".join(lines) + "\n", str(PACKAGE / "__init__.pyi"))


# -- the files


def package() -> str:
    """The text of ``minitorch/__init__.pyi``."""
    names = {name: getattr(minitorch, name) for name in public_names()}
    stub = Stub("All public names, for type checkers.", names, names)
    for name, value in names.items():
        plain = inspect.unwrap(value)
        if isinstance(value, ModuleType):
            stub.export("minitorch", name, name)
        elif isinstance(value, TensorType):
            stub.body.append(f'class {name}(Tensor):\n    """{value.__doc__}"""\n')
        elif isinstance(value, type):
            stub.export(value.__module__, value.__qualname__, name)
        elif isinstance(plain, FunctionType):
            stub.body += definitions(stub, name, value)
        else:
            kind = type(value)
            stub.body.append(f"{name}: {stub.name(kind.__module__, kind.__qualname__)}")
    return stub.text()


def methods() -> str:
    """The text of ``minitorch/_tensor_methods.pyi``."""
    written = written_in("Tensor")
    found = {
        name: value
        for name, value in sorted(vars(minitorch.Tensor).items())
        if isinstance(value, FunctionType) and name not in written
    }
    stub = Stub("The methods of Tensor that are made from functions, for type checkers.", {*found, *written})
    base = minitorch.Tensor.__mro__[1]
    stub.body.append(f"class TensorMethods({stub.name(base.__module__, base.__qualname__)}):")
    stub.body.append('    """The methods that are made from functions."""\n')
    for name, value in found.items():
        for line in definitions(stub, name, value, method=True):
            stub.body.append("    " + line.replace("\n", "\n    "))
    return stub.text()


def public_names() -> list[str]:
    """The names in ``minitorch``: what its file imports, the table's functions, the old tensor types."""
    imported = [name for name in _sources("minitorch") if not name.startswith("_")]
    return sorted({*imported, *functions(), *TYPES, "__version__"})


def written_in(name: str) -> set[str]:
    """The names that a class in `minitorch` defines where a type checker sees them."""
    source = inspect.getsourcefile(getattr(minitorch, name)) or ""
    tree = ast.parse(Path(source).read_text(encoding="utf-8"))
    (node,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    found = {statement.name for statement in node.body if isinstance(statement, ast.FunctionDef)}
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


# -- one function


def definitions(stub: Stub, name: str, function: FunctionType, method: bool = False) -> Iterator[str]:
    """A function's definitions: one, or its overloads."""
    plain = inspect.unwrap(function)
    summary = (inspect.getdoc(function) or "").partition("\n")[0].replace("\\", "\\\\")
    namespace = Namespace(plain.__globals__["__name__"])
    in_place = method and name.endswith("_") and not name.endswith("__")
    found = list(signatures(function))
    for signature in found:
        parameters = _parameters(stub, signature, namespace, method, name.startswith("__"))
        annotation = signature.return_annotation
        result = stub.name("typing", "Self") if in_place else _annotation(stub, annotation, namespace)
        head = f"@{stub.name('typing', 'overload')}\n" if len(found) > 1 else ""
        yield f'{head}def {name}({", ".join(parameters)}) -> {result}:\n    """{summary}"""\n'


def signatures(function: FunctionType) -> Iterator[inspect.Signature]:
    """How a function may be called: in one way, or in several."""
    own, plain = inspect.signature(function), inspect.unwrap(function)
    sizes = next((p.name for p in own.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
    defined = [inspect.signature(overload) for overload in get_overloads(plain)]
    for signature in defined or [own if sizes is None else inspect.signature(plain)]:
        out = own.parameters.get("out")
        if out is not None and "out" not in signature.parameters:
            parameters = list(signature.parameters.values())
            at = len(parameters) - (bool(parameters) and parameters[-1].kind is out.VAR_KEYWORD)
            written = "Tensor" if signature.return_annotation == "Tensor" else "tuple[Tensor, ...]"
            parameters.insert(at, out.replace(annotation=f"{written} | None"))
            signature = signature.replace(parameters=parameters)
        yield signature
        if sizes is None or sizes not in signature.parameters:
            continue
        if signature.parameters[sizes].kind is not inspect.Parameter.VAR_POSITIONAL:
            yield _one_by_one(signature, sizes)


def _one_by_one(signature: inspect.Signature, sizes: str) -> inspect.Signature:
    """A signature with its sequence of numbers given as numbers; the parameters after it are keyword-only."""
    parameters = list(signature.parameters.values())
    at = [p.name for p in parameters].index(sizes)
    given = parameters[at].replace(
        kind=inspect.Parameter.VAR_POSITIONAL, default=inspect.Parameter.empty, annotation="int"
    )
    behind = [p if p.kind is p.VAR_KEYWORD else p.replace(kind=p.KEYWORD_ONLY) for p in parameters[at + 1 :]]
    return signature.replace(parameters=[*parameters[:at], given, *behind])


def _parameters(
    stub: Stub, signature: inspect.Signature, namespace: Namespace, method: bool, operator: bool
) -> Iterator[str]:
    """The parameters as text; of a method, the first is ``self``; Python calls an operator with operands alone."""
    before: inspect.Parameter | None = None
    for i, p in enumerate(signature.parameters.values()):
        if operator and p.kind is p.KEYWORD_ONLY:
            continue
        if p.kind is p.KEYWORD_ONLY and (before is None or before.kind not in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)):
            yield "*"
        if before is not None and before.kind is p.POSITIONAL_ONLY is not p.kind:
            yield "/"
        before = p
        if method and i == 0:
            yield "self"
            continue
        stars = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        default = "" if p.default is p.empty else f" = {_default(p.default)}"
        yield f"{stars}{p.name}: {_annotation(stub, p.annotation, namespace)}{default}"
    if before is not None and before.kind is before.POSITIONAL_ONLY:
        yield "/"


def _default(value: Any) -> str:
    """A default as text: the value itself if its repr is Python code."""
    try:
        return repr(value) if ast.literal_eval(repr(value)) == value else "..."
    except (ValueError, SyntaxError):
        return "..."


# -- annotations


class Namespace:
    """The origin of the names in a module's annotations. Some are imported only for type checkers."""

    def __init__(self, module: str) -> None:
        self.module = module

    def source(self, name: str) -> tuple[str, str]:
        """The module that has `name`, and its name there.

        Raises:
            LookupError: if there is no such name.
        """
        for module in (self.module, *SHARED):
            if name in _sources(module):
                return _sources(module)[name]
        if hasattr(builtins, name):
            return "builtins", name
        raise LookupError(f"{self.module}: an annotation has the name {name!r}, which is not defined there")


@functools.cache
def _sources(module: str) -> dict[str, tuple[str, str]]:
    """For each name that a module imports or defines, the module that defines it, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.update({a.asname or a.name: (node.module or "", a.name) for a in node.names})
        elif isinstance(node, ast.Import):
            found.update({a.asname: (a.name, "") for a in node.names if a.asname})
    for statement in tree.body:
        targets: Iterable[Any] = ()
        if isinstance(statement, ast.ClassDef):
            found[statement.name] = (module, statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        found.update({t.id: (module, t.id) for t in targets if isinstance(t, ast.Name)})
    return found


class _Renamed(ast.NodeTransformer):
    """An annotation in the names of a stub."""

    def __init__(self, stub: Stub, namespace: Namespace) -> None:
        self.stub, self.namespace = stub, namespace

    def visit_Name(self, node: ast.Name) -> ast.Name:
        module, name = self.namespace.source(node.id)
        return ast.Name(self.stub.name(module, name))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """``dtypes.dtype`` becomes ``dtype``."""
        if not isinstance(node.value, ast.Name):
            raise NotImplementedError(f"an annotation like {ast.unparse(node)}")
        module, name = self.namespace.source(node.value.id)
        path = f"{module}.{name}" if name else module
        return ast.Name(self.stub.name(path, node.attr, node.value.id))


def _annotation(stub: Stub, annotation: Any, namespace: Namespace) -> str:
    if annotation is inspect.Parameter.empty:
        return stub.name("typing", "Any")
    return ast.unparse(_Renamed(stub, namespace).visit(ast.parse(str(annotation), mode="eval")))


FILES: dict[str, Callable[[], str]] = {"__init__.pyi": package, "_tensor_methods.pyi": methods}


def main(argv: Sequence[str] | None = None) -> int:
    """Write the stubs; without ``--write`` say which are out of date, with exit code 1 if any."""
    parser = Parser(prog="parity stubs", description="The stubs that type checkers read.")
    parser.add_argument("--write", action="store_true", help="write them into the package")
    options = parser.parse_args(argv)
    stale = [name for name, make in FILES.items() if _read(PACKAGE / name) != make()]
    for name in stale:
        print(f"{PACKAGE.name}/{name}: {'renewed' if options.write else 'not fresh'}")
        if options.write:
            with atomic_write(PACKAGE / name, text=True) as file:
                file.write(FILES[name]())
    return 1 if stale and not options.write else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""

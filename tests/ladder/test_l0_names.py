"""L0: every name and keyword that backend-neutral code uses is in the installed CuPy, found by reading both."""

import pytest

import kernels
from kernels.dispatch import UniversalKernel
from tests.ladder import names

cupy = pytest.importorskip("cupy", reason="needs CuPy: pip install 'minitorch-parity[cuda13]'", exc_type=ImportError)


def in_cupy(text):
    return names.missing(names.uses(text, "kernels/planted.py"), cupy)


def test_all_names_of_neutral_code_are_there():
    found = []
    for path in names.neutral_files():
        found += names.uses(path.read_text(), path.relative_to(names.ROOT).as_posix())
    assert len({use.name for use in found}) > 60, "the parser found too few names"
    assert not names.missing(found, cupy)


def test_kernels_that_are_the_array_module_s_own_functions_are_there():
    functions = {k.function for k in kernels.KERNELS.values() if isinstance(k, UniversalKernel)}
    assert len(functions) > 50
    assert not [name for name in functions if not callable(getattr(cupy, name, None))]


def test_computed_names_are_known():
    files = [path for path in names.neutral_files() if names.dynamic(path.read_text())]
    assert {path.relative_to(names.ROOT).as_posix() for path in files} == set(names.DYNAMIC)
    for name in names.DYNAMIC["minitorch/functions/creation.py"].split():
        assert callable(getattr(cupy, name))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("xp.sum(x, where=x > 0)", "unexpected keyword argument 'where'"),
        ("namespace(x).sort(x, stable=True)", "unexpected keyword argument 'stable'"),
        ("backend.xp.no_such_function(x)", "there is no no_such_function"),
        ("x.min(axis=0, initial=0.0)", "unexpected keyword argument 'initial'"),
        ("x[0].astype(int, casting='safe', device=1)", "unexpected keyword argument 'device'"),
        ("x.choose_nothing(1) if 0 else x.partition(1, 2, 3, 4, 5)", "too many positional arguments"),
        ("xp.add.at(x, 1, 2, 3)", "too many positional arguments"),
        ("xp.exp(x, where=None)", "unexpected keyword argument 'where'"),
        ("xp.minimum.reduce(x, axis=0, initial=3)", "unexpected keyword argument 'initial'"),
        ("xp.linalg.nothing.at_all", "there is no linalg.nothing.at_all"),
    ],
)
def test_names_of_numpy_alone_are_found(line, complaint):
    (found,) = in_cupy(f"def f(x, xp, backend):\n    return {line}\n")
    assert found.startswith("kernels/planted.py:2")
    assert complaint in found


@pytest.mark.parametrize(
    "line",
    ["xp.sum(x, axis=0, keepdims=True)", "xp.add(x, x, out=x)", "x.max(axis=1)", "xp.inf", "xp.matmul(x, x, out=x)"],
)
def test_names_of_both_are_accepted(line):
    assert in_cupy(f"def f(x, xp):\n    return {line}\n") == []

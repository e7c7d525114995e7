"""CUDA C → C++: what is rewritten, what is refused. The meaning of the result is tested in test_compiler."""

import pytest

from kernels.cusim.translate import MACROS, TranslationError, translate, without_comments


def test_comments_become_blanks_and_strings_stay():
    source = 'a /* __global__ void f() */ b // __shared__ float x;\n"//" \'"\' /* " */ c'
    bare = without_comments(source)
    assert "__global__" not in bare
    assert "__shared__" not in bare
    assert bare.endswith('"//" \'"\'         c')
    assert len(bare) == len(source)


@pytest.mark.parametrize(
    "head",
    [
        "__global__ void f(",
        'extern "C" __global__ void f(',
        'extern "C" __global__ void __launch_bounds__(256) f(',
        "__global__ __launch_bounds__(256, 2) void f(",
        "static __global__ void\nf (",
    ],
)
def test_kernels_are_found(head):
    result = translate(head + "int n) {}")
    assert result.symbols == {"f": "f"}
    assert result.text.endswith('CUSIM_EXPORT(f, "f", f)\n')


def test_templates_are_found_by_name_expressions_only():
    source = "template <typename T, int N> __global__ void f(T* x) {}\n__device__ void g() {}"
    assert translate(source).symbols == {}
    assert translate(source, ["f<float, 2>"]).symbols == {"f<float, 2>": "expression0"}


def test_a_commented_kernel_is_none():
    assert translate("// __global__ void f() {}\n/* __global__ void g() {} */").symbols == {}


@pytest.mark.parametrize(
    ("declaration", "start"),
    [
        ("__shared__ float x;", "typedef float cusim_type_of_x; "),
        ("__shared__ float x[4][n + 1];", "typedef float cusim_type_of_x[4][n + 1]; "),
        ("static __shared__ unsigned int x [32];", "typedef unsigned int cusim_type_of_x[32]; "),
        ("volatile __shared__ int x[2];", "typedef volatile int cusim_type_of_x[2]; "),
        ("__shared__ A<int, 3> x[2];", "typedef A<int, 3> cusim_type_of_x[2]; "),
        ("__shared__ __align__(sizeof(T)) c<T> x[2];", "typedef __align__(sizeof(T)) c<T> cusim_type_of_x[2]; "),
        ("extern __shared__ float x[];", "float* x = cusim::dynamic_shared<float>();"),
        ("extern __shared__ __align__(8) char x[];", "char* x = cusim::dynamic_shared<char>();"),
    ],
)
def test_shared_memory(declaration, start):
    assert translate(f"void f() {{ {declaration} }}").text.startswith(f"void f() {{ {start}")


@pytest.mark.parametrize(
    "source",
    [
        "void f() { __shared__ int a, b; }",
        "void f() { __shared__ int a = 3; }",
        "void f() { extern __shared__ int a[4]; }",
        "__shared__ int a;",
        'extern "C" { __shared__ int a[3]; }',
    ],
)
def test_shared_memory_that_is_refused(source):
    with pytest.raises(TranslationError, match="shared"):
        translate(source)


def test_lines_keep_their_numbers():
    text = translate("void f() { __shared__ float\n  x[4];\n}\nint last;").text
    assert text.split("\n")[3] == "int last;"


def test_macros_that_hide_what_must_be_rewritten():
    assert MACROS.search("#define KERNEL(name) \\\n extern __global__ void name()")
    assert not MACROS.search("#define SQUARE(x) ((x) * (x))\n__global__ void f() {}")

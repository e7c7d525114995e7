"""From a template in a `.cu` file to its launch: once compiled for each dtype, then grid, block and arguments.

    im2col = Template("conv.cu", "im2col")
    im2col.each(x, windows, x, cols, height, width, …)      # a thread for each of `windows` elements
    softmax.rows(x, rows, size, x, out, size)                # a block of threads for each of `rows` rows

A kernel's first parameter is the number of elements, or of rows; if the grid is smaller, its threads process several.
Python's ints become the kernel's index type I, Python's floats the type that its elements are computed in, None a null
pointer. Arrays must be C-contiguous (`contiguous`), of the kernel's own types.

Nothing here waits for the device or copies to the host. Only the compiler needs CuPy, and `compiled_by` puts
another compiler in its place: the tests run the same launches of the same source on the host, on NumPy's arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from kernels.backend import Array
from kernels.half_precision import wide

Launch = Callable[..., Any]
"""A compiled kernel: called with grid, block, arguments, and `shared_mem` if it needs any, as `cupy.RawKernel` is."""
Compiler = Callable[[str, str], Launch]
"""Compiles a source and returns the kernel that an expression, such as ``im2col<float, int>``, names in it."""

C_TYPES = {
    np.dtype(name): text
    for name, text in {
        "float16": "Half",
        "float32": "float",
        "float64": "double",
        "int8": "signed char",
        "uint8": "unsigned char",
        "int16": "short",
        "int32": "int",
        "int64": "long long",
    }.items()
}
_REAL = {dtype: wide(dtype).type for dtype in C_TYPES if dtype.kind == "f"}
FLOATS = tuple(dtype for dtype in C_TYPES if dtype.kind == "f")
NUMBERS = (*FLOATS, *map(np.dtype, ("int8", "uint8", "int16", "int32", "int64")))
INDEX_TYPES: dict[type[np.signedinteger[Any]], str] = {np.int32: "int", np.int64: "long long"}
_INDEX_OF = {index: lru_cache(4096)(index) for index in INDEX_TYPES}  # the sizes of a program repeat
OPTIONS = ("--std=c++17",)

THREADS = 256
"""Threads of a block for kernels over elements."""
MAX_THREADS = 512
"""Threads of a block for a long row: half of what a block may have, which leaves each thread 128 registers."""
MAX_BLOCKS = 1 << 16
"""More blocks than any GPU runs at a time. The elements beyond them are processed in strides."""
SHARED = 48 << 10
"""Bytes of shared memory that a kernel has without asking; every GPU gives 64 KiB to one that asks."""
INT32_LIMIT = 2**31 - MAX_BLOCKS * MAX_THREADS
"""From this count on, an index of 32 bits would overflow in the last stride, which goes beyond the end."""

CHUNK = 16
"""Bytes that a thread can read at once, from an address that is a multiple of it: `Chunk` in ``common.cuh``."""

TEMPLATES: list[Template] = []
"""Every kernel of this package, for tools that compile or list them all."""


class Template:
    """A `__global__` function template of a `.cu` file of this package, over the types of elements and of indices.

    Attributes:
        file: the name of the file.
        name: the name of the function.
        dtypes: the dtypes of elements for which it is compiled.
    """

    def __init__(self, file: str, name: str, dtypes: tuple[np.dtype[Any], ...] = FLOATS) -> None:
        self.file, self.name, self.dtypes = file, name, dtypes
        self._compiler: Compiler | None = None
        self._runs: dict[Any, Launch] = {}  # by dtype of the elements and type of indices: what `_compiler` made
        TEMPLATES.append(self)

    def takes(self, *args: Any) -> bool:
        """Whether the arrays in `args` have one dtype, and the template has it: for the `when` of a kernel's form."""
        dtypes = {a.dtype for a in args if hasattr(a, "dtype")}
        return len(dtypes) == 1 and dtypes.pop() in self.dtypes

    def expression(self, dtype: np.dtype[Any], index: type[np.signedinteger[Any]]) -> str:
        """The name of the instance for elements of `dtype`, and indices of a type."""
        return f"{self.name}<{C_TYPES[dtype]}, {INDEX_TYPES[index]}>"

    def expressions(self) -> list[str]:
        """The names of all instances."""
        return [self.expression(dtype, index) for dtype in self.dtypes for index in INDEX_TYPES]

    def each(self, like: Array, total: int, *args: Any) -> None:
        """Run with a thread for each of `total` elements; `like` has the dtype of the elements."""
        if total:
            self._launch(like.dtype, total, min(-(-total // THREADS), MAX_BLOCKS), THREADS, args)

    def rows(self, like: Array, rows: int, length: int, *args: Any, shared: int = 0) -> None:
        """Run with a block for each of `rows`, with a thread for each of its `length` elements, up to `MAX_THREADS`.

        Args:
            like: an array of the dtype of the elements.
            rows: how many there are.
            length: of a row.
            args: of the kernel.
            shared: bytes of dynamic shared memory of a block, at most 64 KiB.
        """
        if rows:
            threads = 32
            while threads < min(length, MAX_THREADS):
                threads *= 2
            self._launch(like.dtype, rows, min(rows, MAX_BLOCKS), threads, args, shared)

    def _launch(
        self, dtype: Any, total: int, blocks: int, threads: int, args: tuple[Any, ...], shared: int = 0
    ) -> None:
        largest, ints = total, [0]  # the places of the ints, which become indices
        real = _REAL[dtype] if dtype.kind == "f" else dtype.type
        values: list[Any] = [total, *args]
        for i, a in enumerate(args, 1):
            kind = type(a)
            if kind is int or kind is bool:
                ints.append(i)
                largest = a if a > largest else largest
            elif kind is float:
                values[i] = real(a)
            elif a is not None and a.size > largest:
                largest = a.size
        index = np.int32 if largest < INT32_LIMIT else np.int64
        index_of = _INDEX_OF[index]
        for i in ints:
            values[i] = index_of(values[i])
        if self._compiler is not _compiler:
            self._compiler, self._runs = _compiler, {}
        run = self._runs.get((dtype, index))
        if run is None:
            run = self._runs[dtype, index] = _compiler(source(self.file), self.expression(dtype, index))
        if shared:
            run((blocks,), (threads,), tuple(values), shared_mem=shared)
        else:
            run((blocks,), (threads,), tuple(values))


@cache
def source(file: str) -> str:
    """The text of a `.cu` file behind the text of ``common.cuh``."""
    folder = files("kernels.cuda")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("common.cuh", file))


@cache
def raw_kernel(text: str, expression: str) -> Any:
    """The `cupy.RawKernel`: compiled by NVRTC, cached by CuPy on disk, and loaded on each device that runs it."""
    import cupy

    return cupy.RawModule(code=text, options=OPTIONS, name_expressions=(expression,)).get_function(expression)


@cache
def compiled_by_cupy(text: str, expression: str) -> Launch:
    """A kernel compiled by NVRTC through CuPy."""
    run = raw_kernel(text, expression)

    def with_structs(grid: tuple[int], block: tuple[int], args: tuple[Any, ...]) -> None:
        """CuPy takes structures by value as arrays of one of them."""
        run(grid, block, tuple(np.array(a) if type(a) is np.void else a for a in args))

    def with_shared_memory(grid: tuple[int], block: tuple[int], args: tuple[Any, ...], shared_mem: int = 0) -> None:
        """A kernel asks for more than 48 KiB of shared memory before it is launched with it."""
        if shared_mem > SHARED and shared_mem > run.max_dynamic_shared_size_bytes:
            run.max_dynamic_shared_size_bytes = shared_mem
        run(grid, block, args, shared_mem=shared_mem)

    return with_structs if "Tensors" in text else with_shared_memory if "extern __shared__" in text else run


_compiler: Compiler = compiled_by_cupy


@contextmanager
def compiled_by(compiler: Compiler) -> Iterator[None]:
    """Within the block, for all threads, compile kernels with another compiler: a test's."""
    global _compiler
    before, _compiler = _compiler, compiler
    try:
        yield
    finally:
        _compiler = before


def contiguous(x: Array) -> Array:
    """x, or a copy of it, in row-major order."""
    return x if x.flags.c_contiguous else x.copy(order="C")


def address(x: Array) -> int:
    """Where the memory of x begins, on its device."""
    interface = getattr(x, "__cuda_array_interface__", None) or x.__array_interface__
    pointer: int = interface["data"][0]
    return pointer

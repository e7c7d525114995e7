"""Checkpoints: what torch writes is read here, what is written here is read by torch."""

from __future__ import annotations

import collections
import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

import minitorch
import minitorch.nn
import minitorch.optim
from minitorch.serialization import archive
from tests.both import plain

pytestmark = pytest.mark.host("torch reads these files, and has no other device")

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool"]


def written(library: Any, value: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    library.save(value, file, **options)
    return file.getvalue()


def read(library: Any, content: bytes, **options: Any) -> Any:
    return library.load(io.BytesIO(content), **options)


def parameter(library: Any, value: Any, **options: Any) -> Any:
    return library.nn.Parameter(value, **options)


def with_metadata(library: Any) -> Any:
    state = library.nn.Sequential(library.nn.Linear(2, 3), library.nn.ReLU(), library.nn.Linear(3, 1)).state_dict()
    assert state._metadata
    return state


def with_attributes(library: Any) -> Any:
    t = library.arange(3.0)
    t.label, t.tags = "weights", [1, None]
    return t


VALUES: dict[str, Callable[[Any], Any]] = {
    **{name: lambda T, name=name: T.tensor([0, 1, 2, 100], dtype=getattr(T, name)) for name in DTYPES},
    "a number": lambda T: T.tensor(2.5),
    "nothing": lambda T: T.empty(0),
    "no rows": lambda T: T.empty(0, 3),
    "no columns": lambda T: [T.empty(3, 0, 2), T.zeros(2)],
    "transposed": lambda T: T.arange(12.0).reshape(3, 4).t(),
    "every second": lambda T: T.arange(10)[1::2],
    "expanded": lambda T: T.arange(3.0).reshape(3, 1).expand(3, 4),
    "infinite": lambda T: T.tensor([float("inf"), float("-inf"), float("nan")])[:2],
    "a leaf": lambda T: T.ones(2, requires_grad=True),
    "a result": lambda T: T.ones(2, requires_grad=True) * 3,
    "a parameter": lambda T: parameter(T, T.arange(4.0)),
    "a frozen one": lambda T: parameter(T, T.arange(4.0), requires_grad=False),
    "attributes": with_attributes,
    "state_dict": with_metadata,
    "ordered": lambda T: collections.OrderedDict(b=T.ones(1), a=1),
    "numbers": lambda T: [0, 1, -1, 255, 256, 65536, -(2**31), 2**31, 2**62, -(10**30), 0.1, float("inf"), True, None],
    "texts": lambda T: ["", "a", "ä€😀", "x" * 300, ("t", ("u",)), (), {}, [], {"k": {1: {None: (2, 3, 4, 5)}}}],
    "many": lambda T: {f"key {i}": T.full((2,), i) for i in range(300)},
    "long lists": lambda T: [list(range(1500)), {i: str(i) for i in range(1500)}],
    "kinds": lambda T: [T.float32, T.bool, T.device("cpu"), T.Size([2, 3]), T.ones(2, 3).shape],
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES.keys())
def test_each_reads_what_the_other_writes(make: Callable[[Any], Any], zipped: bool) -> None:
    torch.manual_seed(0)
    minitorch.manual_seed(0)
    theirs = written(torch, make(torch), _use_new_zipfile_serialization=zipped)
    ours = written(minitorch, make(minitorch), _use_new_zipfile_serialization=zipped)
    expected = described(read(torch, theirs, weights_only=True))
    assert described(read(minitorch, theirs)) == expected
    assert described(read(torch, ours, weights_only=True)) == expected
    assert described(read(minitorch, ours)) == expected
    assert described(read(minitorch, ours, weights_only=False)) == expected
    assert described(read(minitorch, theirs, weights_only=False)) == expected


def described(value: Any) -> Any:
    """`value` in a form in which both libraries can be compared, with the strides and extra attributes of tensors."""
    if isinstance(value, torch.Tensor | minitorch.Tensor):
        strides = tuple(s for s, n in zip(value.stride(), value.shape, strict=True) if n > 1) if value.numel() else ()
        extra = [plain(getattr(value, name, None)) for name in ("label", "tags")]
        return plain(value), strides, value.is_leaf, extra
    if isinstance(value, dict):
        return (
            type(value).__name__,
            [(k, described(v)) for k, v in value.items()],
            plain(getattr(value, "_metadata", 0)),
        )
    if isinstance(value, list | tuple):
        return type(value).__name__, [described(v) for v in value]
    return plain(value)


def test_other_containers() -> None:
    value = {
        "set": {1, 2},
        "bytes": b"\x00\xff",
        "array": bytearray(b"abc"),
        "count": collections.Counter("aab"),
        "z": 1j,
    }
    assert read(minitorch, written(minitorch, value)) == value
    assert read(minitorch, written(torch, value)) == value
    assert read(torch, written(minitorch, value), weights_only=True) == value


@pytest.mark.parametrize("name", ["transposed", "state_dict", "many", "no rows", "a parameter", "attributes", "texts"])
def test_the_file_is_torchs_byte_for_byte(name: str) -> None:
    """Except for the number that identifies the file, which torch computes by its C++ library's hash function."""
    torch.manual_seed(0)
    minitorch.manual_seed(0)
    ours, theirs = (written(library, VALUES[name](library)) for library in (minitorch, torch))
    assert without_identity(ours) == without_identity(theirs)


def without_identity(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entry = file.getinfo("archive/.data/serialization_id")
        identity = file.read(entry)
    assert len(identity) == 40
    assert identity.isdigit()
    return content.replace(identity, bytes(40)).replace(struct.pack("<L", entry.CRC), bytes(4))


Spec = tuple[str, tuple[int, ...], tuple[int, ...], int]
SPECS = st.lists(st.integers(0, 4), max_size=4).flatmap(
    lambda shape: st.tuples(
        st.sampled_from(DTYPES), st.just(tuple(shape)), st.permutations(range(len(shape))).map(tuple), st.integers(1, 3)
    )
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5) | SPECS
)
TREES = st.recursive(
    LEAVES.map(lambda leaf: ("leaf", leaf)),
    lambda inner: (
        st.tuples(st.just("list"), st.lists(inner, max_size=4))
        | st.tuples(st.just("tuple"), st.lists(inner, max_size=4))
        | st.tuples(st.just("dict"), st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=4))
    ),
    max_leaves=12,
)


def build(library: Any, tree: Any) -> Any:
    kind, content = tree
    if kind == "list":
        return [build(library, item) for item in content]
    if kind == "tuple":
        return tuple(build(library, item) for item in content)
    if kind == "dict":
        return {key: build(library, item) for key, item in content.items()}
    if not isinstance(content, tuple):
        return content
    dtype, shape, order, step = content
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    t = library.tensor(numbers).permute(*order) if shape else library.tensor(numbers)
    return t[::step] if shape else t


@given(TREES)
def test_any_tree_of_tensors_goes_both_ways(tree: Any) -> None:
    expected = described(build(torch, tree))
    assert described(read(minitorch, written(torch, build(torch, tree)))) == expected
    ours = written(minitorch, build(minitorch, tree))
    assert described(read(torch, ours, weights_only=True)) == expected
    assert described(read(minitorch, ours)) == expected


# -- memory


def shared_memory(T: Any) -> dict[str, Any]:
    base = T.arange(12.0)
    return {"base": base, "part": base[3:9].view(2, 3), "turned": base.view(3, 4).t(), "other": T.arange(12.0)}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize(("writer", "reader"), [(torch, minitorch), (minitorch, torch), (minitorch, minitorch)])
def test_views_share_memory_after_loading(writer: Any, reader: Any, zipped: bool) -> None:
    loaded = read(reader, written(writer, shared_memory(writer), _use_new_zipfile_serialization=zipped))
    loaded["base"][:] = -1
    assert loaded["part"].tolist() == [[-1] * 3] * 2
    assert loaded["turned"].tolist() == [[-1] * 3] * 4
    assert loaded["other"].tolist() == list(range(12))


def test_shared_memory_is_written_once_and_whole() -> None:
    for library in (torch, minitorch):
        content = zipfile.ZipFile(io.BytesIO(written(library, shared_memory(library))))
        assert [content.getinfo(f"archive/data/{i}").file_size for i in range(2)] == [48, 48]
        assert "archive/data/2" not in content.namelist()
        alone = zipfile.ZipFile(io.BytesIO(written(library, library.arange(1000.0)[3:5])))
        assert alone.getinfo("archive/data/0").file_size == 4000


def test_saved_again_what_was_loaded_still_shares() -> None:
    first = read(minitorch, written(minitorch, shared_memory(minitorch)))
    content = written(minitorch, first)
    assert "archive/data/2" not in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert described(read(torch, content)) == described(shared_memory(torch))


def test_tied_weights_stay_tied() -> None:
    weight = minitorch.nn.Parameter(minitorch.ones(2, 2))
    a, b = read(torch, written(minitorch, [weight, weight]))
    assert a is b


def test_memory_that_torch_could_not_describe_is_copied() -> None:
    rows = minitorch.from_numpy(np.arange(6.0))
    rows._array = rows._array[::-1]  # a negative stride
    record = np.zeros(3, dtype=[("a", "i1"), ("b", "<f8")])
    record["b"] = [1, 2, 3]
    field = minitorch.from_numpy(record["b"])  # 9 bytes apart
    assert [t.tolist() for t in read(torch, written(minitorch, [rows, field]))] == [[5, 4, 3, 2, 1, 0], [1, 2, 3]]


def test_one_memory_of_two_dtypes_is_refused() -> None:
    raw = bytearray(16)
    tensors = [minitorch.from_numpy(np.frombuffer(raw, dtype)) for dtype in ("f4", "i4")]
    with pytest.raises(RuntimeError, match="view the same data as different types"):
        written(minitorch, tensors)


def test_loaded_tensors_can_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "t.pt"
    minitorch.save(minitorch.zeros(3), path)
    for options in ({}, {"mmap": True}):
        t = minitorch.load(path, **options)
        t += 1
        assert t.tolist() == [1, 1, 1]
    assert minitorch.load(path).tolist() == [0, 0, 0]


def test_mapped_files(tmp_path: Path) -> None:
    path = tmp_path / "t.pt"
    torch.save({"a": torch.arange(5), "b": torch.arange(3.0).expand(2, 3), "c": torch.empty(0)}, path)
    loaded = minitorch.load(path, mmap=True)
    assert described(loaded) == described(torch.load(path))
    with pytest.raises(ValueError, match="f must be a file path"):
        minitorch.load(io.BytesIO(path.read_bytes()), mmap=True)
    torch.save(torch.ones(2), path, _use_new_zipfile_serialization=False)
    with pytest.raises(RuntimeError, match="mmap can only be used"):
        minitorch.load(path, mmap=True)


# -- optimizers and modules


def trained(T: Any, optimizer: str, **options: Any) -> tuple[Any, Any]:
    T.manual_seed(1)
    net = T.nn.Sequential(T.nn.Linear(3, 4), T.nn.ReLU(), T.nn.Linear(4, 1))
    opt = getattr(T.optim, optimizer)(net.parameters(), lr=0.05, **options)
    for _ in range(3):
        opt.zero_grad()
        (net(T.ones(2, 3)) ** 2).sum().backward()
        opt.step()
    return net, opt


@pytest.mark.parametrize(
    ("name", "options"), [("SGD", {"momentum": 0.9}), ("Adam", {}), ("AdamW", {"amsgrad": True})], ids=str
)
def test_a_run_goes_on_in_the_other_library(name: str, options: dict[str, Any]) -> None:
    for writer, reader in ((torch, minitorch), (minitorch, torch)):
        net, opt = trained(writer, name, **options)
        content = written(writer, {"net": net.state_dict(), "opt": opt.state_dict(), "step": 3})
        state = read(reader, content, weights_only=True)
        there, there_opt = trained(reader, name, **options)
        there.load_state_dict(state["net"])
        there_opt.load_state_dict(state["opt"])
        for library, n, o in ((writer, net, opt), (reader, there, there_opt)):
            o.zero_grad()
            n(library.ones(1, 3)).sum().backward()
            o.step()
        for ours, theirs in zip(there.state_dict().values(), net.state_dict().values(), strict=True):
            np.testing.assert_allclose(ours.cpu().numpy(), theirs.cpu().numpy(), rtol=1e-5, atol=1e-7)


class Net(minitorch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = minitorch.nn.Linear(2, 2)
        self.register_buffer("seen", minitorch.zeros(1, dtype=minitorch.int64))
        self.kept = minitorch.nn.Buffer(minitorch.ones(2), persistent=False)

    def forward(self, x: Any) -> Any:
        return self.layer(x) + self.kept


def test_a_whole_module_needs_trust() -> None:
    net = Net()
    content = written(minitorch, net)
    with pytest.raises(pickle.UnpicklingError, match=r"add_safe_globals\(\[tests\.test_serialization\.Net\]\)"):
        read(minitorch, content)
    loaded = read(minitorch, content, weights_only=False)
    x = minitorch.ones(1, 2)
    assert loaded(x).tolist() == net(x).tolist()
    assert [name for name, _ in loaded.named_buffers()] == ["seen", "kept"]
    assert list(loaded.state_dict()) == list(net.state_dict())
    assert type(loaded.kept) is minitorch.nn.Buffer


def test_a_module_of_torch_becomes_one_of_ours() -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    content = written(torch, net)
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL torch\.nn\.modules\.container\.Sequential"):
        read(minitorch, content)
    loaded = read(minitorch, content, weights_only=False)
    assert type(loaded) is minitorch.nn.Sequential
    np.testing.assert_allclose(
        loaded(minitorch.ones(1, 2)).detach().cpu().numpy(), net(torch.ones(1, 2)).detach().cpu().numpy(), 1e-6
    )
    with pytest.raises(pickle.UnpicklingError, match="has no counterpart in minitorch"):
        read(minitorch, written(torch, torch.nn.LPPool1d), weights_only=False)


def test_safe_globals() -> None:
    content = written(minitorch, minitorch.nn.Linear(2, 1))
    names = [minitorch.nn.Linear]
    with minitorch.serialization.safe_globals(names):
        assert minitorch.serialization.get_safe_globals() == names
        assert type(read(minitorch, content)) is minitorch.nn.Linear
        assert type(read(minitorch, written(torch, torch.nn.Linear(2, 1)))) is minitorch.nn.Linear
    assert minitorch.serialization.get_safe_globals() == []
    with pytest.raises(pickle.UnpicklingError):
        read(minitorch, content)
    minitorch.serialization.add_safe_globals([(Net, "elsewhere.Net")])
    minitorch.serialization.clear_safe_globals()
    assert minitorch.serialization.get_safe_globals() == []
    for library in (torch, minitorch):
        with pytest.raises(ValueError, match="tuple of length 2"), library.serialization.safe_globals([(1, 2, 3)]):
            read(library, content)
        no_text = library.serialization.safe_globals([(Net, 2)])
        with pytest.raises(TypeError, match="Expected second item in tuple to be str"), no_text:
            read(library, content)


def test_arrays_of_numpy_where_the_user_allows_them() -> None:
    array = np.arange(6.0).reshape(2, 3)
    allowed = [np._core.multiarray._reconstruct, np.ndarray, np.dtype, type(array.dtype)]
    for writer in (torch, minitorch):
        content = written(writer, {"array": array})
        for reader in (torch, minitorch):
            with pytest.raises(pickle.UnpicklingError, match=r"numpy\._core\.multiarray\._reconstruct"):
                read(reader, content)
            with reader.serialization.safe_globals(allowed):
                np.testing.assert_array_equal(read(reader, content)["array"], array)


def test_tensors_of_a_subclass_need_trust() -> None:
    t = minitorch.ones(2)
    t.__class__ = Mine
    t.note = "kept"
    content = written(minitorch, t)
    with pytest.raises(pickle.UnpicklingError, match=r"tests\.test_serialization\.Mine"):
        read(minitorch, content)
    loaded = read(minitorch, content, weights_only=False)
    assert (type(loaded), loaded.note, loaded.tolist()) == (Mine, "kept", [1, 1])


class Mine(minitorch.Tensor):
    pass


@pytest.mark.parametrize(
    "value",
    [
        torch.ones(2, dtype=torch.bfloat16),
        torch.ones(2, dtype=torch.complex64),
        torch.ones(2, dtype=torch.uint16),
        torch.eye(2).to_sparse(),
    ],
    ids=["bfloat16", "complex64", "uint16", "sparse"],
)
def test_what_has_no_counterpart_is_named(value: torch.Tensor) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"torch\..* has no counterpart in minitorch"):
        read(minitorch, written(torch, value))


def test_untyped_storages_of_known_dtypes() -> None:
    """The form in which torch writes its newer dtypes, here with a dtype that minitorch has."""
    old = zipfile.ZipFile(io.BytesIO(written(torch, torch.tensor([0, 1, 2, 3], dtype=torch.uint16))))
    text = old.read("archive/data.pkl").replace(b"ctorch\nuint16\n", b"ctorch\nint16\n")
    assert read(minitorch, repacked(old, {"data.pkl": text})).tolist() == [0, 1, 2, 3]


def repacked(old: zipfile.ZipFile, changes: dict[str, bytes]) -> bytes:
    """The same archive with other contents of some records."""
    file = io.BytesIO()
    with archive.ArchiveWriter(file, "archive") as new:
        for name in old.namelist():
            name = name.removeprefix("archive/")
            if name not in ("version", ".data/serialization_id"):
                new.write(name, changes.get(name, old.read(f"archive/{name}")))
    return file.getvalue()

"""Damaged and malicious checkpoints: loading returns the exact object or raises a clear error, and executes no code."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st

import minitorch
import minitorch.nn
from minitorch.serialization.archive import ArchiveReader
from minitorch.serialization.source import Source
from tests.both import plain
from tests.hostile_checkpoints import (
    CLEAN,
    instructions,
    little_memory,
    name,
    nothing_executed,
    number,
    packed,
    storage,
    tensor,
    text,
    written,
)


def sample() -> Any:
    base = minitorch.arange(6.0)
    return {
        "base": base,
        "view": base[2:].view(2, 2),
        "flag": minitorch.tensor([True, False]),
        "parameter": minitorch.nn.Parameter(minitorch.ones(2)),
        "step": 3,
        "lr": 0.1,
        "names": ["a", None, (1, 2)],
    }


CONTENT = written(sample())
EXPECTED = plain(sample())
minitorch.load(io.BytesIO(CONTENT))  # what loading imports, it has imported now
"".encode("cp437")  # and what zipfile needs for old names


def load(content: bytes) -> Any:
    with nothing_executed():
        return minitorch.load(io.BytesIO(content))


def outcome(content: bytes) -> tuple[bool, Any]:
    """Whether it can be loaded, and the object or the message."""
    try:
        return True, load(content)
    except CLEAN as error:
        return False, str(error)


def assert_exact_or_refused(content: bytes) -> bool:
    loaded, found = outcome(content)
    assert plain(found) == EXPECTED if loaded else found
    return loaded


@pytest.mark.parametrize("flip", [0x01, 0xFE])
def test_every_single_byte_altered(flip: int) -> None:
    unnoticed = 0
    for i in range(len(CONTENT)):
        content = bytearray(CONTENT)
        content[i] ^= flip
        unnoticed += assert_exact_or_refused(bytes(content))
    assert unnoticed < len(CONTENT) * 0.6  # padding, and fields that nobody needs


def test_every_byte_of_a_record_is_watched() -> None:
    reader = ArchiveReader(Source(io.BytesIO(CONTENT)))
    for part in ("data.pkl", "data/0", "data/1", "data/2", "version", "byteorder"):
        record = reader.read(part)
        start = CONTENT.index(b"archive/" + part.encode())
        start = CONTENT.index(record, start)
        for i in range(start, start + len(record)):
            content = bytearray(CONTENT)
            content[i] ^= 0x10
            with pytest.raises(RuntimeError, match=r"failed reading record .*CRC"):
                load(bytes(content))


def test_every_truncation() -> None:
    for length in range(1, len(CONTENT)):
        with pytest.raises(CLEAN):
            load(CONTENT[:length])


@given(st.lists(st.tuples(st.integers(0, len(CONTENT) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_many_bytes_altered(changes: list[tuple[int, int]]) -> None:
    content = bytearray(CONTENT)
    for i, value in changes:
        content[i] = value
    assert_exact_or_refused(bytes(content))


@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)), st.binary(max_size=50))
def test_parts_cut_out_or_put_in(start: int, end: int, middle: bytes) -> None:
    assert_exact_or_refused(CONTENT[:start] + middle + CONTENT[end:])


def test_the_message_names_the_file(tmp_path: Any) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(CONTENT[:-100])
    with pytest.raises(RuntimeError, match=r"model\.pt.*truncated or damaged"):
        minitorch.load(path)


# -- the old format, which has no checksums

LEGACY = written(sample(), _use_new_zipfile_serialization=False)


def test_every_truncation_of_the_old_format() -> None:
    for length in range(1, len(LEGACY)):
        with pytest.raises(CLEAN):
            load(LEGACY[:length])


def test_the_old_format_altered_executes_nothing() -> None:
    for i in range(len(LEGACY)):
        for flip in (0x01, 0x40, 0xFF):
            content = bytearray(LEGACY)
            content[i] ^= flip
            loaded, found = outcome(bytes(content))
            assert loaded or found


# -- pickles that were made by hand


class Code:
    """An object whose unpickling calls a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "code",
    [
        Code(os.system, "touch /tmp/minitorch-was-here"),
        Code(eval, "1/0"),
        Code(exec, "import os"),
        Code(getattr, "a", "upper"),
        Code(__import__, "antigravity"),
        Code(open, "/tmp/minitorch-was-here", "w"),
        Code(print, "hello"),
        Code(bytearray, 10**12),
        {"deep": [{"inside": (Code(eval, "1/0"),)}]},
        Code(set, Code(eval, "1/0")),
    ],
    ids=lambda code: code.call[0].__name__ if isinstance(code, Code) else "nested",
)
def test_code_is_refused(code: Any, protocol: int) -> None:
    text = pickle.dumps(code, protocol)
    for content in (packed(text), text):
        with pytest.raises(pickle.UnpicklingError):
            load(content)


def test_the_refusal_says_what_and_how_to_go_on() -> None:
    for function, pattern in (
        (eval, r"GLOBAL eval was not an allowed global by default.*add_safe_globals\(\[eval\]\)"),
        (os.system, r"GLOBAL posix\.system whose module posix is blocked"),
    ):
        content = packed(pickle.dumps(Code(function, "1"), 2))
        for library in (torch, minitorch):
            with pytest.raises(pickle.UnpicklingError, match=pattern):
                library.load(io.BytesIO(content), weights_only=True)


def test_a_pickle_made_by_hand_can_be_right() -> None:
    assert load(packed(instructions(tensor()))).tolist() == [1, 2, 3, 4]
    assert load(packed(instructions(tensor(1, (2, 1), (2, 1))))).tolist() == [[2], [4]]
    assert load(packed(instructions(tensor(0, (0, 5), (9, 9))))).shape == (0, 5)
    assert load(packed(instructions(tensor(3, (2, 2), (0, 0))))).tolist() == [[4, 4], [4, 4]]


@pytest.mark.parametrize(
    "made",
    [
        tensor(0, (5,), (1,)),
        tensor(1, (4,), (1,)),
        tensor(0, (2,), (4,)),
        tensor(-1, (1,), (1,)),
        tensor(4, (1,), (1,)),
        tensor(0, (-1,), (1,)),
        tensor(0, (2,), (-1,)),
        tensor(0, (2, 2), (1,)),
        tensor(0, (2**62,), (1,)),
        tensor(0, (2**62, 4), (0, 1)),
        tensor(0, (2**40, 2**40), (0, 0)),
        tensor(0, (10**30,), (0,)),
        tensor(10**30, (1,), (1,)),
        tensor(0, (1,) * 100, (1,) * 100),
        tensor(0, (2.0,), (1,)),
        tensor(0, [4], [1]),
        tensor(0, ("4",), (1,)),
        tensor(0, (True,), (1,)),
        tensor("0", (4,), (1,)),
        tensor(None, (4,), (1,)),
        tensor(grad=1),
        tensor(memory=b"N"),
        tensor(memory=storage(size=5)),
        tensor(memory=storage(size=3)),
        tensor(memory=storage(size=2**60)),
        tensor(memory=storage(size=-4)),
        tensor(memory=storage("torch.DoubleStorage")),
        tensor(memory=storage("torch.LongStorage", size=2), grad=True, size=(2,)),
        tensor(memory=storage("torch.BFloat16Storage", size=8)),
        tensor(memory=storage("torch.float32")),
        tensor(memory=storage(key=text("1"))),
        tensor(memory=storage(key=text("../data.pkl"))),
        tensor(memory=storage(key=text("../../etc/passwd"))),
        tensor(memory=storage(key=number(0))),
        tensor(memory=storage(key=b"N")),
        tensor(memory=storage(place=text("moon"))),
        tensor(memory=storage(place=number(0))),
        tensor(memory=b"(" + text("module") + name("torch.Tensor") + text("f") + text("g") + b"tQ"),
        tensor(memory=b"(" + text("storage") + b"tQ"),
        tensor(memory=b")Q"),
        tensor(memory=number(7) + b"Q"),
        tensor(memory=text("0") + b"Q"),
        storage("torch.FloatStorage") + b"0" + storage("torch.IntStorage"),
        name("torch._utils._rebuild_parameter") + b"(" + number(1) + b"\x88" + b")tR",
        name("torch._utils._rebuild_parameter") + b")R",
        name("torch._utils._rebuild_tensor_v2") + b")R",
        name("torch._utils._rebuild_tensor_v2") + b"NR",
        name("torch._utils._rebuild_qtensor"),
        name("torch.nn.parameter.Parameter") + b")R",
        name("torch.Tensor") + number(10**12) + b"\x85R",
        name("torch.Tensor") + b")\x81",
        name("torch.float32") + b")R",
        name("torch.FloatStorage") + number(10**12) + b"\x85R",
        name("torch.Size") + number(3) + b"\x85R",
        name("torch.device") + text("moon") + b"\x85R",
        name("torch.load") + text("/etc/passwd") + b"\x85R",
        name("minitorch.load") + text("/etc/passwd") + b"\x85R",
        name("minitorch.serialization.load") + text("/etc/passwd") + b"\x85R",
        name("torch.Tensor.numpy"),
        name("collections.OrderedDict.fromkeys"),
        name("builtins.bytearray") + number(10**12) + b"\x85R",
        name("_codecs.encode") + text("a") + text("zlib") + b"\x86R",
        name("_codecs.encode") + text("a") + text("os") + b"\x86R",
        name("collections.Counter") + text("a" * 10) + b"\x85R",
    ],
    ids=lambda made: made.decode("latin-1").encode("unicode_escape").decode()[-60:],
)  # fmt: skip
def test_tensors_and_calls_made_up(made: bytes) -> None:
    with pytest.raises(CLEAN) as caught:
        load(packed(instructions(made)))
    assert "\n" in str(caught.value) or len(str(caught.value)) > 20


@pytest.mark.parametrize(
    "made",
    [
        # state for what is not the file's own: it would change this library
        name("torch.Tensor") + b"}" + text("add") + b"Nsb",
        name("torch.Tensor") + b"N}" + text("add") + b"Ns\x86b",
        name("torch._utils._rebuild_tensor_v2") + b"}" + text("__kwdefaults__") + b"Nsb",
        name("torch.float32") + b"}" + text("numpy") + b"Nsb",
        name("collections.OrderedDict") + b"}" + text("a") + b"Nsb",
        name("collections.OrderedDict") + b")R}" + text("keys") + b"Nsb",
        name("collections.OrderedDict") + b")R" + text("a") + b"b",
        tensor() + b"}" + text("_array") + b"Nsb",
        # items and elements of other things
        tensor() + number(0) + number(7) + b"s",
        tensor() + number(7) + b"a",
        text("a") + number(7) + b"a",
        b"}" + number(7) + b"a",
        b"]" + number(0) + number(7) + b"s",
        b"](" + number(0) + number(7) + b"u",
        b"}(" + number(0) + b"u",
        # keys that cannot be
        b"}]Ns",
        b"}}Ns",
        # a stack that is not there
        b"",
        b"a",
        b"s",
        b"R",
        b"b",
        b"Q",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"u",
        b"e",
        b"h\x05",
        b"j\xff\xff\xff\xff",
        b"q\x00",
        # instructions that are not allowed, or wrong
        b"I1\n",
        b"S'a'\n",
        b"P1\n",
        b"(c__builtin__\neval\no",
        b"(" + text("1") + b"i__builtin__\neval\n",
        b"\x82\x01",
        b"\x8b\xff\xff\xff\x7f",
        b"\x96" + b"\xff" * 7 + b"\x7f",
        b"\x8d" + b"\xff" * 7 + b"\x7f",
        b"X\xff\xff\xff\xff",
        b"X\x02\x00\x00\x00\xff\xfe",
        b"B\xff\xff\xff\x7f",
        b"cos",
        b"c" + b"a" * 5000 + b"\nb\n",
        b"c\xff\nb\n",
        b"]]\x93",
    ],
    ids=lambda made: made.decode("latin-1").encode("unicode_escape").decode()[-60:],
)
def test_programs_made_up(made: bytes) -> None:
    before = vars(minitorch.Tensor).copy()
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        load(packed(instructions(made)))
    assert vars(minitorch.Tensor) == before


@pytest.mark.parametrize("attribute", ["_array", "_counter", "_node", "grad", "shape", "add", "__class__"])
def test_attributes_that_every_tensor_has_cannot_be_set(attribute: str) -> None:
    state = b"}" + text(attribute) + b"Ns"
    inner = tensor()[:-2].split(b"(", 1)[1]
    made = (
        name("torch._tensor._rebuild_from_type_v2") + b"(" + name("torch._utils._rebuild_tensor_v2")
        + name("torch.Tensor") + b"(" + inner + b"t" + state + b"tR"
    )  # fmt: skip
    with pytest.raises(pickle.UnpicklingError, match="cannot be set from a checkpoint"):
        load(packed(instructions(made)))
    assert load(packed(instructions(made.replace(text(attribute), text("label"))))).label is None


def test_what_would_take_all_memory_or_all_time() -> None:
    doubled = b")" + b"".join(b"2\x86" for _ in range(5))
    pairs = b")q\x00" + b"h\x00h\x00\x86q\x00" * 60  # a tuple of 2^60 leaves, which share
    cases = {
        "memo": b"N" + b"r\xff\xff\xff\x7f",
        "deep key": b"}" + b")" + b"\x85" * 300_000 + b"Ns",
        "wide key": b"}" + pairs + b"Ns",
        "wide item": name("builtins.set") + b"](" + pairs + b"e\x85R",
        "wide counter": name("collections.Counter") + b"}" + pairs + b"Ns\x85R",
        "duplicate": doubled,
    }
    for case, made in cases.items():
        with little_memory(60_000_000):
            if case == "memo":
                assert load(packed(instructions(made))) is None
            else:
                with pytest.raises(pickle.UnpicklingError):
                    load(packed(instructions(made)))


def test_deep_nesting_is_no_crash() -> None:
    depth = 50_000
    for made in (b"]" * depth + b"a" * (depth - 1), b")" + b"\x85" * depth, b"}N" * depth + b"}" + b"s" * depth):
        value = load(packed(instructions(made)))
        while value:  # taken apart without recursion
            value = value[None] if isinstance(value, dict) else value[0]
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(RecursionError):
        written(nested)


# -- archives that were made by hand


def zipped(records: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for record, content in records.items():
            archive.writestr(record, content)
    return file.getvalue()


GOOD = {"a/version": b"3\n", "a/data.pkl": instructions(tensor()), "a/data/0": bytes(16)}


def test_an_archive_of_another_writer_can_be_right() -> None:
    assert load(zipped(GOOD)).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({}, "no records|no checkpoint"),
        ({"a/version": b"3\n"}, "'data.pkl' is missing"),
        ({"version": b"3\n"}, "not in a folder"),
        ({**GOOD, "a/version": b"11\n"}, "its version is b'11"),
        ({**GOOD, "a/version": b"0"}, "its version is b'0"),
        ({**GOOD, "a/version": b"\xb2"}, "its version is"),
        ({**GOOD, "a/version": b"9" * 5000}, "its version is"),
        ({k: v for k, v in GOOD.items() if k != "a/version"}, "'version' is missing"),
        ({k: v for k, v in GOOD.items() if k != "a/data/0"}, "'data/0' is missing"),
        ({**GOOD, "a/data/0": bytes(15)}, "has 15 bytes, but 4 elements"),
        ({**GOOD, "a/byteorder": b"middle"}, "Unknown endianness"),
        ({**GOOD, "../a": b""}, "leads out of the archive"),
        ({**GOOD, "a/../../b": b""}, "leads out of the archive"),
        ({**GOOD, "/etc/passwd": b""}, "leads out of the archive"),
        ({**GOOD, "a\\..\\b": b""}, "leads out of the archive"),
        ({**GOOD, "a/constants.pkl": b""}, "TorchScript"),
    ],
)
def test_archives_made_up(records: dict[str, bytes], message: str) -> None:
    with pytest.raises(CLEAN, match=message):
        load(zipped(records))


def test_compressed_records_are_not_blown_up() -> None:
    bomb = zipped({**GOOD, "a/data/0": bytes(100_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    with little_memory(), pytest.raises(RuntimeError, match="is compressed"):
        load(bomb)


def test_sizes_that_only_the_directory_claims() -> None:
    content = zipped({**GOOD, "a/data/0": bytes(16)})
    at = content.rindex(b"PK\1\2")
    for field in (20, 24):
        content = content[: at + field] + struct.pack("<L", 2**31) + content[at + field + 4 :]
    with little_memory(), pytest.raises(RuntimeError, match="but the file has only"):
        load(content)


def test_records_that_overlap() -> None:
    content = zipped(GOOD)
    at = content.rindex(b"PK\1\2")
    pointed = content[: at + 42] + struct.pack("<L", 0) + content[at + 46 :]  # at another record's place
    with pytest.raises(RuntimeError, match="truncated or damaged"):
        load(pointed)


def test_two_records_of_one_name() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for record, content in GOOD.items():
            archive.writestr(record, content)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/data/0", bytes(16))
    with pytest.raises(RuntimeError, match="two records named"):
        load(file.getvalue())


# -- pickles that hypothesis makes

PICKLE = ArchiveReader(Source(io.BytesIO(CONTENT))).read("data.pkl")
RECORDS = {f"data/{i}": ArchiveReader(Source(io.BytesIO(CONTENT))).read(f"data/{i}") for i in range(3)}
PIECES = [
    *(bytes([code]) for code in range(256)), tensor(), storage(), text("a"), number(3), name("torch.Tensor"), b")R",
    name("collections.OrderedDict"), name("os.system"), name("builtins.eval"), name("torch._utils._rebuild_parameter"),
    name("torch.Size"), name("builtins.set"), b"tR", b"]", b"}", b"(", b"N", b"\x85", b"q\x00", b"h\x00",
]  # fmt: skip


def refused_or_loaded(content: bytes) -> None:
    with little_memory():
        loaded, found = outcome(content)
    assert loaded or found


@given(st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=500)
def test_any_program_is_refused_or_harmless(pieces: list[bytes]) -> None:
    refused_or_loaded(packed(instructions(*pieces)))


@given(st.lists(st.tuples(st.integers(0, len(PICKLE) - 1), st.sampled_from(PIECES), st.integers(0, 3)), max_size=4))
@settings(max_examples=500)
def test_a_changed_program_with_a_right_checksum(changes: list[tuple[int, bytes, int]]) -> None:
    program = bytearray(PICKLE)
    for at, piece, removed in changes:
        program[at : at + removed] = piece
    refused_or_loaded(packed(bytes(program), **RECORDS))


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    refused_or_loaded(content or b"x")
    refused_or_loaded(b"PK\3\4" + content)
    refused_or_loaded(packed(content))

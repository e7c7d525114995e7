"""Checkpoints as files: the devices of tensors, paths, other forms of the file."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import kernels
import minitorch
import minitorch.nn
import minitorch.optim
from minitorch.autograd.graph import wrap
from minitorch.serialization import archive
from tests.both import plain
from tests.test_serialization import described, read, repacked, written

pytestmark = pytest.mark.host("torch reads these files, and has no other device")


def tagged(place: str) -> bytes:
    """A tensor that was saved from another device."""
    old = zipfile.ZipFile(io.BytesIO(written(torch, torch.arange(3.0))))
    text = old.read("archive/data.pkl")
    assert b"X\3\0\0\0cpu" in text
    return repacked(
        old, {"data.pkl": text.replace(b"X\3\0\0\0cpu", b"X" + struct.pack("<L", len(place)) + place.encode())}
    )


@pytest.mark.parametrize(
    "choice",
    [
        lambda T: "cpu",
        lambda T: T.device("cpu"),
        lambda T: {"cuda:1": "cpu"},
        lambda T: lambda storage, location: storage,
        lambda T: lambda storage, location: storage if location == "cuda:1" else 1 / 0,
        lambda T: lambda storage, location: storage.cpu(),
    ],
)
def test_map_location(choice: Callable[[Any], Any]) -> None:
    content = tagged("cuda:1")
    for library in (torch, minitorch):
        assert read(library, content, map_location=choice(library)).tolist() == [0, 1, 2]


@pytest.mark.parametrize("place", ["cuda:5", "elsewhere"])
@pytest.mark.parametrize("choice", [None, {"cuda:1": "cpu"}, lambda storage, location: None])
def test_places_that_are_not_there(place: str, choice: Any) -> None:
    for library in (torch, minitorch):
        with pytest.raises(RuntimeError, match=r"location|deserialize"):
            read(library, tagged(place), map_location=choice)


def test_map_location_must_give_a_storage() -> None:
    with pytest.raises((TypeError, pickle.UnpicklingError), match="map_location must return a storage or None"):
        read(minitorch, tagged("cpu"), map_location=lambda storage, location: 1)


def test_tensors_on_another_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device with another class of arrays: loading moves them to it, or to the device of `map_location`."""

    class ToyArray(np.ndarray[Any, Any]):
        pass

    class Toy(kernels.Backend):
        name, library, xp, array_types = "toy", "numpy", np, (ToyArray,)

        def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> Any:
            return np.array(value, dtype=dtype).view(ToyArray)

        def to_host(self, array: Any) -> np.ndarray:
            return np.array(array).view(np.ndarray)

    backend = Toy()
    monkeypatch.setitem(kernels.backend._BACKENDS, "toy", backend)
    monkeypatch.setitem(kernels.backend._BY_TYPE, ToyArray, backend)
    base = wrap(backend.asarray(np.arange(6, dtype="f4")))
    assert str(base.device) == "toy"
    content = written(
        minitorch, {"base": base, "view": wrap(base._array[2:].reshape(2, 2).T), "host": minitorch.ones(1)}
    )
    loaded = read(minitorch, content)
    assert [str(t.device) for t in loaded.values()] == ["toy", "toy", "cpu"]
    loaded["base"]._array[:] = 7
    assert loaded["view"].tolist() == [[7, 7], [7, 7]]
    moved = read(torch, content, map_location="cpu")
    assert described(read(minitorch, content, map_location={"toy": "cpu"})) == described(moved)
    assert moved["view"].tolist() == [[2, 4], [3, 5]]
    assert [str(t.device) for t in read(minitorch, content, map_location="toy").values()] == ["toy"] * 3


def test_names_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "my.model.pt", str(tmp_path / "plain"), tmp_path / "ä.pt"):
        for writer, reader in ((torch, minitorch), (minitorch, torch)):
            writer.save([writer.ones(2)], path)
            with zipfile.ZipFile(path) as file:
                names = file.namelist()
            assert reader.load(path)[0].tolist() == [1, 1]
            if writer is torch:
                expected = names
        assert names == expected


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    minitorch.save(minitorch.ones(2), path)
    before = path.read_bytes()
    for zipped in (True, False):
        with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
            minitorch.save([minitorch.zeros(2), lambda: 0], path, _use_new_zipfile_serialization=zipped)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_arguments_that_both_refuse(tmp_path: Path) -> None:
    for library in (torch, minitorch):
        with pytest.raises(RuntimeError, match=r"Parent directory .* does not exist"):
            library.save(1, tmp_path / "missing" / "model.pt")
        with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object"):
            library.save(1, 5)
        with pytest.raises(FileNotFoundError):
            library.load(tmp_path / "missing.pt")
        with pytest.raises(RuntimeError, match="Can not safely load weights"):
            read(library, b"", pickle_module=pickle, weights_only=True)
        with pytest.raises(EOFError):
            read(library, b"")
    with pytest.raises(pickle.UnpicklingError, match="the file is no checkpoint"):
        read(minitorch, b"hello, this is no checkpoint")
    with pytest.raises(AttributeError, match=r"torch\.load from a file that is seekable"):
        minitorch.load(5)
    with pytest.warns(UserWarning, match="pickle_load_args only works"):
        read(minitorch, written(minitorch, 1), encoding="latin1")


def test_hooks_are_not_written() -> None:
    t = minitorch.ones(2, requires_grad=True)
    t.register_hook(print)
    with pytest.warns(UserWarning, match="hook .* on tensor will not be serialized"):
        written(minitorch, t)


# -- other forms of the file


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_protocols(protocol: int) -> None:
    value = {"a": minitorch.ones(2), "b": b"bytes", "set": {1, 2}, "t": (1, 2, 3, 4), "big": 10**30, "text": "x" * 300}
    loaded = read(minitorch, written(minitorch, value, pickle_protocol=protocol))
    assert plain(loaded.pop("a")) == plain(value.pop("a"))
    assert loaded == value


def test_another_pickle_module() -> None:
    class Louder(pickle._Pickler):
        pass

    module: Any = type(sys)("louder")
    module.Pickler, module.Unpickler, module.dump, module.load = Louder, pickle.Unpickler, pickle.dump, pickle.load
    content = written(minitorch, minitorch.ones(2), pickle_module=module)
    assert read(torch, content).tolist() == [1, 1]
    assert read(minitorch, content, pickle_module=module).tolist() == [1, 1]
    module.Pickler = pickle.Pickler
    with pytest.raises(TypeError, match="pickle_module: expected pickle, or a module"):
        written(minitorch, 1, pickle_module=module)


def test_the_other_byte_order() -> None:
    for dtype in ("float32", "int64", "float16", "uint8"):
        t = torch.tensor([1, 2, 300 if dtype != "uint8" else 3], dtype=getattr(torch, dtype))
        old = zipfile.ZipFile(io.BytesIO(written(torch, t)))
        swapped = t.cpu().numpy().byteswap().tobytes()
        content = repacked(old, {"byteorder": b"big", "data/0": swapped})
        assert read(torch, content).tolist() == t.tolist()
        assert read(minitorch, content).tolist() == t.tolist()
    with pytest.raises(ValueError, match="Unknown endianness"):
        read(minitorch, repacked(old, {"byteorder": b"middle"}))


def test_fields_of_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of 4 GiB and more, played with a limit of 300 bytes."""
    monkeypatch.setattr(archive, "_UINT32_MAX", 300)
    real = archive._CENTRAL, archive._END

    class Wide:
        """Writes 32 bits of ones where the limit was reached."""

        def __init__(self, form: struct.Struct) -> None:
            self.form, self.size = form, form.size

        def pack(self, *fields: Any) -> bytes:
            return self.form.pack(*(0xFFFFFFFF if field == 300 else field for field in fields))

    monkeypatch.setattr(archive, "_CENTRAL", Wide(real[0]))
    monkeypatch.setattr(archive, "_END", Wide(real[1]))
    value = {"a": minitorch.arange(200.0), "b": minitorch.ones(2)}
    content = written(minitorch, value)
    monkeypatch.undo()
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert described(read(torch, content)) == described(value)
    assert described(read(minitorch, content)) == described(value)


def test_torch_is_not_needed(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save({"a": torch.arange(3.0)}, path)
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "import minitorch\n"
        f"state = minitorch.load({str(path)!r})\n"
        "state['b'] = minitorch.nn.Linear(1, 1).state_dict()\n"
        f"minitorch.save(state, {str(path)!r})\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[1])
    assert list(torch.load(path)) == ["a", "b"]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_can_be_read_by_its_name_before_it_is_closed(zipped: bool) -> None:
    for library in (torch, minitorch):
        with tempfile.NamedTemporaryFile() as file:
            library.save(library.arange(3), file, _use_new_zipfile_serialization=zipped)
            assert library.load(file.name).tolist() == [0, 1, 2]


def test_a_file_need_not_know_how_to_flush() -> None:
    class Plain:
        content = b""

        def write(self, data: Any) -> None:
            self.content += bytes(data)

    file = Plain()
    minitorch.save(minitorch.arange(3), file)
    assert read(torch, file.content).tolist() == [0, 1, 2]


def test_a_file_that_takes_few_bytes_at_a_time() -> None:
    class Pipe(io.RawIOBase):
        content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.content += bytes(data[:5])
            return min(len(data), 5)

    for zipped in (True, False):
        file = Pipe()
        minitorch.save(minitorch.arange(300), file, _use_new_zipfile_serialization=zipped)
        assert read(torch, file.content).tolist() == list(range(300))

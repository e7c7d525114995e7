import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
import zipfile

import pytest

from minitorch.files import atomic_write, check_writable, place, sha256_of


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_new_file(tmp_path):
    with atomic_write(tmp_path / "a") as file:
        file.write(b"one")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_text_is_utf8(tmp_path):
    with atomic_write(tmp_path / "a", text=True) as file:
        file.write("8×8\n")
    assert (tmp_path / "a").read_bytes() == "8×8\n".encode()


def test_the_old_file_stays_until_the_end(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def write():
        with atomic_write(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_killed_process_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    script = (
        "import os, signal, sys\n"
        "from minitorch.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_the_next_writer_clears_away_what_a_killed_one_left(tmp_path):
    path = tmp_path / "a"
    script = (
        "import os, signal, sys\n"
        "from minitorch.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as file:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    (left,) = names(tmp_path)
    assert left.startswith(".a.")
    (tmp_path / ".a.notes.tmp").touch()  # not one of ours
    (tmp_path / ".b.01234567.tmp").touch()  # another file's
    with atomic_write(path) as file:
        file.write(b"new")
    assert names(tmp_path) == [".a.notes.tmp", ".b.01234567.tmp", "a"]


def test_what_another_writer_has_open_is_not_cleared_away(tmp_path):
    path = tmp_path / "a"
    with atomic_write(path) as outer:
        outer.write(b"outer")
        with atomic_write(path) as inner:
            inner.write(b"inner")
        assert path.read_bytes() == b"inner"
        assert len(names(tmp_path)) == 2
    assert path.read_bytes() == b"outer"
    assert names(tmp_path) == ["a"]


def test_many_writers_of_one_file(tmp_path):
    path = tmp_path / "a"

    def write(i):
        for _ in range(50):
            with atomic_write(path) as file:
                file.write(bytes([i]) * 1000)

    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in {bytes([i]) * 1000 for i in range(4)}
    assert names(tmp_path) == ["a"]


def test_content_is_on_the_disk_before_the_name_and_the_folder_after_it(tmp_path, monkeypatch):
    path, happened = tmp_path / "a", []
    fsync, replace = os.fsync, os.replace

    def traced_fsync(descriptor):
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        happened.append((kind, os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def traced_replace(source, target):
        happened.append(("rename", os.stat(source).st_ino))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", traced_fsync)
    monkeypatch.setattr(os, "replace", traced_replace)
    with atomic_write(path) as file:
        file.write(b"new")
    written, folder = path.stat().st_ino, tmp_path.stat().st_ino
    assert happened == [("file", written), ("rename", written), ("folder", folder)]


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "a"
    versions = [bytes([i]) * 20_000 for i in range(40)]
    path.write_bytes(versions[0])
    seen, running = set(), True

    def read():
        while running:
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for version in versions:
        with atomic_write(path) as file:
            file.write(version[:10_000])
            file.flush()
            file.write(version[10_000:])
    running = False
    reader.join()
    assert seen <= set(versions)


def test_permissions_are_those_of_open(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "new"):
            pass
        (tmp_path / "old").touch()
        (tmp_path / "old").chmod(0o604)
        with atomic_write(tmp_path / "old"):
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o604


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda target, mode: False)  # root may write whatever the permissions say
    with pytest.raises(PermissionError, match=str(path)), atomic_write(path):
        pass
    assert path.read_bytes() == b"old"


def test_a_symbolic_link_is_written_through(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "a")
    with atomic_write(tmp_path / "link") as file:
        file.write(b"one")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "a").read_bytes() == b"one"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    with atomic_write(path) as file:
        file.write(b"one")
    reader.join()
    assert received == [b"one"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "missing" / "a"
    with pytest.raises(FileNotFoundError) as caught, atomic_write(path):
        pass
    assert caught.value.filename == str(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path):
        pass


def test_the_longest_name_works(tmp_path):
    path = tmp_path / ("é" * 127)  # 254 bytes, of 255
    with atomic_write(path) as file:
        file.write(b"one")
    assert path.read_bytes() == b"one"


def test_it_is_seekable(tmp_path):
    with atomic_write(tmp_path / "a.zip") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner", "text")
    assert zipfile.ZipFile(tmp_path / "a.zip").read("inner") == b"text"


def test_place_moves_the_file(tmp_path):
    (tmp_path / "part").write_bytes(b"new")
    (tmp_path / "a").write_bytes(b"old")
    place(tmp_path / "part", tmp_path / "a")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_sha256_of(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"x" * 100_000).hexdigest()


def test_what_cannot_be_written_is_told_before_anything_is(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    check_writable(tmp_path / "old")
    check_writable(tmp_path / "new")
    check_writable(os.devnull)
    for path, error in (
        (tmp_path / "folder", IsADirectoryError),
        (tmp_path / "absent" / "new", FileNotFoundError),
        (tmp_path / "old" / "new", NotADirectoryError),
        ("/proc/new", OSError),
    ):
        with pytest.raises(error) as caught:
            check_writable(path)
        assert caught.value.filename == os.fspath(path)
        with pytest.raises(error), atomic_write(path):
            raise AssertionError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_file_that_may_not_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write everything
    with pytest.raises(PermissionError, match="old"):
        check_writable(tmp_path / "old")

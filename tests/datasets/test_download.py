import hashlib
import http.server
import re
import threading
from contextlib import contextmanager

import pytest

from minitorch.datasets.download import cache_folder, fetch
from minitorch.errors import DownloadError

CONTENT = bytes(range(256)) * 4000  # about a megabyte
KNOWN = {"size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}


class Mirror:
    """A server on this machine that serves one content, with faults as configured.

    Attributes:
        requests: the Range header of each request so far.
    """

    def __init__(self, content=CONTENT, *, status=200, ranges=True, cut=None, sized=True, shift=0, silent=False):
        self.content, self.status, self.ranges, self.cut = content, status, ranges, cut
        self.sized, self.shift, self.silent = sized, shift, silent
        self.requests = []
        self.released = threading.Event()

    def answer(self, handler):
        asked = handler.headers.get("Range")
        self.requests.append(asked)
        if self.silent:
            self.released.wait(10)
            return
        if self.status != 200:
            handler.send_error(self.status)
            return
        start = 0
        if asked and self.ranges:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) + self.shift
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        else:
            handler.send_response(200)
        body = self.content[start:]
        if self.sized:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body if self.cut is None else body[: self.cut])


@contextmanager
def serving(*mirrors):
    """The addresses of the mirrors, while they run."""
    servers = []
    for mirror in mirrors:

        class Handler(http.server.BaseHTTPRequestHandler):
            mirror_ = mirror

            def do_GET(self):
                self.mirror_.answer(self)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
    try:
        yield [f"http://127.0.0.1:{server.server_port}/file" for server in servers]
    finally:
        for mirror, server in zip(mirrors, servers, strict=True):
            mirror.released.set()
            server.shutdown()
            server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "file.gz"


@pytest.fixture
def part(path):
    path.parent.mkdir()
    return path.with_name("file.gz.part")


def test_it_is_fetched_once(path):
    mirror = Mirror()
    with serving(mirror) as urls:
        assert fetch(urls, path, **KNOWN) == path
        fetch(urls, path, **KNOWN)
    assert path.read_bytes() == CONTENT
    assert mirror.requests == [None]
    assert [p.name for p in path.parent.iterdir()] == ["file.gz"]


def test_a_cut_connection_is_taken_up_where_it_was(path):
    mirror = Mirror(cut=300_000)
    with serving(mirror) as urls:
        fetch(urls, path, **KNOWN)
    assert path.read_bytes() == CONTENT
    assert mirror.requests == [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"]


def test_a_later_call_goes_on_with_another_mirror(path):
    with serving(Mirror(cut=100_000)) as urls, pytest.raises(DownloadError, match="800,000 bytes are kept"):
        fetch(urls, path, **KNOWN)
    assert not path.exists()
    mirror = Mirror()
    with serving(mirror) as urls:
        fetch(urls, path, **KNOWN)
    assert mirror.requests == ["bytes=800000-"]
    assert path.read_bytes() == CONTENT


def test_a_server_without_ranges_gives_all_of_it(path, part):
    part.write_bytes(CONTENT[:1000])
    mirror = Mirror(ranges=False)
    with serving(mirror) as urls:
        fetch(urls, path, **KNOWN)
    assert mirror.requests == ["bytes=1000-"]
    assert path.read_bytes() == CONTENT


def test_a_server_without_ranges_that_cuts_is_given_up(path):
    mirror = Mirror(ranges=False, cut=1000)
    with serving(mirror) as urls, pytest.raises(DownloadError, match="ended after 1,000 of 1,024,000 bytes"):
        fetch(urls, path, **KNOWN)
    assert mirror.requests == [None, "bytes=1000-"]


def test_a_server_that_sends_another_range_spoils_nothing(path, part):
    part.write_bytes(CONTENT[:1000])
    with serving(Mirror(shift=-1), Mirror()) as urls:
        with pytest.raises(DownloadError, match="asked for the bytes from 1,000 on, but the server sent 'bytes 999-"):
            fetch(urls[:1], path, **KNOWN)
        assert part.read_bytes() == CONTENT[:1000]
        fetch(urls, path, **KNOWN)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"status": 404}, id="absent"),
        pytest.param({"status": 503}, id="overloaded"),
        pytest.param({"content": b"<html>log in first</html>"}, id="a page of another size"),
        pytest.param({"content": CONTENT[::-1]}, id="wrong content"),
        pytest.param({"content": CONTENT[::-1] + b"more", "sized": False}, id="too long, of no declared size"),
        pytest.param({"content": CONTENT[:1000], "sized": False}, id="too short, of no declared size"),
        pytest.param({"cut": 0}, id="nothing"),
        pytest.param({"silent": True}, id="silent"),
    ],
)
def test_the_next_mirror_helps(path, bad):
    good = Mirror()
    with serving(Mirror(**bad), good) as urls:
        fetch(urls, path, **KNOWN, timeout=0.3)
    assert path.read_bytes() == CONTENT
    assert good.requests[-1] in (None, "bytes=1000-")


def test_a_page_of_another_size_leaves_what_is_held(path, part):
    part.write_bytes(CONTENT[:1000])
    page = Mirror(b"<html>log in first</html>", ranges=False)
    with (
        serving(page) as urls,
        pytest.raises(DownloadError, match=r"a file of 1,024,000 bytes, but .* offers one of 25"),
    ):
        fetch(urls, path, **KNOWN)
    assert part.read_bytes() == CONTENT[:1000]


def test_no_more_is_read_than_the_file_has(path):
    with serving(Mirror(CONTENT + b"more", sized=False)) as urls:
        fetch(urls, path, **KNOWN)
    assert path.read_bytes() == CONTENT


def test_wrong_content_never_gets_the_name(path):
    wrong = CONTENT[::-1]
    with serving(Mirror(wrong), Mirror(wrong)) as urls, pytest.raises(DownloadError) as caught:
        fetch(urls, path, **KNOWN)
    reason = f"expected SHA-256 {KNOWN['sha256']}, but got {hashlib.sha256(wrong).hexdigest()}"
    assert str(caught.value).count(reason) == 2
    assert "file.gz (1,024,000 bytes)" in str(caught.value)
    assert list(path.parent.iterdir()) == []


def test_a_spoilt_beginning_is_dropped(path, part):
    part.write_bytes(b"?" * 1000)
    mirror = Mirror()
    with serving(mirror) as urls:
        fetch(urls, path, **KNOWN)
    assert mirror.requests == ["bytes=1000-", None]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("held", [CONTENT, CONTENT + b"more"])
def test_a_part_as_long_as_the_file_or_longer(path, part, held):
    part.write_bytes(held)
    mirror = Mirror()
    with serving(mirror) as urls:
        fetch(urls, path, **KNOWN)
    assert mirror.requests == ([] if held == CONTENT else [None])
    assert path.read_bytes() == CONTENT


def test_a_damaged_file_is_fetched_anew(path):
    path.parent.mkdir()
    path.write_bytes(CONTENT[:-1] + b"?")
    with serving(Mirror()) as urls:
        fetch(urls, path, **KNOWN)
    assert path.read_bytes() == CONTENT


def test_an_endless_dripper_is_given_up(path):
    mirror = Mirror(cut=10)
    with serving(mirror) as urls, pytest.raises(DownloadError, match="ended after 80 of 1,024,000 bytes"):
        fetch(urls, path, **KNOWN)
    assert len(mirror.requests) == 8


def test_offline(path):
    with serving(Mirror()) as urls:
        pass  # nobody listens there now
    with pytest.raises(DownloadError, match=r"could not download file\.gz .*127\.0\.0\.1:\d+: .*refused"):
        fetch(urls, path, **KNOWN)
    assert not path.exists()


def test_several_at_once_fetch_it_once(path):
    mirror = Mirror()
    with serving(mirror) as urls:
        threads = [threading.Thread(target=fetch, args=(urls, path), kwargs=KNOWN) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert mirror.requests == [None]
    assert path.read_bytes() == CONTENT


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("mnist") == tmp_path / "minitorch" / "mnist"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("mnist") == tmp_path / ".cache" / "minitorch" / "mnist"


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "//127.0.0.1/a", "javascript:1", "http://", "http:///a", "http://[", "http://a b/", "http://\0/",
        "http://host:port/", "http://127.0.0.1:-1/", "http://127.0.0.1:99999/", "http://é..é/", "http://\udcff/",
        "http://" + "a" * 300 + "/", "file:///etc/passwd", "data:,x", "ftp://127.0.0.1:1/a",
    ],
)  # fmt: skip
def test_odd_addresses_are_reasons(tmp_path, url):
    with pytest.raises(DownloadError, match=r"could not download a \(10 bytes\): .*: ."):
        fetch([url], tmp_path / "a", size=10, sha256="0" * 64)
    assert not (tmp_path / "a").exists()


def test_a_password_is_not_shown(tmp_path):
    with pytest.raises(DownloadError) as caught:
        fetch(["http://user:secret@127.0.0.1:1/"], tmp_path / "a", size=10, sha256="0" * 64)
    assert "secret" not in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value)


def test_an_odd_address_is_followed_by_the_next(tmp_path):
    with serving(Mirror()) as urls:
        fetch(["http://[", "data:,x", *urls], tmp_path / "a", **KNOWN)
    assert (tmp_path / "a").read_bytes() == CONTENT

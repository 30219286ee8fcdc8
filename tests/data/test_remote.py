"""Downloads from a server on this machine that does everything servers do wrong."""

import hashlib
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from imagenet_course.data import remote as remote_module
from imagenet_course.data.remote import DownloadError, Patience, RemoteFile, fetch

CONTENT = os.urandom(400_000)
QUICK = Patience(timeout=0.3, attempts=3, pause=0.01)


class Misbehaving(BaseHTTPRequestHandler):
    """The first part of the path says what goes wrong."""

    def do_GET(self):
        behavior = self.path.split("/")[1]
        self.server.requests.append((behavior, self.headers.get("Range")))
        getattr(self, behavior)(self.server.requests)

    def log_message(self, *args):
        pass

    def offset(self):
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def answer(self, body, *, status=None, length=None, start=None):
        start = self.offset() if start is None else start
        status = status or (206 if "Range" in self.headers else 200)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if status == 206:
            end = start + len(body) - 1
            self.send_header("Content-Range", f"bytes {start}-{end}/{len(CONTENT)}")
        self.end_headers()
        self.wfile.write(body)

    def honest(self, _):
        if self.offset() >= len(CONTENT):
            return self.answer(b"", status=416)
        self.answer(CONTENT[self.offset() :])

    def truncates(self, _):
        rest = CONTENT[self.offset() :]
        self.answer(rest[:90_000], length=len(rest))

    def stalls(self, requests):
        rest = CONTENT[self.offset() :]
        self.answer(rest[:150_000], length=len(rest))
        self.wfile.flush()
        self.server.released.wait(5)

    def silent(self, _):
        self.server.released.wait(5)

    def ignores_range(self, requests):
        if len(requests) == 1:
            self.answer(CONTENT[:100_000], status=200, length=len(CONTENT))
        else:
            self.answer(CONTENT, status=200)

    def wrong_range(self, _):
        self.answer(CONTENT, start=0)  # claims 206, but begins at 0

    def announces_more(self, _):
        self.answer(CONTENT[self.offset() :], length=10 * len(CONTENT))

    def announces_less(self, _):
        self.answer(CONTENT[self.offset() :], length=70_000)

    def endless(self, _):
        self.answer(bytes(len(CONTENT)) * 3)

    def wrong(self, _):
        self.answer(CONTENT[::-1][self.offset() :])

    def login_page(self, _):
        self.answer(b"<html>Please accept our terms</html>", status=200)

    def missing(self, _):
        self.send_error(404)

    def busy(self, requests):
        if len(requests) < 3:
            return self.send_error(503)
        self.honest(requests)

    def empty_answer(self, _):
        self.answer(b"", status=200)

    def garbage(self, _):
        self.wfile.write(b"\0\1\2 this is not HTTP\r\n\r\n")


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    server.daemon_threads = True
    server.requests, server.released = [], threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def remote(server, *behaviors, checksum=None):
    address = f"http://127.0.0.1:{server.server_address[1]}"
    return RemoteFile(
        tuple(f"{address}/{behavior}/set.tgz" for behavior in behaviors),
        len(CONTENT),
        checksum or f"md5:{hashlib.md5(CONTENT).hexdigest()}",
    )


def get(file, path):
    return fetch(file, path, progress=False, patience=QUICK)


@pytest.mark.parametrize(
    "behavior",
    [
        "honest",
        "truncates",
        "stalls",
        "ignores_range",
        "announces_more",
        "announces_less",
        "busy",
    ],
)
def test_the_published_bytes_arrive_in_spite_of(server, tmp_path, behavior):
    path = get(remote(server, behavior), tmp_path / "new folder" / "set.tgz")
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["set.tgz"]


def test_a_cut_is_resumed_where_it_happened(server, tmp_path):
    get(remote(server, "truncates"), tmp_path / "set.tgz")
    offsets = [requested for _, requested in server.requests]
    assert offsets == [None, *(f"bytes={n}-" for n in (90_000, 180_000, 270_000, 360_000))]


def test_a_later_call_goes_on_from_what_arrived(server, tmp_path):
    (tmp_path / "set.tgz.part").write_bytes(CONTENT[:123_456])
    get(remote(server, "honest"), tmp_path / "set.tgz")
    assert server.requests == [("honest", "bytes=123456-")]
    assert (tmp_path / "set.tgz").read_bytes() == CONTENT


def test_a_206_that_starts_elsewhere_is_taken_from_its_beginning(server, tmp_path):
    (tmp_path / "set.tgz.part").write_bytes(CONTENT[:1000])
    assert get(remote(server, "wrong_range"), tmp_path / "set.tgz").read_bytes() == CONTENT


@pytest.mark.parametrize("junk", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 9)])
def test_a_part_from_elsewhere_is_noticed_and_replaced(server, tmp_path, junk):
    (tmp_path / "set.tgz.part").write_bytes(junk)
    assert get(remote(server, "honest"), tmp_path / "set.tgz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        ("wrong", "its content is not the published file"),
        ("endless", "its content is not the published file"),
        ("login_page", r"it ends after 36 of 400,000 bytes"),
        ("missing", "HTTP 404"),
        ("silent", "timed out"),
        ("empty_answer", "it ends after 0 of 400,000 bytes"),
        ("garbage", "."),
    ],
)
def test_a_hopeless_address_is_given_up_with_its_reason(server, tmp_path, behavior, reason):
    path = tmp_path / "set.tgz"
    start = time.perf_counter()
    with pytest.raises(DownloadError, match=reason) as error:
        get(remote(server, behavior), path)
    assert time.perf_counter() - start < 5
    assert not path.exists()
    assert str(path) in str(error.value), "where to put it"
    assert f"fetch http://127.0.0.1:{server.server_address[1]}/{behavior}" in str(error.value)


@pytest.mark.parametrize("behavior", ["wrong", "login_page", "missing", "garbage", "endless"])
def test_the_next_mirror_serves_where_one_fails(server, tmp_path, behavior):
    path = get(remote(server, behavior, "truncates"), tmp_path / "set.tgz")
    assert path.read_bytes() == CONTENT


def test_every_address_that_failed_is_named(server, tmp_path):
    with pytest.raises(DownloadError) as error:
        get(remote(server, "missing", "wrong"), tmp_path / "set.tgz")
    assert "missing/set.tgz: HTTP 404" in str(error.value)
    assert "wrong/set.tgz: its content" in str(error.value)


def test_an_unreachable_host_is_named(tmp_path):
    file = RemoteFile(("http://127.0.0.1:9/set.tgz",), 10, "md5:0")
    with pytest.raises(DownloadError, match="refused"):
        get(file, tmp_path / "set.tgz")


def test_a_mirror_of_the_environment_comes_first(server, tmp_path, monkeypatch):
    address = f"http://127.0.0.1:{server.server_address[1]}/honest/"
    monkeypatch.setenv(remote_module.MIRROR_VARIABLE, address)
    get(remote(server, "missing"), tmp_path / "set.tgz")
    assert server.requests == [("honest", None)]


def test_a_file_put_there_by_hand_is_verified_not_fetched(server, tmp_path):
    path = tmp_path / "set.tgz"
    path.write_bytes(CONTENT)
    assert get(remote(server, "missing"), path) == path
    assert server.requests == []
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(OSError, match=r"is not the published set\.tgz.*delete it"):
        get(remote(server, "honest"), path)
    assert path.read_bytes() == CONTENT[:-1], "someone's file is not overwritten"


def test_sha256_is_verified_too(server, tmp_path):
    digest = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    get(remote(server, "honest", checksum=digest), tmp_path / "set.tgz")
    with pytest.raises(DownloadError, match="not the published file"):
        get(remote(server, "honest", checksum="sha256:" + "0" * 64), tmp_path / "other.tgz")


def test_a_disk_that_is_too_small_is_noticed_before(server, tmp_path):
    file = RemoteFile(remote(server, "honest").urls, 10**18, "md5:0")
    with pytest.raises(OSError, match=r"free, .* missing; make room"):
        get(file, tmp_path / "set.tgz")
    assert server.requests == []


def test_a_disk_that_fills_up_ends_the_download_and_keeps_what_came(server, tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    (tmp_path / "set.tgz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        get(remote(server, "honest", "honest"), tmp_path / "set.tgz")
    assert not (tmp_path / "set.tgz").exists()
    assert len(server.requests) == 1, "another mirror cannot help"

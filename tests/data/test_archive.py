"""Archives: honest ones unpack exactly, hostile ones leave nothing behind."""

import io
import os
import tarfile
import zipfile

import pytest

from imagenet_course.data.archive import unpack

FILES = {"set/a.txt": b"alpha" * 1000, "set/deep/b ü.bin": bytes(range(256)), "set/empty": b""}
LIMIT = {"max_bytes": 10_000_000}


def make_tar(path, mode="w:gz", files=FILES, members=()):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in members:
            archive.addfile(info)
    return path


def make_zip(path, files=FILES, members=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for info, content in members:
            archive.writestr(info, content)
    return path


def tar_link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_link(name):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def assert_refused(archive, tmp_path, message, **limits):
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=message):
        unpack(archive, tmp_path / "out", **(LIMIT | limits))
    assert set(tmp_path.rglob("*")) == before, "something was left behind"
    assert not (tmp_path.parent / "escaped").exists()


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.tar.bz2", "a.tar.xz", "a.zip"])
def test_honest_archives_unpack_exactly(tmp_path, name):
    modes = {"a.tgz": "w:gz", "a.tar": "w", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz"}
    path = tmp_path / name
    make_zip(path) if name == "a.zip" else make_tar(path, modes[name])
    unpack(path, tmp_path / "out", **LIMIT)
    found = {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes()
        for p in (tmp_path / "out").rglob("*")
        if p.is_file()
    }
    assert found == FILES
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "out"])


@pytest.mark.parametrize(
    "name", ["../escaped", "set/../../escaped", "/tmp/escaped", "set\\..\\escaped", "C:/escaped"]
)
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_path_that_leads_outside_is_refused(tmp_path, name, kind):
    files = {"set/fine": b"1", name: b"bad"}
    if kind == "zip":
        archive = make_zip(tmp_path / "a.zip", files)
    else:
        archive = make_tar(tmp_path / "a.tgz", files=files)
    assert_refused(archive, tmp_path, "leads outside")


@pytest.mark.parametrize(
    "member",
    [
        tar_link("set/link", "/etc"),
        tar_link("set/link", "a.txt"),
        tar_link("set/hard", "set/a.txt", tarfile.LNKTYPE),
        tar_link("set/pipe", "", tarfile.FIFOTYPE),
        tar_link("set/device", "", tarfile.CHRTYPE),
    ],
    ids=lambda info: info.name,
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, member):
    archive = make_tar(tmp_path / "a.tgz", members=[member])
    assert_refused(archive, tmp_path, "a link|a device")


def test_a_link_in_a_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", members=[(zip_link("set/link"), "/etc/passwd")])
    assert_refused(archive, tmp_path, "'set/link', a link")


def test_a_bomb_is_refused_once_it_exceeds_the_limit(tmp_path):
    zeros = {"zeros": bytes(5_000_000)}
    for archive in (make_zip(tmp_path / "a.zip", zeros), make_tar(tmp_path / "a.tgz", files=zeros)):
        assert archive.stat().st_size < 50_000
        assert_refused(archive, tmp_path, "more than 4,000,000 bytes", max_bytes=4_000_000)


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", {"zeros": bytes(1_000_000)})
    content = archive.read_bytes()
    archive.write_bytes(content.replace((1_000_000).to_bytes(4, "little"), b"\1\0\0\0"))
    assert_refused(archive, tmp_path, "damaged")


def test_too_many_files_are_refused(tmp_path):
    archive = make_tar(tmp_path / "a.tgz", files={f"{i}": b"" for i in range(11)})
    assert_refused(archive, tmp_path, "more than 10 files", max_files=10)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_comes_twice_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", members=[(zipfile.ZipInfo("set/a.txt"), b"other")])
    assert_refused(archive, tmp_path, "twice")


@pytest.mark.parametrize("name", ["a.tgz", "a.tar", "a.zip", "a.tar.xz", "a.tar.bz2"])
def test_a_truncated_archive_is_refused(tmp_path, name):
    files = {f"set/{i}": os.urandom(20_000) for i in range(5)}
    modes = {"a.tgz": "w:gz", "a.tar": "w", "a.tar.xz": "w:xz", "a.tar.bz2": "w:bz2"}
    path = tmp_path / name
    make_zip(path, files) if name == "a.zip" else make_tar(path, modes[name], files)
    path.write_bytes(path.read_bytes()[:65_000])
    assert_refused(path, tmp_path, "damaged|neither")


def test_a_flipped_byte_in_a_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", {"a": os.urandom(1000)})
    content = bytearray(archive.read_bytes())
    content[500] ^= 1
    archive.write_bytes(content)
    assert_refused(archive, tmp_path, "damaged")


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.tgz").write_text("<html>Please log in</html>")
    assert_refused(tmp_path / "a.tgz", tmp_path, "neither a zip nor a tar archive")


def test_an_existing_folder_is_not_touched(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError, match="exists already"):
        unpack(make_zip(tmp_path / "a.zip"), tmp_path / "out", **LIMIT)
    assert not list((tmp_path / "out").iterdir())

"""The downloadable sets, on miniatures laid out like the published ones, served on this machine."""

import io
import subprocess
import sys
import tarfile
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data import data_root, download, find, info, load, names
from imagenet_course.data.install import Package, install
from imagenet_course.data.remote import RemoteFile, checksum
from imagenet_course.data.sets import ants_bees, cifar10, flowers102, imagenette, pets

DOWNLOADS = {
    "imagenette": imagenette,
    "cifar10": cifar10,
    "flowers102": flowers102,
    "pets": pets,
    "ants-bees": ants_bees,
}


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGENET_COURSE_DATA", str(tmp_path / "data root"))
    return tmp_path / "data root"


def png(color, size=(4, 4)):
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def tiny_imagenette(folder):
    return {
        f"{folder}/{split}/{wnid}/{i}.JPEG": png((label, i, 0))
        for split, count in (("train", 2), ("val", 1))
        for label, wnid in enumerate(imagenette.INFO.wnids)
        for i in range(count)
    }


def published(path):
    return RemoteFile((f"http://nowhere.invalid/{path.name}",), path.stat().st_size, md5(path))


def md5(path):
    return checksum(path, "md5")


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder that is served, as a classroom would, at the address of IMAGENET_COURSE_MIRROR."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("IMAGENET_COURSE_MIRROR", f"http://127.0.0.1:{server.server_address[1]}")
    yield folder
    server.shutdown()
    server.server_close()


def _visible(root):
    """What is in the data root but lock files; a folder half unpacked would show."""
    return sorted(p.name for p in root.iterdir() if p.suffix != ".lock")


def test_imagenette_is_fetched_unpacked_and_loaded_by_one_call(mirror, root, monkeypatch):
    write_tar(mirror / "imagenette2-160.tgz", tiny_imagenette("imagenette2-160"))
    package = Package("imagenette2-160", (published(mirror / "imagenette2-160.tgz"),))
    monkeypatch.setitem(imagenette.PACKAGES, "160", package)
    assert find("imagenette") is None
    dataset = load("imagenette", "train", size=160, download=True)
    assert len(dataset) == 20
    assert dataset.classes[0] == "tench"
    assert dataset.info.wnids[0] == "n01440764"
    for i, (image, label) in enumerate(dataset):
        np.testing.assert_array_equal(image[0, 0], [label, i % 2, 0])
    assert _visible(root) == ["archives", "imagenette2-160"]
    assert not list((root / "archives").iterdir()), "what was fetched is removed once unpacked"
    (mirror / "imagenette2-160.tgz").unlink()
    assert len(load("imagenette", "val", download=True)) == 10, "it is not fetched again"
    assert find("imagenette") == find("imagenette", size="160") == root / "imagenette2-160"


def test_an_archive_put_there_by_hand_is_used_and_kept(root, monkeypatch):
    (root / "archives").mkdir(parents=True)
    path = root / "archives" / "imagenette2-320.tgz"
    write_tar(path, tiny_imagenette("imagenette2-320"))
    monkeypatch.setitem(imagenette.PACKAGES, "320", Package("imagenette2-320", (published(path),)))
    assert download("imagenette", progress=False) == root / "imagenette2-320"
    assert path.exists()
    assert len(load("imagenette", "validation")) == 10


def test_a_package_that_fails_leaves_nothing_but_its_archives(mirror, root):
    good, bad = mirror / "good.tgz", mirror / "bad.zip"
    write_tar(good, {"a.txt": b"1"})
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("../escape", b"2")
    package = Package("set", (published(good), published(bad)))
    with pytest.raises(ValueError, match="leads outside"):
        install(package, progress=False)
    assert _visible(root) == ["archives"]
    assert sorted(p.name for p in (root / "archives").iterdir()) == ["bad.zip", "good.tgz"]


def test_what_a_killed_call_left_is_cleared_away(mirror, root):
    write_tar(mirror / "set.tgz", {"set/a": b"1"})
    (root / ".set-unpacking").mkdir(parents=True)
    (root / ".set-unpacking" / "a").write_bytes(b"half")
    install(Package("set", (published(mirror / "set.tgz"),)), progress=False)
    assert _visible(root) == ["archives", "set"]
    assert (root / "set" / "a").read_bytes() == b"1"


def test_of_several_processes_one_downloads_and_all_get_the_folder(mirror, root):
    write_tar(mirror / "set.tgz", {f"set/{i}": bytes(1000) for i in range(300)})
    package = Package("set", (published(mirror / "set.tgz"),))
    code = (
        "from imagenet_course.data.install import Package, install\n"
        "from imagenet_course.data.remote import RemoteFile\n"
        f"print(install({package!r}, progress=False))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)
    ]
    assert [p.communicate()[0].decode().strip() for p in processes] == [str(root / "set")] * 4
    assert _visible(root) == ["archives", "set"]
    assert len(list((root / "set").iterdir())) == 300


def test_the_largest_imagenette_is_taken_and_a_size_can_be_asked_for(root):
    for folder in ("imagenette2-160", "imagenette2-224"):
        for name, content in tiny_imagenette(folder).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
    assert "imagenette2-224" in load("imagenette").paths[0]
    assert load("imagenette").info.image_shape == (224, 224, 3)
    assert "imagenette2-160" in load("imagenette", size=160).paths[0]
    with pytest.raises(FileNotFoundError, match="get imagenette --size 320"):
        load("imagenette", size="320")
    with pytest.raises(ValueError, match=r"unknown size.*'128'.*160, 224, 320, full"):
        load("imagenette", size=128)
    with pytest.raises(ValueError, match=r"unknown published size.*'224'"):
        download("imagenette", size=224)


def test_an_imagenette_with_other_classes_is_refused(root):
    for name, content in tiny_imagenette("imagenette2").items():
        name = name.replace("n01440764", "n99999999")
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    with pytest.raises(ValueError, match="does not hold the ten classes"):
        load("imagenette")


def test_cifar10_reads_the_binary_edition_as_published(root):
    rng = np.random.default_rng(0)
    folder = root / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    images = rng.integers(0, 256, (12, 3, 32, 32), dtype=np.uint8)
    labels = np.arange(12, dtype=np.uint8) % 10
    for i, batch in enumerate(cifar10._BATCHES["train"] + cifar10._BATCHES["test"]):
        part = slice(2 * i, 2 * i + 2)
        records = np.concatenate([labels[part, None], images[part].reshape(2, -1)], axis=1)
        records.tofile(folder / batch)
    train, test = load("cifar10", "train"), load("cifar10", "test")
    np.testing.assert_array_equal(train.images, images[:10].transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(train.labels, labels[:10])
    np.testing.assert_array_equal(test.images, images[10:].transpose(0, 2, 3, 1))
    (folder / "test_batch.bin").write_bytes(bytes(3072))
    with pytest.raises(ValueError, match=r"test_batch\.bin is damaged"):
        load("cifar10", "test")


def test_cifar10_falls_back_to_the_jpeg_copy(root):
    for split in ("train", "test"):
        for label, name in enumerate(cifar10.INFO.classes):
            path = root / "cifar10-jpeg" / split / name / "0000.jpg"
            path.parent.mkdir(parents=True)
            path.write_bytes(png((0, 25 * label, 0), (32, 32)))
    dataset = load("cifar10", "test")
    assert dataset.classes == cifar10.INFO.classes
    assert dataset.info.title == "CIFAR-10, JPEG copy"
    assert [image[0, 0, 1] for image, _ in dataset] == [25 * i for i in range(10)]
    with pytest.raises(FileNotFoundError, match="get cifar10"):
        load("cifar10", variant="binary")
    with pytest.raises(ValueError, match=r"unknown variant.*'png'"):
        load("cifar10", variant="png")


def test_pets_match_torchvision(root):
    from torchvision.datasets import OxfordIIITPet

    folder = root / "oxford-iiit-pet"
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    stems = [name.replace(" ", "_") for name in pets.INFO.classes]
    for listing, number in (("trainval", 1), ("test", 2)):
        lines = [f"{stem}_{number} {i + 1} 1 1" for i, stem in enumerate(stems)]
        (folder / "annotations" / f"{listing}.txt").write_text("\n".join(lines) + "\n")
        for i, stem in enumerate(stems):
            (folder / "images" / f"{stem}_{number}.jpg").write_bytes(png((i, number, 0)))
    for split, theirs in (("train", "trainval"), ("test", "test")):
        reference = OxfordIIITPet(root, split=theirs)
        ours = load("pets", split)
        assert list(ours.classes) == reference.classes
        assert len(ours) == len(reference)
        for (image, label), (their_image, their_label) in zip(ours, reference, strict=True):
            assert label == their_label
            np.testing.assert_array_equal(image, np.asarray(their_image))


def test_flowers102_match_torchvision(root, monkeypatch):
    from scipy.io import savemat
    from torchvision.datasets import Flowers102

    folder = root / "flowers-102"
    (folder / "jpg").mkdir(parents=True)
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(1, 103).repeat(3))
    savemat(folder / "imagelabels.mat", {"labels": labels[None]})
    ids = rng.permutation(306) + 1
    parts = {"trnid": ids[None, :102], "valid": ids[None, 102:204], "tstid": ids[None, 204:]}
    savemat(folder / "setid.mat", parts)
    for i in ids:
        (folder / "jpg" / f"image_{i:05d}.jpg").write_bytes(png((i % 256, i // 256, 0)))
    monkeypatch.setattr(Flowers102, "_check_integrity", lambda self: True)
    for split, theirs in (("train", "train"), ("validation", "val"), ("test", "test")):
        reference, ours = Flowers102(root, split=theirs), load("flowers102", split)
        for (image, label), (their_image, their_label) in zip(ours, reference, strict=True):
            assert label == their_label
            np.testing.assert_array_equal(image, np.asarray(their_image))


def test_the_published_placeholder_is_not_an_ant(root):
    for split in ("train", "val"):
        for name in ("ants", "bees"):
            path = root / "hymenoptera_data" / split / name
            path.mkdir(parents=True)
            (path / "0013035.jpg").write_bytes(png("red"))
    (root / "hymenoptera_data" / "train" / "ants" / "imageNotFound.gif").write_bytes(b"GIF89a")
    assert len(load("ants-bees", "train")) == 2


def test_addresses_and_checksums_are_those_of_torchvision():
    from torchvision.datasets import Flowers102, Imagenette, OxfordIIITPet

    theirs = {
        **dict(Imagenette._ARCHIVES.values()),
        **dict(OxfordIIITPet._RESOURCES),
        **{
            Flowers102._download_url_prefix + name: md5
            for name, md5 in Flowers102._file_dict.values()
        },
    }
    packages = [*imagenette.PACKAGES.values(), pets.package(), flowers102.package()]
    ours = {file.urls[0]: file.checksum for package in packages for file in package.files}
    assert ours == {url: f"md5:{md5}" for url, md5 in theirs.items()}


def test_class_names_are_those_of_torchvision():
    from torchvision.datasets import Flowers102, Imagenette

    theirs = {wnid: names[0] for wnid, names in Imagenette._WNID_TO_CLASS.items()}
    assert theirs == imagenette.CLASS_OF_WNID
    if hasattr(Flowers102, "classes"):
        assert list(flowers102.INFO.classes) == Flowers102.classes
    assert len(set(flowers102.INFO.classes)) == 102
    assert len(set(pets.INFO.classes)) == 37


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_set_that_is_not_there_says_how_to_get_it(name):
    assert find(name) is None
    with pytest.raises(FileNotFoundError) as error:
        load(name)
    assert f"`imagenet-course data get {name}" in str(error.value)
    assert " MB)" in str(error.value)
    assert str(data_root()) in str(error.value)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_every_published_file_has_a_secure_address_a_size_and_a_checksum(name):
    module = DOWNLOADS[name]
    packages = module.PACKAGES.values() if hasattr(module, "PACKAGES") else [module.package()]
    for package in packages:
        for file in package.files:
            assert all(url.startswith("https://") for url in file.urls)
            assert file.size > 500
            kind, digest = file.checksum.split(":")
            assert len(bytes.fromhex(digest)) == {"md5": 16, "sha256": 32}[kind]


def test_the_data_root_defaults_to_the_platforms_cache(monkeypatch):
    from platformdirs import user_cache_path

    monkeypatch.delenv("IMAGENET_COURSE_DATA")
    assert data_root() == user_cache_path("imagenet-course")
    monkeypatch.setenv("IMAGENET_COURSE_DATA", "~/images")
    assert data_root().is_absolute()


@pytest.mark.parametrize("name", names())
def test_every_card_is_complete(name):
    card = info(name)
    assert card.name == name
    assert card.rung in ("embedded", "download", "bring your own")
    for fact in (card.title, card.origin, card.license, card.citation, str(card)):
        assert fact.strip()
    assert len(card.image_shape) == 3
    assert len(card.wnids) in (0, len(card.classes))


@pytest.mark.parametrize("name", ["digits", "photos", "folder", "imagenet"])
def test_what_is_no_download_cannot_be_fetched(name):
    with pytest.raises(ValueError, match=f"'{name}' is .*nothing to download"):
        download(name)


def test_options_that_a_set_does_not_have_are_named():
    with pytest.raises(ValueError, match="'digits' takes no option 'size'"):
        load("digits", size=3)
    with pytest.raises(ValueError, match=r"'varaint'; did you mean 'variant'\?"):
        load("cifar10", varaint="jpeg")
    with pytest.raises(ValueError, match=r"option of 'pets' 'size'"):
        load("pets", size=3)

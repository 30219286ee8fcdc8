"""Verification: every kind of damage and of peculiarity is named, and nothing else."""

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data.verify import DAMAGE, Report, verify_dataset, verify_folder

RNG = np.random.default_rng(0)


def color(size=(24, 16)):
    return Image.fromarray(RNG.integers(0, 256, (*size, 3), dtype=np.uint8))


@pytest.fixture
def folder(tmp_path):
    for split in ("train", "val"):
        for name in ("cat", "dog"):
            (tmp_path / split / name).mkdir(parents=True)
            for i in range(3):
                color().save(tmp_path / split / name / f"{i}.jpg")
    return tmp_path


def found(report: Report):
    return {(f.kind, f.path.rsplit("/", 1)[-1]) for f in report.findings}


def test_a_sound_folder_has_no_findings(folder):
    report = verify_folder(folder)
    assert report.findings == []
    assert report.files == 12
    assert report.bytes == sum(p.stat().st_size for p in folder.rglob("*.jpg"))


def test_damage_is_named(folder):
    cat = folder / "train" / "cat"
    whole = (cat / "0.jpg").read_bytes()
    (cat / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (cat / "none.png").touch()
    (cat / "page.jpeg").write_text("<html>404</html>")
    Image.new("1", (9_000, 9_000)).save(cat / "huge.png")
    Image.fromarray(RNG.random((8, 8), dtype=np.float32)).save(cat / "float.tif")
    report = verify_folder(folder)
    assert found(report) == {
        ("broken", "cut.jpg"),
        ("broken", "float.tif"),
        ("empty", "none.png"),
        ("not an image", "page.jpeg"),
        ("oversized", "huge.png"),
    }
    assert len(report.damage) == 5
    assert report.notes == []


def test_a_jpeg_cut_and_closed_is_broken(folder):
    path = folder / "train" / "cat" / "0.jpg"
    color((200, 200)).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    Image.open(path).load()  # without a complaint
    (finding,) = verify_folder(folder).findings
    assert finding.kind == "broken"
    assert "stop early" in finding.detail


def test_extra_bytes_in_a_whole_jpeg_are_no_damage(folder):
    path = folder / "train" / "cat" / "0.jpg"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"\x00\x00" + whole[-2:])  # libjpeg warns, and reads on
    assert verify_folder(folder).findings == []


def test_peculiarities_are_notes_not_damage(folder):
    dog = folder / "val" / "dog"
    gray = color().convert("L")
    gray.save(dog / "gray.jpg")
    gray.convert("RGB").save(dog / "disguised.png")
    gray.convert("RGB").save(dog / "disguised.jpg")
    color().convert("CMYK").save(dog / "print.jpg")
    color().convert("P").save(dog / "palette.png")
    Image.fromarray(RNG.integers(0, 65536, (8, 8), dtype=np.uint16)).save(dog / "deep.png")
    color().convert("RGBA").save(dog / "alpha.png")
    color().save(dog / "png.jpg", format="PNG")
    frames = [color() for _ in range(3)]
    frames[0].save(dog / "moving.webp", save_all=True, append_images=frames[1:])
    exif = Image.Exif()
    exif[0x0112] = 6
    color().save(dog / "turned.jpg", exif=exif)
    (dog / "notes.txt").write_text("mine")
    color().save(dog / "photo.gif")
    report = verify_folder(folder)
    assert found(report) == {
        ("grayscale", "gray.jpg"),
        ("grayscale in disguise", "disguised.png"),
        ("grayscale in disguise", "disguised.jpg"),
        ("CMYK", "print.jpg"),
        ("palette", "palette.png"),
        ("16 bits", "deep.png"),
        ("transparent", "alpha.png"),
        ("misnamed", "png.jpg"),
        ("animated", "moving.webp"),
        ("rotated", "turned.jpg"),
        ("ignored", "notes.txt"),
        ("ignored", "photo.gif"),
    }
    assert report.damage == []


def test_the_previews_of_cameras_are_not_worth_a_note(folder):
    frames = [color(), color()]
    frames[0].save(
        folder / "val" / "dog" / "mpo.jpg", "MPO", save_all=True, append_images=frames[1:]
    )
    with Image.open(folder / "val" / "dog" / "mpo.jpg") as image:
        assert image.format == "MPO"
    assert verify_folder(folder).findings == []


def test_one_colored_pixel_takes_the_disguise_off(folder):
    image = np.repeat(RNG.integers(0, 256, (40, 40, 1), dtype=np.uint8), 3, axis=2)
    Image.fromarray(image).save(folder / "train" / "cat" / "gray.png")
    image[17, 5, 2] ^= 1
    Image.fromarray(image).save(folder / "train" / "cat" / "color.png")
    assert found(verify_folder(folder)) == {("grayscale in disguise", "gray.png")}


def test_the_structure_is_verified(folder):
    (folder / "train" / "emu").mkdir()
    report = verify_folder(folder)
    assert {f.kind for f in report.damage} == {"structure", "empty class"}
    assert any("validation lacks emu" in f.detail for f in report.damage)
    assert any(f.path.endswith("emu") for f in report.damage if f.kind == "empty class")


def test_hidden_files_are_skipped_and_findings_come_in_order(folder):
    (folder / "train" / "cat" / ".hidden.jpg").touch()
    (folder / ".git").mkdir()
    (folder / ".git" / "object.jpg").touch()
    for i in range(40):
        (folder / "train" / "cat" / f"x{i:02d}.jpg").touch()
    report = verify_folder(folder, workers=4)
    assert [f.path.rsplit("/", 1)[-1] for f in report.findings] == [
        f"x{i:02d}.jpg" for i in range(40)
    ]


def test_a_file_that_cannot_be_read_is_damage(folder):
    (folder / "train" / "cat" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    assert found(verify_folder(folder)) == {("unreadable", "gone.jpg")}


def test_counts_list_the_damage_first(folder):
    (folder / "train" / "cat" / "none.jpg").touch()
    color().convert("CMYK").save(folder / "train" / "cat" / "print.jpg")
    kinds = list(verify_folder(folder).counts())
    assert kinds == ["empty", "CMYK"]
    assert kinds[0] in DAMAGE


def test_data_sets_are_verified_by_name(tmp_path, monkeypatch):
    assert verify_dataset("digits").findings == []
    assert verify_dataset("digits").in_memory == 1797
    monkeypatch.setenv("IMAGENET_COURSE_DATA", str(tmp_path))
    for split in ("train", "val"):
        for name in ("ants", "bees"):
            path = tmp_path / "hymenoptera_data" / split / name / "1.jpg"
            path.parent.mkdir(parents=True)
            color().save(path)
    report = verify_dataset("ants-bees")
    assert report.files == 4
    assert [f.detail for f in report.damage] == [
        "split train has 2 images, 244 are published",
        "split validation has 2 images, 153 are published",
    ]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        verify_folder(tmp_path / "nowhere")

"""Decoding: every kind of image file comes out right, and every kind of damage is named."""

import io
import pickle
import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data.images import ImageFileError, decode_image, read_image

RNG = np.random.default_rng(0)
COLOR = RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


def test_lossless_formats_come_back_exactly(tmp_path):
    for name in ("a.png", "a.bmp", "a.ppm", "a.tif"):
        np.testing.assert_array_equal(read_image(save(tmp_path / name, COLOR)), COLOR)
    webp = save(tmp_path / "a.webp", COLOR, lossless=True)
    np.testing.assert_array_equal(read_image(webp), COLOR)


def test_a_jpeg_comes_back_within_its_quality(tmp_path):
    smooth = np.asarray(Image.fromarray(COLOR).resize((128, 96), Image.Resampling.BICUBIC))
    image = read_image(save(tmp_path / "a.jpg", smooth, quality=95, subsampling=0))
    assert 0 < np.abs(image.astype(int) - smooth).mean() < 4


def test_gray_images_get_three_equal_channels(tmp_path):
    gray = COLOR[..., 0]
    image = read_image(save(tmp_path / "gray.png", gray))
    np.testing.assert_array_equal(image, np.repeat(gray[..., None], 3, axis=2))
    bits = read_image(save(tmp_path / "bits.png", gray > 127))
    assert set(np.unique(bits)) == {0, 255}


def test_sixteen_bit_png_keeps_its_range(tmp_path):
    deep = (np.arange(64, dtype=np.uint16) * 1040).reshape(8, 8)
    image = read_image(save(tmp_path / "deep.png", deep))
    np.testing.assert_array_equal(image[..., 0], deep >> 8)
    assert image.max() == 255, "clipped at 255 of 65,535 it would be white nearly everywhere"
    assert image.mean() < 140


def test_palette_images_show_their_colors(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    palette.putdata([0, 1])
    palette.save(tmp_path / "palette.png")
    image = read_image(tmp_path / "palette.png")
    np.testing.assert_array_equal(image, [[[255, 0, 0], [0, 0, 255]]])


def test_transparency_is_laid_on_white(tmp_path):
    rgba = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 128]]], dtype=np.uint8)
    image = read_image(save(tmp_path / "clear.png", rgba))
    np.testing.assert_array_equal(image[0, :2], [[255, 0, 0], [255, 255, 255]])
    assert np.all(np.abs(image[0, 2].astype(int) - 127) <= 1)


def test_cmyk_jpeg_becomes_rgb(tmp_path):
    red = Image.new("RGB", (16, 16), (250, 10, 10)).convert("CMYK")
    red.save(tmp_path / "print.jpg", quality=95)
    image = read_image(tmp_path / "print.jpg")
    assert image.shape == (16, 16, 3)
    assert np.all(np.abs(image.reshape(-1, 3).astype(int) - [250, 10, 10]) < 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "turned.png", COLOR, exif=exif)
    upright = {
        1: COLOR,
        2: COLOR[:, ::-1],
        3: COLOR[::-1, ::-1],
        4: COLOR[::-1],
        5: COLOR.transpose(1, 0, 2),
        6: np.rot90(COLOR, -1),
        7: np.rot90(COLOR, 2).transpose(1, 0, 2),
        8: np.rot90(COLOR),
    }[orientation]
    np.testing.assert_array_equal(read_image(path), upright)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_malformed_exif_costs_nothing(tmp_path):
    path = save(tmp_path / "a.jpg", COLOR, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff broken")
    assert read_image(path).shape == COLOR.shape


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif")[0, 0], [255, 0, 0])


def test_the_content_decides_not_the_extension(tmp_path):
    png = save(tmp_path / "a.png", COLOR)
    np.testing.assert_array_equal(read_image(shutil.copy(png, tmp_path / "a.jpg")), COLOR)


def test_one_pixel_is_an_image(tmp_path):
    assert read_image(save(tmp_path / "dot.png", COLOR[:1, :1])).shape == (1, 1, 3)


def test_paths_may_hold_spaces_and_any_script(tmp_path):
    folder = tmp_path / "größe 猫 🐈"
    folder.mkdir()
    np.testing.assert_array_equal(read_image(save(folder / "une image été.png", COLOR)), COLOR)


def test_bytes_decode_like_files(tmp_path):
    path = save(tmp_path / "a.png", COLOR)
    np.testing.assert_array_equal(decode_image(io.BytesIO(path.read_bytes()), "bytes"), COLOR)


def kind_of(path, **options):
    with pytest.raises(ImageFileError) as error:
        read_image(path, **options)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)
    return error.value.kind


def test_empty_and_foreign_files_are_named(tmp_path):
    (tmp_path / "empty.jpg").touch()
    assert kind_of(tmp_path / "empty.jpg") == "empty"
    (tmp_path / "page.jpg").write_text("<html>404 Not Found</html>")
    assert kind_of(tmp_path / "page.jpg") == "not an image"


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.bmp", "a.webp", "a.tif"])
def test_a_file_cut_anywhere_is_refused(tmp_path, name):
    whole = save(tmp_path / name, RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)).read_bytes()
    for length in np.linspace(1, len(whole) * 0.9, 15, dtype=int):
        (tmp_path / name).write_bytes(whole[:length])
        assert kind_of(tmp_path / name) in ("broken", "not an image")


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.webp", "a.tif", "a.bmp", "a.ppm"])
def test_random_damage_never_escapes_as_another_error(tmp_path, name):
    rng = np.random.default_rng(1)
    whole = np.frombuffer(save(tmp_path / name, COLOR).read_bytes(), np.uint8)
    for _ in range(60):
        damaged = whole.copy()
        where = rng.integers(0, len(whole), 8)
        damaged[where] = rng.integers(0, 256, 8)
        try:
            image = decode_image(io.BytesIO(damaged.tobytes()), "damaged")
        except ImageFileError:
            continue
        assert image.dtype == np.uint8
        assert image.shape[2] == 3


def claiming(path, width, height):
    """A PNG of a few bytes whose header claims a size: decoding it would need gigabytes."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = b"IEND"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
        + struct.pack(">I", 0)
        + end
        + struct.pack(">I", zlib.crc32(end))
    )
    return path


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_huge_images_are_refused_before_they_are_decoded(tmp_path):
    for size in ((20_000, 20_000), (10_000, 7_000), (2**31 - 1, 2**31 - 1), (1, 2**27)):
        assert kind_of(claiming(tmp_path / "huge.png", *size)) == "oversized"
    assert kind_of(claiming(tmp_path / "large.png", 8_192, 8_192)) == "broken", "just not too large"
    assert kind_of(save(tmp_path / "a.png", COLOR), max_pixels=24 * 32 - 1) == "oversized"
    assert read_image(tmp_path / "a.png", max_pixels=24 * 32).shape == (24, 32, 3)


def test_pixels_without_an_agreed_range_are_refused(tmp_path):
    save(tmp_path / "float.tif", COLOR[..., 0].astype(np.float32))
    assert kind_of(tmp_path / "float.tif") == "broken"
    save(tmp_path / "wide.tif", COLOR[..., 0].astype(np.int32) * 1000)
    assert kind_of(tmp_path / "wide.tif") == "broken"


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        read_image(tmp_path / "gone.jpg")

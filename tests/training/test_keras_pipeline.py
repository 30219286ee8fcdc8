"""Keras' pipeline: the pixels of evaluation are torchvision's, the views have the same law."""

import io

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data import load
from imagenet_course.data.image_folder import ImageFiles
from imagenet_course.data.recipes import IMAGENET_STD, RECIPES, recipe
from imagenet_course.data.transforms import ColorPCA as Published

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")

from imagenet_course.training.keras.augment import (  # noqa: E402
    Brightness,
    ColorPCA,
    decode_view,
    layers,
    mixing,
    plan_of,
    view,
)
from imagenet_course.training.keras.pipeline import pipeline  # noqa: E402

PHOTO = load("photos", "all").named("chelsea")
ONE_LEVEL = 1 / 255 / min(IMAGENET_STD)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos 照片")
    rng = np.random.default_rng(0)
    for i in range(12):
        height, width = rng.integers(100, 290, 2)
        image = Image.fromarray(PHOTO[:height, :width])
        image.save(folder / (f"{i:02d}.png" if i == 3 else f"{i:02d}.jpg"), quality=90)
    paths = sorted(map(str, folder.iterdir()))
    info = load("photos", "all").info
    return ImageFiles(paths, np.arange(12), [str(i) for i in range(12)], info, "train")


def seed(i):
    return tf.constant([7, i], tf.int64)


@pytest.mark.parametrize("name", ["standard", "vgg-2014", "strikes-back-2021"])
def test_evaluation_is_that_of_torchvision(photos, name):
    batches = pipeline(photos, 5, name, train=False, size=64)
    images = np.concatenate([x for x, _ in batches])
    labels = np.concatenate([y for _, y in batches])
    assert labels.tolist() == list(range(12))
    reference = recipe(name, train=False, size=64)
    for image, (pixels, _) in zip(images, photos, strict=True):
        theirs = reference(pixels).permute(1, 2, 0).numpy()
        # torchvision rounds resized pixels to bytes; Keras' bicubic kernel is another (a = -0.5).
        assert np.abs(image - theirs).mean() < 0.5 * ONE_LEVEL
        if name != "strikes-back-2021":
            assert np.abs(image - theirs).max() < 2.1 * ONE_LEVEL


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains(photos, name):
    batches = pipeline(photos, 4, name, train=True, size=32)
    count = 0
    for images, labels in batches:
        assert images.shape == (4, 32, 32, 3)
        assert images.dtype == tf.float32
        assert np.isfinite(images).all()
        assert -4 < np.min(images) < np.max(images) < 4
        if RECIPES[name].mixup:
            np.testing.assert_allclose(np.sum(labels, axis=1), 1, atol=1e-5)
        else:
            assert labels.dtype == tf.int64
        count += 1
    assert count == 3


def test_epochs_differ_and_repeat_with_the_seed(photos):
    def epochs(seed):
        batches = pipeline(photos, 4, "standard", train=True, size=16, seed=seed)
        return [np.concatenate([y for _, y in batches]).tolist() for _ in range(2)], [
            np.concatenate([x for x, _ in batches])
        ]

    (first, second), _ = epochs(1)
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    assert epochs(1)[0] == [first, second]
    assert epochs(2)[0] != [first, second]


def test_the_rectangle_decoded_alone_is_that_of_the_whole_photo():
    buffer = io.BytesIO()
    Image.fromarray(PHOTO).save(buffer, "JPEG", quality=90)
    data = tf.constant(buffer.getvalue())
    whole = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    chosen = plan_of("standard", train=True, size=64)
    for i in range(8):
        part = decode_view(data, seed(i), chosen)
        # At the rectangle's border the decoder interpolates color from inside only.
        np.testing.assert_allclose(
            part[2:-2, 2:-2], view(whole, seed(i), chosen)[2:-2, 2:-2], atol=2
        )


def test_a_window_moves_over_the_published_range():
    rows, columns = np.mgrid[:300, :600].astype(np.float32)
    image = tf.constant(np.dstack([rows, columns, 0 * rows]) * 255 / 600)
    chosen = plan_of("alexnet-2012", train=True, size=224)
    corners = np.array(
        [view(image, seed(i), chosen)[0, 0, :2].numpy() * 600 / 255 * 256 / 300 for i in range(300)]
    )
    assert corners[:, 0].min() == pytest.approx(0, abs=1)
    assert corners[:, 0].max() == pytest.approx(32, abs=1)
    assert corners[:, 1].min() == pytest.approx(128, abs=1)
    assert corners[:, 1].max() == pytest.approx(160, abs=1)


def test_color_pca_has_the_covariance_of_the_paper():
    images = tf.fill((4000, 2, 2, 3), 100.0)
    shifts = (ColorPCA(seed=0)(images, training=True).numpy() - 100) / 255
    assert np.ptp(shifts, axis=(1, 2)).max() < 1e-5
    p, scale = np.array(Published.EIGENVECTORS), np.array(Published.EIGENVALUES)
    expected = p @ np.diag((0.1 * scale) ** 2) @ p.T
    np.testing.assert_allclose(np.cov(shifts[:, 0, 0].T), expected, atol=3e-5, rtol=0.1)
    assert np.array_equal(ColorPCA()(images, training=False), images)


def test_evaluation_is_only_normalized():
    assert [type(layer).__name__ for layer in layers("modern", train=False)] == ["Normalization"]
    assert mixing("alexnet-2012") == []


def test_broken_files_are_left_out(photos, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 nothing more")
    paths = [*photos.paths[:5], str(broken)]
    dataset = ImageFiles(paths, np.arange(6), photos.classes, photos.info, "train")
    labels = np.concatenate([y for _, y in pipeline(dataset, 2, "standard", train=False, size=16)])
    assert labels.tolist() == [0, 1, 2, 3, 4]


def test_sets_in_memory():
    digits = load("digits", "test")
    images, labels = next(iter(pipeline(digits, 8, "standard", train=False, size=16)))
    assert images.shape == (8, 16, 16, 3)
    assert labels.numpy().tolist() == digits.labels[:8].tolist()


def test_bad_input(photos):
    with pytest.raises(ValueError, match="unknown recipe"):
        pipeline(photos, 4, "vgg-2041", train=True)
    with pytest.raises(ValueError, match="unknown recipe"):
        mixing("vgg-2041")
    for size in (0, 13):
        with pytest.raises(ValueError, match=f"got {size}"):
            pipeline(photos, size, "standard", train=True)


def test_brightness_is_multiplied_by_a_number_for_each_image():
    images = np.full((400, 2, 2, 3), 100, np.float32)
    seen = Brightness(0.5, seed=0)(images, training=True).numpy()
    assert (seen == seen[:, :1, :1, :1]).all()
    factors = seen[:, 0, 0, 0] / 100
    assert 0.5 <= factors.min() < 0.55
    assert 1.45 < factors.max() <= 1.5
    assert Brightness(0.5, seed=0)(2 * images, training=True).numpy().max() == 255
    assert np.array_equal(Brightness(0.5)(images, training=False), images)

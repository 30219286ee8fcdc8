"""Views: the reader's pixels are those of torchvision, and its rectangles have the same law."""

import io
import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2

from imagenet_course.data import load
from imagenet_course.data.images import ImageFileError
from imagenet_course.data.recipes import RECIPES, recipe
from imagenet_course.data.view_reader import decode_view, render
from imagenet_course.data.views import AreaCrop, ShorterSideCrop, View, plan

PHOTO = load("photos", "all").named("chelsea")  # 300 × 451


def encoded(pixels, kind="JPEG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def read(data, view, size, *, flipped=False, interpolation="bilinear"):
    pixels, scaled = decode_view(data, "photo", lambda height, width, rng: view, random.Random())
    slot = torch.empty((1, *size, 3), dtype=torch.uint8).permute(0, 3, 1, 2)
    render(pixels, scaled, flipped, interpolation, slot)
    return slot[0]


def opened(data):
    return v2.functional.pil_to_tensor(Image.open(io.BytesIO(data)))


def reference(data, view, flipped=False, interpolation="bilinear"):
    """The same with torchvision alone."""
    F = v2.functional
    box = F.crop(opened(data), *view.box)
    how = v2.InterpolationMode(interpolation)
    image = F.crop(F.resize(box, view.resized, how, antialias=True), *view.corner, *view.size)
    return F.hflip(image) if flipped else image


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from(["bilinear", "bicubic"]))
def test_pixels_are_those_of_torchvision(seed, flipped, interpolation):
    rng = random.Random(seed)
    data = encoded(PHOTO, quality=rng.choice([60, 90]), progressive=rng.random() < 0.3)
    size = (rng.choice([160, 176, 224]),) * 2  # more than half of any crop: no scaled decoding
    view = AreaCrop(size, (0.08, 1.0), (3 / 4, 4 / 3))(*PHOTO.shape[:2], rng)
    ours = read(data, view, size, flipped=flipped, interpolation=interpolation)
    difference = ours.int() - reference(data, view, flipped, interpolation).int()
    assert difference.abs().max() <= 1  # a level of 255, from rounding; 0 if not flipped
    if not flipped and interpolation == "bilinear":
        assert not difference.any()


@pytest.mark.parametrize("name", ["alexnet-2012", "vgg-2014", "resnet-2015"])
def test_windows_of_a_resized_photo_are_those_of_torchvision(name):
    data = encoded(PHOTO, quality=90)
    choose = plan(recipe(name, train=True)).choose
    for seed in range(5):
        view = choose(*PHOTO.shape[:2], random.Random(seed))
        assert torch.equal(read(data, view, (224, 224)), reference(data, view))
        assert torch.equal(
            read(data, view, (224, 224), flipped=True), reference(data, view, flipped=True)
        )


@pytest.mark.parametrize("name", RECIPES)
def test_evaluation_is_the_pipeline_to_the_bit(name):
    data = encoded(PHOTO, quality=90)
    pipeline = recipe(name, train=False)
    view = plan(pipeline).choose(*PHOTO.shape[:2], random.Random())
    ours = read(data, view, (224, 224), interpolation=plan(pipeline).interpolation)
    whole = v2.Compose(pipeline.transforms[:-2])(opened(data))
    # torchvision picks another bicubic kernel for images in this memory layout.
    assert (ours.int() - whole.int()).abs().max() <= (name == "strikes-back-2021")


def test_large_photos_are_decoded_small_and_look_the_same():
    large = np.asarray(Image.fromarray(PHOTO).resize((1804, 1200), Image.Resampling.BICUBIC))
    data = encoded(large, quality=95)
    for box in [(0, 0, 1200, 1804), (100, 333, 911, 1003), (3, 5, 500, 470)]:
        view = View(box, (112, 112), (0, 0), (112, 112))
        exact, _ = decode_view(data, "", lambda h, w, rng, v=view: v, random.Random(), exact=True)
        assert exact.shape == large.shape
        pixels, scaled = decode_view(data, "", lambda h, w, rng, v=view: v, random.Random())
        assert pixels.shape[0] <= large.shape[0] // 2
        assert min(scaled.box[2:]) >= 223
        difference = (read(data, view, (112, 112)).float() - reference(data, view).float()).abs()
        # Averaging in the cosine domain is not the triangle filter, and edges of the rectangle are
        # rounded to pixels of the smaller image.
        assert difference.mean() < 1.5
        assert difference.quantile(0.99) < 10


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 10**6))
def test_area_crops_lie_within_the_photo_and_the_range(height, width, seed):
    crop = AreaCrop((224, 224), (0.08, 1.0), (3 / 4, 4 / 3))
    (top, left, h, w), resized, corner, size = crop(height, width, random.Random(seed))
    assert 0 <= top <= top + h <= height
    assert 0 <= left <= left + w <= width
    assert h > 0 < w
    assert resized == size == (224, 224)
    assert corner == (0, 0)
    if min(height, width) > 100 and max(height, width) < 2 * min(height, width):
        assert 0.07 < h * w / (height * width) <= 1
        assert 0.73 < w / h < 1.37


def test_area_crops_have_torchvisions_distribution():
    height, width = 300, 451
    crop = AreaCrop((224, 224), (0.08, 1.0), (3 / 4, 4 / 3))
    ours = np.array([crop(height, width, random.Random(f"{k}")).box for k in range(4000)])
    torch.manual_seed(0)
    theirs = v2.RandomResizedCrop(224)
    image = torch.empty(3, height, width)
    params = [theirs.make_params([image]) for _ in range(4000)]
    theirs = np.array([[p["top"], p["left"], p["height"], p["width"]] for p in params])
    for mine, other in zip(ours.T, theirs.T, strict=True):
        error = np.hypot(mine.std(), other.std()) / np.sqrt(4000)
        assert abs(mine.mean() - other.mean()) < 4.5 * error
        assert mine.std() == pytest.approx(other.std(), rel=0.06)


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 900), st.integers(10, 900), st.integers(0, 10**6), st.booleans())
def test_windows_lie_within_the_resized_photo(height, width, seed, central):
    crop = ShorterSideCrop((256, 300, 480), (224, 224), central)
    view = crop(height, width, random.Random(seed))
    assert min(view.resized) in crop.sides
    for at, inner, outer in zip(view.corner, view.size, view.resized, strict=True):
        assert 0 <= at <= at + inner <= outer


def test_windows_of_alexnet_come_from_the_central_square():
    choose = plan(recipe("alexnet-2012", train=True)).choose
    lefts = {choose(300, 600, random.Random(seed)).corner[1] for seed in range(500)}
    assert (min(lefts), max(lefts)) == (128, 160)


def test_unknown_steps_are_left_to_the_image():
    blur, normalize = v2.GaussianBlur(3), v2.Normalize([0.5], [0.5])
    end = [v2.ToDtype(torch.float32, scale=True), normalize]
    only_blur = plan(v2.Compose([blur, *end]))
    assert only_blur.choose is None
    assert only_blur.per_image == (blur,)
    assert only_blur.normalize is normalize
    after_crop = plan(v2.Compose([v2.RandomResizedCrop(32), blur]))
    assert after_crop.choose is not None
    assert after_crop.per_image == (blur,)
    padded = v2.RandomCrop(32, padding=4)
    for steps in (
        [v2.RandomShortestSize([40]), padded],
        [v2.Resize(16), v2.CenterCrop(32)],  # would have to be padded
        [v2.Resize((40, 50)), v2.CenterCrop(32)],
        [v2.RandomResizedCrop(32, antialias=False)],
        [v2.RandomResizedCrop(32, interpolation=v2.InterpolationMode.NEAREST)],
    ):
        assert plan(v2.Compose(steps)).per_image == tuple(steps)


def rotated_exif():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    return encoded(PHOTO, quality=95, exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        encoded(PHOTO, "PNG"),
        encoded(PHOTO[..., 0], quality=95),
        encoded(np.dstack([PHOTO, PHOTO[..., :1]]), "PNG"),
        rotated_exif(),
    ],
    ids=["png", "gray", "transparent", "rotated"],
)
def test_other_files_are_read_as_the_data_sets_read_them(data):
    from imagenet_course.data.images import decode_image

    expected = decode_image(io.BytesIO(data), "photo")
    height, width = expected.shape[:2]
    view = View((0, 0, height, width), (height, width), (0, 0), (height, width))
    ours = read(data, view, (height, width)).permute(1, 2, 0)
    assert (ours.int() - torch.from_numpy(expected).int()).abs().max() <= 1


def test_cmyk_is_read_as_the_data_sets_read_it():
    from imagenet_course.data.images import decode_image

    buffer = io.BytesIO()
    Image.fromarray(PHOTO).convert("CMYK").save(buffer, "JPEG", quality=95)
    expected = decode_image(io.BytesIO(buffer.getvalue()), "photo")
    view = View((0, 0, 300, 451), (300, 451), (0, 0), (300, 451))
    ours = read(buffer.getvalue(), view, (300, 451)).permute(1, 2, 0)
    assert torch.equal(ours, torch.from_numpy(expected))


GOOD = encoded(PHOTO, quality=90)


@pytest.mark.parametrize(
    "data",
    [b"", b"not an image", GOOD[: len(GOOD) // 2], GOOD[:100], GOOD[:300] + bytes(500)],
    ids=["empty", "text", "truncated", "header", "corrupt"],
)
def test_broken_files_are_named(data):
    with pytest.raises(ImageFileError, match="photo"):
        read(data, View((0, 0, 300, 451), (32, 32), (0, 0), (32, 32)), (32, 32))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_oversized_photos_are_refused():
    data = encoded(np.zeros((10_000, 10_000), np.uint8), quality=10)
    with pytest.raises(ImageFileError, match="pixels"):
        read(data, View((0, 0, 10_000, 10_000), (32, 32), (0, 0), (32, 32)), (32, 32))


def test_a_line_of_pixels_is_refused_where_it_would_grow_without_bound():
    data = encoded(np.zeros((1, 3000, 3), np.uint8))
    for kind in (data, encoded(np.zeros((1, 3000, 3), np.uint8), "PNG")):
        choose = plan(recipe("standard", train=False)).choose
        with pytest.raises(ImageFileError, match="would be resized to 768,000 × 256"):
            decode_view(kind, "line", choose, random.Random())
    crop = plan(recipe("standard", train=True)).choose
    pixels, view = decode_view(data, "line", crop, random.Random(0))
    assert pixels.shape == (1, 3000, 3)
    assert view.box[2:] == (1, 1)

"""Recipes: the numbers of the papers, and images that come out as a network wants them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2

from imagenet_course.data import load
from imagenet_course.data.recipes import IMAGENET_MEAN, IMAGENET_STD, RECIPES, mixing, recipe
from imagenet_course.data.transforms import ColorPCA


@pytest.fixture(scope="module")
def photo():
    return load("photos", "all").named("chelsea")


def step(pipeline, kind):
    (found,) = [s for s in pipeline.transforms if isinstance(s, kind)]
    return found


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("size", [64, 176])
def test_every_recipe_gives_normalized_tensors(name, size, photo):
    for train in (True, False):
        image = recipe(name, train=train, size=size)(photo)
        assert image.shape == (3, size, size)
        assert image.dtype == torch.float32
        assert -2.2 < image.min() < image.max() < 2.7
    views = recipe(name, train=False, size=size, ten_crop=True)(photo)
    assert views.shape == (10, 3, size, size)


@pytest.mark.parametrize("name", RECIPES)
def test_gray_and_pil_images_are_taken(name, photo):
    gray = photo[..., :1]
    image = recipe(name, train=False, size=64)(gray)
    pixels = image * torch.tensor(IMAGENET_STD).view(3, 1, 1) + torch.tensor(IMAGENET_MEAN).view(
        3, 1, 1
    )
    torch.testing.assert_close(pixels[0], pixels[1])
    from_array = recipe(name, train=False)(photo)
    from_pil = recipe(name, train=False)(Image.fromarray(photo))
    torch.testing.assert_close(from_array, from_pil)


def test_the_numbers_of_alexnet(photo):
    train = recipe("alexnet-2012", train=True)
    assert step(train, v2.Resize).size == [256]
    assert step(train, v2.CenterCrop).size == (256, 256)
    assert step(train, v2.RandomCrop).size == (224, 224)
    assert step(train, ColorPCA).std == 0.1


def test_alexnets_ten_views_are_corners_center_and_mirror_images(photo):
    views = recipe("alexnet-2012", train=False, ten_crop=True)(photo)
    square = v2.Compose([v2.ToImage(), v2.Resize(256), v2.CenterCrop(256)])(photo)
    finish = v2.Compose(
        [v2.ToDtype(torch.float32, scale=True), v2.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    )
    square = finish(square)
    tops_and_lefts = [(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)]
    for source, five in ((square, views[:5]), (square.flip(-1), views[5:])):
        for view, (top, left) in zip(five, tops_and_lefts, strict=True):
            torch.testing.assert_close(view, source[:, top : top + 224, left : left + 224])


@pytest.mark.parametrize(
    ("name", "low", "high"), [("vgg-2014", 256, 512), ("resnet-2015", 256, 480)]
)
def test_scale_jitter_covers_the_published_range(name, low, high):
    sides = step(recipe(name, train=True), v2.RandomShortestSize).min_size
    assert (min(sides), max(sides), len(sides)) == (low, high, high - low + 1)
    half = step(recipe(name, train=True, size=112), v2.RandomShortestSize).min_size
    assert (min(half), max(half)) == (low // 2, high // 2)


@pytest.mark.parametrize("name", ["googlenet-2014", "standard", "strikes-back-2021", "modern"])
def test_the_area_crop_has_googlenets_numbers(name):
    crop = step(recipe(name, train=True), v2.RandomResizedCrop)
    assert tuple(crop.scale) == (0.08, 1.0)
    assert tuple(crop.ratio) == pytest.approx((3 / 4, 4 / 3))


def test_evaluation_equals_torchvisions_weights(photo):
    from torchvision.models import ResNet50_Weights

    for name, weights in [
        ("standard", ResNet50_Weights.IMAGENET1K_V1),
        ("modern", ResNet50_Weights.IMAGENET1K_V2),
    ]:
        theirs = weights.transforms()(torch.from_numpy(photo).permute(2, 0, 1))
        # Theirs resizes in floats and rounds, ours in bytes: one level of 255 apart.
        one_level = 1 / 255 / min(IMAGENET_STD) + 1e-5
        torch.testing.assert_close(recipe(name, train=False)(photo), theirs, atol=one_level, rtol=0)


def test_color_pca_shifts_along_the_components_and_only_that(photo):
    torch.manual_seed(0)
    image = torch.rand(3, 8, 8)
    shifts = torch.stack([(ColorPCA()(image) - image).flatten(1) for _ in range(4000)])
    torch.testing.assert_close(shifts, shifts[..., :1].expand_as(shifts), atol=1e-6, rtol=0)
    covariance = torch.cov(shifts[..., 0].T)
    p, scale = torch.tensor(ColorPCA.EIGENVECTORS), torch.tensor(ColorPCA.EIGENVALUES)
    expected = p @ torch.diag((0.1 * scale) ** 2) @ p.T
    torch.testing.assert_close(covariance, expected, atol=2e-5, rtol=0.1)


def test_the_components_are_orthonormal():
    p = torch.tensor(ColorPCA.EIGENVECTORS)
    torch.testing.assert_close(p.T @ p, torch.eye(3), atol=2e-4, rtol=0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_color_pca_on_bytes_is_that_on_floats_rounded(seed):
    pixels = torch.randint(
        0, 256, (3, 5, 5), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed)
    )
    torch.manual_seed(seed)
    on_bytes = ColorPCA()(pixels)
    torch.manual_seed(seed)
    on_floats = ColorPCA()(pixels / 255).clamp(0, 1) * 255
    assert on_bytes.dtype == torch.uint8
    assert (on_bytes - on_floats).abs().max() <= 0.5 + 1e-3


def test_color_pca_refuses_pil_images(photo):
    with pytest.raises(TypeError, match="ToImage"):
        ColorPCA()(Image.fromarray(photo))


def test_mixing_keeps_labels_a_distribution():
    torch.manual_seed(0)
    images, labels = torch.rand(8, 3, 16, 16), torch.arange(8) % 5
    for name in ("modern", "strikes-back-2021"):
        mixed, targets = mixing(name, 5)(images, labels)
        assert mixed.shape == images.shape
        assert targets.shape == (8, 5)
        torch.testing.assert_close(targets.sum(1), torch.ones(8))
    assert mixing("alexnet-2012", 5) is None


def test_random_erasing_fills_with_the_mean():
    erasing = step(recipe("modern", train=True), v2.RandomErasing)
    erasing.p = 1.0
    assert step(recipe("modern", train=True), v2.RandomErasing).p == 0.1  # another's is untouched
    erased = erasing(torch.full((3, 32, 32), 255, dtype=torch.uint8))
    filled = erased[:, (erased != 255).all(0)]
    expected = torch.tensor([round(255 * mean) for mean in IMAGENET_MEAN], dtype=torch.uint8)
    assert filled.shape[1] > 0
    assert (filled == expected[:, None]).all()


def test_bad_input():
    with pytest.raises(ValueError, match="did you mean 'alexnet-2012'"):
        recipe("alexnet-2021", train=True)
    with pytest.raises(ValueError, match="unknown recipe"):
        mixing("none", 3)
    with pytest.raises(ValueError, match="at least 8 pixels, got 0"):
        recipe("standard", train=True, size=0)
    with pytest.raises(ValueError, match="train=False"):
        recipe("standard", train=True, ten_crop=True)


def test_pixels_before_2016_are_a_matter_of_std(photo):
    raw = recipe("alexnet-2012", train=False, std=(1 / 255,) * 3)(photo)
    usual = recipe("alexnet-2012", train=False)(photo)
    torch.testing.assert_close(
        raw, usual * torch.tensor(IMAGENET_STD).view(3, 1, 1) * 255, atol=1e-3, rtol=1e-5
    )
    assert np.abs(raw.numpy()).max() > 100

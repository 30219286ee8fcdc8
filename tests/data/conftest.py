"""Photographs as files of several sizes and kinds, for the tests of transforms and loaders."""

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data import load
from imagenet_course.data.image_folder import ImageFiles


def _crops(count):
    """Random parts of the embedded photographs, 80 to 400 pixels high and wide."""
    rng = np.random.default_rng(0)
    photos = [photo for photo in load("photos", "all").images if photo.shape[2] == 3]
    for i in range(count):
        photo = photos[i % len(photos)]
        height, width = (int(rng.integers(80, min(400, side))) for side in photo.shape[:2])
        top, left = (
            int(rng.integers(s - c)) for s, c in zip(photo.shape, (height, width), strict=False)
        )
        yield photo[top : top + height, left : left + width]


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory):
    """23 photographs: JPEGs, but for a gray one, a PNG and a progressive one; odd names."""
    folder = tmp_path_factory.mktemp("some photographs 照片")
    for i, pixels in enumerate(_crops(23)):
        image = Image.fromarray(pixels)
        if i == 3:
            image.save(folder / f"{i:02d}.png")
        elif i == 4:
            image.convert("L").save(folder / f"{i:02d}.jpg", quality=90)
        else:
            image.save(folder / f"{i:02d}.jpg", quality=90, progressive=i == 5)
    return folder


@pytest.fixture
def photo_set(photo_folder):
    """The photographs of `photo_folder`; the label of each is its number."""
    paths = sorted(map(str, photo_folder.iterdir()))
    classes = [str(i) for i in range(len(paths))]
    return ImageFiles(paths, np.arange(len(paths)), classes, load("photos", "all").info, "train")

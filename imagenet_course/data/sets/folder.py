"""`folder`: your own images, ``PATH/class/*.jpg`` or ``PATH/{train,val,test}/class/*.jpg``."""

import os

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles, read_image_folder

INFO = DataCard(
    name="folder",
    title="A folder of your own images",
    rung="bring your own",
    origin='load("folder", path="PATH") with PATH/class/image.jpg or PATH/train/class/image.jpg',
    license="yours to know",
    citation="none",
    classes=(),
    splits={},
    image_shape=(None, None, 3),
    notes=(
        "Splits are the folders train, val (or valid, validation) and test; without them the one"
        ' split is "all". Hidden files and files without an image\'s extension are ignored.'
    ),
)


def load(split: str | None = None, *, path: str | os.PathLike[str]) -> ImageFiles:
    """A split of the image folder at ``path``; see `read_image_folder`."""
    return read_image_folder(path, split, INFO)

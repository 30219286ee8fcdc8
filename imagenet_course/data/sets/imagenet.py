"""`imagenet`: ILSVRC 2012, from the files you were given by image-net.org."""

import os
from dataclasses import replace
from pathlib import Path

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles, read_image_folder
from imagenet_course.data.root import data_root
from imagenet_course.data.sets.imagenette import CLASS_OF_WNID

INFO = DataCard(
    name="imagenet",
    title="ImageNet, ILSVRC 2012 classification",
    rung="bring your own",
    origin=(
        "Register at https://image-net.org, download ILSVRC2012_img_train.tar, _img_val.tar and"
        " _devkit_t12.tar.gz into the folder imagenet of the data root, and unpack them once with"
        ' torchvision.datasets.ImageNet(FOLDER, split="train"), then split="val"'
    ),
    license="ImageNet's terms of access: non-commercial research and education",
    citation=(
        "O. Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, IJCV 115, 2015,"
        " pp. 211–252, doi:10.1007/s11263-015-0816-y"
    ),
    classes=(),
    splits={"train": 1281167, "validation": 50000},
    image_shape=(None, None, 3),
    notes=(
        "1,000 classes, in the order of their wnids, which is that of torchvision's and Keras'"
        " weights. A part of the classes works too; it goes by wnids instead of names."
    ),
)


def load(split: str, *, path: str | os.PathLike[str] | None = None) -> ImageFiles:
    """A split of ImageNet in torchvision's layout, ``path/{train,val}/wnid/*.JPEG``.

    ``path`` is by default the folder ``imagenet`` of the data root.
    """
    folder = Path(path) if path is not None else data_root() / "imagenet"
    if not (folder / "train").is_dir() and not (folder / "val").is_dir():
        raise FileNotFoundError(
            f"there is no train or val folder in {str(folder)!r}; ImageNet cannot be downloaded"
            f" without an account. {INFO.origin}"
        )
    found = read_image_folder(folder, split, INFO)
    wnids = found.classes
    info = replace(INFO, classes=_names(wnids), wnids=wnids)
    return ImageFiles(found.paths, found.labels, info.classes, info, split)


def _names(wnids: tuple[str, ...]) -> tuple[str, ...]:
    if len(wnids) == 1000:
        from torchvision.models import ResNet18_Weights

        return tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])
    return tuple(CLASS_OF_WNID.get(wnid, wnid) for wnid in wnids)

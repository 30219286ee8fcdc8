"""`imagenette`: ten easily told ImageNet classes, chosen by fast.ai; at four sizes."""

from dataclasses import replace
from pathlib import Path

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles, read_image_folder
from imagenet_course.data.install import Package, install, not_installed
from imagenet_course.data.remote import RemoteFile
from imagenet_course.data.root import data_root
from imagenet_course.errors import unknown_name

CLASS_OF_WNID = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}

INFO = DataCard(
    name="imagenette",
    title="Imagenette v2, ten classes of ImageNet",
    rung="download",
    origin="fast.ai, 2019: photographs of ILSVRC 2012, divided anew into training and validation",
    license="Apache 2.0 (the selection); ImageNet's terms, non-commercial research (photographs)",
    citation=(
        "J. Howard, Imagenette, https://github.com/fastai/imagenette, 2019; O. Russakovsky et al.,"
        " ImageNet Large Scale Visual Recognition Challenge, IJCV 115, 2015, pp. 211–252,"
        " doi:10.1007/s11263-015-0816-y"
    ),
    classes=tuple(CLASS_OF_WNID.values()),
    splits={"train": 9469, "validation": 3925},
    image_shape=(None, None, 3),
    notes=(
        "size: 320 or 160 (pixels of the shorter side), full, or 224 (every image resized to"
        " 224×224; not published, found in the folder imagenette2-224 of the data root). Without a"
        " size the largest that is there is taken."
    ),
    wnids=tuple(CLASS_OF_WNID),
)

FOLDERS = {
    "full": "imagenette2",
    "320": "imagenette2-320",
    "224": "imagenette2-224",
    "160": "imagenette2-160",
}
_ADDRESS = "https://s3.amazonaws.com/fast-ai-imageclas/"
# Sizes and checksums as fastai and torchvision.datasets.Imagenette hold them.
PACKAGES = {
    size: Package(FOLDERS[size], (RemoteFile((_ADDRESS + FOLDERS[size] + ".tgz",), bytes_, md5),))
    for size, bytes_, md5 in (
        ("full", 1_557_161_267, "md5:fe2fc210e6bb7c5664d602c3cd71e612"),
        ("320", 341_663_724, "md5:3df6f0d01a2c9592104656642f5e78a3"),
        ("160", 99_003_388, "md5:e793b78cc4c9e9a4ccc0c1155377a412"),
    )
}


def package(size: int | str = "320") -> Package:
    """What to fetch for a published ``size``: 160, 320 or ``"full"``."""
    if str(size) not in PACKAGES:
        raise unknown_name("published size of 'imagenette'", str(size), PACKAGES)
    return PACKAGES[str(size)]


def find(size: int | str | None = None) -> Path | None:
    """The folder of ``size``, by default of the largest size there is, or None."""
    if size is not None and str(size) not in FOLDERS:
        raise unknown_name("size of 'imagenette'", str(size), FOLDERS)
    wanted = FOLDERS.values() if size is None else [FOLDERS[str(size)]]
    return next((path for name in wanted if (path := data_root() / name).is_dir()), None)


def load(split: str, *, size: int | str | None = None, download: bool = False) -> ImageFiles:
    """A split at ``size`` (160, 224, 320 or ``"full"``; by default the largest there is).

    With ``download`` a published size that is not there is fetched first, 320 by default.
    """
    folder = find(size)
    if folder is None and download:
        folder = install(package(size or "320"))
    if folder is None and str(size) == "224":
        raise FileNotFoundError(
            f"there is no {data_root() / FOLDERS['224']}; 224 is not a published size: unpack your"
            " copy there, or take 320"
        )
    if folder is None:
        published = {f" --size {key}": PACKAGES[key] for key in PACKAGES}
        raise not_installed("imagenette", 'load("imagenette", download=True)', published)
    card = replace(INFO, image_shape=(224, 224, 3)) if folder.name.endswith("-224") else INFO
    found = read_image_folder(folder, split, card)
    if found.classes != INFO.wnids:
        raise ValueError(f"{folder} does not hold the ten classes of Imagenette; fetch it again")
    return ImageFiles(found.paths, found.labels, INFO.classes, card, split)

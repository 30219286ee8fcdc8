"""`flowers102`: the Oxford flowers, 102 species."""

from pathlib import Path

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.image_folder import ImageFiles
from imagenet_course.data.install import Package, install, not_installed
from imagenet_course.data.remote import RemoteFile

# In the order of the labels; the spelling is the authors'.
_CLASSES = """
pink primrose, hard-leaved pocket orchid, canterbury bells, sweet pea, english marigold, tiger
lily, moon orchid, bird of paradise, monkshood, globe thistle, snapdragon, colt's foot, king
protea, spear thistle, yellow iris, globe-flower, purple coneflower, peruvian lily, balloon
flower, giant white arum lily, fire lily, pincushion flower, fritillary, red ginger, grape
hyacinth, corn poppy, prince of wales feathers, stemless gentian, artichoke, sweet william,
carnation, garden phlox, love in the mist, mexican aster, alpine sea holly, ruby-lipped cattleya,
cape flower, great masterwort, siam tulip, lenten rose, barbeton daisy, daffodil, sword lily,
poinsettia, bolero deep blue, wallflower, marigold, buttercup, oxeye daisy, common dandelion,
petunia, wild pansy, primula, sunflower, pelargonium, bishop of llandaff, gaura, geranium, orange
dahlia, pink-yellow dahlia?, cautleya spicata, japanese anemone, black-eyed susan, silverbush,
californian poppy, osteospermum, spring crocus, bearded iris, windflower, tree poppy, gazania,
azalea, water lily, rose, thorn apple, morning glory, passion flower, lotus, toad lily,
anthurium, frangipani, clematis, hibiscus, columbine, desert-rose, tree mallow, magnolia,
cyclamen, watercress, canna lily, hippeastrum, bee balm, ball moss, foxglove, bougainvillea,
camellia, mallow, mexican petunia, bromelia, blanket flower, trumpet creeper, blackberry lily
"""

INFO = DataCard(
    name="flowers102",
    title="Oxford 102 Category Flowers",
    rung="download",
    origin="Visual Geometry Group, Oxford, 2008: flowers that are common in the United Kingdom",
    license="none stated",
    citation=(
        "M.-E. Nilsback and A. Zisserman, Automated Flower Classification over a Large Number of"
        " Classes, ICVGIP, 2008, doi:10.1109/ICVGIP.2008.47"
    ),
    classes=tuple(_CLASSES.replace("\n", " ").strip().split(", ")),
    splits={"train": 1020, "validation": 1020, "test": 6149},
    image_shape=(None, None, 3),
    notes="Ten training and ten validation images of each class, 20 or more for testing.",
)

_ADDRESS = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"
# Checksums as torchvision.datasets.Flowers102 holds them; the folder is laid out as it expects.
_PACKAGE = Package(
    "flowers-102",
    (
        RemoteFile(
            (_ADDRESS + "102flowers.tgz",), 344_862_509, "md5:52808999861908f626f3c1f4e79d11fa"
        ),
        RemoteFile((_ADDRESS + "imagelabels.mat",), 502, "md5:e0620be6f572b9609742df49c70aed4d"),
        RemoteFile((_ADDRESS + "setid.mat",), 14_989, "md5:a5357ecc9cb78c4bef273ce3793fc85c"),
    ),
)
_IDS = {"train": "trnid", "validation": "valid", "test": "tstid"}


def package() -> Package:
    """What to fetch."""
    return _PACKAGE


def find() -> Path | None:
    """The folder ``flowers-102`` of the data root, if it is there."""
    return _PACKAGE.installed()


def load(split: str, *, download: bool = False) -> ImageFiles:
    """A split of the photographs; with ``download`` they are fetched first if they are missing."""
    from scipy.io import loadmat

    folder = install(_PACKAGE) if download else find()
    if folder is None:
        raise not_installed("flowers102", 'load("flowers102", download=True)', {"": _PACKAGE})
    ids = loadmat(folder / "setid.mat")[_IDS[split]].ravel()
    labels = loadmat(folder / "imagelabels.mat")["labels"].ravel().astype(np.int64) - 1
    paths = [str(folder / "jpg" / f"image_{i:05d}.jpg") for i in ids]
    return ImageFiles(paths, labels[ids - 1], INFO.classes, INFO, split)

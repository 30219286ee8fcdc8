"""`faces`: 100 faces and 100 backgrounds, gray, 25×25; shipped inside scikit-image."""

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import InMemory
from imagenet_course.data.stratified import stratified_split

INFO = DataCard(
    name="faces",
    title="Faces and backgrounds from Labeled Faces in the Wild",
    rung="embedded",
    origin=(
        "scikit-image (skimage.data.lfw_subset): 100 faces drawn from Labeled Faces in the Wild and"
        " 100 patches of the backgrounds of the same photographs, gray, 25×25."
    ),
    license="BSD-3-Clause (scikit-image); the photographs are news pictures, for research use",
    citation=(
        "G. B. Huang, M. Mattar, H. Lee and E. Learned-Miller, Learning to Align from Scratch,"
        " Advances in Neural Information Processing Systems 25, 2012, pp. 764–772"
    ),
    classes=("face", "not face"),
    splits={"train": 140, "validation": 20, "test": 40},
    image_shape=(25, 25, 1),
    notes="scikit-image holds floats in [0, 1]; here they are rounded to 256 levels.",
)


def load(split: str) -> InMemory:
    """A split of the patches, uint8 ``(N, 25, 25, 1)``; label 0 is a face, 1 is not."""
    from skimage.data import lfw_subset

    labels = np.repeat([0, 1], 100)
    chosen = stratified_split("faces", labels)[split]
    images = np.rint(lfw_subset()[chosen] * 255).astype(np.uint8)[..., None]
    return InMemory(images, labels[chosen], INFO.classes, INFO, split)

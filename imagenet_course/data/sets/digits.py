"""`digits`: 1,797 handwritten digits, scanned, 8×8; shipped inside scikit-learn."""

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import InMemory
from imagenet_course.data.stratified import stratified_split

INFO = DataCard(
    name="digits",
    title="Optical recognition of handwritten digits",
    rung="embedded",
    origin=(
        "UCI Machine Learning Repository, 1998, as packaged by scikit-learn (load_digits)."
        " Preprinted forms filled in by 43 people were scanned, each digit normalized to a 32×32"
        " bitmap by NIST's programs, and the pixels that are on counted in every 4×4 block:"
        " 8×8 counts from 0 to 16. scikit-learn holds the test part of UCI: 1,797 digits."
    ),
    license="CC BY 4.0 (UCI); scikit-learn's packaging BSD-3-Clause",
    citation=(
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning"
        " Repository, 1998, doi:10.24432/C50P49"
    ),
    classes=tuple("0123456789"),
    splits={"train": 1259, "validation": 179, "test": 359},
    image_shape=(8, 8, 1),
    notes=(
        "Counts v are stored as round(255 v / 16); round(16 image / 255) gives them back. The"
        " splits share writers, unlike UCI's own division into 30 training and 13 test writers."
    ),
)


def load(split: str) -> InMemory:
    """A split of the digits, uint8 ``(N, 8, 8, 1)``, ink bright on dark."""
    from sklearn.datasets import load_digits

    source = load_digits()
    chosen = stratified_split("digits", source.target)[split]
    images = np.rint(source.images[chosen] * (255 / 16)).astype(np.uint8)[..., None]
    return InMemory(images, source.target[chosen], INFO.classes, INFO, split)

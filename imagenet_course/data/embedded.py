"""Real images that ship inside scikit-learn and scikit-image, so that nothing is downloaded."""

from hashlib import sha256

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import InMemory

VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2

DIGITS = DataCard(
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

FACES = DataCard(
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

# name -> license, as stated in the docstrings of skimage.data and in scikit-learn's
# datasets/images/README.txt. Pictures without a stated license are left out (moon, page, …).
PHOTO_LICENSES = {
    "astronaut": "public domain (NASA)",
    "chelsea": "CC0 (Stefan van der Walt)",
    "china": "CC BY 2.0 (danielbuechele, Flickr)",
    "coffee": "CC0 (Rachel Michetti)",
    "flower": "CC BY 2.0 (vultilion, Flickr)",
    "hubble_deep_field": "public domain (NASA)",
    "retina": "CC0 (Mikael Häggström)",
    "rocket": "public domain (SpaceX)",
    "brick": "CC0 (CC0 Textures)",
    "camera": "CC0 (Lav Varshney)",
    "clock": "public domain (Stefan van der Walt)",
    "coins": "no known copyright restrictions (Brooklyn Museum)",
    "grass": "CC0 (linolafett, DeviantArt)",
    "gravel": "CC0 (CC0 Textures)",
}

PHOTOS = DataCard(
    name="photos",
    title="Photographs: eight in color, six in gray",
    rung="embedded",
    origin="scikit-image (skimage.data) and scikit-learn (load_sample_image: china, flower)",
    license="; ".join(f"{name}: {license}" for name, license in PHOTO_LICENSES.items()),
    citation=(
        "S. van der Walt et al., scikit-image: image processing in Python, PeerJ 2:e453, 2014,"
        " doi:10.7717/peerj.453; F. Pedregosa et al., Scikit-learn: Machine Learning in Python,"
        " JMLR 12, 2011, pp. 2825–2830"
    ),
    classes=tuple(PHOTO_LICENSES),
    splits={"all": len(PHOTO_LICENSES)},
    image_shape=(None, None, None),
    notes=(
        "Each photograph is its own class; the gray ones (brick, camera, clock, coins, grass,"
        " gravel) have one channel. china, flower, hubble_deep_field, retina and rocket are JPEGs,"
        " whose pixels may differ by a level between decoders; the others are PNG and exact."
    ),
)


def load_digits(split: str) -> InMemory:
    """The 1,797 scanned digits, uint8 ``(N, 8, 8, 1)``, ink bright on dark."""
    from sklearn.datasets import load_digits as read

    counts = read().images
    images = np.rint(counts * (255 / 16)).astype(np.uint8)[..., None]
    return _take(DIGITS, split, images, read().target)


def load_faces(split: str) -> InMemory:
    """The 200 patches, uint8 ``(N, 25, 25, 1)``; label 0 is a face, 1 is not."""
    from skimage.data import lfw_subset

    images = np.rint(lfw_subset() * 255).astype(np.uint8)[..., None]
    return _take(FACES, split, images, np.repeat([0, 1], 100))


def load_photos(split: str) -> InMemory:
    """Fourteen photographs of different sizes, each the only member of a class of its name."""
    images = [_read_photo(name) for name in PHOTOS.classes]
    return InMemory(images, np.arange(len(images)), PHOTOS.classes, PHOTOS, split)


def stratified_split(name: str, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Indices of 70 % training, 10 % validation and 20 % test images of every class, ascending.

    The images of a class are drawn in the order of the SHA-256 of ``"name/index"``: as good as a
    random order, and the same on every machine and in every version of NumPy, which a seeded
    generator is not promised to be.
    """
    members: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for label in np.unique(labels):
        drawn = sorted(
            np.flatnonzero(labels == label).tolist(),
            key=lambda index: sha256(f"{name}/{index}".encode()).digest(),
        )
        test = round(TEST_SHARE * len(drawn))
        validation = test + round(VALIDATION_SHARE * len(drawn))
        members["test"] += drawn[:test]
        members["validation"] += drawn[test:validation]
        members["train"] += drawn[validation:]
    return {split: np.array(sorted(indices)) for split, indices in members.items()}


def _take(card: DataCard, split: str, images: np.ndarray, labels: np.ndarray) -> InMemory:
    chosen = stratified_split(card.name, labels)[split]
    return InMemory(images[chosen], labels[chosen], card.classes, card, split)


def _read_photo(name: str) -> np.ndarray:
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        image = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        image = getattr(skimage.data, name)()
    image = np.array(image, dtype=np.uint8)
    return image if image.ndim == 3 else image[..., None]

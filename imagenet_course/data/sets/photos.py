"""`photos`: fourteen photographs that ship inside scikit-image and scikit-learn."""

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import InMemory

# name -> license, as stated in the docstrings of skimage.data and in scikit-learn's
# datasets/images/README.txt. Pictures without a stated license are left out (moon, page, …).
LICENSES = {
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

INFO = DataCard(
    name="photos",
    title="Photographs: eight in color, six in gray",
    rung="embedded",
    origin="scikit-image (skimage.data) and scikit-learn (load_sample_image: china, flower)",
    license="; ".join(f"{name}: {license}" for name, license in LICENSES.items()),
    citation=(
        "S. van der Walt et al., scikit-image: image processing in Python, PeerJ 2:e453, 2014,"
        " doi:10.7717/peerj.453; F. Pedregosa et al., Scikit-learn: Machine Learning in Python,"
        " JMLR 12, 2011, pp. 2825–2830"
    ),
    classes=tuple(LICENSES),
    splits={"all": len(LICENSES)},
    image_shape=(None, None, None),
    notes=(
        "Each photograph is its own class; the gray ones (brick, camera, clock, coins, grass,"
        " gravel) have one channel. china, flower, hubble_deep_field, retina and rocket are JPEGs,"
        " whose pixels may differ by a level between decoders; the others are PNG and exact."
    ),
)


def load(split: str) -> InMemory:
    """The photographs, of different sizes, each the only member of a class of its name."""
    images = [_read(name) for name in INFO.classes]
    return InMemory(images, np.arange(len(images)), INFO.classes, INFO, split)


def _read(name: str) -> np.ndarray:
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        image = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        image = getattr(skimage.data, name)()
    image = np.array(image, dtype=np.uint8)
    return image if image.ndim == 3 else image[..., None]

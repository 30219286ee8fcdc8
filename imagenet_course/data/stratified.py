"""Splits that are the same on every machine and keep the share of each class."""

from hashlib import sha256

import numpy as np

VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2


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

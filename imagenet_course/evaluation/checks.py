"""What every measure asks of its arguments; each breach raises one sentence."""

import numpy as np
from numpy.typing import ArrayLike


def to_numpy(array: ArrayLike) -> np.ndarray:
    """A NumPy array of anything array-like, a torch tensor on any device included."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
        if array.is_floating_point() and array.itemsize < 4:
            array = array.float()  # NumPy has no bfloat16
    return np.asarray(array)


def check_predictions(logits: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Logits, float32 or float64 ``(N, K)``, and labels, int64 ``(N,)``, as NumPy arrays.

    Raises:
        TypeError: for logits that are not real numbers and labels that are not integers.
        ValueError: where the shapes disagree, nothing is there, a logit is infinite or NaN, or a
            label is not from 0 to ``K`` − 1.
    """
    logits, labels = to_numpy(logits), to_numpy(labels)
    if logits.dtype.kind not in "fiu":
        raise TypeError(f"logits must be real numbers, got {logits.dtype}.")
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            "logits must have shape (N, K) and labels (N,), one label per row of logits, "
            f"got {logits.shape} and {labels.shape}."
        )
    if not logits.size:
        raise ValueError(
            f"there is nothing to evaluate in logits of shape {logits.shape}; "
            "at least one image and one class are needed."
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, got {labels.dtype}.")
    classes = logits.shape[1]
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        raise ValueError(
            f"labels must lie between 0 and {classes - 1} for {classes} classes, "
            f"got {labels[wrong][0]} at position {wrong.argmax()}."
        )
    broken = ~np.isfinite(logits)
    if broken.any():
        raise ValueError(
            f"logits must be finite, got {logits[broken][0]} for image {broken.any(1).argmax()}; "
            "did training diverge?"
        )
    dtype = np.result_type(logits, np.float32)
    return logits.astype(dtype, copy=False), labels.astype(np.int64, copy=False)


def check_classes(classes: object, count: int) -> tuple[str, ...]:
    """The names of ``count`` classes: those given, or the class numbers where None is."""
    names = tuple(map(str, range(count))) if classes is None else tuple(classes)
    if len(names) != count:
        raise ValueError(f"{len(names)} class names were given for {count} classes; give each one.")
    return names

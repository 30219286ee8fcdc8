"""PicoNet as a data set with knobs."""

import inspect
import operator
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from imagenet_course.data.card import DataCard
from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.piconet.labels import class_weights, corrupt, draw_labels, draw_styles
from imagenet_course.data.piconet.randomness import keys
from imagenet_course.data.piconet.render import render
from imagenet_course.data.piconet.scene import draw_scenes
from imagenet_course.data.piconet.shapes import find_shape
from imagenet_course.data.piconet.tree import TREE, choose
from imagenet_course.errors import unknown_name

INFO = DataCard(
    name="piconet",
    title="PicoNet, a procedural miniature of ImageNet",
    rung="embedded",
    origin=(
        "Drawn here, image by image, from signed-distance formulas and a hash of (seed, split, i);"
        " the same bytes on every machine."
    ),
    license="MIT (the code that draws it)",
    citation="The ImageNet from Scratch contributors, PicoNet, imagenet_course.data.piconet",
    classes=tuple(leaf.name for leaf in TREE.leaves),
    splits={"train": 10_000, "validation": 2_000, "test": 2_000},
    image_shape=(32, 32, 3),
    notes=(
        "Sizes are defaults: length, size, classes, difficulty, long_tail, label_noise,"
        " background_correlation, texture_correlation, cue_conflict, color and seed are knobs."
    ),
    wnids=tuple(leaf.wnid for leaf in TREE.leaves),
)

MOST = 10**8  # images in a set, whose labels are held in memory

_SHAPES = tuple(find_shape(leaf.name) for leaf in TREE.leaves)
_MIRRORED = np.array([leaf not in TREE.leaves_under("sign") for leaf in TREE.leaves])
_SPLITS = {"train": 1, "validation": 2, "test": 3}  # 0 is the order of the classes
_SCENE, _LABEL, _LABEL_NOISE, _TEXTURE, _BACKGROUND = range(5)  # the streams of a split


class PicoNet(ImageDataset):
    """A split of PicoNet; image i is a pure function of (seed, split, i) and the knobs.

    Each knob is about the split it is given to. To test on other conditions than those of training,
    load the test split with other knobs: scenes and labels stay the same, what the knob is about
    changes.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``; they share no image.
        length: number of images; by default that of the data card. A longer set starts with the
            images of a shorter one.
        per_class: instead of ``length``, the number of images per class.
        size: height and width in pixels, 8 to 1024. The same scene is drawn at any size.
        classes: all leaves (None), a number of leaves spread over the tree, or names or wnids of
            synsets, of which all leaves are taken.
        difficulty: 0 (upright, large, clean) to 1 (turned, small, faint, hidden, blurred, noisy).
        long_tail: how many times more images the most frequent class has than the rarest, ≥ 1.
        label_noise: the share of ``labels`` that are wrong; ``true_labels`` are not.
        background_correlation: the share of images before the background of their class; the others
            have the background of any class.
        texture_correlation: the share of objects in the texture and color of their class.
        cue_conflict: dress every object in the texture and color of another of the classes, as
            Geirhos et al. do ("ImageNet-trained CNNs are biased towards texture", ICLR 2019).
        color: three channels, or one.
        seed: 0 to 2⁶⁴ − 1.

    Attributes:
        labels: given labels, int64 ``(N,)``; they index ``classes`` and ``wnids``.
        true_labels: the classes of the objects drawn.
        texture_labels, background_labels: the class whose style the object and the background wear,
            or -1 for the style of a class that is not in the set.
        taxonomy: the part of the tree above ``classes``.

    Raises:
        ValueError, TypeError: for an unknown name or a knob out of its range.
    """

    def __init__(
        self,
        split: str = "train",
        *,
        length: int | None = None,
        per_class: int | None = None,
        size: int = 32,
        classes: int | str | Iterable[str] | None = None,
        difficulty: float = 0.5,
        long_tail: float = 1.0,
        label_noise: float = 0.0,
        background_correlation: float = 0.0,
        texture_correlation: float = 0.0,
        cue_conflict: bool = False,
        color: bool = True,
        seed: int = 0,
    ) -> None:
        if split not in _SPLITS:
            raise unknown_name("split of 'piconet'", split, _SPLITS)
        self._split = _SPLITS[split]
        self._leaves = np.array(choose(classes))
        count = len(self._leaves)
        self.seed = _whole("seed", seed, 0, 2**64 - 1)
        self.size = _whole("size", size, 8, 1024)
        self.color = bool(color)
        self.difficulty = _number("difficulty", difficulty, 0, 1)
        long_tail = _number("long_tail", long_tail, 1, 1e9)
        label_noise = _number("label_noise", label_noise, 0, 1)
        texture_correlation = _number("texture_correlation", texture_correlation, 0, 1)
        background_correlation = _number("background_correlation", background_correlation, 0, 1)
        if length is not None and per_class is not None:
            raise ValueError("length and per_class were both given; give one of them.")
        if per_class is not None:
            length = count * _whole("per_class", per_class, 1, MOST // count)
        length = INFO.splits[split] if length is None else _whole("length", length, 1, MOST)
        if count == 1 and (label_noise or cue_conflict):
            raise ValueError("label_noise and cue_conflict need at least two classes, not one.")
        if cue_conflict and texture_correlation:
            raise ValueError(
                "cue_conflict dresses every object as another class and texture_correlation "
                f"{texture_correlation:g} of them as their own; give one of them."
            )

        every = np.arange(length)
        weights = class_weights(self.seed, count, long_tail)
        self.true_labels = draw_labels(self.seed, self._stream(_LABEL), length, weights)
        labels = corrupt(self._keys(_LABEL_NOISE, every), self.true_labels, count, label_noise)
        own, styles = self._leaves[self.true_labels], len(TREE.leaves)
        ground, texture = self._keys(_BACKGROUND, every), self._keys(_TEXTURE, every)
        self._backgrounds = draw_styles(ground, own, styles, background_correlation)
        self._textures = draw_styles(texture, own, styles, texture_correlation)
        if cue_conflict:
            self._textures = self._leaves[corrupt(texture, self.true_labels, count, 1.0)]

        chosen = [TREE.leaves[leaf] for leaf in self._leaves]
        names = tuple(leaf.name for leaf in chosen)
        self.wnids = tuple(leaf.wnid for leaf in chosen)
        self.taxonomy = TREE.select(self.wnids)
        shape = (self.size, self.size, 3 if self.color else 1)
        info = replace(INFO, classes=names, wnids=self.wnids, image_shape=shape)
        super().__init__(labels, names, info, split)

    def _stream(self, use: int) -> int:
        return 16 * self._split + use

    def _keys(self, use: int, indices: np.ndarray) -> np.ndarray:
        return keys(self.seed, self._stream(use), indices)

    @property
    def texture_labels(self) -> np.ndarray:
        """The class whose texture and color each object wears, int64 ``(N,)``; -1 for none here."""
        return self._labels_of(self._textures)

    @property
    def background_labels(self) -> np.ndarray:
        """The class whose background each image has, int64 ``(N,)``; -1 for none here."""
        return self._labels_of(self._backgrounds)

    def _labels_of(self, leaves: np.ndarray) -> np.ndarray:
        label = np.full(len(TREE.leaves), -1)
        label[self._leaves] = np.arange(len(self._leaves))
        return label[leaves]

    def render(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Draw the images at ``indices``, uint8 ``(n, H, W, C)``; each as if it were alone.

        Many at once are fastest: those of one class share the evaluation of their formula.
        """
        indices = np.asarray(indices)
        if indices.ndim != 1 or (indices.size and indices.dtype.kind not in "iu"):
            raise TypeError(f"indices must be a list of whole numbers, not {indices!r}.")
        if indices.size and (indices.min() < 0 or indices.max() >= len(self)):
            raise IndexError(
                f"images {indices.min()} to {indices.max()} of a set of {len(self)} were asked for."
            )
        indices = indices.astype(np.int64)
        shape = self._leaves[self.true_labels[indices]]
        images = np.empty((len(indices), *self.info.image_shape), dtype=np.uint8)
        by_class = np.argsort(shape, kind="stable")
        for start in range(0, len(indices), 2048):  # bounds the memory that scenes take
            some = by_class[start : start + 2048]
            scenes = draw_scenes(
                self._keys(_SCENE, indices[some]),
                shape[some],
                self._textures[indices[some]],
                self._backgrounds[indices[some]],
                _MIRRORED[shape[some]],
                self.difficulty,
            )
            images[some] = render(scenes, _SHAPES, self.size, self.color)
        return images

    @cached_property
    def images(self) -> np.ndarray:
        """All images, uint8 ``(N, H, W, C)``, drawn when first asked for."""
        return self.render(np.arange(len(self)))

    def image(self, index: int) -> np.ndarray:
        """Image ``index``, uint8 ``(H, W, C)``."""
        drawn = self.__dict__.get("images")
        return self.render([index])[0] if drawn is None else drawn[index]


def load(split: str = "train", **knobs) -> PicoNet:
    """A split of PicoNet; see `PicoNet` for the knobs."""
    known = inspect.signature(PicoNet).parameters
    for knob in knobs:
        if knob not in known:
            raise unknown_name("knob of 'piconet'", knob, known)
    return PicoNet(split, **knobs)


def _whole(name: str, value: int, low: int, high: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} must be a whole number.") from None
    if not low <= number <= high:
        raise ValueError(f"{name}={number} must be from {low} to {high}.")
    return number


def _number(name: str, value: float, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r} must be a number.") from None
    if not low <= number <= high:  # also refuses NaN
        raise ValueError(f"{name}={number:g} must be from {low:g} to {high:g}.")
    return number

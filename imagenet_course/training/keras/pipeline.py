"""Training batches for Keras: a data set of the catalog as a ``tf.data.Dataset``."""

import keras
import numpy as np
import tensorflow as tf

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.training.keras.augment import decode_view, layers, mixing, plan_of, view


def pipeline(
    dataset: ImageDataset,
    batch_size: int,
    recipe: str,
    *,
    train: bool,
    size: int = 224,
    seed: int = 0,
) -> tf.data.Dataset:
    """Batches as one of `imagenet_course.data.recipes.RECIPES` prepares them, for ``model.fit``.

    Gives images float32 ``(n, size, size, 3)``, normalized, and labels int64 ``(n,)``; for training
    with a recipe that mixes, one-hot float32 ``(n, classes)``. Training shuffles, anew in every
    epoch, and drops a last, shorter batch. A file that TensorFlow cannot decode is left out, with a
    warning; `imagenet_course.data.loader.ImageLoader` reads more formats and says more.

    The views depend on ``seed`` alone. RandAugment and other random layers draw from one sequence,
    which parallel threads may hand to the images in another order.

    Raises:
        ValueError: for an unknown recipe, or a batch_size below 1 or above the set when training.
    """
    if batch_size < 1 or (train and batch_size > len(dataset)):
        raise ValueError(
            f"batch_size must be from 1 to the {len(dataset)} images of the set, got {batch_size}"
        )
    chosen = plan_of(recipe, train=train, size=size)
    after = layers(recipe, train=train, size=size, seed=seed)
    mixers = mixing(recipe, seed) if train else []

    paths = getattr(dataset, "paths", None)
    if paths is None:
        images = [_rgb(dataset.image(i)) for i in range(len(dataset))]
        if len({image.shape for image in images}) > 1:
            raise ValueError("a set in memory must have images of one size; store it as files")
        source, cut = np.stack(images), view
    else:
        source, cut = list(paths), lambda path, s, c: decode_view(tf.io.read_file(path), s, c)
    samples = tf.data.Dataset.from_tensor_slices((source, dataset.labels))
    if train:
        samples = samples.shuffle(len(dataset), seed, reshuffle_each_iteration=True)
    seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).batch(2)

    def prepare(sample, seed):
        image = cut(sample[0], seed, chosen)
        for layer in after:
            image = layer(image, training=train)
        return image, sample[1]

    batches = tf.data.Dataset.zip(samples, seeds).map(
        prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    batches = batches.ignore_errors(log_warning=True).batch(batch_size, drop_remainder=train)
    if mixers:
        batches = batches.map(lambda x, y: _mixed(mixers, x, y, len(dataset.classes)))
    return batches.prefetch(tf.data.AUTOTUNE)


def _mixed(
    mixers: list[keras.layers.Layer], images: tf.Tensor, labels: tf.Tensor, classes: int
) -> tuple[tf.Tensor, tf.Tensor]:
    batch = {"images": images, "labels": tf.one_hot(labels, classes)}
    which = tf.random.uniform((), maxval=len(mixers), dtype=tf.int32)
    mixed = tf.switch_case(which, [lambda mixer=mixer: mixer(batch) for mixer in mixers])
    return mixed["images"], mixed["labels"]


def _rgb(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels

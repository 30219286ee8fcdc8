"""The published recipes as Keras preprocessing layers and TensorFlow functions.

They are translated step by step from `imagenet_course.data.recipes`, so that each number is written
once. ``view`` cuts the part of a photograph that the recipe looks at, ``layers`` are applied to it
afterwards.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf
from torchvision.transforms import v2

from imagenet_course.data.recipes import IMAGENET_MEAN, IMAGENET_STD, RECIPES, recipe
from imagenet_course.data.transforms import ColorPCA as TorchColorPCA
from imagenet_course.data.views import AreaCrop, Plan, plan
from imagenet_course.errors import unknown_name


class ColorPCA(keras.layers.Layer):
    """Shift the pixels of each image along the principal components of ImageNet's colors.

    As `imagenet_course.data.transforms.ColorPCA` (Krizhevsky et al. 2012, section 4.1), on floats
    in [0, 255], ``(…, H, W, 3)``; only while training.
    """

    def __init__(self, std: float = 0.1, seed: int | None = None, **options) -> None:
        super().__init__(**options)
        self.std = std
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        one_each = tf.concat([tf.shape(images)[:-3], [1, 1, 3]], axis=0)
        alpha = keras.random.normal(one_each, stddev=self.std, seed=self.generator)
        values, vectors = TorchColorPCA.EIGENVALUES, TorchColorPCA.EIGENVECTORS
        # One number per component times that component: a row of the transposed matrix.
        shift = tf.tensordot(alpha * tf.constant(values), tf.transpose(tf.constant(vectors)), 1)
        return images + 255 * tf.cast(shift, images.dtype)

    def get_config(self) -> dict:
        return super().get_config() | {"std": self.std, "seed": self.seed}


class Brightness(keras.layers.Layer):
    """Multiply each image by a number within ``strength`` of 1; Keras' RandomBrightness adds one.

    Takes floats in [0, 255], ``(…, H, W, 3)``, and stays in that range; only while training.
    """

    def __init__(self, strength: float, seed: int | None = None, **options) -> None:
        super().__init__(**options)
        self.strength = strength
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        one_each = tf.concat([tf.shape(images)[:-3], [1, 1, 1]], axis=0)
        low, high = 1 - self.strength, 1 + self.strength
        factor = keras.random.uniform(one_each, low, high, seed=self.generator)
        return tf.clip_by_value(images * tf.cast(factor, images.dtype), 0, 255)

    def get_config(self) -> dict:
        return super().get_config() | {"strength": self.strength, "seed": self.seed}


def plan_of(name: str, *, train: bool, size: int) -> Plan:
    """The recipe ``name`` as `imagenet_course.data.views.plan` splits it.

    Raises:
        ValueError: for an unknown name or a size below 8.
    """
    return plan(recipe(name, train=train, size=size))


def view(image: tf.Tensor, seed: tf.Tensor, chosen: Plan) -> tf.Tensor:
    """The part of a photograph ``(H, W, 3)`` that ``seed``, int ``(2,)``, draws.

    Gives float32 in [0, 255], ``(size, size, 3)``. The same seed gives the same view.
    """
    choose, method = chosen.choose, chosen.interpolation
    if isinstance(choose, AreaCrop):
        begin, extent = _area(tf.shape(image), seed, choose)
        box = tf.slice(image, begin, extent)
        result = tf.image.resize(box, choose.size, method, antialias=True)
    else:
        result = _window(image, seed, choose, method)
    result = tf.clip_by_value(result, 0.0, 255.0)  # bicubic overshoots
    return tf.ensure_shape(result, (*choose.size, 3))


def decode_view(data: tf.Tensor, seed: tf.Tensor, chosen: Plan) -> tf.Tensor:
    """`view` of an encoded JPEG, PNG, GIF or BMP; of a JPEG only the rectangle is decoded."""
    choose = chosen.choose
    if not isinstance(choose, AreaCrop):
        return view(_decoded(data), seed, chosen)

    def jpeg() -> tf.Tensor:
        begin, extent = _area(tf.image.extract_jpeg_shape(data), seed, choose)
        window = tf.concat([begin[:2], extent[:2]], axis=0)
        box = tf.image.decode_and_crop_jpeg(data, window, channels=3, dct_method="INTEGER_ACCURATE")
        return tf.image.resize(box, choose.size, chosen.interpolation, antialias=True)

    result = tf.cond(tf.io.is_jpeg(data), jpeg, lambda: view(_decoded(data), seed, chosen))
    return tf.ensure_shape(tf.clip_by_value(result, 0.0, 255.0), (*choose.size, 3))


def layers(
    name: str,
    *,
    train: bool,
    size: int = 224,
    seed: int = 0,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> list[keras.layers.Layer]:
    """What the recipe does after the view: flip, color, normalization, on floats in [0, 255].

    Keras' RandAugment takes the place of torchvision's, and with one operation of any strength that
    of TrivialAugment, which Keras lacks; their lists of operations differ in details. All images of
    a batch get the same operation, so apply these layers to single images, as
    `imagenet_course.training.keras.pipeline.pipeline` does.
    """
    chosen = plan_of(name, train=train, size=size)
    found: list[keras.layers.Layer] = []
    if chosen.flip:
        found.append(keras.layers.RandomFlip("horizontal", seed=seed))
    for step in chosen.per_image:
        found += _translated(step, seed + len(found))
    variance = [(255 * value) ** 2 for value in std]
    found.append(
        keras.layers.Normalization(mean=[255 * value for value in mean], variance=variance)
    )
    return found


def mixing(name: str, seed: int = 0) -> list[keras.layers.Layer]:
    """The recipe's MixUp and CutMix layers, one of which is to be drawn per batch; often none."""
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    chosen = RECIPES[name]
    found: list[keras.layers.Layer] = []
    if chosen.mixup:
        found.append(keras.layers.MixUp(alpha=chosen.mixup, seed=seed))
    if chosen.cutmix:
        found.append(keras.layers.CutMix(factor=chosen.cutmix, seed=seed + 1))
    return found


def _translated(step: v2.Transform, seed: int) -> list[keras.layers.Layer]:
    match step:
        case TorchColorPCA():
            return [ColorPCA(step.std, seed=seed)]
        case v2.ColorJitter(brightness=(low, high)):
            strength = (high - low) / 2
            return [
                Brightness(strength, seed=seed),
                keras.layers.RandomContrast(strength, seed=seed + 1),
                keras.layers.RandomColorDegeneration(strength, seed=seed + 2),
            ]
        case v2.RandAugment():
            return [
                keras.layers.RandAugment(
                    num_ops=step.num_ops, factor=step.magnitude / 30, seed=seed
                )
            ]
        case v2.TrivialAugmentWide():
            return [keras.layers.RandAugment(num_ops=1, factor=1.0, seed=seed)]
        case v2.RandomErasing():
            probability = (step.p, step.p)  # a single number would be an upper bound
            fill = step.value[0] if isinstance(step.value, list) else step.value
            return [keras.layers.RandomErasing(probability, fill_value=fill, seed=seed)]
    raise TypeError(f"{type(step).__name__} has no counterpart in Keras")


def _decoded(data: tf.Tensor) -> tf.Tensor:
    return tf.cond(
        tf.io.is_jpeg(data),
        # TensorFlow's default is the fast transform, whose pixels are up to 3 levels off.
        lambda: tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE"),
        lambda: tf.io.decode_image(data, channels=3, expand_animations=False),
    )


def _area(shape: tf.Tensor, seed: tf.Tensor, choose: AreaCrop) -> tuple[tf.Tensor, tf.Tensor]:
    begin, extent, _ = tf.image.stateless_sample_distorted_bounding_box(
        shape,
        bounding_boxes=tf.zeros((1, 0, 4)),
        seed=seed,
        min_object_covered=0.0,
        aspect_ratio_range=choose.ratio,
        area_range=choose.scale,
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )
    return begin, tf.concat([extent[:2], [3]], axis=0)


def _window(image: tf.Tensor, seed: tf.Tensor, choose, method: str) -> tf.Tensor:
    """The shorter side resized to one of ``choose.sides``, then a random or central window."""
    draws = tf.random.stateless_uniform([3], seed)
    which = tf.cast(draws[0] * len(choose.sides), tf.int32)
    side = tf.gather(tf.constant(choose.sides), which)
    shape = tf.shape(image)[:2]
    resized = side * shape // tf.reduce_min(shape)
    whole = tf.image.resize(image, resized, method, antialias=True)
    size = tf.constant(choose.size)
    corner, room = tf.zeros_like(size), resized
    if choose.square:
        corner, room = _middle(resized - tf.constant(choose.square)), tf.constant(choose.square)
    if choose.central:
        corner += _middle(room - size)
    else:
        corner += tf.cast(draws[1:] * tf.cast(room - size + 1, tf.float32), tf.int32)
    return tf.slice(whole, tf.concat([corner, [0]], 0), tf.concat([size, [3]], 0))


def _middle(spare: tf.Tensor) -> tf.Tensor:
    """Half of the spare pixels, rounded to even as torchvision does."""
    return tf.cast(tf.round(tf.cast(spare, tf.float32) / 2), tf.int32)

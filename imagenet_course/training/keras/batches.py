"""The batches of the course's loaders as a ``tf.data.Dataset``, for ``fit``."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from imagenet_course.data.loader import Loader


class Batches:
    """``dataset`` gives what ``loader`` does: the same images, augmented and mixed the same way.

    Images are float32 ``(n, H, W, C)``, labels shares ``(n, num_classes)``, once for each output of
    ``model``. An epoch ends after ``length`` batches where the loader has more. What goes wrong in
    the loader is kept in ``error``, because TensorFlow wraps it beyond recognition.
    """

    def __init__(self, loader: Loader, model: keras.Model, length: int | None = None) -> None:
        self.loader = loader
        self.error: Exception | None = None
        self._heads = len(model.outputs)
        self._one_hot = np.eye(model.outputs[0].shape[-1], dtype=np.float32)
        labels = tf.TensorSpec((None, len(self._one_hot)))
        signature = (tf.TensorSpec(model.input_shape), self._per_head(labels))
        self.dataset = tf.data.Dataset.from_generator(self._epoch, output_signature=signature)
        if length is not None:
            self.dataset = self.dataset.take(length)
            self.dataset = self.dataset.apply(tf.data.experimental.assert_cardinality(length))

    def _epoch(self) -> Iterator[tuple]:
        try:
            empty = True
            for images, labels in self.loader:
                empty = False
                labels = labels.numpy() if labels.ndim == 2 else self._one_hot[labels.numpy()]
                yield images.permute(0, 2, 3, 1).numpy(), self._per_head(labels)
            if empty:
                raise ValueError("not one image of the validation set can be read")
        except Exception as error:
            self.error = error
            raise

    def __enter__(self) -> "Batches":
        return self

    def __exit__(self, *error: object) -> None:
        """End the loader's workers, and let go of its images; TensorFlow keeps the generator."""
        self.loader.close()
        del self.loader

    def _per_head(self, labels):
        return (labels,) * self._heads if self._heads > 1 else labels

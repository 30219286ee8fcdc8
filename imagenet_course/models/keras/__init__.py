"""The networks of :mod:`imagenet_course.models` in Keras 3, with weights carried both ways.

``to_keras(models.lenet5())`` gives the same network with the same weights, and ``from_keras``
brings it back; ``create("lenet5", num_classes=10)`` builds a new one. Images are (N, H, W, C).
"""

from imagenet_course.models.keras.lenet import lenet5
from imagenet_course.models.keras.registry import backbone, create, from_keras, names, to_keras

__all__ = ["backbone", "create", "from_keras", "lenet5", "names", "to_keras"]

"""Every network of the story, in plain PyTorch, one architecture per file.

``models.lenet5(num_classes=10)`` or ``models.create("lenet5", num_classes=10)`` builds one.
``models.keras`` mirrors them in Keras 3 and carries weights both ways.
"""

import imagenet_course.models.triton_first  # noqa: F401
from imagenet_course.models.lenet import LeNet5, lenet5
from imagenet_course.models.network import Network, smallest_input
from imagenet_course.models.registry import create, names

__all__ = ["LeNet5", "Network", "create", "lenet5", "names", "smallest_input"]

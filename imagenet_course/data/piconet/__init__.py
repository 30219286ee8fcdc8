"""PicoNet: a procedural miniature of ImageNet, with the truth known.

A hundred leaf synsets in a tree (tree.txt), each a shape written as a short signed-distance formula
(shapes/), posed, colored, textured, lit, occluded, blurred and made noisy (scene.py), and drawn at
any size (render.py).

>>> from imagenet_course.data import piconet
>>> piconet.load("train", length=5_000, classes="animal", difficulty=0.3)
<piconet train: 5,000 images, 15 classes>
"""

from imagenet_course.data.piconet.dataset import INFO, PicoNet, load
from imagenet_course.data.piconet.tree import TREE

__all__ = ["INFO", "TREE", "PicoNet", "load"]

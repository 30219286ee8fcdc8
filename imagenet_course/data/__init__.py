"""Where images come from: one call for embedded, downloaded and your own data sets.

>>> from imagenet_course.data import load
>>> load("digits", "test")
<digits test: 359 images, 10 classes>
"""

from imagenet_course.data.card import DataCard
from imagenet_course.data.catalog import download, find, info, load, names
from imagenet_course.data.dataset import ImageDataset, InMemory
from imagenet_course.data.root import data_root

__all__ = [
    "DataCard",
    "ImageDataset",
    "InMemory",
    "data_root",
    "download",
    "find",
    "info",
    "load",
    "names",
]

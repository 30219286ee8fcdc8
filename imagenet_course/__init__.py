"""The package behind *ImageNet from Scratch*: data, reference layers, models and training loops.

Importing it costs milliseconds: neither torch nor TensorFlow is loaded before it is used.
"""

__version__ = "0.1.0"

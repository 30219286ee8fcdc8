"""Weights that torchvision publishes, through torchvision's own verified download."""

import re
from pathlib import Path
from urllib.error import URLError

import torch
from torchvision import models as torchvision_models

from imagenet_course.errors import unknown_name
from imagenet_course.models.network import Network
from imagenet_course.models.preprocess import Preprocessing
from imagenet_course.models.weights import check_state

# The first set follows the papers' recipes; the second, where there is one, is more accurate, by
# later recipes (vision/issues/3995 in torchvision's repository).
VERSIONS = {"imagenet": "IMAGENET1K_V1", "imagenet-v2": "IMAGENET1K_V2"}

CLASSES = 1000
# What a network must be built with for its published weights to make sense.
OPTIONS = {"googlenet": {"transform_input": True}}


def published(name: str, version: str = "imagenet") -> torchvision_models.WeightsEnum:
    """torchvision's entry for the network ``name``.

    Raises ValueError for a network or a version that torchvision has not.
    """
    if version not in VERSIONS:
        raise unknown_name("set of weights", version, VERSIONS)
    # resnet20 and others are ours alone; torchvision would look for them in vain.
    if name not in torchvision_models.list_models(module=torchvision_models):
        raise ValueError(f"torchvision publishes no weights for {name}; train it yourself.")
    entries = torchvision_models.get_model_weights(name)
    if VERSIONS[version] not in entries.__members__:
        raise ValueError(
            f"torchvision publishes no {version!r} weights for {name}; use 'imagenet'."
        )
    return entries[VERSIONS[version]]


def preprocessing(name: str, version: str = "imagenet") -> Preprocessing:
    """What the published weights of the network ``name`` want done to an image; no download."""
    preset = published(name, version).transforms()
    return Preprocessing(
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        interpolation=preset.interpolation.value,
    )


def load_published(model: Network, version: str = "imagenet") -> Network:
    """Download the published weights once, verify them, load them into ``model``; returns it.

    Attaches ``model.preprocessing`` and the names of the 1,000 ``model.classes``. Raises OSError
    where the download fails or its checksum is wrong, ValueError where the weights do not fit.
    """
    entry = published(model.name, version)
    try:
        state = entry.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except URLError as error:
        folder = Path(torch.hub.get_dir(), "checkpoints")
        raise OSError(
            f"the weights of {model.name} could not be fetched ({error.reason}); fetch {entry.url} "
            f"on a machine with a network and put the file into the folder {folder}."
        ) from error
    except RuntimeError as error:
        if "invalid hash" not in str(error):
            raise
        raise OSError(f"{entry.url} gave a file with a wrong checksum; try again.") from error
    expected = model.state_dict().keys()
    state = {current_key(key): value for key, value in state.items()}
    # GoogLeNet's file brings auxiliary heads, for a network that may have been built without.
    state = {k: v for k, v in state.items() if k in expected or not k.startswith("aux")}
    check_state(model, state, f"torchvision's {entry}")
    model.load_state_dict(state)
    model.preprocessing = preprocessing(model.name, version)
    model.classes = tuple(entry.meta["categories"])
    return model


def current_key(key: str) -> str:
    """The key of today for one of 2017, when a DenseNet layer was called ``norm.1``."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", key)

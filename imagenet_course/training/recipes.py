"""Named ways to train: those of the papers, and fast ones of today, as values of `Config`.

>>> from imagenet_course.training.recipes import recipe
>>> recipe("resnet-2015", model="resnet18", data="imagenet", epochs=30)
"""

import math
from dataclasses import dataclass
from typing import Any

from imagenet_course.errors import unknown_name
from imagenet_course.training.config import Config


@dataclass(frozen=True)
class Recipe:
    """Settings, and who published them; data and model are the reader's to choose."""

    config: Config
    citation: str


RECIPES = {
    "small": Recipe(
        Config(
            epochs=20,
            batch_size=64,
            optimizer="adamw",
            lr=3e-3,
            weight_decay=0.05,
            schedule="one-cycle",
            warmup=0.2,
            crop_padding=2,
        ),
        "AdamW (Loshchilov & Hutter, ICLR 2019) on one cycle (Smith & Topin, arXiv:1708.07120),"
        " random shifts by two pixels, no mirror images.",
    ),
    "fine-tune": Recipe(
        Config(
            epochs=20,
            batch_size=32,
            lr=0.01,
            weight_decay=1e-4,
            schedule="cosine",
        ),
        "For --weights. Learning rate 0.01, momentum 0.9 and weight decay 0.0001, which Li et al."
        " (ICLR 2020, arXiv:2002.11770) find in many studies of residual networks, and not best for"
        " all data; cosine (Loshchilov & Hutter, ICLR 2017).",
    ),
    "alexnet-2012": Recipe(
        Config(
            epochs=90,
            batch_size=128,
            lr=0.01,
            nesterov=False,
            weight_decay=5e-4,
            decay_all=True,
            schedule="step",
            milestones=(0.25, 0.5, 0.75),
            photographs="alexnet-2012",
            pixels="centered",
            crop_padding=4,
            flip="random",
        ),
        "Krizhevsky, Sutskever & Hinton, NIPS 2012, section 5: batch 128, momentum 0.9, weight"
        " decay 0.0005, learning rate 0.01 divided by 10 three times by hand (here: at every"
        " quarter), roughly 90 passes. For alexnet2012, whose weights begin as small as those of"
        " the paper; with alexnet, use --set pixels=standardized.",
    ),
    "vgg-2014": Recipe(
        Config(
            epochs=74,
            batch_size=256,
            lr=0.01,
            nesterov=False,
            weight_decay=5e-4,
            decay_all=True,
            schedule="step",
            milestones=(0.25, 0.5, 0.75),
            photographs="vgg-2014",
            pixels="centered",
            crop_padding=4,
            flip="random",
        ),
        "Simonyan & Zisserman, ICLR 2015, section 3.1: batch 256, momentum 0.9, weight decay"
        " 0.0005, learning rate 0.01 divided by 10 three times (here: at every"
        " quarter), 74 epochs.",
    ),
    "resnet-2015": Recipe(
        Config(
            epochs=120,
            batch_size=256,
            lr=0.1,
            nesterov=False,
            weight_decay=1e-4,
            decay_all=True,
            schedule="step",
            milestones=(0.25, 0.5, 0.75),
            photographs="resnet-2015",
            crop_padding=4,
            flip="random",
        ),
        "He et al., CVPR 2016, section 3.4: batch 256, momentum 0.9, weight decay 0.0001, learning"
        " rate 0.1 divided by 10 on plateaus (here: at every quarter), up to 600,000 steps, which"
        " are 120 epochs of ImageNet.",
    ),
    "resnet-cifar-2015": Recipe(
        Config(
            epochs=164,
            batch_size=128,
            lr=0.1,
            nesterov=False,
            weight_decay=1e-4,
            decay_all=True,
            schedule="step",
            milestones=(0.5, 0.75),
            in_memory=True,
            crop_padding=4,
            flip="random",
        ),
        "He et al., CVPR 2016, section 4.2: batch 128, learning rate 0.1 divided by 10 at 32,000"
        " and 48,000 of 64,000 steps, which are 164 epochs of all 50,000 images (182 of the 45,000"
        " that the paper trained on), crops of images padded by 4, mirror images. ResNet-110 was"
        " warmed up at 0.01 (--set warmup=0.005).",
    ),
    "modern": Recipe(
        Config(
            epochs=600,
            batch_size=1024,
            size=176,
            validation_size=224,
            lr=0.5,
            nesterov=False,
            weight_decay=2e-5,
            schedule="cosine",
            warmup=5 / 600,
            photographs="modern",
            crop_padding=4,
            flip="random",
            mixup=0.2,
            cutmix=1.0,
            label_smoothing=0.1,
            ema=0.99997,
        ),
        'Vryniotis, "How to Train State-Of-The-Art Models Using TorchVision\'s Latest Primitives",'
        " PyTorch blog 2021, for ResNet-50, but for its repeated augmentation; 1,024 images a step,"
        " which are 128 on each of 8 GPUs (--set batch_size=128).",
    ),
    "fast-imagenette": Recipe(
        Config(
            epochs=5,
            batch_size=64,
            size=128,
            optimizer="muon",
            lr=1e-2,
            momentum=0.95,
            weight_decay=0.05,
            schedule="one-cycle",
            warmup=0.3,
            photographs="fastai-imagenette",
            crop_padding=4,
            flip="random",
            label_smoothing=0.1,
        ),
        "The terms of Howard's Imagenette leaderboard (github.com/fastai/imagenette): 5 epochs at"
        " 128 pixels, crops of its script, label smoothing; one cycle (Smith & Topin,"
        " arXiv:1708.07120); Muon (Jordan et al. 2024). Tuned here on pocket_resnet.",
    ),
    "fast-cifar10": Recipe(
        Config(
            epochs=10,
            batch_size=512,
            size=32,
            optimizer="muon",
            lr=0.02,
            momentum=0.6,
            filter_rms=0.033,
            weight_decay=0.0,
            schedule="linear",
            final_lr=0.1,
            in_memory=True,
            crop_padding=2,
            flip="alternate",
            label_smoothing=0.2,
            ema=0.99,
        ),
        'After Jordan, "94% on CIFAR-10 in 3.29 Seconds" (arXiv:2404.00498), and his later'
        " airbench94_muon (github.com/KellerJordan/cifar10-airbench): small shifts, alternating"
        " mirror images, label smoothing 0.2, filters of constant size that Muon turns, at a"
        " rate that falls along a line. In place of the paper's lookahead, an average of about the"
        " last hundred steps. For networks with batch normalization; tuned here on sprint_net.",
    ),
}


FEW = 2000  # photographs; of fewer, five epochs teach next to nothing
MOST_EPOCHS = 100


def recipe(name: str, **changes: Any) -> Config:
    """The settings of a recipe, with some of them changed.

    Raises:
        ValueError: for an unknown name or setting; the sentence suggests the nearest.
    """
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    return RECIPES[name].config.changed(**changes)


def suitable(images: int, in_files: bool, trained: bool) -> tuple[str, dict[str, Any], str]:
    """The recipe for so many training images where none is asked for, its changes, and why.

    ``trained`` is whether the network begins with trained weights.
    """
    name, why = "fast-imagenette", "which suits photographs by the thousand"
    if trained:
        name, why = "fine-tune", "which suits a network that begins with trained weights"
    elif not in_files:
        return "small", {}, "which suits small images in memory"
    elif images >= 500_000:
        return "modern", {}, "which suits photographs by the hundred thousands"
    if images >= FEW:
        return name, {}, why
    epochs = min(MOST_EPOCHS, math.ceil(5 * FEW / images))
    return name, {"epochs": epochs, "batch_size": min(16, images)}, why

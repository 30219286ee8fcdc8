"""How each paper prepared its photographs, as ``torchvision.transforms.v2`` pipelines.

>>> from imagenet_course.data.recipes import recipe
>>> train = recipe("resnet-2015", train=True)  # RandomShortestSize, RandomCrop, flip, color PCA …
>>> test = recipe("alexnet-2012", train=False, ten_crop=True)

A pipeline takes a PIL image, a uint8 array ``(H, W, C)`` or a uint8 tensor ``(C, H, W)``, and gives
a float32 tensor ``(3, size, size)``. Every pipeline has the same three stages, which
`imagenet_course.data.loader` relies on: geometry, then color on uint8, then `ToDtype` and
`Normalize`.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torchvision.transforms import InterpolationMode, v2

from imagenet_course.data.transforms import ColorPCA, TenViews
from imagenet_course.errors import unknown_name

# Mean and standard deviation of ImageNet's pixels in [0, 1], as torchvision and Keras use them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Recipe:
    """One published way to prepare images: what training and evaluation see, and who says so.

    ``train(size)`` gives the geometry and color steps for a network of input ``size``; lengths that
    a paper gives for 224 are scaled with it. ``shorter`` is the side, at 224, to which evaluation
    resizes before it crops; ``mixup`` and ``cutmix`` are their α, 0 for none.
    """

    train: Callable[[int], list[v2.Transform]]
    shorter: int
    citation: str
    mixup: float = 0.0
    cutmix: float = 0.0
    interpolation: InterpolationMode = InterpolationMode.BILINEAR


def scaled(length: int, size: int) -> int:
    """A ``length`` that a paper gives for 224-pixel crops, for crops of ``size``."""
    return round(length * size / 224)


def _alexnet(size: int) -> list[v2.Transform]:
    square = scaled(256, size)
    return [
        v2.Resize(square),
        v2.CenterCrop(square),
        v2.RandomCrop(size),
        v2.RandomHorizontalFlip(),
        ColorPCA(),
    ]


def _scale_jitter(low: int, high: int) -> Callable[[int], list[v2.Transform]]:
    """Shorter side drawn from [low, high], a random crop, flip, AlexNet's color shift."""

    def steps(size: int) -> list[v2.Transform]:
        return [
            v2.RandomShortestSize(range(scaled(low, size), scaled(high, size) + 1)),
            v2.RandomCrop(size),
            v2.RandomHorizontalFlip(),
            ColorPCA(),
        ]

    return steps


def _area_crop(
    *color: v2.Transform,
    least: float = 0.08,
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
) -> Callable[[int], list[v2.Transform]]:
    """GoogLeNet's crop (8–100 % of the area, aspect ratio 3/4–4/3), flip, then ``color``.

    ``least`` is the smallest share of the area.
    """

    def steps(size: int) -> list[v2.Transform]:
        crop = v2.RandomResizedCrop(
            size, scale=(least, 1.0), ratio=(3 / 4, 4 / 3), interpolation=interpolation
        )
        return [crop, v2.RandomHorizontalFlip(), *color]

    return steps


RECIPES = {
    "alexnet-2012": Recipe(
        _alexnet,
        shorter=256,
        citation="Krizhevsky, Sutskever & Hinton, NIPS 2012, sections 2 and 4.1: shorter side 256,"
        " central 256×256, random 224×224 patches and their reflections, PCA color shift (0.1)."
        " Test: the average softmax of ten patches.",
    ),
    "vgg-2014": Recipe(
        _scale_jitter(256, 512),
        shorter=384,
        citation="Simonyan & Zisserman, ICLR 2015, sections 3.1 and 3.2: shorter side S uniform in"
        " [256, 512], random 224×224 crop, flip, RGB shift as in AlexNet."
        " Test: Q = 384 = 0.5 (256 + 512); the paper applies the network densely, here one crop.",
    ),
    "googlenet-2014": Recipe(
        _area_crop(v2.ColorJitter(brightness=0.5, contrast=0.5, saturation=0.5), ColorPCA()),
        shorter=256,
        citation="Szegedy et al., CVPR 2015, section 6: 8–100 % of the area, aspect ratio 3/4–4/3,"
        " and the photometric distortions of Howard (arXiv:1312.5402): brightness, contrast and"
        " color by factors in [0.5, 1.5] in random order, then the PCA shift."
        " Test: 144 crops at four scales; here one.",
    ),
    "resnet-2015": Recipe(
        _scale_jitter(256, 480),
        shorter=256,
        citation="He et al., CVPR 2016, section 3.4: shorter side uniform in [256, 480], random"
        " 224×224 crop, flip, the color augmentation of AlexNet. Test: ten crops for comparison.",
    ),
    "standard": Recipe(
        _area_crop(),
        shorter=256,
        citation="GoogLeNet's crop and a flip, without color: how torchvision's reference script"
        " and most papers since Gross & Wilber's fb.resnet.torch (2016) train ResNets.",
    ),
    "fastai-imagenette": Recipe(
        _area_crop(least=0.35),
        shorter=224,
        citation="Howard's training script for Imagenette (train_imagenette.py in fastai): crops of"
        " 35–100 % of the area, and a flip. Test: here the whole shorter side.",
    ),
    "strikes-back-2021": Recipe(
        _area_crop(
            # timm's magnitude 7 of 10, in torchvision's 31 steps.
            v2.RandAugment(num_ops=2, magnitude=21),
            interpolation=InterpolationMode.BICUBIC,
        ),
        shorter=235,  # as timm: 224 / 0.95, rounded down
        citation="Wightman, Touvron & Jégou, arXiv:2110.00476, table 2, procedures A1 and A2:"
        " RandAugment 7, mixup 0.1 (A2) and CutMix 1.0, one per batch; test crop ratio 0.95.",
        mixup=0.1,
        cutmix=1.0,
        interpolation=InterpolationMode.BICUBIC,
    ),
    "modern": Recipe(
        _area_crop(
            v2.TrivialAugmentWide(),
            # The recipe erases with 0 after normalization, which is the mean color before it.
            v2.RandomErasing(p=0.1, value=[round(255 * mean) for mean in IMAGENET_MEAN]),
        ),
        shorter=232,
        citation="Vryniotis, \"How to Train State-Of-The-Art Models Using TorchVision's Latest"
        ' Primitives", PyTorch blog 2021: TrivialAugment, random erasing 0.1, mixup 0.2 or CutMix'
        " 1.0 per batch; trained at 176, tested at 232 cropped to 224 (Touvron et al. 2019).",
        mixup=0.2,
        cutmix=1.0,
    ),
}


def recipe(
    name: str,
    *,
    train: bool,
    size: int = 224,
    ten_crop: bool = False,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> v2.Compose:
    """The pipeline that a paper trained or tested with; `RECIPES` holds the citations.

    Args:
        name: one of `RECIPES`.
        train: the random pipeline of training; otherwise a resize and a central crop.
        size: height and width of the network's input. What a paper states for 224 scales with it.
        ten_crop: for evaluation: AlexNet's ten views (four corners, the center, and their mirror
            images), ``(10, 3, size, size)``, whose softmax outputs are to be averaged.
        mean, std: per channel, for pixels in [0, 1]. The papers before 2016 subtracted the mean of
            pixels in 0–255 and did not divide: that is ``std=(1 / 255,) * 3``.

    Raises:
        ValueError: for an unknown name, a size below 8, or ``ten_crop`` while training.
    """
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    if size < 8:
        raise ValueError(f"size must be at least 8 pixels, got {size}")
    if train and ten_crop:
        raise ValueError("ten_crop averages predictions of one image; use it with train=False")
    chosen = RECIPES[name]
    if train:
        steps = deepcopy(chosen.train(size))  # so that a caller may change its own
    else:
        steps = [v2.Resize(scaled(chosen.shorter, size), interpolation=chosen.interpolation)]
        # AlexNet's ten patches come from the central square, the others' from the whole image.
        if ten_crop and name == "alexnet-2012":
            steps.append(v2.CenterCrop(scaled(chosen.shorter, size)))
        steps.append(TenViews(size) if ten_crop else v2.CenterCrop(size))
    finish = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose([v2.ToImage(), v2.RGB(), *steps, *finish])


def mixing(name: str, num_classes: int) -> v2.Transform | None:
    """The recipe's mixup and CutMix, one of the two drawn per batch, or None if it has neither.

    Takes a batch ``(images, labels)`` with labels int64 ``(N,)``; the labels it gives are float
    ``(N, num_classes)``. Zhang et al. (ICLR 2018); Yun et al. (ICCV 2019).
    """
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    chosen = RECIPES[name]
    return mixup_or_cutmix(chosen.mixup, chosen.cutmix, num_classes)


def mixup_or_cutmix(mixup: float, cutmix: float, num_classes: int) -> v2.Transform | None:
    """Mixup and CutMix of these α, one of the two drawn per batch; 0 leaves one out."""
    steps = []
    if mixup:
        steps.append(v2.MixUp(alpha=mixup, num_classes=num_classes))
    if cutmix:
        steps.append(v2.CutMix(alpha=cutmix, num_classes=num_classes))
    return v2.RandomChoice(steps) if steps else None

"""What happens to an image before a network sees it: the other half of a set of weights."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """Resize the shorter side, cut out the middle, scale to 0 … 1, normalize each channel.

    Sizes are in pixels; ``mean`` and ``std`` hold one value per channel, on the scale 0 … 1.
    """

    resize: int = 256
    crop: int = 224
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    interpolation: str = "bilinear"

    def __call__(self, image: Image.Image | np.ndarray | Tensor) -> Tensor:
        """A float32 tensor (C, crop, crop), ready to be batched.

        ``image`` is a PIL image, a uint8 array (H, W, C) or a uint8 tensor (…, C, H, W). Channels
        are made as many as ``mean`` has. Raises TypeError for anything else.
        """
        # Here, because importing torchvision takes longer than building most networks.
        from torchvision.transforms.v2 import InterpolationMode
        from torchvision.transforms.v2 import functional as F

        image = self._as_tensor_or_pil(image)
        image = F.resize(
            image,
            [self.resize],
            interpolation=InterpolationMode(self.interpolation),
            antialias=True,
        )
        image = F.center_crop(image, [self.crop])
        tensor = image if isinstance(image, Tensor) else F.pil_to_tensor(image)
        return F.normalize(F.to_dtype(tensor, torch.float32, scale=True), self.mean, self.std)

    def _as_tensor_or_pil(self, image: Any) -> Image.Image | Tensor:
        from torchvision.transforms.v2 import functional as F

        gray = len(self.mean) == 1
        if isinstance(image, np.ndarray):
            if image.dtype != np.uint8 or image.ndim != 3:
                raise TypeError(
                    f"an image array must be uint8 (H, W, C), but got {image.dtype} {image.shape}."
                )
            image = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
        if isinstance(image, Image.Image):
            return image.convert("L" if gray else "RGB")
        if isinstance(image, Tensor) and image.dtype == torch.uint8:
            return F.rgb_to_grayscale(image) if gray else F.grayscale_to_rgb(image)
        raise TypeError(
            "an image must be a PIL image, a uint8 array (H, W, C) or a uint8 tensor (C, H, W), "
            f"but got {type(image).__name__}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; ``from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Preprocessing":
        """The inverse of :meth:`to_dict`."""

        def plain(value: Any) -> Any:
            return (
                tuple(value)
                if isinstance(value, Sequence) and not isinstance(value, str)
                else value
            )

        return cls(**{key: plain(value) for key, value in values.items()})

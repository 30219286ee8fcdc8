"""The published image operations that ``torchvision.transforms.v2`` lacks."""

from typing import Any

import torch
from torchvision.transforms import v2


class ColorPCA(v2.Transform):
    """Shift all pixels of an image along the principal components of ImageNet's colors.

    Adds ``Σ_i α_i λ_i p_i`` with ``α_i ~ N(0, std²)``, drawn once per image (Krizhevsky et al.
    2012, section 4.1). The paper prints no λ and p; these are the ones of Gross & Wilber's
    fb.resnet.torch (2016), for pixels in [0, 1], which everyone has used since.

    Takes uint8 (the shift is rounded, the result clamped) or float in [0, 1], ``(…, 3, H, W)``.
    """

    EIGENVALUES = (0.2175, 0.0188, 0.0045)
    EIGENVECTORS = (  # one in each column
        (-0.5675, 0.7192, 0.4009),
        (-0.5808, -0.0045, -0.8140),
        (-0.5836, -0.6948, 0.4203),
    )

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        alpha = torch.randn(3) * self.std
        shift = torch.tensor(self.EIGENVECTORS) @ (alpha * torch.tensor(self.EIGENVALUES))
        return {"shift": shift.view(3, 1, 1)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if not isinstance(inpt, torch.Tensor):
            raise TypeError(
                f"ColorPCA takes a tensor, got {type(inpt).__name__}; put ToImage first"
            )
        shift = params["shift"].to(inpt.device)
        if inpt.dtype != torch.uint8:
            return inpt + shift
        shifted = inpt.to(torch.int16).add_((shift * 255).round().to(torch.int16))
        return shifted.clamp_(0, 255).to(torch.uint8)


class TenViews(v2.Transform):
    """AlexNet's ten test patches: four corners, the center, and their reflections.

    ``(C, H, W)`` becomes ``(10, C, size, size)``.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return torch.stack(v2.functional.ten_crop(inpt, [self.size, self.size]))

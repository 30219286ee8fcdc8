"""Muon: momentum, made orthogonal (Jordan et al. 2024, kellerjordan.github.io/posts/muon).

PyTorch's own (since 2.9) takes matrices only; here, a bank of filters is the matrix of its rows.
"""

import torch
from torch import Tensor

# Of the quintic Newton-Schulz iteration, chosen by Jordan to raise small singular values fast.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
RMS = 0.2  # of an update of AdamW, which Muon's are scaled to (Liu et al. 2025, section 2.2)


class Muon(torch.optim.Optimizer):
    """Weights of two or more axes take orthogonal steps; scales, shifts and biases those of AdamW.

    Both kinds of step have the size of AdamW's, so that one learning rate serves for all. Weight
    decay is decoupled, ``momentum`` Nesterov's, and β₁ for AdamW. ``dtype`` is what the matrices
    are made orthogonal in: bfloat16 is exact enough where it is fast (Jordan et al. 2024).

    ``filter_rms`` is what the root mean square of every bank of filters is brought back to after
    each step. Where a normalization follows, which makes their scale immaterial, every step then
    turns them by the same angle, 0.2 lr / filter_rms, as in airbench94_muon (Jordan 2024).
    """

    def __init__(
        self,
        params: list[dict],
        lr: float,
        momentum: float = 0.95,
        dtype: torch.dtype = torch.float32,
        filter_rms: float | None = None,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": 0.0})
        self.dtype = dtype
        self.filter_rms = filter_rms

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Take one step along the gradients."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["step"] = 0
                    state["momentum"] = torch.zeros_like(weight)
                state["step"] += 1
                rule = self._orthogonal if weight.ndim > 1 else self._adam
                update = rule(weight.grad, state, group["momentum"])
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update, alpha=-group["lr"])
                if self.filter_rms is not None and weight.ndim > 2:
                    weight.mul_(self.filter_rms / weight.square().mean().sqrt())

    def _orthogonal(self, gradient: Tensor, state: dict, beta: float) -> Tensor:
        momentum = state["momentum"].lerp_(gradient, 1 - beta)
        rows = gradient.lerp(momentum, beta).flatten(1)
        scale = RMS * max(rows.shape) ** 0.5
        return (scale * orthogonalized(rows, self.dtype)).view(gradient.shape)

    @staticmethod
    def _adam(gradient: Tensor, state: dict, beta: float, beta2: float = 0.999) -> Tensor:
        if "square" not in state:
            state["square"] = torch.zeros_like(gradient)
        momentum = state["momentum"].lerp_(gradient, 1 - beta)
        square = state["square"].lerp_(gradient.square(), 1 - beta2)
        t = state["step"]
        return (momentum / (1 - beta**t)) / ((square / (1 - beta2**t)).sqrt() + 1e-8)


def orthogonalized(matrix: Tensor, dtype: torch.dtype = torch.float32, steps: int = 5) -> Tensor:
    """Nearly U Vᵀ for ``matrix`` = U S Vᵀ: singular values between about 0.7 and 1.2.

    ``matrix`` is ``(rows, columns)``; the iteration computes in ``dtype``.
    """
    a, b, c = COEFFICIENTS
    x = matrix.to(dtype)
    x = x / (x.norm() + 1e-7)
    if tall := matrix.shape[0] > matrix.shape[1]:
        x = x.mT
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrix.dtype)

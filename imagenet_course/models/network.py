"""What all networks of the course share: they know how they were built, and explain a misfit."""

import copy
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

LARGEST_SIZE_TRIED = 512


class Network(nn.Module):
    """An image classifier (N, C, H, W) → logits (N, num_classes) that can be rebuilt by name.

    ``name`` and ``options`` are what ``models.create(name, **options)`` needs to build its twin;
    ``input_size`` is the side in pixels of the square images it was designed for; ``heads`` names
    the linear layers that end in one output per class, the main one first. ``classes`` and
    ``preprocessing`` are set where weights came with them.
    """

    name: str = ""
    input_size: int = 224
    heads: tuple[str, ...] = ("fc",)
    classes: tuple[str, ...] | None = None
    preprocessing: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.options: dict[str, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the network; images that do not fit raise ValueError with one sentence.

        The good case costs nothing: only a failure is looked into.
        """
        if torch.compiler.is_compiling():
            return super().__call__(*args, **kwargs)
        try:
            return super().__call__(*args, **kwargs)
        except (RuntimeError, ValueError) as error:
            reason = misfit(self, args[0]) if args and isinstance(args[0], Tensor) else None
            if reason is None:
                raise
            raise ValueError(reason) from error


def misfit(model: Network, images: Tensor) -> str | None:
    """The sentence that says why ``images`` do not fit ``model``, or None where they do."""
    if images.is_meta:  # one of our own trials, see fits()
        return None
    title = model.name or type(model).__name__
    channels = model.options.get("in_channels", next(model.parameters()).shape[1])
    shape = tuple(images.shape)
    if images.ndim != 4 or shape[1] != channels:
        return f"{title} takes images of shape (N, {channels}, H, W), but got {shape}."
    if not images.is_floating_point():
        return (
            f"{title} takes floating-point images, but got {images.dtype}; "
            "scale them to 0 … 1 and normalize."
        )
    return misfit_size(model, *shape[2:])


def misfit_size(model: Network, height: int, width: int) -> str | None:
    """The sentence that says why images of ``height`` × ``width`` do not fit, or None."""
    designed = model.input_size
    if fits(model, height, width) or not fits(model, designed, designed):  # not the images' fault
        return None
    title = model.name or type(model).__name__
    smallest = smallest_input(model)
    if min(height, width) < smallest:
        return (
            f"images of {height}×{width} are too small for {title}: "
            f"the smallest that works is {smallest}×{smallest}."
        )
    return f"{title} does not take images of {height}×{width}; {smallest}×{smallest} works."


def fits(model: nn.Module, height: int, width: int) -> bool:
    """Whether images of ``height`` × ``width`` pass through, tried without computing anything."""
    twin = meta_twin(model)
    first = next(twin.parameters())
    # Two images, because batch normalization refuses a single value per channel in training.
    images = torch.empty(2, first.shape[1], height, width, device="meta", dtype=first.dtype)
    try:
        with torch.no_grad():
            twin(images)
    except (RuntimeError, ValueError):
        return False
    return True


def smallest_input(model: Network) -> int:
    """The smallest side in pixels of square images that pass through ``model``; computed.

    Raises ValueError where no size up to 512 does.
    """
    twin = meta_twin(model)
    for size in range(1, LARGEST_SIZE_TRIED + 1):
        if fits(twin, size, size):
            return size
    raise ValueError(f"no image up to {LARGEST_SIZE_TRIED}×{LARGEST_SIZE_TRIED} fits {model.name}.")


def meta_twin(model: nn.Module) -> nn.Module:
    """A copy on the ``meta`` device: all the layers and shapes, none of the numbers.

    It runs in no time and in no memory, and tells the shape of everything.
    """
    memo: dict[int, Tensor] = {}
    for parameter in model.parameters():
        memo[id(parameter)] = nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)
    for buffer in model.buffers():
        memo[id(buffer)] = buffer.to("meta")
    return copy.deepcopy(model, memo)  # which takes what is in the memo for copied already


def find_layer(model: nn.Module, path: str) -> nn.Module:
    """The layer at ``path``, such as "layer1.0.conv1"; ValueError with a suggestion if none is."""
    layers = dict(model.named_modules())
    if path in layers and path:
        return layers[path]
    near = get_close_matches(path, layers, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "summary(model) lists them."
    title = getattr(model, "name", "") or type(model).__name__
    raise ValueError(f"{title} has no layer {path!r}; {hint}")

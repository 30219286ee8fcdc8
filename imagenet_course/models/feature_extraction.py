"""What a network sees inside: the output of any layer, by name."""

from collections.abc import Iterable

from torch import Tensor, nn

from imagenet_course.models.network import find_layer


def features(model: nn.Module, images: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
    """The outputs of the layers ``names``, such as "layer1.0.conv1", for ``images`` (N, C, H, W).

    Gradients flow through them unless the caller forbids it. Raises ValueError for a layer that
    does not exist, with the nearest suggestion.
    """
    outputs: dict[str, Tensor] = {}

    def remember(name: str) -> object:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            outputs[name] = output.clone()  # the next layer may work in place

        return hook

    layers = {name: find_layer(model, name) for name in names}
    hooks = [layer.register_forward_hook(remember(name)) for name, layer in layers.items()]
    try:
        model(images)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: outputs[name] for name in layers}

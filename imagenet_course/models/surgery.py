"""Transfer learning: a new head on a trained body, and a body that stays as it is."""

from collections.abc import Iterator

from torch import nn

from imagenet_course.layers.checks import check_integer
from imagenet_course.models.network import Network, find_layer


def replace_head(model: Network, num_classes: int) -> Network:
    """Give ``model`` new last layers with ``num_classes`` outputs, in place; returns ``model``.

    All heads are replaced, the auxiliary ones of GoogLeNet too. New weights are normal with
    deviation 0.01 and new biases zero, so that the first loss is about ln(num_classes) whatever
    the features are.
    """
    check_integer("num_classes", num_classes, 1)
    for path in model.heads:
        old = model.get_submodule(path)
        new = nn.Linear(old.in_features, num_classes).to(old.weight)
        nn.init.normal_(new.weight, std=0.01)
        nn.init.zeros_(new.bias)
        parent, _, child = path.rpartition(".")
        setattr(model.get_submodule(parent), child, new)
    model.options["num_classes"] = num_classes
    model.classes = None
    return model


def freeze(model: Network, until: str | None = None) -> Network:
    """Stop training the layers up to and including ``until``, in place; returns ``model``.

    ``until`` is the path of a layer or a group of layers, such as "layer3" or "features.10"; by
    default everything but the heads is frozen. Frozen weights get no gradients. Frozen batch
    normalization uses its running statistics and keeps them, also after ``model.train()``:
    ``requires_grad = False`` alone would let them drift to the new data. Raises ValueError where
    there is no such layer.
    """
    for module in list(_frozen_part(model, until)):
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(False)
        if isinstance(module, nn.BatchNorm2d):
            module.__class__ = FrozenBatchNorm2d
            module.eval()
    return model


def unfreeze(model: Network) -> Network:
    """Train all layers again, in place; returns ``model``."""
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(True)
        if isinstance(module, FrozenBatchNorm2d):
            module.__class__ = nn.BatchNorm2d
            module.train(model.training)
    return model


class FrozenBatchNorm2d(nn.BatchNorm2d):
    """Batch normalization that stays in inference mode whatever mode its network is put in."""

    def train(self, mode: bool = True) -> "FrozenBatchNorm2d":
        return super().train(False)


def _frozen_part(model: Network, until: str | None) -> Iterator[nn.Module]:
    """The modules to freeze; modules are registered in the order in which they run."""
    if until is None:
        heads = [model.get_submodule(path) for path in model.heads]
        yield from (module for module in model.modules() if module not in heads)
        return
    find_layer(model, until)
    reached = False
    for path, module in model.named_modules():
        inside = path == until or path.startswith(until + ".")
        if reached and not inside:
            return
        reached = reached or inside
        yield module

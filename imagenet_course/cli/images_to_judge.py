"""Which images a network is evaluated on, and which of its classes their labels mean."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from imagenet_course.data import ImageDataset
    from imagenet_course.models import Network
    from imagenet_course.training.config import Config


def images_to_judge(
    config: "Config", data: str | None, split: str | None
) -> "tuple[ImageDataset, str]":
    """The images that the run of ``config`` was validated on, or those asked for; and a note."""
    from imagenet_course.data import load
    from imagenet_course.training.sources import locate, open_source

    if data is None and split is None:
        source = open_source(config)
        note = source.note + (", which chose the epoch" if config.patience else "")
        return source.validation, note
    name, options, splits = locate(data or config.data, config.data_options)
    if split is None:
        split = next((s for s in ("validation", "test") if s in splits), None)
    dataset = load(name, split, **options)
    return dataset, "all there are" if dataset.split == "all" else f"its {dataset.split} split"


def labels_of(network: "Network", dataset: "ImageDataset", title: str) -> "np.ndarray":
    """The labels of ``dataset`` as numbers of the network's own classes, int64 ``(N,)``.

    Classes are matched by name, so that a network of 1,000 classes can be judged on images of ten.
    Raises ValueError for a class that the network (``title``) does not know, and for wrong labels.
    """
    import numpy as np

    own, known = dataset.classes, network.classes
    if not len(dataset):
        raise ValueError(f"the split {dataset.split!r} holds no image")
    low, high = int(dataset.labels.min()), int(dataset.labels.max())
    if low < 0 or high >= len(own):
        raise ValueError(
            f"the split {dataset.split!r} has the label {low if low < 0 else high}, but labels of"
            f" {len(own)} classes are 0 to {len(own) - 1}"
        )
    outputs = network.options["num_classes"]
    if known is None and len(own) != outputs:
        raise ValueError(f"{title} has {outputs} outputs, but the data has {len(own)} classes")
    if known is None or own == known:
        return dataset.labels
    strange = [name for name in own if known.count(name) != 1]
    if strange:
        others = f" and {len(strange) - 1:,} others" if strange[1:] else ""
        examples = ", ".join(known[:3]) + (", …" if known[3:] else "")
        raise ValueError(
            f"{title} does not know the class {strange[0]!r}{others} of these images; its classes"
            f" are {examples}"
        )
    return np.array([known.index(name) for name in own])[dataset.labels]

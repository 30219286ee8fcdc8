"""Every setting of a training run, in one frozen value."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from imagenet_course.errors import unknown_name

CHOICES = {
    "optimizer": ("sgd", "adamw", "muon"),
    "schedule": ("constant", "step", "linear", "cosine", "one-cycle"),
    "flip": (None, "random", "alternate"),
    "pixels": ("standardized", "centered"),
    "framework": ("pytorch", "keras"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "float32", "bfloat16", "float16"),
}
WHOLE = {  # name: least value; None is allowed where it is the default
    "epochs": 1,
    "batch_size": 1,
    "accumulate": 1,
    "size": 1,
    "validation_size": 1,
    "crop_padding": 0,
    "cutout": 0,
    "workers": 0,
    "patience": 1,
    "seed": 0,
}
NUMBERS = {  # name: (least, greatest), whether the ends are allowed
    "lr": (0.0, float("inf"), False, False),
    "momentum": (0.0, 1.0, True, False),
    "weight_decay": (0.0, float("inf"), True, False),
    "warmup": (0.0, 1.0, True, False),
    "final_lr": (0.0, 1.0, True, True),
    "gamma": (0.0, 1.0, False, True),
    "label_smoothing": (0.0, 1.0, True, False),
    "mixup": (0.0, float("inf"), True, False),
    "cutmix": (0.0, float("inf"), True, False),
    "ema": (0.0, 1.0, True, False),
    "filter_rms": (0.0, float("inf"), False, False),
    "clip_norm": (0.0, float("inf"), False, False),
    "checkpoint_seconds": (0.0, float("inf"), True, True),
}
SWITCHES = ("nesterov", "decay_all", "compile", "sync_batch_norm", "in_memory")


@dataclass(frozen=True)
class Config:
    """What is trained, on what, and how; every field is checked when a value is made.

    Attributes:
        data, data_options: a name of the catalog or an image folder, and what `data.load` takes.
        model, model_options: a name and options of `imagenet_course.models.create`.
        epochs: passes over the training set.
        batch_size: images per batch, on each process.
        accumulate: batches whose gradients make up one step.
        size: side of the images in pixels; None is what the network was designed for.
        validation_size: the same in validation, which may be larger (Touvron et al. 2019).
        in_memory: hold all images in memory at ``size``; None does so for sets that are there.
        photographs: how photographs in files are cropped and colored, a name of `data.recipes`.
        crop_padding, flip, cutout: the same for images in memory; see `ResidentLoader`.
        pixels: "standardized" to unit variance, or only "centered", 0–255, as before 2016.
        mixup, cutmix: their α, 0 for none; where both are given, each batch draws one of the two.
        optimizer, lr, momentum, nesterov: ``momentum`` is β₁ of AdamW.
        filter_rms: with Muon, the root mean square that every bank of filters is kept at, which is
            for networks that normalize after each; None lets it change.
        weight_decay, decay_all: decay weights, but not norms and biases unless ``decay_all``.
        schedule: the learning rate over the run; see `imagenet_course.training.schedule`.
        warmup, final_lr, milestones, gamma: its parts; ``warmup`` and ``milestones`` are shares
            of the run, ``final_lr`` is one of ``lr``.
        label_smoothing: the share of a label that is spread over all classes.
        clip_norm: the greatest norm of a gradient; None does not clip.
        ema: the decay of an average of the weights, which is what is tested and saved; 0 for none.
        patience: stop after this many epochs without a better validation accuracy, and keep the
            best weights; None trains to the end and keeps the last.
        seed: of weights, order, augmentation and dropout.
        framework: "pytorch", or "keras" for `imagenet_course.training.keras`.
        device, precision, compile, workers: of the machine; "auto" is explained by `doctor`.
        sync_batch_norm: normalize over the batches of all GPUs.
        checkpoint_seconds: the time between checkpoints; 0 saves after every step.

    Raises:
        TypeError, ValueError: one sentence that names the field, its value and the rule.
    """

    data: str = "digits"
    data_options: Mapping[str, Any] = field(default_factory=dict)
    model: str = "lenet5"
    model_options: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 20
    batch_size: int = 64
    accumulate: int = 1
    size: int | None = None
    validation_size: int | None = None
    in_memory: bool | None = None
    photographs: str = "standard"
    crop_padding: int = 0
    flip: str | None = None
    cutout: int = 0
    pixels: str = "standardized"
    mixup: float = 0.0
    cutmix: float = 0.0
    optimizer: str = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    nesterov: bool = True
    filter_rms: float | None = None
    weight_decay: float = 5e-4
    decay_all: bool = False
    schedule: str = "cosine"
    warmup: float = 0.0
    final_lr: float = 0.0
    milestones: tuple[float, ...] = ()
    gamma: float = 0.1
    label_smoothing: float = 0.0
    clip_norm: float | None = None
    ema: float = 0.0
    patience: int | None = None
    seed: int = 0
    framework: str = "pytorch"
    device: str = "auto"
    precision: str = "auto"
    compile: bool = False
    workers: int | None = None
    sync_batch_norm: bool = False
    checkpoint_seconds: float = 300.0

    def __post_init__(self) -> None:
        defaults = {f.name: f.default for f in fields(self)}
        for name, known in CHOICES.items():
            if (value := getattr(self, name)) not in known:
                raise unknown_name(name, value, map(str, known))
        for name, least in WHOLE.items():
            value = getattr(self, name)
            if value is None and defaults[name] is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} must be a whole number, got {value!r}")
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
            if value >= 2**63:
                raise ValueError(f"{name} must be below 2^63, got {value}")
        for name, (low, high, with_low, with_high) in NUMBERS.items():
            value = getattr(self, name)
            if value is None and defaults[name] is None:
                continue
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise TypeError(f"{name} must be a number, got {value!r}")
            above = value >= low if with_low else value > low
            below = value <= high if with_high else value < high
            if not (above and below):
                ends = f"{'[' if with_low else '('}{low:g}, {high:g}{']' if with_high else ')'}"
                raise ValueError(f"{name} must be in {ends}, got {value}")
            object.__setattr__(self, name, float(value))
        for name in SWITCHES:
            value = getattr(self, name)
            if not isinstance(value, bool) and not (value is None and defaults[name] is None):
                raise TypeError(f"{name} must be true or false, got {value!r}")
        for name in ("data", "model", "photographs"):
            if not isinstance(value := getattr(self, name), str):
                raise TypeError(f"{name} must be a name, got {value!r}")
        for name in ("data_options", "model_options"):
            if not isinstance(value := getattr(self, name), Mapping):
                raise TypeError(f"{name} must map names to values, got {value!r}")
        self._check_milestones()
        if self.filter_rms is not None and self.optimizer != "muon":
            raise ValueError(
                f"filter_rms is for optimizer=muon, not {self.optimizer}; set filter_rms=null"
            )
        if self.nesterov and self.optimizer == "sgd" and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0; set nesterov=false or a momentum")

    def _check_milestones(self) -> None:
        try:
            milestones = tuple(float(m) for m in self.milestones)
        except (TypeError, ValueError):
            raise TypeError(
                f"milestones must be a list of shares of the run, got {self.milestones!r}"
            ) from None
        if any(not 0 < m < 1 for m in milestones) or list(milestones) != sorted(set(milestones)):
            raise ValueError(
                f"milestones must be ascending shares of the run between 0 and 1, got {milestones}"
            )
        if milestones and self.schedule != "step":
            raise ValueError(
                f"milestones are for schedule=step, not {self.schedule}; set milestones=[]"
            )
        if not milestones and self.schedule == "step":
            raise ValueError("schedule=step needs milestones, such as milestones=[0.5,0.75]")
        object.__setattr__(self, "milestones", milestones)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; ``Config(**values)`` reads them back."""
        return asdict(self) | {"milestones": list(self.milestones)}

    def changed(self, **changes: Any) -> "Config":
        """A copy with some fields changed; ValueError for a field that there is not."""
        check_names(changes)
        return replace(self, **changes)


def check_names(settings: Mapping[str, Any]) -> None:
    """Raise ValueError where a key is no field of `Config`."""
    known = [f.name for f in fields(Config)]
    for name in settings:
        if name not in known:
            raise unknown_name("setting", name, known)


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Fields of `Config` from ``key=value`` strings, as ``--set`` takes them.

    ``model.KEY`` and ``data.KEY`` are options of the network and of the data set. Values are JSON
    where they can be, otherwise text: ``lr=0.1``, ``flip=null``, ``optimizer=adamw``.
    """
    changes: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise ValueError(f"a setting is written key=value, got {setting!r}")
        value = _value(text)
        prefix, dot, option = key.partition(".")
        if dot and prefix in ("model", "data"):
            options = changes.setdefault(f"{prefix}_options", {})
            if not isinstance(options, dict):
                raise ValueError(f"give {prefix}_options or {key}, not both")
            options[option] = value
        else:
            changes[key] = value
    return changes


def _value(text: str) -> Any:
    """What ``text`` says as JSON, or else as Python's None or a number, or else itself."""
    for read in ({"None": None}.__getitem__, json.loads, float):
        try:
            return read(text)
        except (KeyError, ValueError):
            pass
    return text

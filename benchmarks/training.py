"""How fast networks train: our loop beside the loops that people use, and the bare step.

    python benchmarks/training.py                         # ResNet-50, 224², batch 16: half an hour
    python benchmarks/training.py --model resnet18 --size 128 --batch-size 64

Every contender is a process of its own with the same number of threads. They take turns, each in
every round, so that a disturbance meets all of them, and the order is reversed from round to round.
A first epoch, in which things are compiled and caches filled, is not counted; the figures are
medians over the epochs that follow, the ratios medians over the rounds.

Ten classes of random images, held in memory. The peers get them as normalized floats, which they
need not prepare; ours starts from bytes, as it does in training. With --files all read the same
JPEG files instead, each in its own way, with one worker where there are workers.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from joblib import cpu_count
from PIL import Image

CLASSES, LR, MOMENTUM, WEIGHT_DECAY = 10, 0.01, 0.9, 1e-4
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OURS, BARE = "ours", "bare step, our settings"
REFERENCE = "torchvision's recipe, float32"

# Each trains for ``options.epochs`` after a first one; images per second of each of those.
Contender = Callable[[argparse.Namespace], list[float]]


def bytes_in_memory(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Images, uint8 (N, H, W, 3), and labels, int64 (N,); the same for all contenders."""
    rng = np.random.default_rng(0)
    count = options.steps * options.batch_size
    images = rng.integers(0, 256, (count, options.size, options.size, 3), dtype=np.uint8)
    return images, np.arange(count) % CLASSES


def floats_in_memory(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """The same images as normalized float32."""
    images, labels = bytes_in_memory(options)
    return ((images / 255 - MEAN) / STD).astype(np.float32), labels


# --- ours, and the least that training can take ---


def our_source(options: argparse.Namespace):
    from imagenet_course.data import InMemory, info, load
    from imagenet_course.training.sources import Source, subset

    if options.files:
        training = load("folder", path=options.files)
    else:
        names = [str(k) for k in range(CLASSES)]
        training = InMemory(*bytes_in_memory(options), names, info("folder"), "train")
    return Source(training, subset(training, np.arange(options.batch_size), "validation"))


def our_config(options: argparse.Namespace, **changes):
    from imagenet_course.training.recipes import recipe

    return recipe(
        "resnet-2015",
        model=options.model,
        batch_size=options.batch_size,
        size=options.size,
        lr=LR,
        photographs="standard",
        crop_padding=0,
        flip=None,
        workers=1,
        **changes,
    )


def ours(options: argparse.Namespace, **changes) -> list[float]:
    from imagenet_course.training.throughput import our_loop

    return our_loop(our_source(options), our_config(options, **changes), options.epochs)


def ours_compiled(options: argparse.Namespace) -> list[float]:
    return ours(options, compile=True)


def ours_float32(options: argparse.Namespace) -> list[float]:
    return ours(options, precision="float32")


def bare(options: argparse.Namespace) -> list[float]:
    from imagenet_course.training.throughput import bare_step

    return bare_step(our_source(options), our_config(options), options.epochs)


# --- the peers ---


def torch_batches(options: argparse.Namespace):
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from torchvision import datasets, transforms

    common = {"batch_size": options.batch_size, "shuffle": True, "drop_last": True}
    if not options.files:
        images, labels = floats_in_memory(options)
        tensors = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        return DataLoader(TensorDataset(tensors, torch.from_numpy(labels)), **common)
    prepare = transforms.Compose(
        [
            transforms.RandomResizedCrop(options.size),
            transforms.RandomHorizontalFlip(),
            transforms.PILToTensor(),
            transforms.ConvertImageDtype(torch.float),
            transforms.Normalize(MEAN, STD),
        ]
    )
    dataset = datasets.ImageFolder(options.files, prepare)
    return DataLoader(dataset, num_workers=1, persistent_workers=True, **common)


def torchvision_recipe(options: argparse.Namespace) -> list[float]:
    """What torchvision's reference script does in each step by default: float32, NCHW, SGD."""
    import torch
    from torchvision import models

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = models.get_model(options.model, weights=None, num_classes=CLASSES).to(device)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), LR, MOMENTUM, weight_decay=WEIGHT_DECAY)
    batches = torch_batches(options)
    rates = []
    for _ in range(options.epochs + 1):
        model.train()
        began, count, losses, top5 = time.perf_counter(), 0, 0.0, 0
        for images, labels in batches:
            images, labels = images.to(device), labels.to(device)
            outputs = model(images)
            loss = criterion(outputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += loss.item()  # its meters read loss and accuracy after every step
            top5 += (outputs.topk(5).indices == labels[:, None]).sum().item()
            count += len(labels)
        rates.append(count / (time.perf_counter() - began))
    return rates[1:]


def lightning_trainer(options: argparse.Namespace, **settings) -> list[float]:
    import lightning
    import torch
    from torchvision import models

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = models.get_model(options.model, weights=None, num_classes=CLASSES)

        def training_step(self, batch: tuple, index: int) -> torch.Tensor:
            images, labels = batch
            loss = torch.nn.functional.cross_entropy(self.model(images), labels)
            self.log("loss", loss, prog_bar=True)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), LR, MOMENTUM, weight_decay=WEIGHT_DECAY)

    class Stopwatch(lightning.Callback):
        """Stops before Lightning writes its checkpoint, which is not what is measured here."""

        rates: list[float] = []  # noqa: RUF012

        def on_train_epoch_start(self, trainer, module) -> None:
            self.began = time.perf_counter()

        def on_train_epoch_end(self, trainer, module) -> None:
            seconds = time.perf_counter() - self.began
            self.rates.append(options.steps * options.batch_size / seconds)

    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as scratch:
        trainer = lightning.Trainer(
            max_epochs=options.epochs + 1,
            callbacks=[stopwatch],
            default_root_dir=scratch,
            **settings,
        )
        trainer.fit(Classifier(), torch_batches(options))
    return stopwatch.rates[1:]


def lightning_bfloat16(options: argparse.Namespace) -> list[float]:
    return lightning_trainer(options, precision="bf16-mixed")


def keras_batches(options: argparse.Namespace):
    import keras
    import tensorflow as tf

    if not options.files:
        images, labels = floats_in_memory(options)
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(labels))
        return batches.batch(options.batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    layers = [
        keras.layers.RandomCrop(options.size, options.size),
        keras.layers.RandomFlip("horizontal"),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Normalization(mean=MEAN, variance=[std**2 for std in STD], axis=-1),
    ]

    def prepare(images, labels):
        for layer in layers:
            images = layer(images, training=True) if "random" in layer.name else layer(images)
        return images, labels

    side = round(options.size * 256 / 224)
    batches = keras.utils.image_dataset_from_directory(
        options.files, image_size=(side, side), batch_size=options.batch_size, verbose=False
    )
    return batches.map(prepare, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def keras_fit(
    options: argparse.Namespace, policy: str = "float32", jit: bool | str = "auto"
) -> list[float]:
    """`keras.applications` has ResNet-50; of other networks the course's twins are trained."""
    import keras

    class Stopwatch(keras.callbacks.Callback):
        rates: list[float] = []  # noqa: RUF012

        def on_epoch_begin(self, epoch, logs=None) -> None:
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None) -> None:
            seconds = time.perf_counter() - self.began
            self.rates.append(options.steps * options.batch_size / seconds)

    keras.mixed_precision.set_global_policy(policy)
    if options.model == "resnet50":
        shape = (options.size, options.size, 3)
        model = keras.applications.ResNet50(
            weights=None, classes=CLASSES, input_shape=shape, classifier_activation=None
        )
    else:
        from imagenet_course.models.keras import create

        model = create(options.model, num_classes=CLASSES, input_size=options.size)
    model.compile(
        keras.optimizers.SGD(LR, MOMENTUM, weight_decay=WEIGHT_DECAY),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=jit,
    )
    stopwatch = Stopwatch()
    model.fit(keras_batches(options), epochs=options.epochs + 1, verbose=2, callbacks=[stopwatch])
    return stopwatch.rates[1:]


def keras_bfloat16(options: argparse.Namespace) -> list[float]:
    return keras_fit(options, "mixed_bfloat16")


def keras_without_xla(options: argparse.Namespace) -> list[float]:
    return keras_fit(options, jit=False)


def keras_bfloat16_without_xla(options: argparse.Namespace) -> list[float]:
    return keras_fit(options, "mixed_bfloat16", jit=False)


CONTENDERS: dict[str, Contender] = {
    OURS: ours,
    BARE: bare,
    "ours, compile=true": ours_compiled,
    "ours, precision=float32": ours_float32,
    REFERENCE: torchvision_recipe,
    "Lightning, defaults": lightning_trainer,
    "Lightning, bf16-mixed": lightning_bfloat16,
    "Keras fit, float32": keras_fit,
    "Keras fit, mixed_bfloat16": keras_bfloat16,
    "Keras fit, float32, jit_compile=False": keras_without_xla,
    "Keras fit, mixed_bfloat16, jit_compile=False": keras_bfloat16_without_xla,
}


# --- taking turns ---


def in_a_process(name: str, options: argparse.Namespace) -> list[float] | None:
    """A contender's rates, from a process of its own; None where it failed, with its last words."""
    command = [sys.executable, __file__, "--one", name]
    for key in ("model", "size", "batch_size", "steps", "epochs", "threads", "files"):
        if (value := getattr(options, key)) is not None:
            command += [f"--{key.replace('_', '-')}", str(value)]
    threads = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    environment = os.environ | dict.fromkeys(threads, str(options.threads))
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def write_files(folder: Path, options: argparse.Namespace) -> None:
    """JPEG files in class folders: drawings of PicoNet, a little larger than the input."""
    from imagenet_course.data import load

    side, count = round(options.size * 256 / 224), options.steps * options.batch_size
    for k, image in enumerate(load("piconet", length=count, size=side).images):
        path = folder / str(k % CLASSES) / f"{k}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, quality=90)


def summarize(rounds: dict[str, list[list[float]]]) -> dict:
    """Medians of all epochs, and how ours compares: medians of what the rounds say."""
    rates = {
        name: statistics.median(rate for epochs in found for rate in epochs)
        for name, found in rounds.items()
    }

    def times(name: str) -> float | None:
        if not {OURS, name} <= set(rounds):
            return None
        pairs = zip(rounds[OURS], rounds[name], strict=False)
        return statistics.median(
            statistics.median(mine) / statistics.median(theirs) for mine, theirs in pairs
        )

    keras = [name for name in rates if name.startswith("Keras")]
    best = max(keras, key=rates.get, default=None)
    return {
        "images_per_second": {name: round(rate, 3) for name, rate in rates.items()},
        "best Keras": best,
        "ours / torchvision's recipe": times(REFERENCE),
        "ours / best Keras": best and times(best),
        "ours / bare step": times(BARE),
    }


def show(title: str, found: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("contender", title=title)
    for heading in ("images/s", "÷ torchvision's recipe", "÷ bare step"):
        table.add_column(heading, justify="right")
    rates = found["images_per_second"]
    for name, rate in sorted(rates.items(), key=lambda pair: -pair[1]):
        ratios = [f"{rate / rates[k]:.2f}" if k in rates else "–" for k in (REFERENCE, BARE)]
        table.add_row(name, f"{rate:.1f}", *ratios)
    console = Console(width=100)
    console.print(table)
    for key in ("ours / torchvision's recipe", "ours / best Keras", "ours / bare step"):
        if found[key]:
            console.print(f"{key}: {found[key]:.3f}")


def main() -> None:
    cores = cpu_count()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--steps", type=int, default=8, help="in an epoch")
    parser.add_argument("--epochs", type=int, default=2, help="in a round, after a first")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--files", nargs="?", const="new", help="read JPEG files")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, metavar="NAME")
    parser.add_argument("--no-record", action="store_true", help="print the table and no more")
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        if not options.one.startswith("Keras"):
            import torch

            torch.set_num_threads(options.threads)
        rates = CONTENDERS[options.one](options)
        print(f"\n{json.dumps(rates)}")
        return
    title = f"{options.model}, {options.size}², batch {options.batch_size}"
    title += f", {options.threads} threads, {'files' if options.files else 'memory'}"
    rounds: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        if options.files:
            options.files = scratch
            write_files(Path(scratch), options)
        names = options.only or list(CONTENDERS)
        for k in range(options.rounds):
            for name in names[:: (-1) ** k]:
                rates = in_a_process(name, options)
                if rates:
                    rounds.setdefault(name, []).append(rates)
                    print(f"round {k + 1}: {name} {statistics.median(rates):.2f}", file=sys.stderr)
    found = summarize(rounds)
    show(title, found)
    if not options.no_record:
        from record import record, recorded

        found["rounds"] = rounds
        print(f"recorded in {record('training', recorded('training') | {title: found})}")


if __name__ == "__main__":
    main()

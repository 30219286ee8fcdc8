"""How fast photographs become training batches, beside the ways their users know.

    python benchmarks/data.py                     # about ten minutes; needs Imagenette

Every way is a process of its own on one core: one thread, no workers, batches of 64, random
resized crops of 224 and flips, normalized floats unless it says uint8. The processes take turns, so
that a disturbance meets all of them. An image counts for the processor time that it takes (user and
system), which a busy machine distorts less than the clock; medians over all passes.

Two sets: Imagenette's photographs as they are here (224×224), and mosaics of four of them with the
pixels (500×375) and bytes of ImageNet's own photographs (110 kB on average), for which they stand.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SIZE, BATCH, PHOTOS = 224, 64, 640
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

# Each takes a folder of class folders and the number of worker processes, and gives a function that
# runs one epoch and returns the number of images.
Pass = Callable[[], int]


def decode_simplejpeg(folder: Path, workers: int) -> Pass:
    import simplejpeg

    return lambda: sum(simplejpeg.decode_jpeg(p.read_bytes()).ndim == 3 for p in files(folder))


def decode_torchvision(folder: Path, workers: int) -> Pass:
    from torchvision.io import ImageReadMode, decode_image

    rgb = ImageReadMode.RGB
    return lambda: sum(decode_image(str(p), rgb).ndim == 3 for p in files(folder))


def torchvision_pil(folder: Path, workers: int) -> Pass:
    """As torchvision's reference training script does by default."""
    import torch
    from torchvision import datasets, transforms

    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(SIZE),
            transforms.RandomHorizontalFlip(),
            transforms.PILToTensor(),
            transforms.ConvertImageDtype(torch.float),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )
    return torch_epoch(datasets.ImageFolder(folder, transform), workers)


def torchvision_v2(folder: Path, workers: int) -> Pass:
    """As torchvision recommends for speed: decoded to tensors, transforms v2 on uint8."""
    import torch
    from torchvision import datasets
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms import v2

    transform = v2.Compose(
        [
            v2.RandomResizedCrop(SIZE),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )
    dataset = datasets.ImageFolder(
        folder, transform, loader=lambda path: decode_image(path, ImageReadMode.RGB)
    )
    return torch_epoch(dataset, workers)


def torch_epoch(dataset, workers: int) -> Pass:
    from torch.utils.data import DataLoader

    loader = DataLoader(
        dataset, BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    return lambda: sum(len(labels) for _, labels in loader)


def keras_directory(folder: Path, workers: int) -> Pass:
    """As Keras' guides do: image_dataset_from_directory, then preprocessing layers."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    images = keras.utils.image_dataset_from_directory(
        folder, image_size=(256, 256), batch_size=BATCH, verbose=False
    )
    layers = [
        keras.layers.RandomCrop(SIZE, SIZE),
        keras.layers.RandomFlip("horizontal"),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Normalization(
            mean=IMAGENET_MEAN, variance=[std**2 for std in IMAGENET_STD], axis=-1
        ),
    ]

    def augment(x, y):
        for layer in layers:
            x = layer(x, training=True) if "random" in layer.name else layer(x)
        return x, y

    batches = images.map(augment).prefetch(1)
    return lambda: sum(len(labels) for _, labels in batches)


def ours(folder: Path, workers: int) -> Pass:
    return our_epoch(folder, workers, normalized=True)


def ours_uint8(folder: Path, workers: int) -> Pass:
    """What is left when the device normalizes."""
    return our_epoch(folder, workers, normalized=False)


def our_epoch(folder: Path, workers: int, normalized: bool) -> Pass:
    from torchvision.transforms import v2

    from imagenet_course.data import load
    from imagenet_course.data.loader import ImageLoader
    from imagenet_course.data.recipes import recipe

    transform = recipe("standard", train=True, size=SIZE)
    if not normalized:
        transform = v2.Compose(transform.transforms[:-2])
    loader = ImageLoader(
        load("folder", path=folder), BATCH, transform, train=True, workers=workers, drop_last=False
    )
    return lambda: sum(len(labels) for _, labels in loader)


WAYS: dict[str, Callable[[Path, int], Pass]] = {
    "decode only, simplejpeg": decode_simplejpeg,
    "decode only, torchvision": decode_torchvision,
    "torchvision, PIL": torchvision_pil,
    "torchvision, v2 on tensors": torchvision_v2,
    "Keras, image_dataset_from_directory": keras_directory,
    "ours": ours,
    "ours, uint8": ours_uint8,
}
WITH_WORKERS = ["torchvision, PIL", "torchvision, v2 on tensors", "ours", "ours, uint8"]


def files(folder: Path) -> Iterator[Path]:
    return folder.glob("*/*.jpg")


def measure(way: str, folder: Path, workers: int, passes: int) -> dict[str, list[float]]:
    """Images per second of processor time and of the clock, of each pass after a first."""
    import torch

    torch.set_num_threads(1)
    run = WAYS[way](folder, workers)
    run()
    cpu, clock = [], []
    for _ in range(passes):
        started, busy = time.perf_counter(), time.process_time()
        count = run()
        cpu.append(count / (time.process_time() - busy))
        clock.append(count / (time.perf_counter() - started))
    return {"per_core_second": cpu, "per_second": clock}


def in_a_process(way: str, folder: Path, workers: int, passes: int) -> dict[str, list[float]]:
    """`measure` in a fresh process, on one core if it has no workers."""
    command = [sys.executable, __file__, "--one", way, "--folder", str(folder)]
    command += ["--workers", str(workers), "--passes", str(passes)]
    limits = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    core = None
    if workers == 0 and hasattr(os, "sched_setaffinity"):  # Linux
        last = max(os.sched_getaffinity(0))
        core = lambda: os.sched_setaffinity(0, {last})  # noqa: E731
    output = subprocess.run(
        command,
        env=os.environ | limits | quiet,
        preexec_fn=core,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return json.loads(output.splitlines()[-1])


def prepare(source: Path, target: Path) -> dict[str, Path]:
    """The two sets, as folders of class folders."""
    found = sorted(source.glob("train/*/*.JPEG"))
    chosen = random.Random(0).sample(found, PHOTOS)
    sets = {"224×224": target / "small", "500×375": target / "large"}
    for path in chosen:
        place = target / "small" / path.parent.name / f"{path.stem}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    for k in range(0, PHOTOS, 4):
        four = [np.asarray(Image.open(path).convert("RGB")) for path in chosen[k : k + 4]]
        mosaic = np.vstack([np.hstack(four[:2]), np.hstack(four[2:])])
        for copy in range(2):  # 320 mosaics, so that an epoch is five batches
            place = target / "large" / chosen[k].parent.name / f"{k}-{copy}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(mosaic[:, :: 1 - 2 * copy])
            image.resize((500, 375), Image.Resampling.BICUBIC).save(place, quality=98)
    return sets


def resident() -> float:
    """Images per second of processor time: 32×32, reflected border of 4, flips, floats."""
    import torch

    from imagenet_course.data.resident import ResidentLoader

    torch.set_num_threads(1)
    images = np.random.default_rng(0).integers(0, 256, (20_000, 32, 32, 3), dtype=np.uint8)
    loader = ResidentLoader(
        (images, np.zeros(20_000)), 512, train=True, crop_padding=4, flip="alternate"
    )
    rates = []
    for _ in range(6):
        busy = time.process_time()
        count = sum(len(labels) for _, labels in loader)
        rates.append(count / (time.process_time() - busy))
    return statistics.median(rates[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passes", type=int, default=3, help="in each round")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        result = measure(options.one, options.folder, options.workers, options.passes)
        print(json.dumps(result))
        return

    from record import record
    from rich.console import Console
    from rich.table import Table

    from imagenet_course.data import data_root

    source = data_root() / "imagenette2-224"
    if not source.is_dir():
        sys.exit(f"there is no {source}; IMAGENET_COURSE_DATA names the folder that holds it")
    figures: dict = {"resident, 32×32": round(resident())}
    with tempfile.TemporaryDirectory() as scratch:
        sets = prepare(source, Path(scratch))
        for name, folder in sets.items():
            rates: dict[tuple[str, int], dict[str, list[float]]] = {}
            plans = [(way, 0) for way in WAYS] + [(way, 2) for way in WITH_WORKERS]
            for _ in range(options.rounds):
                for way, workers in plans:
                    found = in_a_process(way, folder, workers, options.passes)
                    kept = rates.setdefault((way, workers), {})
                    for kind, values in found.items():
                        kept.setdefault(kind, []).extend(values)
            sizes = [path.stat().st_size for path in files(folder)]
            figures[name] = {
                "photographs": len(sizes),
                "mean kB": round(statistics.mean(sizes) / 1e3, 1),
                "one core": {},
                "two workers": {},
            }
            for (way, workers), found in rates.items():
                median = {kind: round(statistics.median(v), 1) for kind, v in found.items()}
                if workers:
                    figures[name]["two workers"][way] = median["per_second"]
                else:
                    figures[name]["one core"][way] = median
    table = Table("set", "way", "images per core second", "÷ torchvision PIL", "÷ decode only",
                  "images/s with two workers")  # fmt: skip
    for name, found in figures.items():
        if not isinstance(found, dict):
            continue
        one = {way: rate["per_core_second"] for way, rate in found["one core"].items()}
        for way, rate in one.items():
            table.add_row(
                name, way, f"{rate:,.0f}", f"{rate / one['torchvision, PIL']:.2f}",
                f"{rate / one['decode only, torchvision']:.2f}",
                f"{found['two workers'][way]:,.0f}" if way in found["two workers"] else "",
            )  # fmt: skip
    console = Console(width=140)
    console.print(table)
    console.print(f"resident loader, 32×32: {figures['resident, 32×32']:,} images per core second")
    console.print(f"recorded in {record('data', figures)}")


if __name__ == "__main__":
    main()

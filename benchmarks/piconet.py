"""PicoNet: how fast it is drawn, and how well it is learned from 100 to 50,000 images.

    python benchmarks/piconet.py                # both; about ten minutes on one core
    python benchmarks/piconet.py --only speed   # keeps what is recorded of the other

The network is a ResNet-10 of a quarter of the usual width (one basic block per stage, 16 to 128
maps, 3×3 stem). Each size trains a fresh one with SGD and a one-cycle schedule; it is tested once,
at the end, on the 4,000 first images of the test split. Training images are shifted by up to 3
pixels, and not mirrored: PicoNet has letters.
"""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.nn.functional as F
from record import record, recorded
from rich.console import Console
from rich.table import Table

from imagenet_course.data import piconet
from imagenet_course.models.resnet import BasicBlock, ResNet

# Images in the training set -> passes over them.
EPOCHS = {100: 100, 300: 80, 1_000: 60, 3_000: 25, 10_000: 10, 50_000: 4}
TEST_IMAGES, SHIFT = 4_000, 3
PEAK_RATE, MOMENTUM, WEIGHT_DECAY = 0.2, 0.9, 5e-4  # the rate is that of a batch of 128


def drawing_speed(size: int, seconds: float = 3.0) -> float:
    """Images per second, drawn in order of their number in one call, the best of repeated calls."""
    count = max(100, min(3_000, 3_000 * 32**2 // size**2))
    data = piconet.load("train", length=count, size=size)
    data.render(np.arange(100))
    best, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end or not best:
        start = time.perf_counter()
        data.render(np.arange(count))
        best = max(best, count / (time.perf_counter() - start))
    return best


def accuracy_after(count: int, passes: int, **knobs: object) -> dict[str, float]:
    """Train on the first ``count`` images and test: top-1, top-5, loss and seconds."""
    torch.manual_seed(0)
    train = piconet.load("train", length=count, **knobs)
    test = piconet.load("test", length=TEST_IMAGES, **knobs)
    images, labels = to_tensor(train.images), torch.from_numpy(train.labels)
    network = ResNet(BasicBlock, (1, 1, 1, 1), len(train.classes), width=16, stem="small")
    network = network.to(memory_format=torch.channels_last)
    batch = min(128, max(16, count // 30))  # small sets need small batches to make enough steps
    rate = PEAK_RATE * batch / 128
    optimizer = torch.optim.SGD(
        network.parameters(), rate, MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True
    )
    steps = passes * (count // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps, pct_start=0.25, cycle_momentum=False
    )
    start = time.perf_counter()
    network.train()
    for _ in range(passes):
        for chosen in torch.randperm(count).split(batch)[: count // batch]:
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(shifted(images[chosen]))
            loss = F.cross_entropy(logits.float(), labels[chosen], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    seconds = time.perf_counter() - start
    network.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        logits = torch.cat([network(part) for part in to_tensor(test.images).split(500)]).float()
    truth = torch.from_numpy(test.labels)
    best = logits.topk(min(5, logits.shape[1])).indices
    guess = best[:, 0]
    wnids = np.array(test.wnids)
    severity = test.taxonomy.hierarchical_error(
        wnids[truth.numpy()].tolist(), wnids[guess.numpy()].tolist(), mistakes_only=True
    )
    return {
        "images": count,
        "epochs": passes,
        "top1": round((guess == truth).float().mean().item(), 4),
        "top5": round((best == truth[:, None]).any(1).float().mean().item(), 4),
        "mistake_severity": round(severity, 3),
        "seconds": round(seconds, 1),
    }


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """uint8 (N, H, W, 3) to float (N, 3, H, W) around 0."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).sub(127.5).div(64)


def shifted(images: torch.Tensor) -> torch.Tensor:
    """The whole batch moved by up to SHIFT pixels each way, its edges reflected."""
    side = images.shape[-1]
    padded = F.pad(images, (SHIFT,) * 4, mode="reflect")
    y, x = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
    return padded[:, :, y : y + side, x : x + side]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("speed", "learning"))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(EPOCHS), choices=list(EPOCHS))
    parser.add_argument("--difficulty", type=float, default=0.5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    console, figures = Console(), recorded("piconet") if arguments.only else {}

    if arguments.only != "learning":
        table = Table("size", "images/s", "megapixels/s", title="Drawing, one core")
        figures["drawing"] = []
        for size in (32, 64, 128, 224):
            speed = round(drawing_speed(size))
            figures["drawing"].append({"size": size, "images_per_second": speed})
            table.add_row(f"{size}²", f"{speed:,}", f"{speed * size**2 / 1e6:.1f}")
        console.print(table)

    if arguments.only != "speed":
        title = f"ResNet-10 (width 16) on PicoNet, 100 classes, difficulty {arguments.difficulty}"
        table = Table("images", "epochs", "top-1", "top-5", "severity", "seconds", title=title)
        figures["learning"] = {"difficulty": arguments.difficulty, "test_images": TEST_IMAGES}
        figures["learning"]["runs"] = []
        for count in arguments.sizes:
            run = accuracy_after(count, EPOCHS[count], difficulty=arguments.difficulty)
            figures["learning"]["runs"].append(run)
            print(run, flush=True)
            table.add_row(
                *(f"{run['images']:,}", str(run["epochs"]), f"{run['top1']:.1%}"),
                *(f"{run['top5']:.1%}", f"{run['mistake_severity']:.2f}", f"{run['seconds']:.0f}"),
            )
        console.print(table)
    distances = piconet.TREE.distance_matrix()
    figures["severity_of_a_random_mistake"] = round(float(distances[distances > 0].mean()), 3)
    console.print("severity of a random mistake:", figures["severity_of_a_random_mistake"])
    record("piconet", figures, command="python benchmarks/piconet.py")


if __name__ == "__main__":
    main()

"""Draw the landing page's picture, a digit on its way through LeNet-5: `python book/hero.py`.

`make chapters` calls it. The network is trained here in a few seconds, so the picture changes a
little from machine to machine; the one in `_static/` is the one that is published.
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import torch
from matplotlib.colors import LinearSegmentedColormap
from torch.nn import functional as F

from imagenet_course import data, models
from imagenet_course.viz import use_style

TARGET = Path(__file__).parent / "_static" / "hero.svg"
NIGHT, SKY, PAPER, ORANGE = "#0B2A3F", "#56B4E9", "#F4F7F9", "#E69F00"
COLORMAP = LinearSegmentedColormap.from_list("hero", ["#123A54", SKY, PAPER])


def pixels(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    digits = data.load("digits", split=split)
    images = torch.from_numpy(digits.images).permute(0, 3, 1, 2) / 255
    images = F.interpolate(images, size=(32, 32), mode="bilinear", align_corners=False)
    return (images - 0.3) / 0.35, torch.from_numpy(digits.labels)


def trained_lenet(epochs: int = 15) -> models.LeNet5:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    images, labels = pixels("train")
    network = models.lenet5(activation="relu", pooling="max")
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
    return network.eval()


@torch.no_grad()
def draw(network: models.LeNet5, image: torch.Tensor) -> plt.Figure:
    first = torch.relu(network.conv1(image))
    second = torch.relu(network.conv2(network.pool1(first)))
    probabilities = network(image).softmax(dim=1)[0]

    figure = plt.figure(figsize=(10, 3.1), facecolor=NIGHT, layout="none")

    def show(pixels: torch.Tensor, left: float, bottom: float, height: float) -> None:
        axis = figure.add_axes((left, bottom, height * 0.31, height))
        axis.imshow(pixels, cmap=COLORMAP)
        axis.set_axis_off()

    def label(left: float, text: str) -> None:
        figure.text(left, 0.06, text, color=PAPER, fontsize=12)

    show(image[0, 0], 0.025, 0.2, 0.64)
    label(0.025, "a scanned digit")
    for k in range(6):
        show(first[0, k], 0.285 + 0.075 * (k % 2), 0.64 - 0.22 * (k // 2), 0.2)
    label(0.285, "6 maps, 28×28")
    for k in range(16):
        show(second[0, k], 0.515 + 0.0535 * (k % 4), 0.685 - 0.16 * (k // 4), 0.15)
    label(0.515, "16 maps, 10×10")

    axis = figure.add_axes((0.8, 0.2, 0.175, 0.64), facecolor=NIGHT)
    best = int(probabilities.argmax())
    axis.barh(range(10), probabilities, color=[ORANGE if d == best else SKY for d in range(10)])
    axis.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xticks=[])
    axis.tick_params(colors=PAPER, length=0, labelsize=10.5)
    axis.spines[:].set_visible(False)
    label(0.8, "probabilities")
    for left in (0.253, 0.474, 0.757):
        figure.text(left, 0.5, "›", color=ORANGE, fontsize=22, ha="center", va="center")
    return figure


def main() -> None:
    use_style()
    mpl.rcParams.update({"svg.hashsalt": "hero", "svg.fonttype": "path"})
    images, labels = pixels("test")
    chosen = int((labels == 2).nonzero()[0])
    figure = draw(trained_lenet(), images[chosen : chosen + 1])
    figure.savefig(TARGET, metadata={"Date": None})
    print(TARGET.name)


if __name__ == "__main__":
    main()

"""LeNet-5: what the paper fixes, and the misfits that it must explain."""

import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from imagenet_course import models


def test_layer_sizes_are_those_of_figure_2_of_the_paper():
    model = models.lenet5()
    seen = {}
    for name in ("conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"):
        model.get_submodule(name).register_forward_hook(
            lambda module, args, out, name=name: seen.update({name: tuple(out.shape[1:])})
        )
    model(torch.zeros(1, 1, 32, 32))
    assert list(seen.values()) == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
        (120,),
        (84,),
        (10,),
    ]


def test_initial_weights_stay_within_the_published_bounds():
    torch.manual_seed(0)
    weight = models.lenet5().fc1.weight
    bound = 2.4 / 400
    assert 0.99 * bound < weight.abs().max() <= bound


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((2, 1, 28, 28), "too small for lenet5: the smallest that works is 32×32"),
        ((2, 1, 64, 64), "does not take images of 64×64; 32×32 works"),
        ((2, 3, 32, 32), r"takes images of shape \(N, 1, H, W\), but got \(2, 3, 32, 32\)"),
        ((1, 32), r"takes images of shape \(N, 1, H, W\)"),
    ],
)
def test_misfits_are_explained(shape, sentence):
    with pytest.raises(ValueError, match=sentence):
        models.lenet5()(torch.zeros(shape))


def test_bytes_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"floating-point images, but got torch\.uint8"):
        models.lenet5()(torch.zeros(1, 1, 32, 32, dtype=torch.uint8))


@pytest.mark.parametrize("option", ["activation", "pooling"])
def test_unknown_options_are_refused(option):
    with pytest.raises(ValueError, match=f"unknown {option} 'tahn'"):
        models.lenet5(**{option: "tahn"})


@pytest.mark.parametrize(("activation", "pooling"), [("tanh", "avg"), ("relu", "max")])
def test_it_learns_the_scanned_digits_from_its_published_start(activation, pooling):
    torch.manual_seed(0)
    pixels, labels = load_digits(return_X_y=True)
    images = torch.tensor(pixels, dtype=torch.float32).view(-1, 1, 8, 8)
    images = F.interpolate((images - images.mean()) / images.std(), size=32, mode="bilinear")
    labels = torch.tensor(labels)
    model = models.lenet5(activation=activation, pooling=pooling)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(6):
        for batch in torch.randperm(1400).split(32):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        correct = model(images[1400:]).argmax(dim=1) == labels[1400:]
    assert correct.float().mean() > 0.85  # the last scans are by other writers than the first

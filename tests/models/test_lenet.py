"""LeNet-5: what the paper fixes, and the misfits that it must explain."""

import pytest
import torch

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

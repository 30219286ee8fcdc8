"""The sprint network begins as its paper says, in so far as a test can see it."""

import pytest
import torch

from imagenet_course import data, models
from imagenet_course.models.sprint_net import cosine_basis


def test_the_cosine_transform_is_orthonormal_and_begins_with_the_mean():
    basis = cosine_basis(3, 2, 2).flatten(1)
    torch.testing.assert_close(basis @ basis.T, torch.eye(12))
    torch.testing.assert_close(basis[0], torch.full((12,), 12**-0.5))


def test_the_cosine_transform_nearly_whitens_images():
    """Its twelve maps are far less correlated than the twelve numbers of a patch."""
    images = torch.from_numpy(data.load("piconet", "train").images[:200])
    patches = images.permute(0, 3, 1, 2).float().unfold(2, 2, 2).unfold(3, 2, 2)
    patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, 12)
    maps = patches @ cosine_basis(3, 2, 2).flatten(1).T
    off = ~torch.eye(12, dtype=torch.bool)
    before, after = (torch.corrcoef(x.T)[off].abs().mean() for x in (patches, maps))
    assert before > 0.5
    assert after < before / 20


def test_the_first_layer_is_never_trained():
    network = models.sprint_net(width=8)
    frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
    assert frozen == ["conv1.weight"]


@pytest.mark.parametrize(
    "path", [f"group{i}.conv{j}" for i in (1, 2, 3) for j in (1, 2)] + ["group3.conv3"]
)
def test_the_first_filters_hand_their_maps_on(path):
    conv = models.sprint_net().get_submodule(path)
    x = torch.randn(1, conv.in_channels, 5, 5)
    handed_on = min(conv.in_channels, conv.out_channels)
    torch.testing.assert_close(conv(x)[:, :handed_on], x[:, :handed_on])

"""The cost model, against runs whose time was published."""

import pytest

from imagenet_course.training.cost import (
    IMAGENET,
    Cost,
    Hardware,
    estimate,
    train_flops,
    utilization,
)

# model, hardware with its peak in float32, epochs, hours.
PUBLISHED = {
    # "between five and six days" on two GTX 580 of 1.58 TFLOP/s, 90 passes: Krizhevsky et al. 2012
    "alexnet2012": (Hardware("GTX 580", 1.58e12, 2), 90, 5.5 * 24),
    # one hour on 256 P100 of 10.6 TFLOP/s: Goyal et al. 2017, abstract and section 5
    "resnet50": (Hardware("P100", 10.6e12, 256), 90, 1.0),
    # two to three weeks on four Titan Black of 5.1 TFLOP/s, 74 epochs: Simonyan & Zisserman 2014
    "vgg16": (Hardware("Titan Black", 5.1e12, 4), 74, 2.5 * 7 * 24),
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_published_runs_are_met_within_a_quarter(model):
    hardware, epochs, hours = PUBLISHED[model]
    assert estimate(model, hardware, epochs=epochs).hours == pytest.approx(hours, rel=0.25)


def test_estimates_and_measurements_are_inverse():
    hardware = Hardware("any", 1e13, 4)
    cost = estimate("resnet18", hardware, utilization=0.4, price_per_hour=2.0)
    assert utilization("resnet18", cost.images_per_second, hardware) == pytest.approx(0.4)
    assert cost.money == pytest.approx(cost.hours * 8)
    assert cost.images_per_second * cost.hours * 3600 == pytest.approx(90 * IMAGENET)
    assert "images/s" in str(cost)
    assert isinstance(cost, Cost)


def test_a_quarter_of_the_pixels_takes_a_quarter_of_the_arithmetic():
    assert train_flops("resnet50") == 6 * 4_089_184_256
    ratio = train_flops("resnet50", 112) / train_flops("resnet50")
    assert ratio == pytest.approx(0.25, abs=0.02)  # small maps are padded more


@pytest.mark.parametrize(
    ("wrong", "words"), [({"utilization": 1.2}, "share of the peak"), ({"size": 0}, "at least 1")]
)
def test_what_cannot_be_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        estimate("resnet18", Hardware("any", 1e12), **wrong)


def test_hardware_without_a_peak_is_refused():
    with pytest.raises(ValueError, match="peak must be above 0"):
        Hardware("none", 0.0)

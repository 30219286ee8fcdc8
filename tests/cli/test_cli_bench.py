"""``imagenet-course bench``: what it measures, and that its estimates are arithmetic on that."""

import json

import pytest

from imagenet_course.training.cost import IMAGENET, train_flops

TINY = "bench --model resnet20 --size 32 --batch-size 8 --steps 2 --rounds 2 --set model.width=4"


def test_three_rates_and_the_hours_that_follow(command):
    done = command(f"{TINY} --json --set epochs=7 --set data.classes=3")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found["measured"]) == ["loading", "bare step", "training"]
    for measured in found["measured"].values():
        assert len(measured["rounds"]) == 2
        low, high = sorted(measured["rounds"])
        assert 0 < low <= measured["images_per_second"] <= high
    rate = found["measured"]["training"]["images_per_second"]
    here, imagenet = found["runs"]
    assert here["hours"] == pytest.approx(7 * 16 / rate / 3600)
    assert imagenet["hours"] == pytest.approx(90 * IMAGENET / rate / 3600)
    from imagenet_course import models

    network = models.resnet20(num_classes=3, width=4)
    assert found["flops_per_second"] == pytest.approx(rate * train_flops(network, 32))
    assert found["settings"]["batch_size"] == 8
    printed = command(TINY).out
    assert "these images lie in memory" in printed
    assert "epochs of 1,281,167 images (the images of ImageNet at 32 pixels)" in printed


def test_the_model_may_be_a_setting(command):
    done = command(f"{TINY.replace('--model resnet20', '--set model=plain20')} --json")
    assert done.code == 0, done.error
    assert json.loads(done.out)["settings"]["model"] == "plain20"


def test_your_own_images_are_what_is_measured(command, photographs):
    done = command(f"{TINY} --set workers=0 --data {photographs}")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith(f"data    {photographs}: 60 images of 2 classes")
    for name in ("loading", "bare step", "training"):
        assert any(line.startswith(name) and "images/s (2 rounds" in line for line in lines)
    assert any("hours for 100 epochs of 60 images (as asked)" in line for line in lines)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("--data digits --batch-size 5000", "a batch of 5000 images is larger than"),
        ("--model resnet21", "unknown model 'resnet21'; did you mean"),
        ("--recipe quick", "unknown recipe 'quick'"),
        ("--data digitz", "did you mean 'digits'"),
        ("--data=", "--data is empty; give an image folder or a name"),
        ("--size 8 --model lenet5", "images of 8×8 are too small for lenet5"),
        (
            "--data digits --set framework=keras",
            "bench measures the PyTorch loop, not framework=keras",
        ),
    ],
)
def test_bad_input_is_one_sentence(command, changed, words):
    done = command(f"bench --steps 1 --rounds 1 {changed}")
    assert done.code == 2
    assert words in done.error
    assert done.error.count("\n") == 1

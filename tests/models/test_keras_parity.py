"""The Keras mirrors: equal logits, weights carried there and back, and the known differences."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import torch
from torch import nn

from imagenet_course import models

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from imagenet_course.models import keras as mirrors  # noqa: E402
from imagenet_course.models.keras import bridge  # noqa: E402


def channels_last(images):
    return images.permute(0, 2, 3, 1).numpy()


def test_every_network_has_a_mirror():
    assert mirrors.names() == models.names()


@pytest.mark.parametrize("name", models.names())
def test_logits_agree_and_weights_come_back(name, slim):
    model = slim(name)
    size = 64 if model.input_size > 32 else 32
    twin = mirrors.to_keras(model, input_size=size)
    images = torch.randn(2, model.options["in_channels"], size, size)
    with torch.no_grad():
        expected = model(images).numpy()
    outputs = twin(channels_last(images))
    logits = np.asarray(outputs[0] if isinstance(outputs, list) else outputs)
    assert expected.std() > 0.05  # worth comparing
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)

    returned = mirrors.from_keras(twin)
    state = model.state_dict()
    for key, value in returned.state_dict().items():
        if not key.endswith("num_batches_tracked"):  # Keras does not count
            assert torch.equal(value, state[key]), key


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("lenet5", {"activation": "relu", "pooling": "max", "in_channels": 3}),
        ("alexnet", {"stem": "small"}),
        ("alexnet2012", {"stem": "small"}),
        ("vgg11", {"pool": 3}),
        ("googlenet", {"stem": "small", "aux_logits": False}),
        ("googlenet", {"transform_input": True}),
        ("resnet18", {"stem": "small"}),
        ("resnet50", {"stem": "deep", "in_channels": 1}),
        ("densenet121", {"stem": "small"}),
    ],
)
def test_options_are_mirrored(name, options, slim):
    model = slim(name, **options)
    size = 36 if options.get("stem") == "small" or name == "vgg11" else model.input_size // 4
    size = 32 if name == "lenet5" else size
    twin = mirrors.to_keras(model, input_size=size)
    images = torch.randn(2, model.options["in_channels"], size, size)
    with torch.no_grad():
        expected = model(images).numpy()
    outputs = twin(channels_last(images))
    logits = np.asarray(outputs[0] if isinstance(outputs, list) else outputs)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)


def test_auxiliary_heads_agree_in_training_order(slim):
    model = slim("googlenet", dropout=0.0, dropout_aux=0.0)
    twin = mirrors.to_keras(model, input_size=64)
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = model.train()(images)
    outputs = twin(channels_last(images), training=True)
    for logits, expected_logits in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(np.asarray(logits), expected_logits, rtol=0, atol=1e-3)


def test_batch_normalization_learns_alike_but_for_the_factor_of_the_variance(slim):
    model = slim("resnet20")
    twin = mirrors.to_keras(model)
    images = 2 * torch.randn(8, 3, 32, 32) + 1
    before = model.bn1.running_mean.clone(), model.bn1.running_var.clone()
    with torch.no_grad():
        expected = model.train()(images).numpy()
    np.testing.assert_allclose(
        np.asarray(twin(channels_last(images), training=True)), expected, rtol=0, atol=1e-4
    )
    layer = twin.get_layer("bn1")
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    np.testing.assert_allclose(mean, model.bn1.running_mean, atol=1e-5)
    count = 8 * 32 * 32  # pixels in a batch, all of which conv1 keeps
    unbiased = (model.bn1.running_var - 0.9 * before[1]) / 0.1
    biased = unbiased * (count - 1) / count
    np.testing.assert_allclose(variance, 0.9 * before[1] + 0.1 * biased, rtol=1e-4)


@pytest.mark.parametrize("size", [7, 8, 9, 12, 13])
@pytest.mark.parametrize(
    "pooling",
    [(2, 2, 0, True), (3, 2, 0, True), (3, 1, 1, True), (3, 2, 1, False), (3, 2, 0, False)],
)
def test_max_pooling_agrees_at_every_size(size, pooling):
    kernel, stride, padding, ceil_mode = pooling
    images = torch.rand(1, 2, size, size + 3)
    expected = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)(images)
    inputs = keras.Input((size, size + 3, 2))
    outputs = bridge.max_pool(inputs, kernel, stride, padding, ceil_mode=ceil_mode)
    given = np.asarray(keras.Model(inputs, outputs)(channels_last(images)))
    np.testing.assert_array_equal(given, channels_last(expected))


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 13])
def test_adaptive_average_pooling_agrees_at_every_size(size):
    images = torch.randn(2, 3, size, size + 4)
    expected = nn.AdaptiveAvgPool2d(6)(images)
    given = np.asarray(bridge.AdaptiveAveragePooling(6)(channels_last(images)))
    np.testing.assert_allclose(given, channels_last(expected), atol=1e-6)


def test_backbone_gives_features_and_comes_back_without_touching_the_head(slim):
    model = slim("resnet18")
    part = mirrors.backbone(mirrors.to_keras(model, input_size=64))
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = models.features(model, images, ["avgpool"])["avgpool"].flatten(1)
    np.testing.assert_allclose(np.asarray(part(channels_last(images))), expected, atol=1e-4)

    other = models.resnet18(num_classes=3, width=8)
    head = other.fc.weight.clone()
    mirrors.from_keras(part, other)
    assert torch.equal(other.fc.weight, head)
    assert torch.equal(other.layer4[1].conv2.weight, model.layer4[1].conv2.weight)


def test_a_mirror_saved_by_keras_comes_back_whole(slim, tmp_path):
    twin = mirrors.to_keras(slim("alexnet2012"), input_size=64)
    twin.save(tmp_path / "twin.keras")
    again = keras.models.load_model(tmp_path / "twin.keras")
    images = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype("float32")
    np.testing.assert_array_equal(np.asarray(twin(images)), np.asarray(again(images)))


def test_new_mirrors_start_from_the_seed_of_keras():
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        weights.append(mirrors.create("lenet5", num_classes=3).get_weights())
    assert all((a == b).all() for a, b in zip(*weights, strict=True))
    assert np.abs(weights[0][0]).max() <= 2.4 / 25  # the initialization of the paper


def test_misfits_are_refused(slim):
    with pytest.raises(ValueError, match="did you mean 'resnet18'"):
        mirrors.create("resnet81")
    with pytest.raises(ValueError, match="too small for alexnet: the smallest that works is 63×63"):
        mirrors.to_keras(slim("alexnet"), input_size=40)
    narrow = mirrors.to_keras(slim("resnet20"))
    wide = models.resnet20(num_classes=7, width=32)
    untouched = wide.conv1.weight.clone()
    with pytest.raises(ValueError, match="do not fit the layer 'conv1'"):
        mirrors.from_keras(narrow, wide)
    assert torch.equal(wide.conv1.weight, untouched)
    with pytest.raises(ValueError, match="no counterpart in LeNet5"):
        mirrors.from_keras(narrow, models.lenet5())


def test_keras_applications_vgg16_is_the_same_network(lively):
    """With 32×32 images its flattened maps are 1×1, which is our ``pool=1``."""
    images = torch.randn(4, 3, 32, 32)
    model = lively(models.vgg16(num_classes=5, pool=1), images)
    application = keras.applications.VGG16(
        weights=None, input_shape=(32, 32, 3), classes=5, classifier_activation=None
    )
    bridge.carry_to_keras(model, application, by_order=True)
    with torch.no_grad():
        expected = model(images).numpy()
    np.testing.assert_allclose(
        np.asarray(application(channels_last(images))), expected, rtol=0, atol=1e-4
    )


def test_keras_applications_densenet121_differs_by_an_epsilon(lively):
    """Its batch normalization adds 1.001e-5 to the variance, ours 1e-5."""
    images = torch.randn(4, 3, 64, 64)
    model = lively(models.densenet121(num_classes=5), images)
    application = keras.applications.DenseNet121(
        weights=None, input_shape=(64, 64, 3), classes=5, classifier_activation=None
    )
    epsilons = {la.epsilon for la in application.layers if hasattr(la, "epsilon")}
    assert epsilons == {1.001e-5}
    bridge.carry_to_keras(model, application, by_order=True)
    with torch.no_grad():
        expected = model(images).numpy()
    np.testing.assert_allclose(
        np.asarray(application(channels_last(images))), expected, rtol=0, atol=1e-3
    )


def test_keras_applications_resnet50_is_another_network():
    """Version 1 of the paper: strides on the first 1×1; and its convolutions have biases."""
    application = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3))
    with torch.device("meta"):
        ours = models.resnet50()
    strided = {la.name for la in application.layers if getattr(la, "strides", 1) == (2, 2)}
    assert "conv3_block1_1_conv" in strided
    assert "conv3_block1_2_conv" not in strided
    assert ours.layer2[0].conv1.stride == (1, 1)
    assert ours.layer2[0].conv2.stride == (2, 2)
    biases = sum(la.filters for la in application.layers if isinstance(la, keras.layers.Conv2D))
    trainable = sum(int(np.prod(w.shape)) for w in application.trainable_weights)
    assert trainable == sum(p.numel() for p in ours.parameters()) + biases


def test_response_normalization_keeps_to_the_range_of_half_precision():
    maps = 1000 * np.random.default_rng(0).random((2, 4, 4, 6), np.float32)
    exact = np.asarray(bridge.LocalResponseNormalization()(maps))
    half = bridge.LocalResponseNormalization(dtype="mixed_float16")(maps)
    np.testing.assert_allclose(np.asarray(half, np.float32), exact, rtol=2e-3, atol=1e-3)

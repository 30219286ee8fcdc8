"""Shape arithmetic against counting, against PyTorch, and against published tables."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from imagenet_course.layers import (
    FLOPS_PER_MAC,
    ReceptiveField,
    Window,
    conv_macs,
    conv_output_size,
    conv_parameters,
    linear_macs,
    linear_parameters,
    pool_output_size,
    receptive_field,
)

sizes, kernels, steps = st.integers(1, 30), st.integers(1, 7), st.integers(1, 4)


@given(sizes, kernels, steps, st.integers(0, 4), steps)
def test_output_size_is_the_number_of_places_where_the_kernel_fits(size, kernel, stride, pad, gap):
    padded = size + 2 * pad
    places = [
        start
        for start in range(0, padded, stride)
        if all(start + gap * tap < padded for tap in range(kernel))
    ]
    if places:
        assert conv_output_size(size, kernel, stride, pad, gap) == len(places)
    else:
        with pytest.raises(ValueError, match=f"the padded input has \\({padded}\\)"):
            conv_output_size(size, kernel, stride, pad, gap)


@given(sizes, kernels, st.none() | steps, st.integers(0, 3), steps, st.booleans())
def test_pool_output_size_is_torchs(size, kernel, stride, padding, dilation, ceil_mode):
    assume(padding <= kernel // 2)
    arguments = kernel, stride, padding, dilation, ceil_mode
    try:
        expected = F.max_pool1d(torch.zeros(1, 1, size), *arguments).shape[-1]
    except RuntimeError:
        with pytest.raises(ValueError, match="use a smaller kernel or more padding"):
            pool_output_size(size, *arguments)
    else:
        assert pool_output_size(size, *arguments) == expected


def test_worked_examples():
    assert conv_output_size(28, 5) == 24
    assert conv_output_size(28, 3) == 26
    assert conv_output_size(3, 3) == 1
    assert conv_output_size(224, 7, stride=2, padding=3) == 112
    assert pool_output_size(24, 2) == 12
    assert pool_output_size(55, 3, stride=2) == 27


@given(steps, steps, st.tuples(kernels, kernels), steps, st.booleans())
def test_parameters_are_those_that_torch_allocates(inputs, outputs, kernel, groups, bias):
    inputs, outputs = groups * inputs, groups * outputs
    conv = torch.nn.Conv2d(inputs, outputs, kernel, groups=groups, bias=bias)
    assert conv_parameters(inputs, outputs, kernel, groups, bias) == count(conv)
    dense = torch.nn.Linear(inputs, outputs, bias=bias)
    assert linear_parameters(inputs, outputs, bias) == count(dense)


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@given(steps, steps, st.tuples(kernels, kernels), steps)
def test_multiply_adds_are_half_the_operations_that_torch_counts(inputs, outputs, kernel, groups):
    inputs, outputs = groups * inputs, groups * outputs
    conv = torch.nn.Conv2d(inputs, outputs, kernel, groups=groups, bias=False)
    with FlopCounterMode(display=False) as counter:
        y = conv(torch.zeros(1, inputs, 9, 8))
    macs = conv_macs(inputs, outputs, kernel, tuple(y.shape[2:]), groups)
    assert FLOPS_PER_MAC * macs == counter.get_total_flops()
    dense = torch.nn.Linear(inputs, outputs, bias=False)
    with FlopCounterMode(display=False) as counter:
        dense(torch.zeros(1, inputs))
    assert FLOPS_PER_MAC * linear_macs(inputs, outputs) == counter.get_total_flops()


def test_resnet50_costs_what_torchvision_states():
    """torchvision prints 4.09 "GFLOPS" for ResNet-50: they are multiply-adds."""
    macs = 0

    def add(module, inputs, output):
        nonlocal macs
        if isinstance(module, torch.nn.Conv2d):
            shape = tuple(output.shape[2:])
            channels = module.in_channels, module.out_channels
            macs += conv_macs(*channels, module.kernel_size, shape, module.groups)
        elif isinstance(module, torch.nn.Linear):
            macs += linear_macs(module.in_features, module.out_features)

    with torch.device("meta"):
        model = torchvision.models.resnet50()
        for module in model.modules():
            module.register_forward_hook(add)
        model(torch.zeros(1, 3, 224, 224))
    stated = torchvision.models.ResNet50_Weights.IMAGENET1K_V1.meta["_ops"]
    assert round(macs / 1e9, 3) == stated


@given(st.lists(st.tuples(steps, steps, st.integers(0, 2), steps), max_size=4), st.data())
def test_receptive_field_is_where_the_gradient_arrives(stack, data):
    """With weights of one, the gradient of one output unit is positive exactly where it sees."""
    x = torch.ones(1, 1, 150, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride, padding, dilation in stack:
        assume(y.shape[-1] + 2 * padding > dilation * (kernel - 1))
        ones = torch.ones(1, 1, kernel, dtype=torch.float64)
        y = F.conv1d(y, ones, stride=stride, padding=padding, dilation=dilation)
    unit = data.draw(st.integers(0, y.shape[-1] - 1))
    (gradient,) = torch.autograd.grad(y[0, 0, unit], x)
    seen = gradient[0, 0].nonzero().flatten().tolist()
    size, jump, start = receptive_field(stack)
    first, last = start + unit * jump, start + unit * jump + size - 1
    assert all(first <= pixel <= last for pixel in seen)
    inside_every_map = all(padding == 0 for _, _, padding, _ in stack)
    if inside_every_map:
        assert (seen[0], seen[-1]) == (first, last)


VGG16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [(3, 1, 1)] * convs + [(2, 2)]]
ALEXNET_V2 = [(11, 4), (3, 2), (5, 1, 2), (3, 2), *[(3, 1, 1)] * 3, (3, 2)]


@pytest.mark.parametrize(
    ("stack", "size", "jump"), [(VGG16, 212, 32), (ALEXNET_V2, 195, 32)], ids=["vgg16", "alexnet"]
)
def test_receptive_fields_are_those_of_the_distill_article(stack, size, jump):
    assert receptive_field(stack)[:2] == (size, jump)


def test_an_empty_stack_sees_its_own_pixel_and_windows_have_names():
    assert receptive_field([]) == ReceptiveField(size=1, jump=1, start=0)
    stem = [Window(7, stride=2, padding=3), Window(kernel=3, stride=2, padding=1)]
    assert receptive_field(stem) == ReceptiveField(size=11, jump=4, start=-5)


def test_results_are_python_integers():
    size = conv_output_size(np.int64(28), np.uint8(5))
    assert type(size) is int
    assert type(receptive_field([(np.int32(3), np.int64(2))]).size) is int

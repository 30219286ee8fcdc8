"""The layers of a convolutional network as executable mathematics, in NumPy alone.

Start with ``geometry`` (how large is the output, how many weights, how far does a unit see), then
read ``conv_naive``, convolution as loops, beside ``conv_im2col`` and ``conv_fft``, which compute
the same numbers fast. ``windows`` is the idea that convolution and ``pooling`` share.
``activations``, ``linear`` and ``losses`` complete what a classifier needs. Images are
(N, C, H, W) arrays of float32 or float64; a result has the dtype of its arguments. Every ``f`` has
an ``f_backward(grad_output, *inputs, **options)`` that takes the gradient of a loss with respect
to what ``f`` returned and gives it with respect to the inputs; for ``cross_entropy``, which is the
loss, there is no ``grad_output`` to give.
"""

from imagenet_course.layers.activations import (
    log_softmax,
    log_softmax_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
)
from imagenet_course.layers.convolution import conv2d, conv2d_backward, flip_kernel
from imagenet_course.layers.geometry import (
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
from imagenet_course.layers.linear import linear, linear_backward
from imagenet_course.layers.losses import cross_entropy, cross_entropy_backward
from imagenet_course.layers.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)

__all__ = [
    "FLOPS_PER_MAC",
    "ReceptiveField",
    "Window",
    "avg_pool2d",
    "avg_pool2d_backward",
    "conv2d",
    "conv2d_backward",
    "conv_macs",
    "conv_output_size",
    "conv_parameters",
    "cross_entropy",
    "cross_entropy_backward",
    "flip_kernel",
    "linear",
    "linear_backward",
    "linear_macs",
    "linear_parameters",
    "log_softmax",
    "log_softmax_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "pool_output_size",
    "receptive_field",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
]

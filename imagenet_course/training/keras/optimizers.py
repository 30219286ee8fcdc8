"""The optimizers and the learning rates of `imagenet_course.training`, for ``compile``."""

from typing import Any

import keras
from keras import ops

from imagenet_course.training.config import Config
from imagenet_course.training.muon import COEFFICIENTS, RMS
from imagenet_course.training.schedule import lr_factor


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of every batch of a run, as `lr_factor` gives it.

    The whole run is one table, four bytes a step, so that no schedule is written a second time.
    Keras counts batches; those whose gradients make up one step share its learning rate.
    """

    def __init__(self, config: Config, steps_per_epoch: int) -> None:
        steps = range(config.epochs * steps_per_epoch)
        self.steps_per_epoch = steps_per_epoch
        self.table = [config.lr * lr_factor(config, i, steps_per_epoch) for i in steps]
        self.accumulate = config.accumulate

    def __call__(self, step: Any) -> Any:
        done = ops.minimum(step // self.accumulate, len(self.table) - 1)
        return ops.take(ops.convert_to_tensor(self.table, "float32"), done)


class SGD(keras.Optimizer):
    """Momentum as in PyTorch: b ← m·b + (g + λw), then w ← w − η·b, or w − η·(g + λw + m·b).

    `keras.optimizers.SGD` differs in two ways. Its velocity contains the learning rate, so that
    after a drop it goes on at the old one for a while (Goyal et al. 2017, section 3, remark 2). And
    its weight decay λ bypasses the momentum, where the papers of 2012 to 2015 have it inside.
    """

    def __init__(self, learning_rate: Any, momentum: float, nesterov: bool, l2: float, **options):
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov, self.l2 = momentum, nesterov, l2

    def build(self, variables: list[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            self._buffers = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        if self._use_weight_decay(variable):
            gradient = gradient + self.l2 * variable
        buffer = self._buffers[self._get_variable_index(variable)]
        step = self.momentum * buffer + gradient
        self.assign(buffer, step)
        if self.nesterov:
            step = gradient + self.momentum * step
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * step)


class Muon(keras.Optimizer):
    """`imagenet_course.training.muon.Muon` in Keras: banks of filters take orthogonal steps, too.

    `keras.optimizers.Muon` has them for matrices only, and gives filters those of AdamW.
    """

    def __init__(self, learning_rate: Any, momentum: float, filter_rms: float | None, **options):
        super().__init__(learning_rate, **options)
        self.momentum, self.filter_rms = momentum, filter_rms

    def build(self, variables: list[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            self._buffers = self.add_optimizer_variables(variables, "momentum")
            self._squares = {
                i: self.add_variable_from_reference(v, name="square")
                for i, v in enumerate(variables)
                if len(v.shape) < 2
            }

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        index, beta = self._get_variable_index(variable), self.momentum
        buffer = self._buffers[index]
        self.assign(buffer, beta * buffer + (1 - beta) * gradient)
        if len(variable.shape) > 1:
            columns = ops.reshape(beta * buffer + (1 - beta) * gradient, (-1, variable.shape[-1]))
            step = RMS * max(columns.shape) ** 0.5 * _orthogonalized(columns)
            step = ops.reshape(step, variable.shape)
        else:
            step = self._adam(buffer, self._squares[index], gradient)
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * step)
        if self.filter_rms is not None and len(variable.shape) > 2:
            rms = ops.sqrt(ops.mean(ops.square(variable)))
            self.assign(variable, self.filter_rms / rms * variable)

    def _adam(self, buffer: Any, square: Any, gradient: Any, beta2: float = 0.999) -> Any:
        self.assign(square, beta2 * square + (1 - beta2) * ops.square(gradient))
        t = ops.cast(self.iterations + 1, "float32")
        mean = buffer / (1 - self.momentum**t)
        return mean / (ops.sqrt(square / (1 - beta2**t)) + 1e-8)


def _orthogonalized(matrix: Any, steps: int = 5) -> Any:
    """Nearly U Vᵀ for ``matrix`` = U S Vᵀ, as `imagenet_course.training.muon.orthogonalized`."""
    a, b, c = COEFFICIENTS
    x = matrix / (ops.norm(matrix) + 1e-7)
    if tall := matrix.shape[0] > matrix.shape[1]:
        x = ops.transpose(x)
    for _ in range(steps):
        gram = x @ ops.transpose(x)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return ops.transpose(x) if tall else x


def build(model: keras.Model, config: Config, schedule: Schedule) -> keras.Optimizer:
    """The optimizer for ``model.compile``, built on the weights that are to be trained.

    As in `imagenet_course.training.optim.build`, weight decay leaves norms and biases out unless
    ``decay_all``, and clipping looks at all gradients together. `keras.optimizers.AdamW` adds its ε
    before it corrects the bias of the squares, so that ε weighs up to 32 times as much in the first
    steps. Raises ValueError where all weights are frozen.
    """
    weights = model.trainable_variables
    if not weights:
        raise ValueError("all weights are frozen, so there is nothing to train; unfreeze some")
    options = {
        "global_clipnorm": config.clip_norm,
        "gradient_accumulation_steps": config.accumulate if config.accumulate > 1 else None,
        "use_ema": config.ema > 0,
        "ema_momentum": config.ema,
    }
    if config.optimizer == "sgd":
        nesterov = config.nesterov and config.momentum > 0
        optimizer = SGD(schedule, config.momentum, nesterov, config.weight_decay, **options)
    elif config.optimizer == "adamw":
        options |= {"weight_decay": config.weight_decay, "epsilon": 1e-8}
        optimizer = keras.optimizers.AdamW(schedule, beta_1=config.momentum, **options)
    else:
        options |= {"weight_decay": config.weight_decay}
        optimizer = Muon(schedule, config.momentum, config.filter_rms, **options)
    if not config.decay_all:
        optimizer.exclude_from_weight_decay([w for w in weights if len(w.shape) < 2])
    optimizer.build(weights)
    return optimizer

"""Checks of arguments: each raises one sentence that names the value and the rule it breaks."""

import operator

import numpy as np


def check_integer(name: str, value: object, minimum: int) -> int:
    """``value`` as a Python int of at least ``minimum``; a bool or 2.0 is not an integer here."""
    try:
        if isinstance(value, (bool, np.bool)):
            raise TypeError
        integer = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{name} must be an integer, got {value!r} ({type(value).__name__})."
        ) from None
    if integer < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {integer}.")
    return integer


def check_pair(name: str, value: object, minimum: int) -> tuple[int, int]:
    """``value``, an integer or a pair (height, width) of integers, as a pair."""
    if not isinstance(value, (tuple, list)):
        value = (value, value)
    elif len(value) != 2:
        raise ValueError(
            f"{name} must be one integer or a pair (height, width), got {len(value)} values: "
            f"{value!r}."
        )
    return check_integer(name, value[0], minimum), check_integer(name, value[1], minimum)


def check_floats(
    name: str,
    array: object,
    axes: str | None = None,
    *,
    shape: tuple[int, ...] | None = None,
    like: np.ndarray | None = None,
) -> np.ndarray:
    """``array`` as a float32 or float64 NumPy array.

    ``axes`` such as ``"N, C, H, W"`` fixes the number of axes, ``shape`` the exact shape,
    and ``like`` the dtype: silently mixing precisions would hide where digits are lost.
    """
    array = np.asarray(array)
    if array.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{name} must be a float32 or float64 array, got {array.dtype}; "
            f"convert it with .astype(np.float32)."
        )
    if axes is not None and array.ndim != axes.count(",") + 1:
        raise ValueError(f"{name} must have shape ({axes}), got {array.shape}.")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}.")
    if like is not None and array.dtype != like.dtype:
        raise TypeError(
            f"{name} is {array.dtype} but must be {like.dtype} like the other arrays; "
            f"convert it with .astype(np.{like.dtype})."
        )
    return array

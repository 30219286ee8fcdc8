"""Sine, cosine and angle from +, −, ×, ÷ and rounding alone.

IEEE 754 fixes the result of these operations to the last bit, and of no other; the sine of a
processor's mathematical library differs in that bit from the next processor's. Built on them,
PicoNet's images are the same bytes on every machine. Angles are in turns: 1 is a full circle.
"""

import numpy as np

# Minimax fits in odd powers: of sin(2πt) on [0, 1/4], error below 6e-7, and of arctan(s) / 2π on
# [0, 1], error below 2e-6 of a turn.
_SINE = (6.28316404, -41.33714236, 81.34076836, -70.99342692)
_ANGLE = (0.15913367, -0.05256964, 0.02867323, -0.01355304, 0.0033176)


def sin(turns: np.ndarray) -> np.ndarray:
    """The sine of an angle in turns."""
    turns = turns - np.floor(turns + 0.5)  # to [-1/2, 1/2)
    turns = np.minimum(np.maximum(turns, -0.5 - turns), 0.5 - turns)  # to [-1/4, 1/4]
    square = turns * turns
    total = _SINE[3] * square + _SINE[2]
    total = total * square + _SINE[1]
    total = total * square + _SINE[0]
    return total * turns


def cos(turns: np.ndarray) -> np.ndarray:
    """The cosine of an angle in turns."""
    return sin(turns + 0.25)


def angle(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The direction of (x, y) in turns, from -1/2 to 1/2; 0 along x, 1/4 along y."""
    across, along = np.abs(y), np.abs(x)
    low, high = np.minimum(across, along), np.maximum(across, along)
    slope = low / np.maximum(high, 1e-20)
    square = slope * slope
    total = _ANGLE[4] * square + _ANGLE[3]
    for coefficient in _ANGLE[2::-1]:
        total = total * square + coefficient
    total = total * slope  # 0 to 1/8 turn
    total = np.where(across > along, 0.25 - total, total)
    total = np.where(x < 0, 0.5 - total, total)
    return np.where(y < 0, -total, total)

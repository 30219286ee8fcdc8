"""Random numbers that are looked up, not drawn: each is a hash of where it is used.

A generator with a state would have to be run from the start to reach image 40,000; a hash of
(seed, split, image, draw) gives any image at once, in any order and batch, from whole-number
arithmetic that is the same on every machine. The hash is SplitMix64's (Steele, Lea and Flood, "Fast
splittable pseudorandom number generators", 2014); for pixels, the 32-bit lowbias32 of C. Wellons
("Prospecting for hash functions", 2018).
"""

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: the stride of SplitMix64


def _mix(state: np.ndarray) -> np.ndarray:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def keys(seed: int, stream: int, indices: np.ndarray) -> np.ndarray:
    """One key per index, uint64, for the given ``seed`` and ``stream`` (a number of a use)."""
    root = np.array([seed], dtype=np.uint64)
    for number in ([stream], indices):
        root = _mix(root + _GOLDEN * (np.asarray(number).astype(np.uint64) + np.uint64(1)))
    return root


def uniforms(key: np.ndarray, count: int) -> np.ndarray:
    """Numbers 0 to ``count`` - 1 of each key, uniform in [0, 1), float64 ``(count, N)``.

    They have 32 random bits, so that 1 - u and sums of a few are exact.
    """
    counter = np.arange(1, count + 1, dtype=np.uint64)[:, None]
    return (_mix(key + _GOLDEN * counter) >> np.uint64(32)) * 2.0**-32


def pixel_noise(key: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of mean 0 and standard deviation 1 for each image's pixels, float32 ``(N, 3, *shape)``.

    Each value is the sum of two five-bit numbers, so its distribution is a triangle.
    """
    counter = np.arange(np.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B9)
    bits = (key >> np.uint64(32)).astype(np.uint32)[:, None] + counter
    bits ^= bits >> np.uint32(16)
    bits *= np.uint32(0x7FEB352D)
    bits ^= bits >> np.uint32(15)
    bits *= np.uint32(0x846CA68B)
    bits ^= bits >> np.uint32(16)
    noise = np.empty((len(key), 3, bits.shape[1]), dtype=np.float32)
    for channel in range(3):
        noise[:, channel] = (bits & np.uint32(31)) + ((bits >> np.uint32(5)) & np.uint32(31))
        bits >>= np.uint32(10)
    noise -= 31.0
    noise *= 0.0766  # 1 / √(2 (32² − 1) / 12)
    return noise.reshape(len(key), 3, *shape)

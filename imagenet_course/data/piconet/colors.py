"""Colors that go well together: picked in OKLCH, where equal steps look equal."""

import numpy as np

from imagenet_course.data.piconet.arithmetic import cos, sin


def oklch(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """Colors as RGB in [0, 1], float32 ``(N, 3)``; ``hue`` in turns, red near 0.08, blue near 0.73.

    Source: B. Ottosson, "A perceptual color space for image processing", 2020. A square root stands
    in for the sRGB curve, which needs powers that processors round differently.
    """
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = lightness + 0.3963377774 * a + 0.2158037573 * b
    medium = lightness - 0.1055613458 * a - 0.0638541728 * b
    short = lightness - 0.0894841775 * a - 1.2914855480 * b
    long, medium, short = (cone * cone * cone for cone in (long, medium, short))
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    )
    return np.sqrt(np.minimum(np.maximum(linear, 0), 1)).astype(np.float32)

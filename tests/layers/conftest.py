from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None)  # machines differ; no test times itself
settings.load_profile("course")


@pytest.fixture(scope="session")
def numeric_gradient() -> Callable[..., np.ndarray]:
    """Central differences: the definition of a gradient, one coordinate at a time."""

    def gradient(loss: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-5):
        result = np.empty_like(x)
        for index in np.ndindex(x.shape):
            ahead, behind = x.copy(), x.copy()
            ahead[index] += step
            behind[index] -= step
            result[index] = (loss(ahead) - loss(behind)) / (2 * step)
        return result

    return gradient

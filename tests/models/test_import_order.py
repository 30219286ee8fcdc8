"""PyTorch and TensorFlow in one process, whichever comes first."""

import importlib.util
import subprocess
import sys

import pytest

OPTIMIZER = "import torch; torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)"
OURS = "import imagenet_course.models"


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"
)
@pytest.mark.parametrize("imports", [f"import tensorflow; {OURS}", f"{OURS}; import tensorflow"])
def test_an_optimizer_does_not_abort_the_process(imports):
    """It loads Triton, whose LLVM does not bear TensorFlow's: see models/triton_first.py."""
    run = subprocess.run(
        [sys.executable, "-c", f"{imports}; {OPTIMIZER}; print('alive')"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout.strip() == "alive", run.stderr[-500:]

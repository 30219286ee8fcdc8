"""Load Triton before TensorFlow does any harm to it; imported for this effect only.

Both carry a copy of LLVM. Where TensorFlow was loaded first, loading Triton afterwards aborts the
whole process ("Option 'bitcode-mdindex-threshold' registered more than once", seen with Triton
3.9 and TensorFlow 2.21), and PyTorch loads it unasked, with the first optimizer for example. The
other order works. So Triton is loaded here, or, where it is too late for that, declared missing:
then PyTorch does without (only ``torch.compile`` on a GPU needs it).
"""

import contextlib
import sys

if "tensorflow" in sys.modules:
    sys.modules.setdefault("triton", None)
else:
    with contextlib.suppress(ImportError):  # macOS and Windows have no Triton
        import triton  # noqa: F401

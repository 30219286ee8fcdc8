"""The data root: the folder where downloaded data sets live."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def data_root() -> Path:
    """``IMAGENET_COURSE_DATA`` where it is set, otherwise the platform's cache folder."""
    chosen = os.environ.get("IMAGENET_COURSE_DATA")
    return Path(chosen).expanduser() if chosen else user_cache_path("imagenet-course")

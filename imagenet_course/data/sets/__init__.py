"""One module per data set.

Each holds its card ``INFO`` and ``load(split, **options) -> ImageDataset``. One that can be
downloaded also holds ``package(**options) -> Package`` (what to fetch) and
``find(**options) -> Path | None`` (where it lies in the data root).
"""

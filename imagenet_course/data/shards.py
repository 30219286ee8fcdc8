"""Sets beyond one machine: a few large tar files instead of a million small ones.

`write_shards` stores a data set as WebDataset shards, which any tool that knows the format can
read, and a small ``index.json``. `ShardLoader` streams them, from a folder or a web address, with
the engine of the ``webdataset`` library (``pip install "imagenet-course[shards]"``) and this
package's decoding::

    imagenet-course data shard imagenet --out /data/imagenet-shards
    loader = ShardLoader("https://example.org/imagenet-shards", 256, transform, train=True)

A stream cannot be shuffled freely. Three things together do nearly as well: the images are stored
in a random order, each epoch takes the shards in another one, and a buffer mixes what it reads.
"""

import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from imagenet_course.data.dataset import ImageDataset
from imagenet_course.data.images import ImageFileError, decode_image

INDEX = "index.json"


@dataclass(frozen=True)
class ShardIndex:
    """What ``index.json`` says: the classes, and the number of images in each shard."""

    classes: tuple[str, ...]
    shards: dict[str, int]

    @property
    def images(self) -> int:
        return sum(self.shards.values())


def import_webdataset() -> Any:
    try:
        import webdataset
    except ImportError:
        raise ImportError(
            'shards need the library webdataset; pip install "imagenet-course[shards]"'
        ) from None
    return webdataset


def write_shards(
    dataset: ImageDataset,
    folder: str | os.PathLike[str],
    *,
    images_per_shard: int = 1000,
    seed: int = 0,
    progress: Callable[[Iterator[int]], Iterator[int]] = iter,
) -> tuple[ShardIndex, dict[str, str]]:
    """Write a data set into ``folder`` as tar files of ``images_per_shard``, and their index.

    Files are stored as they are, byte for byte; images that only exist in memory as PNG. The order
    is a permutation given by ``seed``. Broken files are left out. The folder appears only when it
    is complete.

    Args:
        progress: wraps the iterator over the images, as `tqdm.tqdm` does.

    Returns:
        The index, and the files left out: name to reason.

    Raises:
        FileExistsError: if ``folder`` exists.
        ValueError: if ``images_per_shard`` is below 1 or no image can be read.
    """
    if images_per_shard < 1:
        raise ValueError(f"images_per_shard must be at least 1, got {images_per_shard}")
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(f"{str(folder)!r} exists; choose another folder or remove it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        index, broken = _write(dataset, partial, images_per_shard, seed, progress)
        partial.chmod(0o755)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return index, broken


def _write(
    dataset: ImageDataset,
    folder: Path,
    images_per_shard: int,
    seed: int,
    progress: Callable[[Iterator[int]], Iterator[int]],
) -> tuple[ShardIndex, dict[str, str]]:
    webdataset = import_webdataset()
    broken: dict[str, str] = {}
    written = 0
    pattern = str(folder / "%06d.tar").replace("\\", "/")
    with webdataset.ShardWriter(
        pattern, maxcount=images_per_shard, maxsize=np.inf, verbose=0, mtime=0
    ) as writer:
        for i in progress(np.random.default_rng(seed).permutation(len(dataset)).tolist()):
            try:
                extension, data = _encoded(dataset, i)
            except (ImageFileError, OSError) as error:
                broken[dataset.paths[i]] = str(error)
                continue
            label = str(int(dataset.labels[i])).encode()
            writer.write({"__key__": f"{i:08d}", extension: data, "cls": label})
            written += 1
    if not written:
        raise ValueError(f"none of the {len(dataset)} images can be read; nothing was written")
    names = sorted(path.name for path in folder.glob("*.tar"))
    counts = dict.fromkeys(names, images_per_shard)
    counts[names[-1]] = written - images_per_shard * (len(names) - 1)
    index = ShardIndex(tuple(dataset.classes), counts)
    content = {"classes": index.classes, "shards": index.shards}
    (folder / INDEX).write_text(json.dumps(content, indent=1), encoding="utf-8")
    return index, broken


def _encoded(dataset: ImageDataset, i: int) -> tuple[str, bytes]:
    """An image's extension and its file's bytes, once it is known to be readable."""
    paths = getattr(dataset, "paths", None)
    if paths is None:
        buffer = io.BytesIO()
        Image.fromarray(dataset.image(i).squeeze()).save(buffer, "PNG")
        return "png", buffer.getvalue()
    data = Path(paths[i]).read_bytes()
    decode_image(io.BytesIO(data), paths[i])
    return Path(paths[i]).suffix[1:].lower(), data


def read_index(where: str | os.PathLike[str]) -> ShardIndex:
    """The index of the shards in a folder or below a web address.

    Raises:
        FileNotFoundError: if the folder has none.
        ValueError: if it is not an index that `write_shards` wrote.
    """
    where = os.fspath(where)
    if "://" in where:
        with import_webdataset().gopen(f"{where.rstrip('/')}/{INDEX}") as file:
            text = file.read()
    else:
        path = Path(where, INDEX)
        if not path.is_file():
            raise FileNotFoundError(
                f"{where!r} holds no {INDEX}; write shards with `imagenet-course data shard`"
            )
        text = path.read_bytes()
    try:
        content = json.loads(text)
        shards = {os.path.basename(str(k)): int(v) for k, v in content["shards"].items()}
        return ShardIndex(tuple(map(str, content["classes"])), shards)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{where}/{INDEX} is not an index of shards: {error}") from None

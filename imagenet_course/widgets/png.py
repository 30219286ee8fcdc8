"""Small gray pictures whose bytes depend on their pixels alone.

Outputs of notebooks are compared byte for byte on every machine, and what an image library writes
depends on the compression library that it was built with. So the pixels here are stored
uncompressed, as the PNG and zlib formats (RFC 2083, RFC 1950) allow.
"""

import base64
import struct
import zlib

import numpy as np


def data_url(gray: np.ndarray) -> str:
    """A ``data:image/png`` address of ``gray``, uint8 of shape (H, W) with at most 65,535 bytes."""
    height, width = gray.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in np.ascontiguousarray(gray, np.uint8))
    if len(rows) > 0xFFFF:
        raise ValueError(f"a {height}×{width} picture is too large here; make it 255×255 at most.")
    stored = struct.pack("<BHH", 1, len(rows), len(rows) ^ 0xFFFF) + rows
    pixels = b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(rows))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data) for kind, data in [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    )
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

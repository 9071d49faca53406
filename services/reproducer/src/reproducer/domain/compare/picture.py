"""The picture of a difference: published, produced, and produced minus published, side by side."""

import struct
import zlib
from pathlib import Path

import numpy as np

from reproducer.domain.compare.model import Array, Compared

PANEL = 640  # pixels, the longer side of a panel
GAP = 8
MISSING = (205, 205, 205)
# Viridis and a blue-white-red scale, as anchors that are interpolated between.
VALUES = np.array(
    [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype="f8"
)
SIGNED = np.array(
    [(5, 48, 97), (67, 147, 195), (247, 247, 247), (214, 96, 77), (103, 0, 31)], dtype="f8"
)


def draw(variable: Compared | None, path: Path) -> None:
    """Write the PNG; no file when there is nothing that can be drawn."""
    if variable is None or variable.plane is None:
        return
    published, produced = (_scaled(plane) for plane in variable.plane(variable.at))
    if not published.size:
        return
    panels = paint(published, produced)
    gap = np.full((panels[0].shape[0], GAP, 3), 255, dtype=np.uint8)
    rows = np.concatenate([panels[0], gap, panels[1], gap, panels[2]], axis=1)
    path.write_bytes(png(rows))


def paint(published: Array, produced: Array) -> list[Array]:
    with np.errstate(all="ignore"):
        both = np.concatenate([published.ravel(), produced.ravel()])
        finite = both[np.isfinite(both)]
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
        difference = produced - published
        widest = np.max(np.abs(difference), where=np.isfinite(difference), initial=0.0)
    return [
        colours(published, low, high, VALUES),
        colours(produced, low, high, VALUES),
        colours(difference, -(widest or 1.0), widest or 1.0, SIGNED),
    ]


def colours(plane: Array, low: float, high: float, scale: Array) -> Array:
    with np.errstate(all="ignore"):
        place = (plane - low) / ((high - low) or 1.0) * (len(scale) - 1)
    known = np.isfinite(place)
    place = np.clip(np.where(known, place, 0.0), 0, len(scale) - 1)
    below = np.minimum(place.astype(int), len(scale) - 2)
    part = (place - below)[..., None]
    mixed = scale[below] * (1 - part) + scale[below + 1] * part
    mixed[~known] = MISSING
    return mixed.round().astype(np.uint8)


def _scaled(plane: Array) -> Array:
    """To about the size of a panel, by dropping or repeating whole cells."""
    height, width = plane.shape
    step = max(1, -(-max(height, width) // PANEL))
    thinned = plane[::step, ::step]
    tall = max(1, PANEL // max(max(thinned.shape), 1))
    rows = max(tall, 32 // max(thinned.shape[0], 1))  # a line of values is a visible stripe
    return np.repeat(np.repeat(thinned, rows, axis=0), tall, axis=1)


def png(rows: Array) -> bytes:
    """RGB, 8 bits (PNG, ISO/IEC 15948)."""
    height, width, _ = rows.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    lines[:, 1:] = rows.reshape(height, width * 3)
    data = zlib.compress(lines.tobytes(), 6)
    chunks = (b"IHDR", header), (b"IDAT", data), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

"""Cutting arrays of any shape into blocks of bounded size."""

import math
from collections.abc import Iterator

import numpy as np

from reproducer.domain.compare.model import BLOCK_CELLS, MAX_CELLS, Array, Mask, NotComparable

Slices = tuple[slice, ...]


def slabs(shape: tuple[int, ...], limit: int = BLOCK_CELLS) -> Iterator[Slices]:
    """Slices of at most ``limit`` cells (at least one row), in the order of the cells."""
    if not shape:
        yield ()
        return
    rest = math.prod(shape[1:])
    if rest > limit:
        for index in range(shape[0]):
            for inner in slabs(shape[1:], limit):
                yield (slice(index, index + 1), *inner)
        return
    rows = max(1, limit // max(rest, 1))
    for start in range(0, shape[0], rows):
        yield (slice(start, min(start + rows, shape[0])), *(slice(0, n) for n in shape[1:]))


def check_size(name: str, shape: tuple[int, ...]) -> int:
    cells = math.prod(shape)
    if cells > MAX_CELLS:
        raise NotComparable(f"{name} has {cells} cells; at most {MAX_CELLS} are compared")
    return cells


def missing(values: Array) -> tuple[Array, Mask]:
    """Plain values and where they are missing: masked, or NaN."""
    mask = np.ma.getmaskarray(values).copy()
    plain = np.ma.getdata(values)
    if plain.dtype.kind == "f":
        mask |= np.isnan(plain)
    return plain, mask

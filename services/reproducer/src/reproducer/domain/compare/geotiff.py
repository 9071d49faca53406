"""GeoTIFF: bands by number, on the same grid."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from reproducer.domain.compare.model import (
    BLOCK_CELLS,
    MAX_CELLS,
    MAX_CHUNK_BYTES,
    Array,
    Block,
    NotComparable,
    Pair,
)
from reproducer.domain.compare.slabs import check_size, missing

GRID_TOLERANCE = 1e-3
# One driver only: a "GeoTIFF" that is a VRT would have us open what it names.
DRIVER = "GTiff"
QUIET = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
    "GDAL_TIFF_INTERNAL_MASK": True,
}


def open_pairs(stack: ExitStack, published: Path, produced: Path) -> tuple[list[Pair], list[str]]:
    stack.enter_context(rasterio.Env(**QUIET))
    first, second = (_open(stack, path) for path in (published, produced))
    _check(first, second)
    pairs = [_pair(number, first, second) for number in first.indexes]
    return pairs, []


def _open(stack: ExitStack, path: Path) -> Any:
    try:
        return stack.enter_context(rasterio.open(path, driver=DRIVER))
    except (RasterioError, OSError, ValueError) as error:
        raise NotComparable(f"the {path.name} file cannot be read as GeoTIFF: {error}") from error


def _check(first: Any, second: Any) -> None:
    sizes = [(raster.count, raster.height, raster.width) for raster in (first, second)]
    if sizes[0] != sizes[1]:
        raise NotComparable(f"bands, height and width differ: {sizes[0]} and {sizes[1]}")
    if first.crs != second.crs:
        raise NotComparable(f"the reference systems differ: {first.crs} and {second.crs}")
    if _shift(first, second) > GRID_TOLERANCE:
        raise NotComparable("the grids differ by more than a thousandth of a pixel")
    if check_size("the raster", sizes[0]) > MAX_CELLS:
        raise NotComparable("the rasters are too large")
    for raster in (first, second):
        _check_blocks(raster)


def _shift(first: Any, second: Any) -> float:
    """The largest distance, in pixels, between the same corners of both rasters."""
    if first.transform == second.transform:
        return 0.0
    try:
        to_pixel = ~first.transform
    except Exception:
        return np.inf
    corners = [(0, 0), (first.width, 0), (0, first.height), (first.width, first.height)]
    moved = [to_pixel @ (second.transform @ corner) for corner in corners]
    pairs = zip(corners, moved, strict=True)
    return max(max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in pairs)


def _check_blocks(raster: Any) -> None:
    for (height, width), dtype in zip(raster.block_shapes, raster.dtypes, strict=True):
        if float(height) * width * np.dtype(dtype).itemsize > MAX_CHUNK_BYTES:
            raise NotComparable(f"a raster has blocks of more than {MAX_CHUNK_BYTES} bytes")


def _pair(band: int, first: Any, second: Any) -> Pair:
    dtypes = np.dtype(first.dtypes[band - 1]), np.dtype(second.dtypes[band - 1])
    return Pair(
        f"band {band}",
        dtypes,
        lambda: _blocks(band, first, second),
        lambda index: _plane(band, first, second),
    )


def _blocks(band: int, first: Any, second: Any) -> Iterator[Block]:
    rows = max(1, BLOCK_CELLS // first.width)
    for start in range(0, first.height, rows):
        window = Window(0, start, first.width, min(rows, first.height - start))
        (a, no_a), (b, no_b) = (_read(raster, band, window) for raster in (first, second))
        yield Block(a, b, no_a, no_b)


def _read(raster: Any, band: int, window: Window) -> Any:
    try:
        return missing(raster.read(band, window=window, masked=True))
    except (RasterioError, OSError, ValueError, MemoryError) as error:
        raise NotComparable(f"band {band} cannot be read: {error}") from error


def _plane(band: int, first: Any, second: Any) -> tuple[Array, Array]:
    step = max(1, -(-max(first.height, first.width) // 2000))
    shape = (-(-first.height // step), -(-first.width // step))
    planes = [raster.read(band, out_shape=shape, masked=True) for raster in (first, second)]
    return tuple(  # type: ignore[return-value]
        np.ma.filled(plane.astype("f8"), np.nan) for plane in planes
    )

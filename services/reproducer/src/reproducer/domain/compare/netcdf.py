"""NetCDF (and HDF5 that netCDF4 reads): variables by name, groups included."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from reproducer.domain.compare.model import (
    MAX_CELLS,
    MAX_CHUNK_BYTES,
    Array,
    Block,
    NotComparable,
    Pair,
)
from reproducer.domain.compare.slabs import check_size, missing, slabs

MAX_VARIABLES = 500
MAX_PLANE = 4_000_000
GRID_TOLERANCE = 1e-3


def open_pairs(stack: ExitStack, published: Path, produced: Path) -> tuple[list[Pair], list[str]]:
    """The variables of both files, and notes; files stay open until ``stack`` is left."""
    first, second = (_variables(_open(stack, path)) for path in (published, produced))
    if set(first) != set(second):
        raise NotComparable(f"the variables differ: {_difference(set(first), set(second))}")
    for name in sorted(first):
        _check(name, first[name], second[name])
    if sum(check_size(name, variable.shape) for name, variable in first.items()) > MAX_CELLS:
        raise NotComparable(f"the files have more than {MAX_CELLS} cells")
    pairs = [_pair(name, first[name], second[name]) for name in sorted(first)]
    notes = [note for name in sorted(first) for note in _notes(name, first[name], second[name])]
    return pairs, notes


def _open(stack: ExitStack, path: Path) -> Any:
    try:
        return stack.enter_context(netCDF4.Dataset(path, "r"))
    except (OSError, RuntimeError, ValueError) as error:
        raise NotComparable(f"the {path.name} file cannot be read as NetCDF: {error}") from error


def _variables(group: Any, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    if depth > 16:
        raise NotComparable("groups are nested more than 16 levels deep")
    found = {f"{prefix}{name}": variable for name, variable in group.variables.items()}
    for name, inner in group.groups.items():
        found |= _variables(inner, f"{prefix}{name}/", depth + 1)
    if len(found) > MAX_VARIABLES:
        raise NotComparable(f"more than {MAX_VARIABLES} variables")
    return found


def _difference(first: set[str], second: set[str]) -> str:
    only = [f"only published: {', '.join(sorted(first - second)[:5])}"] if first - second else []
    only += [f"only produced: {', '.join(sorted(second - first)[:5])}"] if second - first else []
    return "; ".join(only)


def _check(name: str, first: Any, second: Any) -> None:
    if first.dimensions != second.dimensions or first.shape != second.shape:
        shapes = f"{_shape(first)} and {_shape(second)}"
        raise NotComparable(f"{name} has different dimensions: {shapes}")
    for variable in (first, second):
        if not (isinstance(variable.dtype, np.dtype) or variable.dtype is str):
            raise NotComparable(f"{name} has a type of its own, which is not compared")
        _check_chunks(name, variable)


def _shape(variable: Any) -> str:
    pairs = zip(variable.dimensions, variable.shape, strict=True)
    return "(" + ", ".join(f"{name}={length}" for name, length in pairs) + ")"


def _check_chunks(name: str, variable: Any) -> None:
    """A chunk is unpacked as a whole: a few bytes may stand for gigabytes."""
    chunks = variable.chunking()
    size = getattr(variable.dtype, "itemsize", 8)
    if isinstance(chunks, list | tuple) and np.prod(chunks, dtype="f8") * size > MAX_CHUNK_BYTES:
        raise NotComparable(f"{name} has chunks of more than {MAX_CHUNK_BYTES} bytes")


def _pair(name: str, first: Any, second: Any) -> Pair:
    numeric = isinstance(first.dtype, np.dtype) and first.dtype.kind in "biuf"
    return Pair(
        name,
        (_dtype(first), _dtype(second)),
        lambda: _blocks(first, second),
        (lambda index: _plane(first, second, index)) if numeric and first.shape else None,
        _grid_tolerance(first) if numeric and _is_coordinate(first) else None,
    )


def _dtype(variable: Any) -> np.dtype[Any]:
    """Of the values as they are meant: packed integers are floats."""
    if variable.dtype is str:
        return np.dtype(object)
    if hasattr(variable, "scale_factor") or hasattr(variable, "add_offset"):
        return np.dtype("f8")
    return np.dtype(variable.dtype)


def _is_coordinate(variable: Any) -> bool:
    return bool(variable.dimensions == (variable.name,))


def _grid_tolerance(variable: Any) -> tuple[float, float]:
    """Coordinates that differ by more make another grid."""
    values = _as_floats(variable[:])
    steps = np.abs(np.diff(values))
    step = float(np.nanmedian(steps)) if steps.size and np.isfinite(steps).any() else 1.0
    return 0.0, GRID_TOLERANCE * step


def _blocks(first: Any, second: Any) -> Iterator[Block]:
    for slab in slabs(first.shape):
        (a, no_a), (b, no_b) = (missing(np.ma.asarray(_read(v, slab))) for v in (first, second))
        yield Block(a, b, no_a, no_b)


def _read(variable: Any, slab: tuple[Any, ...]) -> Any:
    try:
        return variable[slab] if slab else variable[...]
    except (RuntimeError, OSError, ValueError, OverflowError) as error:
        raise NotComparable(f"{variable.name} cannot be read: {error}") from error


def _plane(first: Any, second: Any, index: int) -> tuple[Array, Array]:
    """The last two dimensions around a cell, north up; a line is a plane of one row."""
    place = np.unravel_index(index, first.shape)
    shape = first.shape[-2:]
    steps = [max(1, -(-n // 2000)) for n in shape]
    cut = (*(int(i) for i in place[:-2]), *(slice(None, None, step) for step in steps))
    planes = [np.atleast_2d(_as_floats(_read(v, cut))) for v in (first, second)]
    return (planes[0][::-1], planes[1][::-1]) if _goes_north(first) else (planes[0], planes[1])


def _as_floats(values: Any) -> Array:
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype="f8"), np.nan))


def _goes_north(variable: Any) -> bool:
    rows = variable.group().variables.get(variable.dimensions[-2]) if variable.ndim > 1 else None
    if rows is None or rows.ndim != 1 or rows.size < 2:
        return False
    return str(getattr(rows, "units", "")).startswith("degree") and bool(rows[-1] > rows[0])


def _notes(name: str, first: Any, second: Any) -> Iterator[str]:
    units = [getattr(variable, "units", None) for variable in (first, second)]
    if units[0] != units[1]:
        yield f"{name}: the units differ ({units[0]!r} published, {units[1]!r} produced)"

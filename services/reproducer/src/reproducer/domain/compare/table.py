"""CSV: columns by name; numbers as numbers, everything else as text."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from reproducer.domain.compare.model import Array, Block, NotComparable, Pair

MAX_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 1000
Columns = dict[str, list[str]]


def open_pairs(published: Path, produced: Path) -> tuple[list[Pair], list[str]]:
    first, second = _read(published), _read(produced)
    if list(first) != list(second):
        shown = f"{_few(first)} and {_few(second)}"
        raise NotComparable(f"the columns differ: {shown}")
    rows = [len(next(iter(table.values()), [])) for table in (first, second)]
    if rows[0] != rows[1]:
        raise NotComparable(f"the numbers of rows differ: {rows[0]} and {rows[1]}")
    return [_pair(name, first, second) for name in first], []


def _few(columns: Columns) -> str:
    return ", ".join(list(columns)[:8])


def _read(path: Path) -> Columns:
    if path.stat().st_size > MAX_BYTES:
        raise NotComparable(f"the {path.name} table is larger than {MAX_BYTES} bytes")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _columns(path, csv.reader(file, strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotComparable(f"the {path.name} file cannot be read as CSV: {error}") from error


def _columns(path: Path, rows: Iterator[list[str]]) -> Columns:
    header = next(rows, [])
    if len(set(header)) != len(header) or not 0 < len(header) <= MAX_COLUMNS:
        raise NotComparable(f"the {path.name} table has no usable header")
    columns: Columns = {name: [] for name in header}
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise NotComparable(f"line {number} of the {path.name} table has {len(row)} fields")
        for name, cell in zip(header, row, strict=True):
            columns[name].append(cell)
    return columns


def _pair(name: str, first: Columns, second: Columns) -> Pair:
    numbers = [_numbers(table[name]) for table in (first, second)]
    if numbers[0] is None or numbers[1] is None:
        return _text_pair(name, first[name], second[name])
    a, b = numbers[0], numbers[1]
    block = Block(a, b, _gaps(a), _gaps(b))
    plane = a.astype("f8")[None, :], b.astype("f8")[None, :]
    return Pair(name, (a.dtype, b.dtype), lambda: iter([block]), lambda index: plane)


def _text_pair(name: str, first: list[str], second: list[str]) -> Pair:
    a, b = np.array(first, dtype=object), np.array(second, dtype=object)
    nothing = np.zeros(a.shape, dtype=bool)
    block = Block(a, b, nothing, nothing)
    return Pair(name, (a.dtype, b.dtype), lambda: iter([block]))


def _numbers(cells: list[str]) -> Array | None:
    """Integers when all are, else floats with NaN for empty cells; None for texts."""
    try:
        if all(cell.strip().lstrip("+-").isdecimal() and len(cell) < 18 for cell in cells):
            return np.array([int(cell) for cell in cells], dtype="i8")
        return np.array([float(cell) if cell.strip() else math.nan for cell in cells], dtype="f8")
    except ValueError:
        return None


def _gaps(values: Array) -> Array:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)

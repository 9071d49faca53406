"""JSON: the same structure, numbers within tolerance, all else equal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from reproducer.domain.compare.model import Block, NotComparable, Pair

MAX_BYTES = 32 * 1024 * 1024
MAX_LEAVES = 2_000_000
Leaves = dict[str, Any]


def open_pairs(published: Path, produced: Path) -> tuple[list[Pair], list[str]]:
    first, second = (dict(_leaves("", _read(path))) for path in (published, produced))
    if len(first) > MAX_LEAVES:
        raise NotComparable(f"more than {MAX_LEAVES} values")
    if set(first) != set(second):
        odd = sorted(set(first) ^ set(second))[:3]
        raise NotComparable(f"the structures differ, for example at {', '.join(odd)}")
    numbers = [path for path in first if _is_number(first[path]) and _is_number(second[path])]
    rest = [path for path in first if path not in set(numbers)]
    pairs = [_numbers(numbers, first, second)] if numbers else []
    return pairs + ([_others(rest, first, second)] if rest else []), []


def _read(path: Path) -> Any:
    if path.stat().st_size > MAX_BYTES:
        raise NotComparable(f"the {path.name} document is larger than {MAX_BYTES} bytes")
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotComparable(f"the {path.name} file cannot be read as JSON: {error}") from error


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(f"{path}/{name}", member)
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _leaves(f"{path}/{index}", member)
    else:
        yield path, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(paths: list[str], first: Leaves, second: Leaves) -> Pair:
    a, b = (np.array([_float(table[p]) for p in paths], dtype="f8") for table in (first, second))
    block = Block(a, b, np.isnan(a), np.isnan(b))
    plane = a[None, :], b[None, :]
    dtypes = a.dtype, b.dtype
    return Pair("numbers", dtypes, lambda: iter([block]), lambda index: plane, one_scale=False)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise NotComparable("a number is too large to be compared") from None


def _others(paths: list[str], first: Leaves, second: Leaves) -> Pair:
    a, b = (np.array([json.dumps(t[p]) for p in paths], dtype=object) for t in (first, second))
    nothing = np.zeros(a.shape, dtype=bool)
    block = Block(a, b, nothing, nothing)
    return Pair("values", (a.dtype, b.dtype), lambda: iter([block]))

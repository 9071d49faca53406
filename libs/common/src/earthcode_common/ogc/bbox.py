"""The ``bbox`` parameter: OGC API Features Part 1 (17-069r4), section 7.15.3, in CRS84."""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from earthcode_common.problems import BadRequest

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class Bbox(NamedTuple):
    """Degrees; ``west > east`` means that the box crosses the antimeridian. Heights are dropped."""

    west: float
    south: float
    east: float
    north: float

    @property
    def world(self) -> bool:
        return self.west <= -180 and self.east >= 180 and self.south <= -90 and self.north >= 90


def parse_bbox(value: str | Sequence[Any], *, name: str = "bbox") -> Bbox:
    """Four numbers (west, south, east, north) or six (with heights), as text or as a JSON array.

    Raises BadRequest for other counts, NaN, infinities, values out of range and wrong order.
    """
    numbers = _numbers(value, name)
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            raise _wrong(name, "its lower height is above the upper one")
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != 4:
        raise _wrong(name, f"it needs 4 or 6 numbers, not {len(numbers)}")
    box = Bbox(*numbers)
    _check(box, name)
    return box


def _numbers(value: str | Sequence[Any], name: str) -> list[float]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise _wrong(name, "it is a list of 4 or 6 numbers")
    if len(parts) > 6:
        raise _wrong(name, f"it needs 4 or 6 numbers, not {len(parts)}")
    return [_number(part, name, isinstance(value, str)) for part in parts]


def _number(part: Any, name: str, text: bool) -> float:
    if text:
        part = part.strip()
        if not _NUMBER.fullmatch(part):
            raise _wrong(name, f"{part[:40]!a} is not a number")
    elif isinstance(part, bool) or not isinstance(part, int | float):
        raise _wrong(name, f"{str(part)[:40]!a} is not a number")
    try:
        number = float(part)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _wrong(name, "its numbers must be finite")
    return number


def _check(box: Bbox, name: str) -> None:
    if not all(-180 <= x <= 180 for x in (box.west, box.east)):
        raise _wrong(name, "longitudes lie between -180 and 180")
    if not all(-90 <= y <= 90 for y in (box.south, box.north)):
        raise _wrong(name, "latitudes lie between -90 and 90")
    if box.south > box.north:
        raise _wrong(name, "its south is north of its north; the order is west,south,east,north")


def _wrong(name: str, why: str) -> BadRequest:
    hint = "for example bbox=-10.5,35,30,60; west > east crosses the antimeridian"
    return BadRequest(f"{name} is not valid: {why}", parameter=name, hint=hint)

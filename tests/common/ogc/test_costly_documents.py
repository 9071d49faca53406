"""Documents that would cost minutes, or that no client could read."""

import random
import time
from typing import Any

import pytest
from earthcode_common.ogc import geometry as geo
from earthcode_common.ogc import jsontext
from earthcode_common.problems import BadRequest

LONG = 20  # seconds of the processor; without a bound each of these takes minutes


def boxes(number: int) -> list[list[float]]:
    chance = random.Random(number)
    corners = [(chance.uniform(-180, 100), chance.uniform(-90, 50)) for _ in range(number)]
    return [[x, y, x + chance.uniform(1, 80), y + chance.uniform(1, 40)] for x, y in corners]


def star(number: int) -> dict[str, Any]:
    chance = random.Random(number)
    ring = [[chance.uniform(-180, 180), chance.uniform(-90, 90)] for _ in range(number)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def separate(number: int) -> dict[str, Any]:
    rings = [geo.boxes_geometry([box])["coordinates"] for box in boxes(number)]  # type: ignore[index]
    return {"type": "MultiPolygon", "coordinates": rings}


@pytest.mark.parametrize("number", [100, 300, 30_000])
def test_overlapping_boxes_are_united_soon(number: int) -> None:
    started = time.thread_time()
    box = geo.footprint(geo.boxes_geometry(boxes(number)))  # type: ignore[arg-type]
    assert time.thread_time() - started < LONG
    wests, souths, easts, norths = zip(*boxes(number), strict=True)
    assert box[:4] == (min(wests), min(souths), max(easts), max(norths))


def test_more_boxes_than_can_be_searched_become_what_encloses_them() -> None:
    few, many = (geo.boxes_geometry(boxes(geo.MAX_BOXES + more)) for more in (0, 1))
    assert few is not None
    assert len(few["coordinates"]) == geo.MAX_BOXES
    assert many is not None
    assert many["type"] == "Polygon"
    crossing = geo.boxes_geometry([[170, 0, -170, 5]] + [[0, 0, 1, 1]] * geo.MAX_BOXES)
    assert geo.footprint(crossing)[:4] == (-180, 0, 180, 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [separate(300), star(300)])
def test_what_crosses_itself_often_is_mended_soon(given: Any) -> None:
    started = time.thread_time()
    geo.footprint(given)
    assert time.thread_time() - started < LONG


@pytest.mark.parametrize(
    "given",
    [
        *(separate(5000), star(5000)),
        {"type": "GeometryCollection", "geometries": [star(200)] * 40},
        {"type": "MultiPolygon", "coordinates": [star(4)["coordinates"]] * 5000},
    ],
)
def test_what_crosses_itself_too_often_is_refused(given: Any) -> None:
    started = time.thread_time()
    with pytest.raises(BadRequest, match="cross one another"):
        geo.footprint(given)
    assert time.thread_time() - started < LONG


def test_a_long_coast_with_one_crossing_is_mended() -> None:
    west = [[-1 - (n % 7) / 100, n / 1000] for n in range(20_000)]
    east = [[1 + (n % 5) / 100, n / 1000] for n in reversed(range(20_000))]
    west[5], west[6] = west[6], west[5]
    coast = {"type": "Polygon", "coordinates": [[*west, *east, west[0]]]}
    assert geo.footprint(coast)[:4] == (-1.06, 0, 1.04, 19.999)


NINES = "9" * 5000


def test_numbers_beyond_any_client_are_read_and_found() -> None:
    given = jsontext.parse(f'{{"a":[{NINES}],"b":1e400,"c":-{NINES},"d":{10**300}}}')
    expected = ["/a/0", "/b", "/c"]
    assert sorted(pointer for pointer, _ in jsontext.flaws(given.value)) == expected
    assert jsontext.members(given.text)["a"].text == f"[{NINES}]"
    with pytest.raises(ValueError, match="too large for any client"):
        jsontext.check_numbers(given.value)
    jsontext.check_numbers({"d": [10**300, 1.5, True, None, "x"]})


def test_names_that_are_there_twice_are_found() -> None:
    given = jsontext.parse('{"a":1,"b":[{"c/d":1,"e":2,"c/d":3}],"a":2}')
    assert jsontext.flaws(given.value) == [
        ("/a", "is given twice"),
        ("/b/0/c~1d", "is given twice"),
    ]
    assert given.value == {"a": 2, "b": [{"c/d": 3, "e": 2}]}

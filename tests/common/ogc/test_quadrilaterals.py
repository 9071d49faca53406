"""Footprints that numpy makes are those that GEOS makes, and what is odd is left to GEOS."""

import random
from itertools import islice

import pytest
from earthcode_common.ogc.footprints import footprints
from earthcode_common.ogc.geometry import footprint
from earthcode_common.ogc.quadrilaterals import corners, quadrilaterals

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
ODD = {
    "crossing": [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]],
    "hollow": [[0, 0], [2, 1], [0, 2], [1, 1], [0, 0]],
    "flat": [[0, 0], [1, 0], [2, 0], [3, 0], [0, 0]],
    "straight": [[0, 0], [1, 0], [2, 0], [2, 2], [0, 0]],
    "double": [[0, 0], [2, 0], [2, 0], [0, 2], [0, 0]],
    "minute": [[0, 0], [1e-9, 0], [1e-9, 1e-9], [0, 1e-9], [0, 0]],
    "beyond": [[179, 0], [181, 0], [181, 2], [179, 2], [179, 0]],
    "wide": [[-170, 0], [170, 0], [170, 2], [-170, 2], [-170, 0]],
}
NO_CORNERS = [
    None,
    [SQUARE],
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": [SQUARE, SQUARE]},
    {"type": "Polygon", "coordinates": [[*SQUARE[:4], [0, 1]]]},
    {"type": "Polygon", "coordinates": [[*SQUARE[:3], "ab", [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [True, 0], [2, 2], [0, 2], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[*one, 1] for one in SQUARE]]},
    {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
]


def polygon(ring: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_convex_one_either_way_round() -> None:
    for ring in (SQUARE, SQUARE[::-1], [[x * 0.1, y - 1] for x, y in SQUARE]):
        given = polygon(ring)
        assert list(quadrilaterals(corners(given))) == [footprint(given)]


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_left_to_geos(name: str) -> None:
    assert list(quadrilaterals(corners(polygon(ODD[name])))) == [None]


@pytest.mark.parametrize("given", NO_CORNERS)
def test_what_has_no_five_positions_has_no_corners(given: object) -> None:
    assert corners(given) == []


def test_many_of_all_kinds_are_as_one_by_one() -> None:
    rolls = random.Random(7)
    numbers = iter(lambda: [rolls.uniform(-180, 180), rolls.uniform(-90, 90)], None)
    rings = [list(islice(numbers, 4)) for _ in range(500)]
    given = [polygon([*ring, ring[0]]) for ring in rings]
    assert footprints(given) == [footprint(one) for one in given]

"""bbox, datetime and GeoJSON: what is understood, and that the rest is a 400 that says where."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from earthcode_common.ogc import geometry as geo
from earthcode_common.ogc.bbox import Bbox, parse_bbox
from earthcode_common.ogc.datetimes import (
    OPEN_END,
    OPEN_START,
    Interval,
    format_instant,
    parse_instant,
    parse_interval,
)
from earthcode_common.problems import BadRequest
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "box"),
    [
        ("1,2,3,4", (1, 2, 3, 4)),
        (" -10.5, 35 ,30,6e1", (-10.5, 35, 30, 60)),
        ("1,2,-100,3,4,9000.5", (1, 2, 3, 4)),
        ([170, -10, -170, 10], (170, -10, -170, 10)),
        ("-180,-90,180,90", (-180, -90, 180, 90)),
        ("5,5,5,5", (5, 5, 5, 5)),
    ],
)
def test_bbox(value: Any, box: tuple[float, ...]) -> None:
    assert parse_bbox(value) == box


@pytest.mark.parametrize(
    "value",
    [
        *("", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "1,2,,4", "nan,0,1,1", "inf,0,1,1"),
        *(
            "0,0,1,1e400",
            "0,10,1,0",
            "0,0,181,1",
            "0,-91,1,1",
            "0,0,9,1,1,0",
            "1_0,0,11,1",
            "١,0,2,1",
        ),
        *([0, 0, 1], [0, 0, 1, True], [0, 0, 1, "1"], [0, 0, 1, None], {"a": 1}, None, 7),
        *([0, 0, 1, float("nan")], [0, 0, 1, 10**400], [[0], 0, 1, 1]),
    ],
)
def test_bbox_refused(value: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_bbox(value)
    assert refused.value.errors[0]["parameter"] == "bbox"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02t03:04:05z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (
            "2020-01-02T03:04:05.1234567890+01:30",
            datetime(2020, 1, 2, 1, 34, 5, 123456, tzinfo=UTC),
        ),
        ("2020-01-02T03:04:05 01:00", datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
        ("0000-01-01T00:00:00Z", OPEN_START),
        ("9999-12-31T23:59:59-12:00", OPEN_END),
    ],
)
def test_instant(text: str, moment: datetime) -> None:
    assert parse_instant(text) == moment
    assert parse_interval(text) == Interval(moment, moment)


def test_interval_ends() -> None:
    day = datetime(2020, 1, 1, tzinfo=UTC)
    text = format_instant(day)
    assert parse_interval(f"{text}/..") == parse_interval(f"{text}/") == Interval(day, None)
    assert parse_interval(f"../{text}") == parse_interval(f"/{text}") == Interval(None, day)
    whole = parse_interval("2020-01-01", dates=True)
    assert whole == Interval(day, datetime(2020, 1, 1, 23, 59, 59, 999999, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "../..", "..", "/..", "x", "2020", "2020-01-01", "2020-13-01T00:00:00Z"),
        *("2020-01-01T00:00:00", "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00,5Z", "T00:00:00Z"),
        *("2020-01-01T25:00:00Z", "2020-01-01T12:00:60Z", "2020-01-01T12:00:61Z"),
        *("2020-01-01T00:00:00+0100", "2020-01-01T00:00:00+24:00", "12020-01-01T00:00:00Z"),
        "2021-01-01T00:00:00Z/2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00Z/2020-01-01T00:00:00Z/2020-01-01T00:00:00Z",
        "\ud800",
    ],
)
def test_datetime_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_interval(text)
    assert refused.value.errors[0]["parameter"] == "datetime"


def test_an_instant_in_a_document_is_named_by_its_pointer() -> None:
    with pytest.raises(BadRequest) as refused:
        parse_instant("yesterday", name="start_datetime", pointer="/properties/start_datetime")
    assert refused.value.errors[0]["pointer"] == "/properties/start_datetime"


RING = [[170, 0], [190, 0], [190, 5], [170, 5], [170, 0]]
AROUND = [[0, 0], [360, 0], [360, 5], [0, 5], [0, 0]]
SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]


@pytest.mark.parametrize(
    "value",
    [
        *(None, 5, "x", [], {}, {"type": "Foo"}, {"type": ["Point"]}, {"type": "Point"}),
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": ["1", 2]},
        {"type": "Point", "coordinates": [None, 2]},
        {"type": "Point", "coordinates": [1, 2, 3, 4, 5]},
        {"type": "Point", "coordinates": [float("nan"), 2]},
        {"type": "Point", "coordinates": [1, float("inf")]},
        {"type": "Point", "coordinates": [10**400, 2]},
        {"type": "Point", "coordinates": [400, 2]},
        {"type": "Point", "coordinates": [2, 100]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "Polygon", "coordinates": SQUARE[0]},
        {"type": "MultiPolygon", "coordinates": SQUARE},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "MultiPoint", "coordinates": [[[[[[[[0]]]]]]]]},
        {"type": "GeometryCollection"},
        {"type": "GeometryCollection", "geometries": []},
        {
            "type": "GeometryCollection",
            "geometries": [{"type": "GeometryCollection", "geometries": []}],
        },
        {"type": "MultiPoint", "coordinates": [[0, 0]] * 100_001},
        {"type": "Polygon", "coordinates": [[[-300, 0], [300, 0], [300, 5], [-300, 0]]]},
    ],
)
def test_geometry_refused(value: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        geo.footprint(value)
    assert refused.value.errors[0]["pointer"] == "/geometry"


@given(JSON, st.sampled_from([*geo.TYPES, "GeometryCollection"]))
def test_any_json_is_a_geometry_or_refused(value: Any, kind: str) -> None:
    for asked in (value, {"type": kind, "coordinates": value, "geometries": value}):
        with suppress(BadRequest):
            box = geo.footprint(asked)
            assert box.x0 <= box.x1


@pytest.mark.parametrize(
    ("value", "box"),
    [
        ({"type": "Point", "coordinates": [5, 6, 700]}, (5, 6, 5, 6)),
        ({"type": "Point", "coordinates": [190, 6]}, (-170, 6, -170, 6)),
        (geo.boxes_geometry([[170, 0, -170, 5]]), (170, 0, 190, 5)),
        (geo.boxes_geometry([[100, 0, -100, 5]]), (-180, 0, 180, 5)),
        (geo.boxes_geometry([[-180, -90, 180, 90]]), (-180, -90, 180, 90)),
        (geo.boxes_geometry([[0, 0, -5, 1, 1, 5], [9, 9, 10, 10]]), (0, 0, 10, 10)),
        (geo.boxes_geometry([[3, 4, 3, 4]]), (3, 4, 3, 4)),
        (
            {
                "type": "Polygon",
                "coordinates": [RING],
            },
            (170, 0, 190, 5),
        ),
        (
            {"type": "Polygon", "coordinates": [AROUND]},
            (-180, 0, 180, 5),
        ),
        (
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [9, 9]},
                    {"type": "Polygon", "coordinates": SQUARE},
                ],
            },
            (0, 0, 9, 9),
        ),
    ],
)
def test_footprints(value: Any, box: tuple[float, ...]) -> None:
    found = geo.footprint(value)
    assert found[:4] == box
    west, _, east, _ = shapely.from_wkb(found.wkb).bounds
    assert west >= -180
    assert east <= 180


def test_a_self_crossing_polygon_is_mended() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    shape = shapely.from_wkb(geo.footprint(bow).wkb)
    assert shape.is_valid
    assert shape.area == pytest.approx(2)


def test_world() -> None:
    assert Bbox(-180, -90, 180, 90).world
    assert not Bbox(-180, -90, 179, 90).world

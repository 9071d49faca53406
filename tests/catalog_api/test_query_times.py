"""Times as clients write them, and shapes that other servers break on."""

import pytest

from tests.catalog_api.samples import collection_of, item, product

PLACES = ("/stac/search", "/stac/collections/sea/items", "/stac/collections")
VALID = [
    "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-00:00", "1996-12-19T16:39:57+08:00",
    "../1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z/..", "/1985-04-12T23:20:50.52Z",
    "1985-04-12T23:20:50.52Z/", "1985-04-12T23:20:50.52+01:00/1986-04-12T23:20:50.52+01:00",
    "1937-01-01T12:00:27.8710+01:00", "1985-04-12t23:20:50.000z", "2020-07-23T00:00:00.0123456Z",
    "2020-07-23T00:00:00.012345678Z", "1990-12-31T23:59:60Z", "0000-01-01T00:00:00Z/..",
    "../9999-12-31T23:59:59Z", "2020-02-29T00:00:00Z/2020-02-29T00:00:00Z",
]  # fmt: skip
INVALID = [
    "", "/", "../..", "/..", "../", "/1984-04-12T23:20:50.52Z/1985-04-12T23:20:50.52Z",
    "1984-04-12T23:20:50.52Z/1985-04-12T23:20:50.52Z/", "1985-04-12", "2020",
    "1937-01-01T12:00:27.87+0100", "37-01-01T12:00:27.87Z", "1985-12-12T23:20:50.52",
    "21985-12-12T23:20:50.52Z", "1985-13-12T23:20:50.52Z", "1985-12-32T23:20:50.52Z",
    "1985-12-01T25:20:50.52Z", "1985-12-01T00:60:50.52Z", "1985-12-01T00:06:61.52Z",
    "1985-04-12T23:20:50.Z", "1985-04-12T23:20:50,52Z", "1990-12-31T23:59:61Z",
    "1986-04-12T23:20:50.52Z/1985-04-12T23:20:50.52Z", "2019-02-29T00:00:00Z", "now", "..",
    "2020-01-01T00:00:00Z,2021-01-01T00:00:00Z", "２020-01-01T00:00:00Z",
]  # fmt: skip


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    await catalogue.publish("product", product("sea"))
    span = {
        "datetime": None,
        "start_datetime": "2020-01-01T00:00:00Z",
        "end_datetime": "2020-12-31T23:59:59.999Z",
    }
    members = [
        item("i", properties={"datetime": "2020-06-01T12:00:00.5Z"}),
        item("s", properties=span),
        item("o", properties={"datetime": "0001-01-01T00:00:00Z"}),
        item("f", properties={"datetime": "9999-12-31T23:59:59Z"}),
    ]
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


async def test_times_that_are_times_are_understood(full):
    for path in PLACES:
        for datetime in VALID:
            answer = await full.client.get(path, params={"datetime": datetime})
            assert answer.status_code == 200, (path, datetime, answer.text)


async def test_times_that_are_none_are_refused(full):
    for path in PLACES:
        for datetime in INVALID:
            answer = await full.client.get(path, params={"datetime": datetime})
            assert answer.status_code == 400, (path, datetime, answer.text)
            assert answer.json()["errors"][0]["parameter"] == "datetime"
    for datetime in INVALID:
        answer = await full.client.post("/stac/search", json={"datetime": datetime})
        assert answer.status_code == 400, datetime


async def test_both_ends_of_a_time_belong_to_it(full):
    async def ids(datetime):
        page = await full.get("/stac/search", params={"datetime": datetime})
        return "".join(sorted(one["id"] for one in page["features"]))

    assert await ids("2020-06-01T12:00:00.5Z") == "is"
    assert await ids("2020-06-01T14:00:00.500+02:00") == "is"
    assert await ids("2020-06-01T12:00:00.500001Z") == "s"
    assert await ids("2020-12-31T23:59:59.999Z") == "s"
    assert await ids("2020-12-31T23:59:59.9991Z") == ""
    assert await ids("2019-12-31T00:00:00Z/2020-01-01T00:00:00Z") == "s"
    assert await ids("2020-12-31T23:59:59.999Z/..") == "fs"
    assert await ids("../2020-01-01T00:00:00Z") == "os"
    assert await ids("0001-01-01T00:00:00Z") == "o"
    assert await ids("9999-12-31T23:59:59Z/..") == "f"


POINT = {"type": "Point", "coordinates": [1, 1]}
SHAPES = [
    {"type": "GeometryCollection", "geometries": [
        {"type": "GeometryCollection", "geometries": [POINT]}]},
    {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]},
    {"type": "Point", "coordinates": [1, 1, 5]},
    {"type": "Polygon", "coordinates": [[[170, -5], [190, -5], [190, 5], [170, 5], [170, -5]]]},
    {"type": "MultiPoint", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]},
    {"type": "LineString", "coordinates": [[1, 1], [1, 1]]},
    {"type": "Point", "coordinates": [1e308, 1]},
]  # fmt: skip


async def test_no_stored_shape_breaks_the_searches(full, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    stored = 0
    for number, shape in enumerate(SHAPES):
        one = item(f"odd{number}", geometry=shape, bbox=[0, 0, 2, 2])
        path = "/stac/collections/sea/items"
        answer = await full.client.post(path, json=one, headers=headers)
        assert answer.status_code in (201, 400), (shape, answer.text)
        stored += answer.status_code == 201
    assert stored >= 3
    for asked in (
        {}, {"bbox": "0,0,3,3"}, {"bbox": "175,-1,-175,1"}, {"sortby": "id"},
        {"intersects": '{"type":"Point","coordinates":[1,1]}'},
        {"filter": "S_INTERSECTS(geometry, POINT(1 1))"},
        {"filter": "NOT S_WITHIN(geometry, BBOX(0,0,3,3)) OR S_CROSSES(geometry, POINT(1 1))"},
        {"filter": "S_TOUCHES(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))"},
    ):  # fmt: skip
        answer = await full.client.get("/stac/search", params=asked | {"limit": 100})
        assert answer.status_code == 200, (asked, answer.text)
    names = "total_count,centroid_geohash_grid_frequency"
    answer = await full.get("/stac/aggregate", params={"aggregations": names, "bbox": "0,0,3,3"})
    assert answer["aggregations"][0]["value"] > 0


async def test_shapes_that_are_none_are_refused(full):
    for shape in (
        SHAPES[0], SHAPES[7], {"type": "Point"}, {"type": "Feature", "geometry": POINT},
        {"type": "Polygon", "coordinates": [[0, 0], [1, 1]]}, {"coordinates": [1, 1]},
        {"type": "Point", "coordinates": ["1", 1]}, {"type": "Point", "coordinates": [None, 1]},
        {"type": "Point", "coordinates": [1, 95]}, {"type": "Nosuch", "coordinates": [1, 1]},
    ):  # fmt: skip
        answer = await full.client.post("/stac/search", json={"intersects": shape})
        assert answer.status_code == 400, (shape, answer.text)


async def test_collections_may_be_named_by_one_text(full):
    for given in ("sea", ["sea"], "sea,land"):
        answer = await full.client.post("/stac/search", json={"collections": given})
        assert answer.json()["numberMatched"] == 4, given

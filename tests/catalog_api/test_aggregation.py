"""Counts of Items: against the searches that they count, and against the Items themselves."""

from collections import Counter

import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
ALL = "total_count,datetime_min,datetime_max,datetime_frequency,year_frequency"
PLACES = [(-5.6, 42.6), (179.5, 0), (-179.5, -89.9), (10, 50)]


def _sample(n):
    lon, lat = PLACES[n % 4]
    more = {"platform": f"p{n % 3}", "eo:cloud_cover": n * 9.5 - 1, "osc:missions": ["m", f"m{n}"]}
    times = {"datetime": f"20{10 + n}-05-01T00:00:00Z"}
    if n % 5 == 4:
        start, end = f"20{10 + n}-05-01T00:00:00Z", f"20{12 + n}-01-01T00:00:00Z"
        times = {"datetime": None, "start_datetime": start, "end_datetime": end}
    place = {"type": "Point", "coordinates": [lon, lat]}
    given = {"geometry": place, "bbox": [lon, lat, lon, lat]} if n != 7 else {"geometry": None}
    made = item(f"i{n:02}", properties=times | (more if n != 8 else {}), **given)
    return {name: value for name, value in made.items() if value is not None or name == "geometry"}


ITEMS = [_sample(n) for n in range(12)]


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    for id in ("sea", "land"):
        await catalogue.publish("product", product(id))
    for id, members in (("sea", ITEMS[:8]), ("land", ITEMS[8:])):
        path = f"/stac/collections/{id}/items"
        answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
        assert answer.status_code == 201, answer.text
    return catalogue


async def _counts(full, names, path="/stac/aggregate", **asked):
    """By name: the value, or {key: frequency}; GET and POST must agree."""
    answer = await full.get(path, params={"aggregations": names} | asked)
    assert answer["type"] == "AggregationCollection"
    assert [one["name"] for one in answer["aggregations"]] == names.split(",")
    if not asked:
        body = {"aggregations": names.split(",")}
        posted = await full.client.post(path, json=body)
        assert posted.json()["aggregations"] == answer["aggregations"]
    return {one["name"]: _told(one) for one in answer["aggregations"]}


def _told(one):
    if "buckets" not in one:
        return one["value"]
    assert one["data_type"] == "frequency_distribution"
    return {bucket["key"]: bucket["frequency"] for bucket in one["buckets"]} | (
        {"overflow": one["overflow"]} if one["overflow"] else {}
    )


async def test_counts_are_those_of_the_items(full):
    found = await _counts(full, ALL)
    assert found["total_count"] == 12
    assert found["datetime_min"] == "2010-05-01T00:00:00Z"
    assert found["datetime_max"] == "2021-05-01T00:00:00Z"
    assert sum(found["datetime_frequency"].values()) == 12
    found = await _counts(full, "collection_frequency,platform_frequency,mission_frequency")
    assert found["collection_frequency"] == {"sea": 8, "land": 4}
    assert found["platform_frequency"] == {"p0": 4, "p1": 4, "p2": 3, "overflow": 1}
    assert found["mission_frequency"]["m"] == 11
    assert found["mission_frequency"]["m3"] == found["mission_frequency"]["overflow"] == 1
    found = await _counts(full, "cloud_cover_frequency")
    assert found["cloud_cover_frequency"] == {
        "*-10": 2, "10-20": 1, "20-30": 1, "30-40": 1, "40-50": 1, "50-60": 1, "60-70": 1,
        "80-90": 1, "90-*": 2, "overflow": 1,
    }  # fmt: skip


async def test_a_year_counts_what_a_search_for_it_finds(full):
    found = (await _counts(full, "year_frequency"))["year_frequency"]
    assert len(found) == 12
    for year, number in found.items():
        span = f"{year}-01-01T00:00:00Z/{year}-12-31T23:59:59Z"
        assert (await full.get("/stac/search", params={"datetime": span}))[
            "numberMatched"
        ] == number, year


async def test_cells_are_geohashes_of_the_middle(full):
    name = "centroid_geohash_grid_frequency"
    found = (await _counts(full, name, **{f"{name}_precision": "5"}))[name]
    assert found == {"ezs42": 3, "xbp8h": 3, "0002e": 3, "u0zh7": 2, "overflow": 1}
    coarse = (await _counts(full, name, **{f"{name}_precision": "1"}))[name]
    assert coarse == {"e": 3, "x": 3, "0": 3, "u": 2, "overflow": 1}


async def test_intervals_follow_the_data_or_are_asked_for(full):
    name = "datetime_frequency"
    asked = {"datetime_frequency_interval": "year"}
    years = (await _counts(full, name, **asked))[name]
    assert years == {f"20{10 + n}-01-01T00:00:00Z": 1 for n in range(12)}
    one = (await _counts(full, name, ids="i03"))[name]
    assert one == {"2013-05-01T00:00:00Z": 1}


SEARCHES = [
    {"bbox": "-10,40,20,60"},
    {"bbox": "170,-5,-170,5"},
    {"datetime": "2014-06-01T00:00:00Z/2015-06-01T00:00:00Z"},
    {"collections": "sea", "ids": "i01,i09,i02"},
    {"filter": "platform = 'p1' AND NOT S_INTERSECTS(geometry, BBOX(0, 0, 90, 90))"},
    {"filter": '"eo:cloud_cover" > 50 OR geometry IS NULL'},
    {"query": '{"osc:missions": {"contains": "m3"}}'},
    {"intersects": '{"type":"Polygon","coordinates":[[[0,40],[20,40],[10,60],[0,40]]]}'},
    {"q": "nothing"},
    {"q": "-"},
    {"collections": "nosuch"},
]


async def test_all_that_can_be_searched_can_be_counted(full):
    for asked in SEARCHES:
        page = await full.get("/stac/search", params=asked | {"limit": 100})
        found = await _counts(full, "total_count,collection_frequency", **asked)
        expected = Counter(one["collection"] for one in page["features"])
        assert found["total_count"] == page["numberMatched"] == len(page["features"]), asked
        assert found["collection_frequency"] == expected, asked
    nothing = await _counts(full, "datetime_min,year_frequency", q="nothing")
    assert nothing == {"datetime_min": None, "year_frequency": {}}


async def test_counts_of_one_collection(full):
    path = "/stac/collections/sea/aggregate"
    assert await _counts(full, "total_count,collection_frequency", path) == {
        "total_count": 8, "collection_frequency": {"sea": 8}}  # fmt: skip
    assert (await full.client.get("/stac/collections/nosuch/aggregations")).status_code == 404
    assert (await _counts(full, "total_count", path, collections="land"))["total_count"] == 0


async def test_what_can_be_counted_is_listed_and_linked(full):
    landing = await full.get("/stac")
    rels = {one["rel"]: one["href"].removeprefix(PUBLIC) for one in landing["links"]}
    assert rels["aggregate"] == "/stac/aggregate"
    for listed, counted in (
        (rels["aggregations"], "/stac/aggregate"),
        ("/stac/collections/sea/aggregations", "/stac/collections/sea/aggregate"),
        ("/stac/collections-aggregations", "/stac/collections-aggregate"),
    ):
        known = (await full.get(listed))["aggregations"]
        names = ",".join(one["name"] for one in known)
        answer = await full.get(counted, params={"aggregations": names})
        assert [one["name"] for one in answer["aggregations"]] == names.split(",")
        for one, said in zip(answer["aggregations"], known, strict=True):
            assert one["data_type"] == said["data_type"]
    assert "https://api.stacspec.org/v0.3.0/aggregation" in landing["conformsTo"]


async def test_nothing_is_counted_that_was_not_asked_for(full):
    answer = await full.get("/stac/aggregate")
    assert (answer["type"], answer["aggregations"]) == ("AggregationCollection", [])
    assert (await full.client.post("/stac/aggregate", json={})).json()["aggregations"] == []


async def test_counts_that_make_no_sense_are_refused(full):
    for path in ("/stac/aggregate", "/stac/collections/sea/aggregate"):
        for asked in (
            {"aggregations": ""}, {"aggregations": "nosuch"}, {"aggregations": "total_count,"},
            {"aggregations": "total_count", "limit": "5"},
            {"aggregations": "total_count", "bbox": "nan"},
            {"aggregations": "total_count", "filter": "x y"},
            {"aggregations": "total_count", "datetime_frequency_interval": "week"},
            {"aggregations": "total_count", "centroid_geohash_grid_frequency_precision": "10"},
        ):  # fmt: skip
            answer = await full.client.get(path, params=asked)
            assert answer.status_code == 400, (path, asked, answer.text)
        for body in ([], "x", {"aggregations": 5}, {"aggregations": [], "limit": 1}):
            answer = await full.client.post(path, json=body)
            assert answer.status_code == 400, (path, body, answer.text)
    answer = await full.client.get("/stac/aggregate?aggregations=nosuch")
    assert "total_count" in answer.json()["errors"][0]["hint"]

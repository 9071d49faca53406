"""CQL2 filters over HTTP: where they can be sent, in which languages, and what is refused."""

import asyncio
import json

import cql2
import pystac_client
import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SEARCHES = ("/stac/search", "/stac/collections/sea/items")


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    await catalogue.publish("product", product("sea", keywords=["Été", "ice"], version="2"))
    await catalogue.publish("product", product("land", **{"osc:status": "ongoing"}))
    await catalogue.publish("project", product("arctic", **{"osc:type": "project"}))
    members = [
        item("a", properties={"datetime": "2020-01-01T00:00:00Z", "gsd": 10, "platform": "S-2A"}),
        item("b", properties={"datetime": "2020-02-01T00:00:00Z", "gsd": 20, "tags": ["x", "y"]}),
        item("c", properties={"datetime": "2020-03-01T00:00:00Z", "platform": "Été_1"},
             geometry={"type": "Point", "coordinates": [179, 0]}, bbox=[179, 0, 179, 0]),
        item("d", geometry=None, properties={
            "datetime": None, "start_datetime": "2020-01-15T00:00:00Z",
            "end_datetime": "2020-02-15T00:00:00Z", "gsd": 60}),
    ]  # fmt: skip
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


FILTERS = [
    ("gsd <= 20", "ab"),
    ("properties.gsd > 10 AND NOT id = 'b'", "d"),
    ("gsd IS NULL", "c"),
    ("collection = 'sea' AND id IN ('a','c')", "ac"),
    ("collection <> 'sea'", ""),
    ("platform LIKE 'S-%'", "a"),
    ("CASEI(ACCENTI(platform)) LIKE 'ete\\_%'", "c"),
    ("gsd BETWEEN 15 AND 60", "bd"),
    ("gsd * 2 = 40", "b"),
    ("A_CONTAINS(tags, ('x'))", "b"),
    ("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))", "c"),
    ("NOT S_INTERSECTS(geometry, POINT(10 50))", "c"),
    ("T_INTERSECTS(INTERVAL(start_datetime, end_datetime), "
     "INTERVAL('2020-02-01T00:00:00Z', '2020-02-10T00:00:00Z'))", "bd"),
    ("datetime < TIMESTAMP('2020-01-20T00:00:00Z')", "a"),
    ("datetime >= TIMESTAMP('2020-02-10T00:00:00Z')", "cd"),
    ("start_datetime < TIMESTAMP('2020-01-20T00:00:00Z')", "ad"),
    ("T_INTERSECTS(datetime, INTERVAL('2020-02-01T00:00:00Z', '..'))", "bcd"),
    ("datetime IN (TIMESTAMP('2020-02-01T00:00:00Z'))", "bd"),
    ("nosuch = 1", ""),
    ("nosuch IS NULL", "abcd"),
    ("POINT(0 0) IS NULL", ""),
    ("NOT BBOX(0, 0, 1, 1) IS NULL", "abcd"),
    ("('a', 'b') IS NULL", ""),
    ("platform > gsd", ""),
    ("x", ""),
]  # fmt: skip


async def test_filters_mean_the_same_everywhere(full):
    for text, expected in FILTERS:
        await _means(full, text, expected)


async def _means(full, text, expected):
    expression = cql2.parse_text(text).to_json()
    for path in SEARCHES:
        for asked in (
            {"filter": text},
            {"filter": text, "filter-lang": "cql2-text", "filter-crs": CRS84},
            {"filter": json.dumps(expression), "filter-lang": "cql2-json"},
        ):
            page = await full.get(path, params=asked)
            assert "".join(sorted(one["id"] for one in page["features"])) == expected, text
            assert page["numberMatched"] == len(expected)
    for body in (
        {"filter": expression},
        {"filter": expression, "filter-lang": "cql2-json", "filter-crs": CRS84},
        {"filter": text, "filter-lang": "cql2-text"},
    ):
        answer = await full.client.post("/stac/search", json=body)
        assert answer.status_code == 200, answer.text
        assert "".join(sorted(one["id"] for one in answer.json()["features"])) == expected


async def test_pages_of_filtered_searches(full):
    asked = {"filter": "gsd > 0", "limit": 1, "sortby": "-gsd"}
    page, found = await full.get("/stac/search", params=asked), []
    while True:
        found += [one["id"] for one in page["features"]]
        assert page["numberMatched"] == 3
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            break
        page = await full.get(following[0].removeprefix(PUBLIC))
    assert found == ["d", "b", "a"]
    body = {
        "filter": {"op": ">", "args": [{"property": "gsd"}, 0]},
        "filter-lang": "cql2-json",
        "sortby": [{"field": "gsd"}],
        "fields": {"exclude": ["links"]},
        "limit": 2,
    }
    page = (await full.client.post("/stac/search", json=body)).json()
    following = next(one for one in page["links"] if one["rel"] == "next")
    assert following["body"] == body | {"token": following["body"]["token"]}
    page = (await full.client.post("/stac/search", json=following["body"])).json()
    assert [one["id"] for one in page["features"]] == ["d"]


async def test_filters_are_one_condition_among_others(full):
    async def ids(**asked):
        page = await full.get("/stac/search", params=asked)
        return "".join(sorted(one["id"] for one in page["features"]))

    assert await ids(filter="gsd > 10", ids="b,c") == "b"
    assert await ids(filter="gsd > 10", query='{"gsd": {"lt": 50}}') == "b"
    assert await ids(filter="collection = 'sea'", collections="land") == ""
    assert await ids(filter="S_INTERSECTS(geometry, POINT(10 50))", bbox="170,-1,180,1") == ""
    assert await ids(filter="id = 'a'", datetime="2020-02-01T00:00:00Z") == ""


async def test_collections_are_filtered(full):
    async def ids(filter, **more):
        page = await full.get("/stac/collections", params={"filter": filter} | more)
        return sorted(one["id"] for one in page["collections"])

    assert await ids("\"osc:type\" = 'project'") == ["arctic"]
    assert await ids("A_CONTAINS(keywords, ('ice'))") == ["sea"]
    assert await ids("A_OVERLAPS(\"osc:variables\", ('ice-thickness', 'x'))") == [
        "arctic", "land", "sea"]  # fmt: skip
    assert await ids("A_CONTAINS(themes, ('cryosphere')) AND version = '2'") == ["sea"]
    assert await ids("S_INTERSECTS(geometry, POINT(0 0))") == []
    assert await ids("T_DURING(INTERVAL(start_datetime, end_datetime), "
                     "INTERVAL('2000-01-01', '2030-01-01'))", q="sea") == [
                         "arctic", "land", "sea"]  # fmt: skip
    page = await full.get("/stac/catalogs/projects/collections", params={"filter": "id='sea'"})
    assert page["collections"] == []


async def test_pystac_client_filters_sorts_and_chooses(full):
    full.settings.public_url = str(full.client.base_url).rstrip("/")
    await asyncio.to_thread(_use, f"{full.settings.public_url}/stac")


def _use(url):
    client = pystac_client.Client.open(url)
    assert {"gsd", "tags"} <= set(client.get_merged_queryables(["sea"])["properties"])
    assert "platform" in client.get_collection("sea").get_queryables()["properties"]
    for method, filter in (("GET", "gsd > 5"), ("POST", cql2.parse_text("gsd > 5").to_json())):
        search = client.search(method=method, filter=filter, sortby="-properties.gsd", limit=1)
        assert [one.id for one in search.items()] == ["d", "b", "a"]
        assert search.matched() == 3
        search = client.search(method=method, query=["gsd<=20"], fields=["properties.gsd"])
        found = [(one["id"], one["properties"]) for one in search.items_as_dicts()]
        assert sorted(found, key=str) == [("a", {"gsd": 10}), ("b", {"gsd": 20})]
    found = client.collection_search(filter="version = '2'", sortby="title", fields=["title"])
    assert [one["id"] for one in found.collections_as_dicts()] == ["sea"]

"""Sorting of Items and Collections, over all pages, and what can be sorted by."""

import itertools

import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
REL = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
ODD = [
    ("a", {"gsd": 10, "platform": "b", "updated": "2021-01-01T00:00:00Z"}),
    ("b", {"gsd": 2.5, "platform": "a", "updated": "2020-01-01T00:00:00Z"}),
    ("c", {"gsd": -1e3, "platform": "é"}),
    ("d", {"gsd": None, "platform": "a"}),
    ("e", {"platform": "b", "keywords": ["x"], "odd:flag": True}),
]


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    await catalogue.publish("product", product("sea", title="Zebra"))
    await catalogue.publish("product", product("land", title="Apple", **{"osc:status": "ongoing"}))
    members = [
        item(id, properties={"datetime": f"2020-01-0{n + 1}T00:00:00Z"} | more)
        for n, (id, more) in enumerate(ODD)
    ]
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


async def _ids(full, path, name="features", **asked):
    """Ids over all pages of two."""
    found, address = [], path
    while address:
        answer = await full.client.get(address, params={"limit": 2} | asked if asked else None)
        assert answer.status_code == 200, answer.text
        page, asked = answer.json(), {}
        found += [one["id"] for one in page[name]]
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
        address = address.removeprefix(PUBLIC)
    return "".join(found) if name == "features" else found


ORDERS = [
    ("id", "abcde"),
    ("-id", "edcba"),
    ("+id", "abcde"),
    (" id", "abcde"),
    ("datetime", "abcde"),
    ("-properties.datetime", "edcba"),
    ("gsd", "cbaed"),
    ("-gsd", "abced"),
    ("properties.platform,-id", "dbeac"),
    ("-platform,gsd", "caebd"),
    ("updated", "baedc"),
    ("-properties.updated", "abedc"),
    ("odd:flag,id", "eabcd"),
    ("collection,-datetime", "edcba"),
]


async def test_items_come_in_the_order_asked_for(full):
    for sortby, expected in ORDERS:
        await _comes(full, sortby, expected)


async def _comes(full, sortby, expected):
    assert await _ids(full, "/stac/search", sortby=sortby) == expected
    assert await _ids(full, "/stac/collections/sea/items", sortby=sortby) == expected
    keys = [
        {"field": key.lstrip("+- "), "direction": "desc" if key.startswith("-") else "asc"}
        for key in sortby.split(",")
    ]
    answer = await full.client.post("/stac/search", json={"sortby": keys, "limit": 100})
    assert "".join(one["id"] for one in answer.json()["features"]) == expected


async def test_collections_come_in_the_order_asked_for(full):
    async def ids(sortby):
        return await _ids(full, "/stac/collections", "collections", sortby=sortby)

    assert await ids("title") == ["land", "sea"]
    assert await ids("-title") == ["sea", "land"]
    assert await ids("id") == ["land", "sea"]
    assert await ids("osc:status,title") == ["land", "sea"]
    path = "/stac/catalogs/products/children"
    assert await _ids(full, path, "children", sortby="-title") == ["sea", "land"]


BAD = [
    "", ",", "-", "+", "nosuch", "keywords", "geometry", "id,id", "id,-id", "properties.",
     "a\tb", "\ud7ff" * 300, ",".join(f"x{n}" for n in range(9)), "props->>'id'", "properties",
]  # fmt: skip
BAD_BODIES = [
    "id", [], {}, [1], [{}], [{"field": 1}], [{"field": "id", "direction": "up"}], [["id"]],
     [{"field": "id", "direction": None}], [{"field": "id", "more": 1}], 5, [{"field": "nosuch"}],
]  # fmt: skip


async def test_what_cannot_be_sorted_by_is_refused(full):
    paths = ("/stac/search", "/stac/collections/sea/items", "/stac/collections")
    for path, sortby in itertools.product(paths, BAD):
        answer = await full.client.get(path, params={"sortby": sortby})
        assert answer.status_code == 400, (path, answer.text)
        assert answer.json()["errors"][0]["parameter"] == "sortby"


async def test_a_body_that_cannot_be_sorted_by_is_refused(full):
    for sortby in BAD_BODIES:
        answer = await full.client.post("/stac/search", json={"sortby": sortby})
        assert answer.status_code == 400, answer.text


async def test_the_refusal_names_what_was_meant(full):
    answer = await full.client.get("/stac/search?sortby=properties.gds")
    assert "gsd" in answer.json()["errors"][0]["hint"]
    answer = await full.client.get("/stac/collections?sortby=titel")
    assert "title" in answer.json()["errors"][0]["hint"]


async def test_collections_lead_to_what_can_be_asked_of_their_items(full):
    collection = await full.get("/stac/collections/sea")
    names = ("queryables", "sortables", "aggregate", "aggregations")
    known = {one["rel"].rpartition("/")[2]: one for one in collection["links"]}
    rels = {name: known[name] for name in names}
    for name in names:
        path = rels[name]["href"].removeprefix(PUBLIC)
        assert path == f"/stac/collections/sea/{name}"
        asked = {"aggregations": "total_count"} if name == "aggregate" else None
        answer = await full.client.get(path, params=asked)
        assert answer.headers["content-type"] == rels[name]["type"]
    await full.publish("product", collection)
    again = await full.get("/stac/collections/sea")
    assert [one for one in again["links"] if one in rels.values()] == list(rels.values())


async def test_sortables_are_what_can_be_sorted_by(full):
    landing = await full.get("/stac")
    there = next(one for one in landing["links"] if one["rel"] == REL)
    for path, known, search in (
        (there["href"].removeprefix(PUBLIC), {"gsd", "odd:flag", "id"}, "/stac/search"),
        ("/stac/collections/sea/sortables", {"gsd", "odd:flag"}, "/stac/collections/sea/items"),
        ("/stac/collections-sortables", {"title", "osc:status", "id"}, "/stac/collections"),
    ):
        answer = await full.client.get(path)
        schema = answer.json()
        assert answer.headers["content-type"] == "application/schema+json"
        assert (schema["$id"], schema["type"]) == (f"{PUBLIC}{path}", "object")
        assert known <= set(schema["properties"]), path
        assert not {"keywords", "geometry", "themes"} & set(schema["properties"])
        for name in schema["properties"]:
            assert (await full.client.get(search, params={"sortby": name})).status_code == 200
    assert (await full.client.get("/stac/collections/nosuch/sortables")).status_code == 404

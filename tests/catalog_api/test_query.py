"""The Query extension: the same answers as the filters that it stands for."""

import json

import pytest

from tests.catalog_api.samples import collection_of, item, product


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    await catalogue.publish("product", product("sea", **{"osc:status": "ongoing"}))
    await catalogue.publish("product", product("land"))
    members = [
        item(id, properties={"datetime": f"2020-0{n + 1}-01T00:00:00Z"} | more)
        for n, (id, more) in enumerate([
            ("a", {"eo:cloud_cover": 5, "name": "50% off", "instruments": ["msi"], "x": 5}),
            ("b", {"eo:cloud_cover": 50.0, "name": "a_b", "instruments": ["sar", "msi"], "x": "5"}),
            ("c", {"name": "ab", "instruments": [], "x": [5, "5"], "flag": True}),
            ("d", {"eo:cloud_cover": None, "name": "back\\slash", "x": None, "flag": False}),
        ])
    ]  # fmt: skip
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


QUERIES = [
    ({"eo:cloud_cover": {"eq": 5}}, "a"),
    ({"eo:cloud_cover": {"eq": "5"}}, "a"),
    ({"properties.eo:cloud_cover": {"gte": 5, "lt": 50}}, "a"),
    ({"eo:cloud_cover": {"neq": 5}}, "b"),
    ({"eo:cloud_cover": {"neq": "50"}}, "a"),
    ({"eo:cloud_cover": {"gt": "5"}}, "b"),
    ({"eo:cloud_cover": {"eq": None}}, "cd"),
    ({"eo:cloud_cover": {"neq": None}}, "ab"),
    ({"eo:cloud_cover": {"in": ["5", 50]}}, "ab"),
    ({"name": {"startsWith": "a"}}, "bc"),
    ({"name": {"contains": "a_b"}}, "b"),
    ({"name": {"contains": "%"}}, "a"),
    ({"name": {"endsWith": "\\slash"}}, "d"),
    ({"name": {"in": ["ab", "a_b"], "neq": "ab"}}, "b"),
    ({"instruments": {"contains": "msi"}}, "ab"),
    ({"instruments": {"in": ["sar", "other"]}}, "b"),
    ({"x": {"eq": 5}}, "a"),
    ({"x": {"eq": "5"}}, "ab"),
    ({"x": {"in": [5]}}, "ac"),
    ({"flag": {"eq": True}}, "c"),
    ({"flag": {"neq": True}}, "d"),
    ({"id": {"in": ["a", "c"]}, "collection": {"eq": "sea"}}, "ac"),
    ({"datetime": {"gte": "2020-02-01T00:00:00Z", "lt": "2020-04-01T00:00:00Z"}}, "bc"),
    ({"nosuch": {"gt": 1}}, ""),
]


async def test_items_are_queried(full):
    for query, expected in QUERIES:
        answer = await full.client.post("/stac/search", json={"query": query})
        assert _ids(answer.json()) == expected, query
        for path in ("/stac/search", "/stac/collections/sea/items"):
            page = await full.get(path, params={"query": json.dumps(query)})
            assert _ids(page) == expected, query


def _ids(page):
    return "".join(sorted(one["id"] for one in page["features"]))


async def test_collections_are_queried(full):
    for query, expected in (
        ({"osc:status": {"eq": "ongoing"}}, ["sea"]),
        ({"osc:variables": {"contains": "ice-thickness"}}, ["land", "sea"]),
        ({"title": {"endsWith": "land"}}, ["land"]),
    ):
        page = await full.get("/stac/collections", params={"query": json.dumps(query)})
        assert sorted(one["id"] for one in page["collections"]) == expected


BAD = [
    "", "x", "[]", "null", "{}", "5", '{"a":5}', '{"a":{}}', '{"a":{"ne":5}}', '{"a":{"eq":[]}}',
     '{"a":{"eq":{}}}', '{"a":{"lt":null}}', '{"a":{"in":5}}', '{"a":{"in":[]}}', "[" * 9000,
     '{"a":{"in":[null]}}', '{"a":{"startsWith":5}}', '{"keywords":{"eq":"x"}}',
     '{"geometry":{"eq":"x"}}', '{"datetime":{"gt":"yesterday"}}', '{"":{"eq":1}}',
     '{"a":{"eq":NaN}}', '{"a\\u0000":{"eq":1}}', '{"a":{"eq":"\\u0000"}}',
     json.dumps({f"p{n}": {"eq": 1} for n in range(99)}),
]  # fmt: skip


async def test_queries_that_make_no_sense_are_refused(full):
    for query in BAD:
        for path in ("/stac/search", "/stac/collections/sea/items", "/stac/collections"):
            answer = await full.client.get(path, params={"query": query})
            assert answer.status_code == 400, (path, query[:99], answer.text[:300])


async def test_bodies_with_queries_that_make_no_sense_are_refused(full):
    headers = {"content-type": "application/json"}
    for query in (query for query in BAD if query != "null"):
        body = f'{{"query":{query or "5"}}}'
        answer = await full.client.post("/stac/search", content=body, headers=headers)
        assert answer.status_code == 400, (query[:99], answer.text[:300])

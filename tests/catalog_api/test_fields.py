"""Chosen members of documents: Fields extension, on searches, Items and Collections."""

import json

import pytest
from catalog_api.domain.fields import parse_fields, select

from tests.catalog_api.samples import collection_of, item, product

IDENTITY = {"type", "stac_version", "id", "collection"}
DEFAULT = IDENTITY | {"geometry", "bbox", "links", "assets", "properties"}


@pytest.fixture
async def full(catalogue, identity):
    await catalogue.publish("product", product("sea"))
    one = item(
        properties={"datetime": "2020-01-01T00:00:00Z", "gsd": 10.50, "a.b": {"c": 1, "d": 2}}
    )
    headers = identity.headers("catalog-api", roles=["operator"])
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(one), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


async def _got(full, fields):
    """The Item as search (GET) and the Items of the Collection give it."""
    found = []
    for path in ("/stac/search", "/stac/collections/sea/items"):
        answer = await full.client.get(path, params={"fields": fields})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/geo+json"
        found.append(answer.json()["features"][0])
    assert found[0] == found[1]
    return found[0]


async def _posted(full, fields):
    answer = await full.client.post("/stac/search", json={"fields": fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["features"][0]


async def test_included_members_are_there_and_what_says_what_it_is(full):
    for name in ("type", "geometry", "bbox", "links", "assets", "+assets"):
        assert set(await _got(full, name)) == IDENTITY | {name.lstrip("+")}
    assert await _got(full, "gsd") == await _got(full, "properties.gsd")
    assert (await _got(full, "properties.gsd,id"))["properties"] == {"gsd": 10.5}
    assert (await _got(full, "properties.a.b.c"))["properties"] == {"a.b": {"c": 1}}
    assert (await _got(full, "nosuch,properties.nosuch"))["properties"] == {}
    assert set(await _posted(full, {"include": ["geometry"]})) == IDENTITY | {"geometry"}


async def test_excluded_members_are_not_there(full):
    whole = (await full.get("/stac/search"))["features"][0]
    assert await _got(full, "-geometry") == {k: v for k, v in whole.items() if k != "geometry"}
    assert await _posted(full, {"exclude": ["geometry"]}) == await _got(full, "-geometry")
    assert "id" not in await _got(full, "-id")
    assert set((await _got(full, "-properties.gsd"))["properties"]) == {"datetime", "a.b"}
    assert (await _got(full, "-properties.a.b.c"))["properties"]["a.b"] == {"d": 2}
    assert (await _got(full, "-links.href"))["links"][0].keys() == {"rel", "type"}


async def test_nothing_named_gives_what_makes_an_item(full):
    for fields in ({}, {"include": None, "exclude": None}, {"include": [], "exclude": []}):
        assert set(await _posted(full, fields)) == DEFAULT
    one = await _got(full, "")
    assert set(one) == DEFAULT
    assert set(one["properties"]) == {"datetime"}
    for include in (None, []):
        one = await _posted(full, {"include": include, "exclude": ["geometry"]})
        assert set(one) == DEFAULT - {"geometry"}
        assert set(one["properties"]) == {"datetime"}


async def test_the_longer_path_counts_and_inclusion_of_two_alike(full):
    nested = await _got(full, "-properties,+properties.gsd")
    assert nested["properties"] == {"gsd": 10.5}
    asked = {"include": ["properties.gsd"], "exclude": ["properties"]}
    assert await _posted(full, asked) == nested
    assert set(nested) == IDENTITY | {"properties"}
    assert "geometry" in await _got(full, "+geometry,-geometry")
    assert "gsd" not in (await _got(full, "properties,-properties.gsd"))["properties"]
    three = await _got(full, "properties,-properties.a.b,properties.a.b.c")
    assert three["properties"]["a.b"] == {"c": 1}


async def test_collections_have_fields_too(full):
    page = await full.get("/stac/collections?fields=title,osc:project")
    one = page["collections"][0]
    assert set(one) == {"type", "stac_version", "id", "title", "osc:project"}
    page = await full.get("/stac/collections?fields=")
    assert {"extent", "license", "description", "links"} <= set(page["collections"][0])
    page = await full.get("/stac/catalogs/products/children?fields=-description,-links")
    assert not {"description", "links"} & set(page["children"][0])
    assert "themes" in page["children"][0]


async def test_pages_keep_the_fields(full):
    page = await full.get("/stac/search?fields=id&limit=1&ids=one,two")
    self = next(one["href"] for one in page["links"] if one["rel"] == "self")
    assert "fields=id" in self


BAD = [
    None, [], "id", 5, {"include": "id"}, {"include": [5]}, {"include": [""]}, {"more": []},
     {"include": [None]}, {"include": ["x"] * 300}, {"exclude": {}},
]  # fmt: skip


async def test_bodies_with_odd_fields_are_refused(full):
    for fields in BAD:
        answer = await full.client.post("/stac/search", json={"fields": fields})
        assert answer.status_code == 400, answer.text


async def test_odd_fields_are_refused(full):
    for fields in (",", "id,", "-", ",".join(f"a{n}" for n in range(300)), "x" * 600):
        answer = await full.client.get("/stac/search", params={"fields": fields})
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"][0]["parameter"] == "fields"


def test_what_is_kept_stays_as_it_was_written():
    text = '{"id":"a","bbox":[1.0,2.50,1e0,2],"properties":{"n":1.10,"b":12345678901234567890123}}'
    kept = select(text, parse_fields("bbox,properties.b", items=True))
    assert kept == '{"id":"a","bbox":[1.0,2.50,1e0,2],"properties":{"b":12345678901234567890123}}'
    assert json.loads(select("{}", parse_fields("", items=True))) == {}

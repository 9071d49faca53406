"""What filters may name: of Items, of the Items of a Collection, of Collections."""

import jsonschema
import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
ONE = {"gsd": 10, "odd:number": 1.5, "odd:text": "x", "odd:list": [1], "odd:flag": True}
TWO = {"odd:number": "one", "odd:object": {"a": 1}, "odd:null": None}


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    for id, more in (("sea", ONE), ("land", TWO)):
        await catalogue.publish("product", product(id, **{f"{id}:own": 5}))
        one = item(properties={"datetime": "2020-01-01T00:00:00Z"} | more)
        path = f"/stac/collections/{id}/items"
        answer = await catalogue.client.post(path, json=collection_of(one), headers=headers)
        assert answer.status_code == 201, answer.text
    return catalogue


async def test_queryables_are_linked_and_are_schemas(full):
    linked = [
        next(one for one in (await full.get(path))["links"] if one["rel"] == REL)
        for path in ("/stac", "/stac/collections/sea", "/stac/collections?limit=1")
    ]
    assert len({one["href"] for one in linked}) == 3
    for one in linked:
        answer = await full.client.get(one["href"].removeprefix(PUBLIC))
        assert answer.headers["content-type"] == one["type"] == "application/schema+json"
        schema = answer.json()
        jsonschema.Draft201909Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2019-09/schema"
        assert schema["$id"] == one["href"]
        assert (schema["type"], schema["additionalProperties"]) == ("object", True)
        assert {"id", "geometry", "datetime", "title", "themes"} <= set(schema["properties"])
    assert (await full.client.get("/stac/collections/nosuch/queryables")).status_code == 404


async def test_properties_that_are_stored_are_listed_with_their_types(full):
    every = (await full.get("/stac/queryables"))["properties"]
    types = {name: every[f"odd:{name}"].get("type") for name in
             ("number", "text", "list", "flag", "object", "null")}  # fmt: skip
    assert types == {
        "number": ["number", "string"], "text": "string", "list": "array", "flag": "boolean",
        "object": "object", "null": None,
    }  # fmt: skip
    assert "collection" in every
    sea = (await full.get("/stac/collections/sea/queryables"))["properties"]
    assert sea["odd:number"] == {"type": "number"}
    assert "odd:object" not in sea
    assert "sea:own" not in every
    collections = (await full.get("/stac/collections-queryables"))["properties"]
    assert {"sea:own", "land:own", "osc:project", "license"} <= set(collections)
    assert "collection" not in collections


async def test_all_that_is_listed_can_be_asked_for(full):
    for path, search in (
        ("/stac/queryables", "/stac/search"),
        ("/stac/collections/land/queryables", "/stac/collections/land/items"),
        ("/stac/collections-queryables", "/stac/collections"),
    ):
        for name in (await full.get(path))["properties"]:
            filter = f'"{name}" IS NOT NULL OR "properties.{name}" IS NULL'
            answer = await full.client.get(search, params={"filter": filter})
            assert answer.status_code == 200, answer.text
            assert answer.json()["numberMatched"] > 0, name

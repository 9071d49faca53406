"""Where the files of a closed product are: told by no route, in no form, to those without right."""

import io
import json

import pytest
from pyarrow import parquet

from tests.catalog_api import every_route
from tests.catalog_api.every_route import addresses, asking, posts
from tests.catalog_api.samples import collection_of, item, product

SECRET = "s3cret"
ASSETS = {"data": {"href": f"https://data.example/{SECRET}/one.nc", "title": "Data"}}
ACCESS = {"state": "restricted", "how": "Ask the PI", "readers": ["colleague"]}
CLOSED = product(assets=ASSETS, **{"earthcode:access": ACCESS})
WITH_RIGHT = {"sub": "colleague", "roles": ["reader"]}
WITHOUT = (None, {"sub": "x", "roles": ["contributor"]}, {"sub": "x", "roles": ["reader"]})
FORMATS = ("", "f=json", "f=geojson", "f=html", "f=ndjson", "f=parquet")
# What may make a difference to what is told.
ASKED = (
    *("ids=i1", "collections=sea-ice", "q=ice", "limit=1", "sortby=-datetime", "bbox=0,0,90,90"),
    *("fields=assets", "fields=id,assets.data.href", "filter=id='i1' OR id='sea-ice'"),
    'query={"gsd":{"gt":1}}',
)


@pytest.fixture
async def vault(catalogue, identity):
    """A closed product with Items, in a catalogue with something of every kind."""
    operator = identity.headers("catalog-api", roles=["operator"])
    items = [item(f"i{n}", assets=ASSETS) for n in range(3)]
    for one in items:
        one["properties"]["gsd"] = 10
    await every_route.fill(catalogue, operator, *items)
    await catalogue.publish("product", CLOSED, owner="deepesdl")
    return catalogue


def told(answer):
    """All that the answer says: its headers and its text."""
    if "parquet" in answer.headers.get("content-type", ""):
        table = parquet.read_table(io.BytesIO(answer.content))
        return json.dumps(table.to_pylist(), default=str) + str(table.schema.metadata)
    return f"{answer.headers} {answer.text}"


async def _reads(vault):
    for address in await addresses(vault):
        for query in FORMATS:
            yield asking(address, query) if query else address
        for query in ASKED:
            yield asking(address, query)


async def test_no_route_tells_in_any_form(vault, identity):
    headers = [identity.headers("catalog-api", **who) if who else {} for who in WITHOUT]
    right = identity.headers("catalog-api", **WITH_RIGHT)
    tried = answered = shown = 0
    async for path in _reads(vault):
        for number, who in enumerate(headers[: 3 if "f=" in path or "?" not in path else 1]):
            answer = await vault.client.get(path, headers=who)
            assert answer.status_code < 500, path
            assert SECRET not in told(answer), (path, number)
            tried, answered = tried + 1, answered + (answer.status_code == 200)
        shown += SECRET in told(await vault.client.get(path, headers=right))
    assert answered > 400, (tried, answered)
    assert shown > 40


async def test_no_search_by_post_tells(vault, identity):
    right = identity.headers("catalog-api", **WITH_RIGHT)
    shown = 0
    for path in await posts(vault):
        counting = {"aggregations": ["total_count"]} if path.endswith("aggregate") else {}
        for asked in ({}, {"ids": ["i1"]}, {"collections": ["sea-ice"]}, {"q": ["ice"]}):
            for format in ("", "?f=html", "?f=ndjson", "?f=parquet"):
                answer = await vault.client.post(path + format, json=asked | counting)
                assert answer.status_code in (200, 400), answer.text
                assert SECRET not in told(answer), (path, asked)
                other = await vault.client.post(path, json=asked | counting, headers=right)
                shown += SECRET in told(other)
    assert shown > 10


GUESSES = (
    {"filter": f"\"assets.data.href\" LIKE '%{SECRET}%'"},
    {"filter": f"\"properties.assets.data.href\" LIKE '%{SECRET}%'"},
    {"filter": f"assets LIKE '%{SECRET}%'"},
    {"filter": f"A_CONTAINS(assets, ('{SECRET}'))"},
    {"query": json.dumps({"assets.data.href": {"contains": SECRET}})},
    {"query": json.dumps({"assets": {"contains": SECRET}})},
    {"q": SECRET},
    {"q": f"data.example {SECRET}"},
)


@pytest.mark.parametrize("guess", GUESSES, ids=str)
async def test_nothing_can_be_guessed_by_what_is_found(vault, guess):
    """A search that finds by the address of a file would tell it letter by letter."""
    for path, name in (("/stac/search", "features"), ("/stac/collections", "collections")):
        answer = await vault.client.get(path, params=guess)
        assert answer.status_code in (200, 400), answer.text
        assert not answer.json().get(name), (path, guess)
        counted = await vault.client.get(
            path.replace("search", "aggregate").replace("collections", "collections-aggregate"),
            params=guess | {"aggregations": "total_count"},
        )
        if counted.status_code == 200:
            assert counted.json()["aggregations"][0]["value"] == 0, guess


async def test_orders_and_counts_do_not_know_the_files(vault):
    for path in ("/stac/search", "/stac/collections"):
        answer = await vault.client.get(path, params={"sortby": "assets.data.href"})
        assert answer.status_code == 400
    for path in ("/stac/queryables", "/stac/sortables", "/stac/collections-sortables"):
        assert "assets" not in (await vault.get(path))["properties"], path


async def test_who_may_not_write_learns_nothing_from_trying(vault, identity):
    other = identity.headers("catalog-api", sub="x", roles=["contributor"])
    path = "/stac/collections/sea-ice/items"
    test = [{"op": "test", "path": "/assets/data/href", "value": "?"}]
    patch = {"content-type": "application/json-patch+json", "if-match": "*"}
    lines = {"content-type": "application/x-ndjson"}
    tries = (
        ("POST", path, {"json": item("i1")}, {}),
        ("POST", path, {"json": collection_of(item("i1"))}, {}),
        ("PUT", f"{path}/i1", {"json": item("i1")}, {"if-match": '"x"'}),
        ("PATCH", f"{path}/i1", {"content": json.dumps(test)}, patch),
        ("DELETE", f"{path}/i1", {}, {"if-match": '"x"'}),
        ("POST", f"{path.removesuffix('items')}bulk_items", {"content": b"{}"}, lines),
    )
    for method, address, body, headers in tries:
        for who, status in (({}, 401), (other, 403)):
            answer = await vault.client.request(method, address, headers=headers | who, **body)
            assert answer.status_code == status, (method, address, answer.text)
            assert SECRET not in told(answer)

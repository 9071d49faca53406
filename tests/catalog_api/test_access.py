"""Closed products: everybody finds and reads them, not everybody learns where their files are."""

import asyncio
import io
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from catalog_api.domain.access import access_of, withheld
from earthcode_common.ogc.jsontext import dump
from jsonschema.validators import validator_for

from tests.catalog_api.samples import catalog, collection_of, item, product

PUBLIC = "https://catalogue.test"
SECRET = "s3cret"
HREF = f"https://data.example/{SECRET}/one.nc"
ASSET = {
    "href": HREF,
    "title": "Data",
    "roles": ["data"],
    "alternate": {"s3": {"href": f"s3://{SECRET}/one"}},
    "file:local_path": f"s3:\\u002f/{SECRET}",
    "vrt:hrefs": [{"key": "x", "href": HREF}],
    "size": 1.50,
}
EMBARGO = {"state": "embargoed", "until": "2999-01-01T00:00:00Z", "how": "Ask the PI"}
ITEMS = "/stac/collections/sea-ice/items"
READERS = [
    {"sub": "x", "roles": ["platform"], "platform": "deepesdl"},
    {"sub": "deepesdl", "roles": ["contributor"]},
    {"sub": "x", "roles": ["steward"]},
    {"sub": "x", "roles": ["operator"]},
    {"sub": "colleague", "roles": ["reader"]},
    {"sub": "x", "roles": ["technical-officer"]},
]
OTHERS = [
    None,
    {"sub": "x", "roles": ["reader"]},
    {"sub": "x", "roles": ["platform"], "platform": "cdse"},
    {"sub": "anonymous", "roles": ["contributor"]},
]


def closed(**access):
    readers = ["colleague", "technical-officer"]
    assets = {"data": ASSET, "plain": {"href": HREF}}
    return product(assets=assets, **{"earthcode:access": EMBARGO | {"readers": readers} | access})


@pytest.fixture
async def vault(catalogue, identity):
    """A closed product with Items, an open one, and the headers of their owner."""
    catalogue.owner = identity.headers("catalog-api", sub="deepesdl", roles=["contributor"])
    await catalogue.publish("theme", catalog("cryosphere"))
    await catalogue.publish("product", closed(), owner="deepesdl")
    await catalogue.publish("product", product("open", assets={"data": ASSET}), owner="deepesdl")
    for id in ("sea-ice", "open"):
        items = [item(f"i{n}", assets={"data": ASSET}) for n in range(3)]
        made = await catalogue.client.post(
            f"/stac/collections/{id}/items", json=collection_of(*items), headers=catalogue.owner
        )
        assert made.status_code == 201, made.text
    return catalogue


ROUTES = [
    "/stac/collections",
    "/stac/collections?q=ice",
    "/stac/collections/sea-ice",
    ITEMS,
    f"{ITEMS}/i1",
    "/stac/search?collections=sea-ice",
    "/stac/search?ids=i1&collections=sea-ice",
    "/stac/search?collections=sea-ice&fields=assets,id",
    "/stac/search?collections=sea-ice&filter=id='i1'",
    "/stac/catalogs/products/children",
    "/stac/catalogs/products/collections",
    "/stac/catalogs/products/collections/sea-ice",
    "/stac/catalogs/products/collections/sea-ice/items",
    "/stac/catalogs/products/collections/sea-ice/items/i1",
    "/stac/catalogs/themes/catalogs/cryosphere/children",
    "/stac/catalogs/themes/catalogs/cryosphere/collections",
]
FORMATS = ["", "json", "geojson", "html", "ndjson", "parquet"]


def text_of(answer):
    if "parquet" in answer.headers.get("content-type", ""):
        from pyarrow import parquet

        return json.dumps(parquet.read_table(io.BytesIO(answer.content)).to_pylist(), default=str)
    return answer.text


@pytest.mark.parametrize("route", ROUTES)
async def test_no_route_tells_where_the_files_are(vault, identity, route):
    await vault.publish("product", product("open"), owner="deepesdl")  # nothing else has it
    gone = [f"/stac/collections/open/items/i{n}" for n in range(3)]
    for path in gone:
        await vault.client.delete(path, headers=vault.owner | {"if-match": "*"})
    for format in FORMATS:
        path = route + (("&" if "?" in route else "?") + f"f={format}" if format else "")
        hidden = await vault.client.get(path)
        shown = await vault.client.get(path, headers=vault.owner)
        assert hidden.status_code == shown.status_code
        if shown.status_code in (400, 406) and format:
            continue
        assert hidden.status_code == 200, hidden.text
        assert SECRET not in text_of(hidden), path
        if format != "html":  # which need not show every asset
            assert SECRET in text_of(shown), path


async def test_the_fuzz_of_formats_reaches_some(vault):
    answers = [await vault.client.get(f"{ITEMS}?f={one}") for one in FORMATS if one]
    assert sum(answer.status_code == 200 for answer in answers) >= 2


async def test_a_search_by_post_tells_nothing_either(vault):
    asked = {"collections": ["sea-ice", "open"]}
    page = (await vault.client.post("/stac/search", json=asked)).json()
    secret = {one["collection"] for one in page["features"] if SECRET in json.dumps(one)}
    assert (len(page["features"]), secret) == (6, {"open"})
    full = await vault.client.post("/stac/search", json=asked, headers=vault.owner)
    assert all(SECRET in json.dumps(one) for one in full.json()["features"])


@pytest.mark.parametrize(
    ("who", "right"), [(who, True) for who in READERS] + [(who, False) for who in OTHERS]
)
async def test_who_has_the_right(vault, identity, who, right):
    headers = identity.headers("catalog-api", **who) if who else {}
    for path in (f"{ITEMS}/i1", "/stac/collections/sea-ice"):
        assert (SECRET in (await vault.client.get(path, headers=headers)).text) is right
    answer = await vault.client.get("/stac/collections/sea-ice/access", headers=headers)
    assert answer.status_code == (200 if right else 403 if who and who["sub"] == "x" else 401)
    if not right:
        problem = answer.json()
        assert problem["detail"] == (
            "The files of this product are embargoed until 2999-01-01T00:00:00Z. Ask the PI"
        )
        assert (problem["state"], problem["until"]) == ("embargoed", EMBARGO["until"])


async def test_all_else_of_the_document_stays(vault):
    full = await vault.client.get(f"{ITEMS}/i1", headers=vault.owner)
    found = await vault.client.get(f"{ITEMS}/i1")
    assert found.headers["etag"] != full.headers["etag"]
    known = {"if-none-match": full.headers["etag"]}
    assert (await vault.client.get(f"{ITEMS}/i1", headers=known)).status_code == 200
    known = {"if-none-match": found.headers["etag"]}
    assert (await vault.client.get(f"{ITEMS}/i1", headers=known)).status_code == 304
    assert (await vault.client.get(f"{ITEMS}/i1", headers=known | vault.owner)).status_code == 200
    hidden, shown = found.json(), full.json()
    address = f"{PUBLIC}/stac/collections/sea-ice/access"
    assert hidden["assets"]["data"] == {
        "href": address,
        "title": "Data",
        "roles": ["data"],
        "size": 1.5,
        "auth:refs": ["earthcode"],
    }
    scheme = hidden["properties"].pop("auth:schemes")["earthcode"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "Ask the PI" in scheme["description"]
    for name in ("assets", "stac_extensions"):
        hidden.pop(name), shown.pop(name, None)
    assert hidden == shown


async def test_what_is_withheld_is_valid_stac(vault):
    schemas = Path(
        os.environ.get("EARTHCODE_SCHEMAS") or Path(__file__).parents[3] / "shared/schemas"
    )
    path = schemas / "stac-extensions.github.io/authentication/v1.1.0/schema.json"
    if not path.exists():
        pytest.skip("the JSON Schemas are not here: set EARTHCODE_SCHEMAS to their folder")
    schema = json.loads(path.read_text())
    validator = validator_for(schema)(schema)
    for path in (f"{ITEMS}/i1", "/stac/collections/sea-ice"):
        document = await vault.get(path)
        assert document["stac_extensions"] == [schema["$id"]]
        assert [error.message for error in validator.iter_errors(document)] == []


async def until(vault, secret, path=f"{ITEMS}/i1"):
    deadline = time.monotonic() + 60
    while (SECRET in (await vault.client.get(path)).text) is not secret:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_product_opens_and_closes(vault):
    assert SECRET not in (await vault.client.get(f"{ITEMS}/i1")).text
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    await vault.publish("product", closed(until=ended), owner="deepesdl")
    await until(vault, True)
    await vault.publish("product", closed(), owner="deepesdl")
    await until(vault, False)
    await vault.publish("product", closed(state="open"), owner="deepesdl")
    await until(vault, True)


@pytest.mark.parametrize("path", [f"{ITEMS}/i1", ITEMS, "/stac/search?collections=sea-ice"])
async def test_another_reason_is_another_representation(vault, path):
    before = await vault.client.get(path)
    await vault.publish("product", closed(how="Ask the librarian"), owner="deepesdl")
    deadline = time.monotonic() + 60
    while "librarian" not in (after := await vault.client.get(path)).text:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    again = {"if-none-match": before.headers["etag"]}
    assert (await vault.client.get(path, headers=again)).status_code == 200
    same = {"if-none-match": after.headers["etag"]}
    assert (await vault.client.get(path, headers=same)).status_code == 304


PARTS = {
    "file:local_path": f"{SECRET}/one.nc",
    "xarray:storage_options": {"account_name": SECRET},
    "table:storage_options": {"account_name": SECRET},
    "xarray:open_kwargs": {"storage_options": {"key": SECRET}},
    "odd:place": f"//{SECRET}/one.nc",
}


@pytest.mark.parametrize("name", PARTS)
async def test_parts_of_an_address_are_withheld_as_well(vault, name):
    assets = {"data": {"href": HREF, "title": "Data", name: PARTS[name]}}
    made = await vault.client.post(ITEMS, json=item("part", assets=assets), headers=vault.owner)
    assert made.status_code == 201
    found = await vault.client.get(f"{ITEMS}/part")
    assert SECRET not in found.text
    assert found.json()["assets"]["data"]["title"] == "Data"


async def test_a_product_that_is_closed_from_the_start_was_never_seen(vault):
    for n in range(5):
        id = f"new-{n}"
        await vault.publish("product", closed() | {"id": id}, owner="deepesdl")
        made = await vault.client.post(
            f"/stac/collections/{id}/items", json=item(assets={"a": ASSET}), headers=vault.owner
        )
        assert made.status_code == 201
        for path in (f"/stac/collections/{id}", f"/stac/collections/{id}/items/one"):
            assert SECRET not in (await vault.client.get(path)).text


async def test_a_change_is_made_of_the_whole_item(vault):
    """Who may write sees all, so nothing that was withheld is lost by a patch."""
    headers = vault.owner | {"if-match": "*"}
    answer = await vault.client.patch(f"{ITEMS}/i1", json={"n": 1}, headers=headers)
    assert answer.status_code == 204
    shown = await vault.client.get(f"{ITEMS}/i1", headers=vault.owner)
    assert shown.json()["assets"] == {"data": json.loads(json.dumps(ASSET))}


@pytest.mark.parametrize(
    ("member", "state"),
    [
        ({"state": "open"}, None),
        ("open", None),
        ({"state": "embargoed"}, "embargoed"),
        ({"state": "restricted"}, "restricted"),
        ({"state": "opne"}, "restricted"),
        ({}, "restricted"),
        (None, "restricted"),
        ([], "restricted"),
        ({"state": "embargoed", "until": 5, "how": 3, "readers": [1, "a"]}, "embargoed"),
    ],
)
def test_what_makes_no_sense_is_closed(member, state):
    found = access_of("owner", member)
    assert (found and found.state) == state
    if found:
        assert not found.open_at(datetime(2999, 1, 1, tzinfo=UTC))
        assert found.lets(["owner", None], ["reader"])
        assert not found.lets(["someone", None], ["reader"])


def test_an_embargo_ends_at_a_moment_or_a_day():
    for written in ("2020-01-01", "2020-01-01T00:00:00Z"):
        found = access_of("owner", {"state": "embargoed", "until": written})
        assert not found.open_at(datetime(2019, 12, 31, 23, tzinfo=UTC))
        assert found.open_at(datetime(2020, 1, 1, tzinfo=UTC))
        restricted = access_of("owner", {"state": "restricted", "until": written})
        assert not restricted.open_at(datetime(2999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("assets", [None, {}, [], 5, {"a": 5}, {"a": {}}, {"a": {"href": None}}])
def test_odd_documents_are_no_trouble(assets):
    document = {"id": "x", "assets": assets, "stac_extensions": 5, "auth:schemes": []}
    text = withheld(dump(document), access_of("owner", {}), "https://x.test")
    assert json.loads(text)["id"] == "x"

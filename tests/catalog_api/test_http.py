"""The API as HTTP: landing page, conformance, caching, HEAD, methods, CORS, and real clients."""

import asyncio

import pystac_client
import pytest

from tests.catalog_api.samples import collection_of, item, product, rels

PUBLIC = "https://catalogue.test"


@pytest.fixture
async def small(catalogue, identity):
    """Two products, of which sea-ice has three Items."""
    await catalogue.publish("product", product("sea-ice"))
    await catalogue.publish("product", product("bare"))
    await _fill(catalogue, identity)
    return catalogue


async def _fill(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    items = [item(f"i{n}", properties={"datetime": f"202{n}-01-01T00:00:00Z"}) for n in range(3)]
    path = "/stac/collections/sea-ice/items"
    answer = await catalogue.client.post(path, json=collection_of(*items), headers=headers)
    assert answer.status_code == 201, answer.text


async def test_the_landing_page_leads_everywhere(small):
    landing = await small.get("/stac")
    assert (landing["type"], landing["stac_version"]) == ("Catalog", "1.0.0")
    assert landing == await small.get("/stac/")
    for link in landing["links"]:
        assert link["href"].startswith(f"{PUBLIC}/stac"), link
        if link.get("method") == "POST":
            continue
        answer = await small.client.get(link["href"].removeprefix(PUBLIC))
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].removesuffix("; charset=utf-8") == link["type"], link
    methods = [one.get("method") for one in landing["links"] if one["rel"] == "search"]
    assert methods == ["GET", "POST"]
    conformance = await small.get("/stac/conformance")
    assert conformance["conformsTo"] == landing["conformsTo"]
    assert "https://api.stacspec.org/v1.0.0/item-search" in landing["conformsTo"]


async def test_what_was_seen_is_not_sent_again(small):
    for path in (
        "/stac",
        "/stac/conformance",
        "/stac/api",
        "/stac/catalogs/products",
        "/stac/collections/sea-ice",
        "/stac/catalogs/products/collections/sea-ice",
        "/stac/collections/sea-ice/items/i1",
    ):
        seen = await small.client.get(path)
        assert seen.headers["cache-control"] in ("no-cache", "public, max-age=300"), path
        etag = seen.headers["etag"]
        again = await small.client.get(path, headers={"if-none-match": f'"x", W/{etag}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == etag
        other = await small.client.get(path, headers={"if-none-match": '"other"'})
        assert other.status_code == 200


async def test_an_etag_changes_with_the_links(small):
    before = await small.client.get("/stac/collections/sea-ice")
    await small.publish("project", product("arctic", **{"osc:type": "project"}))
    after = await small.client.get("/stac/collections/sea-ice")
    assert before.headers["etag"] != after.headers["etag"]


async def test_head_says_what_get_would(small):
    for path in ("/stac", "/stac/collections", "/stac/collections/sea-ice", "/stac/search",
                 "/stac/collections/nosuch", "/stac/search?limit=0"):  # fmt: skip
        got, asked = await asyncio.gather(small.client.get(path), small.client.head(path))
        assert asked.content == b""
        assert asked.status_code == got.status_code
        for name in ("content-type", "content-length", "etag"):
            assert asked.headers.get(name) == got.headers.get(name), (path, name)


async def test_methods_that_are_not_there_are_named(small):
    for method, path, allow in (
        ("DELETE", "/stac/search", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/stac/collections/sea-ice", "GET, HEAD, OPTIONS"),
        ("PUT", "/stac/collections/sea-ice/items", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/stac", "GET, HEAD, OPTIONS"),
        ("GET", "/stac/collections/sea-ice/bulk_items", "POST, OPTIONS"),
    ):
        answer = await small.client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow), path
        assert answer.json()["code"] == "method-not-allowed"


async def test_options_tell_what_the_openapi_document_tells(small):
    values = {"collection_id": "sea-ice", "item_id": "i1", "catalog_id": "x", "kind": "products"}
    for path, operations in (await small.get("/stac/api"))["paths"].items():
        answer = await small.client.options(path.format(**values))
        assert answer.status_code == 204, path
        declared = {method.upper() for method in operations if not method.startswith("x-")}
        declared |= {"HEAD", "OPTIONS"} if "GET" in declared else {"OPTIONS"}
        assert set(answer.headers["allow"].split(", ")) == declared, path
    assert (await small.client.options("/stac/nowhere")).status_code == 404


async def test_browsers_of_other_origins_may_read_and_write(small):
    asked = {
        "origin": "https://app.test",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization,if-match,content-type",
    }
    answer = await small.client.options("/stac/collections/sea-ice/items/i1", headers=asked)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]
    got = await small.client.get("/stac/collections/sea-ice", headers={"origin": "https://a.test"})
    assert "ETag" in got.headers["access-control-expose-headers"]


async def test_openapi_names_every_route_and_parameter(small):
    document = await small.get("/stac/api")
    assert document["openapi"] == "3.0.3"
    assert {"/stac/search", "/stac/collections", "/stac/collections/{collection_id}/items"} <= set(
        document["paths"]
    )
    search = document["paths"]["/stac/search"]
    names = {one["name"] for one in search["get"]["parameters"]}
    assert {"collections", "ids", "bbox", "intersects", "datetime", "limit", "token"} <= names
    assert "requestBody" in search["post"]


async def test_pystac_client_opens_lists_and_searches(catalogue, identity):
    url = str(catalogue.client.base_url).rstrip("/")
    catalogue.settings.public_url = url
    for kind, document in (
        ("product", product("sea-ice")),
        ("product", product("bare", extent={
            "spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [[None, None]]}})),
        ("project", product("arctic", **{"osc:type": "project"})),
    ):  # fmt: skip
        await catalogue.publish(kind, document)
    await _fill(catalogue, identity)
    await asyncio.to_thread(_use, f"{url}/stac")


def _use(url):
    client = pystac_client.Client.open(url)
    assert sorted(one.id for one in client.get_collections()) == ["arctic", "bare", "sea-ice"]
    assert client.get_collection("sea-ice").title == "Product sea-ice"
    found = client.collection_search(bbox=[0, 0, 2, 2], q="sea ice")
    assert [one.id for one in found.collections()] == ["bare"]
    for method in ("GET", "POST"):
        search = client.search(limit=1, method=method, datetime="2020/2021")
        assert search.matched() == 2
        assert [one.id for one in search.items()] == ["i1", "i0"]
        area = {"type": "Point", "coordinates": [10, 50]}
        assert len(list(client.search(intersects=area, method=method, limit=2).items())) == 3
    one = client.get_collection("sea-ice").get_item("i2")
    assert one.get_collection().id == "sea-ice"
    assert [one.id for one in client.get_collection("sea-ice").get_items()] == ["i2", "i1", "i0"]
    products = next(one for one in client.get_children() if one.id == "products")
    assert sorted(one.id for one in products.get_children()) == ["bare", "sea-ice"]
    arctic = client.get_collection("arctic")
    assert sorted(one.get_self_href() for one in arctic.get_children()) == [
        f"{url}/collections/bare",
        f"{url}/collections/sea-ice",
    ]


async def test_stored_addresses_follow_the_public_one(small):
    small.settings.public_url = "https://moved.test/base/"
    found = await small.get("/stac/collections/sea-ice")
    assert rels(found, "self") == ["https://moved.test/base/stac/collections/sea-ice"]

"""Clients end to end: pystac-client with writes by hand, and what STAC Browser asks for.

STAC Browser 5: src/store (index, manager, utils), src/utils.js (addFiltersToLink), src/models/cql2,
src/components/ApiCapabilitiesMixin.js.
"""

import asyncio
import re

import pystac
import pystac_client
import pytest
import requests

from tests.catalog_api.samples import catalog, collection_of, item, product

AXIOS = {"accept": "application/json, text/plain, */*", "accept-language": "en,en-GB;q=0.8,*;q=0.1"}
ORIGIN = {"origin": "https://browser.example"}
MERGE = "application/merge-patch+json"


@pytest.fixture
async def site(make_catalogue, identity):
    """A catalogue at the address that its links name, with 30 Items and headers to write more."""
    made = await make_catalogue()
    made.url = str(made.client.base_url).rstrip("/")
    made.settings.public_url = made.url
    await made.publish("theme", catalog("cryosphere"))
    await made.publish("project", product("arctic", **{"osc:type": "project"}))
    for id in ("sea-ice", "snow"):
        await made.publish("product", product(id), owner="deepesdl")
    made.owner = identity.headers("catalog-api", sub="deepesdl", roles=["contributor"])
    items = []
    for n in range(30):
        found = {"datetime": f"2020-01-{n + 1:02}T00:00:00Z", "gsd": n, "platform": "s2a"}
        found |= {"title": f"Tile {n}", "instruments": ["olci", "slstr"][: n % 2 + 1]}
        items.append(item(f"i{n:02}", properties=found, bbox=[n, 0, n, 0],
                          geometry={"type": "Point", "coordinates": [n, 0]}))  # fmt: skip
    answer = await made.client.post(
        "/stac/collections/sea-ice/items", json=collection_of(*items), headers=made.owner
    )
    assert answer.status_code == 201, answer.text
    return made


async def test_pystac_client_reads_what_is_written_by_hand(site):
    await asyncio.to_thread(_read_and_write, site)


def _read_and_write(site):
    client = pystac_client.Client.open(f"{site.url}/stac")
    assert {child.id for child in client.get_children()} >= {"products", "themes"}
    collection = client.get_collection("sea-ice")
    assert isinstance(collection, pystac_client.CollectionClient)
    assert len(list(collection.get_items())) == 30
    assert {one.id for one in client.get_collections()} == {"sea-ice", "snow", "arctic"}
    search = client.search(
        collections=["sea-ice"], filter="gsd >= 10 AND platform = 's2a'", sortby="-gsd", limit=7
    )
    assert search.matched() == 20
    assert [one.id for one in search.items()] == [f"i{n}" for n in range(29, 9, -1)]
    found = client.collection_search(q="ice")
    assert found.matched() == len(list(found.collections())) > 0

    url = f"{site.url}/stac/collections/sea-ice/items"
    mine = pystac.Item.from_dict(item("mine", assets={"a": {"href": "https://data.example/a"}}))
    made = requests.post(url, json=mine.to_dict(), headers=site.owner, timeout=60)
    assert made.status_code == 201
    seen = collection.get_item("mine")
    assert seen.self_href == made.headers["location"]
    headers = site.owner | {"if-match": made.headers["etag"], "content-type": MERGE}
    change = {"properties": {"title": "Mine"}}
    patched = requests.patch(seen.self_href, json=change, headers=headers, timeout=60)
    assert patched.status_code == 204
    seen = collection.get_item("mine")
    assert seen.properties["title"] == "Mine"
    seen.properties["title"] = "Still mine"  # as clients edit: fetched, changed, sent back
    headers = site.owner | {"if-match": patched.headers["etag"]}
    put = requests.put(seen.self_href, json=seen.to_dict(), headers=headers, timeout=60)
    assert put.status_code == 204, put.text
    assert collection.get_item("mine").properties["title"] == "Still mine"
    headers = site.owner | {"if-match": put.headers["etag"]}
    assert requests.delete(seen.self_href, headers=headers, timeout=60).status_code == 204
    assert collection.get_item("mine") is None


async def ask(site, link, **filters):
    """What addFiltersToLink makes of a link, sent as axios does."""
    method = link.get("method", "GET")
    path = link["href"].removeprefix(site.url)
    if method == "POST":
        body = dict(link.get("body") or {}) | filters
        answer = await site.client.post(path, json=body, headers=AXIOS | ORIGIN)
    else:
        answer = await site.client.get(path, params=filters or None, headers=AXIOS | ORIGIN)
    assert answer.status_code == 200, (link, filters, answer.text[:500])
    assert answer.headers["content-type"].split(";")[0] in (
        "application/json", "application/geo+json", "application/schema+json",
    )  # fmt: skip
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


def one_link(document, rel, method="GET"):
    links = [one for one in document["links"] if one["rel"] == rel]
    return next(one for one in links if one.get("method", "GET") == method)


def supports(root, *classes):
    """As ``supportsConformance`` of STAC Browser."""
    wanted = "|".join(re.sub(r"/?#", "/?#", one.replace("*", "[^/]+")) for one in classes)
    return any(re.fullmatch(wanted, uri) for uri in root["conformsTo"])


async def root_of(site):
    return await ask(site, {"href": f"{site.url}/stac"})


async def test_stac_browser_finds_what_it_looks_for(site):
    root = await root_of(site)
    for place in ("item-search", "ogcapi-features", "collection-search"):
        for extension in ("", "#sort", "#free-text"):
            assert supports(root, f"https://api.stacspec.org/v1.*/{place}{extension}")
    for place in ("item-search#filter", "collection-search#filter"):
        assert supports(root, f"https://api.stacspec.org/v1.*/{place}")
    for part in ("cql2-text", "cql2-json", "advanced-comparison-operators", "array-functions"):
        assert supports(root, f"http://www.opengis.net/spec/cql2/1.*/conf/{part}")
    assert supports(root, "http://www.opengis.net/spec/ogcapi-features-3/1.*/*/features-filter")
    transaction = "https://api.stacspec.org/v1.*/ogcapi-features/extensions/transaction"
    assert supports(root, transaction)


async def test_stac_browser_walks_down(site):
    root = await root_of(site)
    seen = set()
    waiting = [one["href"] for one in root["links"] if one["rel"] == "child"]
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        seen.add(href)
        document = await ask(site, {"href": href})
        rels = {one["rel"] for one in document["links"]}
        for rel in ("data", "items"):  # with the page sizes of its configuration
            if rel in rels:
                await ask(site, one_link(document, rel), limit=12)
        waiting += [one["href"] for one in document["links"] if one["rel"] == "child"]
        above = {one["href"] for one in document["links"] if one["rel"] in ("parent", "root")}
        waiting += above  # the breadcrumbs
    assert f"{site.url}/stac/catalogs/themes/catalogs/cryosphere/collections/sea-ice" in seen


async def test_stac_browser_pages_through_items_and_collections(site):
    root = await root_of(site)
    page = await ask(site, one_link(root, "data"), limit=2)
    assert len(page["collections"]) == 2
    page = await ask(site, one_link(page, "next"))
    assert len(page["collections"]) == 1
    collection = await ask(site, {"href": f"{site.url}/stac/collections/sea-ice"})
    page = await ask(site, one_link(collection, "items"), limit=12)
    ids = [one["id"] for one in page["features"]]
    while any(one["rel"] == "next" for one in page["links"]):
        page = await ask(site, one_link(page, "next"))
        ids += [one["id"] for one in page["features"]]
    assert (len(ids), len(set(ids))) == (30, 30)


NAMED = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
FILTERS = [
    ("platform = 's2a'", {"op": "=", "args": [{"property": "platform"}, "s2a"]}, 30),
    ("gsd >= 20", {"op": ">=", "args": [{"property": "gsd"}, 20]}, 10),
    ("title LIKE 'Tile 1%'", {"op": "like", "args": [{"property": "title"}, "Tile 1%"]}, 11),
    (
        "datetime > TIMESTAMP('2020-01-20T00:00:00.000Z')",
        {"op": ">", "args": [{"property": "datetime"}, {"timestamp": "2020-01-20T00:00:00.000Z"}]},
        10,
    ),
    (
        "datetime IN (TIMESTAMP('2020-01-20T00:00:00.000Z'))",
        {"op": "in", "args": [{"property": "datetime"},
                              [{"timestamp": "2020-01-20T00:00:00.000Z"}]]},
        1,
    ),
    ("gsd IN (1,2,99)", {"op": "in", "args": [{"property": "gsd"}, [1, 2, 99]]}, 2),
    *(
        (f"{op}(instruments, ('slstr'))",
         {"op": op, "args": [{"property": "instruments"}, ["slstr"]]}, found)
        for op, found in [("a_overlaps", 15), ("a_contains", 15), ("a_equals", 0),
                          ("a_contained_by", 0)]
    ),
    (
        "NOT (gsd < 28) AND platform = 's2a'",
        {"op": "and", "args": [
            {"op": "not", "args": [{"op": "<", "args": [{"property": "gsd"}, 28]}]},
            {"op": "=", "args": [{"property": "platform"}, "s2a"]}]},
        2,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "json", "found"), FILTERS, ids=[one[0] for one in FILTERS])
async def test_stac_browser_filters(site, text, json, found):
    root = await root_of(site)
    by_text = {"filter-lang": "cql2-text", "filter": text, "limit": 12}
    page = await ask(site, one_link(root, "search"), **by_text)
    assert page["numberMatched"] == found
    by_json = {"filter-lang": "cql2-json", "filter": json, "limit": 12}
    page = await ask(site, one_link(root, "search", "POST"), **by_json)
    assert page["numberMatched"] == found
    collection = await ask(site, {"href": f"{site.url}/stac/collections/sea-ice"})
    page = await ask(site, one_link(collection, "items"), **by_text)
    assert page["numberMatched"] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"datetime": "2020-01-10T00:00:00.000Z/.."}, 21),
        ({"datetime": "../2020-01-10T23:59:59.999Z"}, 10),
        ({"bbox": [-1, -1, 5.5, 1]}, 6),
        ({"ids": ["i01", "i02"]}, 2),
        ({"collections": ["sea-ice", "snow"]}, 30),
        ({"q": ["Tile"]}, 30),
        ({"sortby": "-properties.datetime"}, 30),
        ({"sortby": "properties.title"}, 30),
        ({"sortby": "id"}, 30),
    ],
)
async def test_stac_browser_searches(site, asked, found):
    root = await root_of(site)
    address = {
        name: ",".join(map(str, value)) if isinstance(value, list) else value
        for name, value in asked.items()
    }
    page = await ask(site, one_link(root, "search"), **address, limit=12)
    ids = [one["id"] for one in page["features"]]
    assert page["numberMatched"] == found
    if "sortby" in asked:
        field = asked["sortby"].removeprefix("-")
        direction = "desc" if asked["sortby"].startswith("-") else "asc"
        asked = {"sortby": [{"field": field, "direction": direction}]}
    page = await ask(site, one_link(root, "search", "POST"), **asked, limit=12)
    assert (page["numberMatched"], [one["id"] for one in page["features"]]) == (found, ids)
    while any(one["rel"] == "next" for one in page["links"]):
        page = await ask(site, one_link(page, "next", "POST"))
        ids += [one["id"] for one in page["features"]]
    assert len(set(ids)) == len(ids) == found


async def test_stac_browser_searches_collections(site):
    root = await root_of(site)
    for asked in (
        {"q": "ice"}, {"bbox": "-180,-90,180,90"}, {"datetime": "2015-01-01T00:00:00.000Z/.."},
        {"sortby": "title"}, {"sortby": "-id"},
        {"filter-lang": "cql2-text", "filter": "title LIKE 'Product s%'"},
    ):  # fmt: skip
        page = await ask(site, one_link(root, "data"), **asked, limit=12)
        assert page["collections"], asked


async def test_stac_browser_asks_what_can_be_filtered(site):
    root = await root_of(site)
    collection = await ask(site, {"href": f"{site.url}/stac/collections/sea-ice"})
    collections = await ask(site, one_link(root, "data"))
    for document in (root, collection, collections):
        schema = await ask(site, one_link(document, NAMED))
        assert schema["type"] == "object"
        assert schema["properties"]


async def test_stac_browser_asks_whether_it_may_write_and_writes(site):
    path = "/stac/collections/sea-ice/items/i01"
    for address, wanted in [(path, {"PUT", "DELETE"}), (path.rpartition("/")[0], {"POST"})]:
        answer = await site.client.options(address, headers={"accept": "*/*"} | ORIGIN)
        assert answer.status_code in (200, 204)
        assert wanted <= {one.strip() for one in answer.headers["allow"].split(",")}
        assert "allow" in answer.headers["access-control-expose-headers"].lower()
    for method in ("PUT", "DELETE", "POST", "PATCH"):
        preflight = ORIGIN | {
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,if-match,prefer",
        }
        answer = await site.client.options(path, headers=preflight)
        assert answer.status_code == 200
        assert method in answer.headers["access-control-allow-methods"]
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert "if-match" in allowed
    seen = await ask(site, {"href": f"{site.url}{path}"})
    seen["properties"]["title"] = "Edited"
    site.settings.require_if_match = False  # it sends none
    put = await site.client.put(path, json=seen, headers=AXIOS | ORIGIN | site.owner)
    assert put.status_code == 204
    assert (await site.get(path))["properties"]["title"] == "Edited"
    gone = await site.client.delete(path, headers=AXIOS | ORIGIN | site.owner)
    assert gone.status_code == 204

"""The requests of STAC Browser, as its sources make them, on the real catalogue.

``store/utils.js`` (what is sent with a link), ``utils.js`` (``addFiltersToLink``),
``store/index.js`` (which links are followed), ``models/cql2`` (filters from queryables),
``store/manager.js`` (what may be written).
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.catalog_api.samples import real_items

PUBLIC = "https://catalogue.test"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
AXIOS = "application/json, text/plain, */*"
LANGUAGES = "de,en;q=0.8,fr;q=0.6"
PER_PAGE = 12
# What ``components/ApiCapabilitiesMixin.js`` looks for, by what it then offers.
WANTED = (
    "https://api.stacspec.org/v1.*/ogcapi-features",
    "https://api.stacspec.org/v1.*/item-search",
    "https://api.stacspec.org/v1.*/collection-search",
    *(
        f"https://api.stacspec.org/v1.*/{place}#{part}"
        for place in ("item-search", "ogcapi-features", "collection-search")
        for part in ("sort", "free-text")
    ),
    "https://api.stacspec.org/v1.*/item-search#filter",
    "https://api.stacspec.org/v1.*/collection-search#filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.*/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.*/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.*/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.*/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.*/conf/array-functions",
    "https://api.stacspec.org/v1.*/ogcapi-features/extensions/transaction",
)


class Browser:
    def __init__(self, client):
        self.client = client

    async def request(self, link):
        """``link``: an address or a Link Object; its ``method``, ``body`` and ``headers`` count."""
        link = {"href": link} if isinstance(link, str) else link
        headers = {"accept-language": LANGUAGES, "accept": link.get("type") or AXIOS}
        headers |= {"origin": "https://browser.test", **link.get("headers", {})}
        path = link["href"].removeprefix(PUBLIC)
        assert path.startswith("/stac"), link
        more = {"json": link["body"]} if "body" in link else {}
        answer = await self.client.request(link.get("method", "GET"), path, headers=headers, **more)
        assert answer.status_code == 200, (link, answer.text)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"].startswith(("application/", "text/html"))
        return answer.json()

    async def all_pages(self, link, name, most=100):
        """All members: the link ``next`` is sent as it stands, without a look at ``merge``."""
        found, page = [], await self.request(link)
        for _ in range(most):
            found += page[name]
            following = rel(page, "next")
            if following is None:
                return found
            page = await self.request(following)
        raise AssertionError("no end of pages")


def rel(document, *rels, method=None):
    return next(
        (
            one
            for one in document["links"]
            if one["rel"] in rels and (method is None or one.get("method", "GET") == method)
        ),
        None,
    )


def filtered(link, **filters):
    """As ``addFiltersToLink``: into the body of a POST, else into the address."""
    if link.get("method") == "POST":
        return link | {"body": link.get("body", {}) | filters}
    parts = urlsplit(link["href"])
    query = dict(parse_qsl(parts.query)) | {name: _text(one) for name, one in filters.items()}
    return link | {"href": parts._replace(query=urlencode(query)).geturl()}


def _text(value):
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.fixture
async def browser(real, real_catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    for product, document in real_items(real_catalogue):
        path = f"/stac/collections/{product}/items"
        made = await real.client.post(
            path, json=document | {"collection": product}, headers=headers
        )
        assert made.status_code == 201, made.text
    return Browser(real.client)


@pytest.fixture
async def root(browser):
    return await browser.request(f"{PUBLIC}/stac")


async def test_it_finds_out_what_can_be_done(browser, root):
    conformance = await browser.request(
        rel(root, "conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance")
    )
    for wanted in WANTED:
        pattern = re.escape(wanted).replace(r"\*", "[^/]+")
        assert any(re.fullmatch(pattern, one) for one in conformance["conformsTo"]), wanted


async def test_the_tree_can_be_walked(browser, root):
    """Children that are Catalogs, then what is in them, up and down."""
    children = [one for one in root["links"] if one["rel"] == "child"]
    assert len(children) >= 5
    for child in children:
        catalog = await browser.request(child)
        assert catalog["type"] == "Catalog"
        assert rel(catalog, "root")["href"] == rel(root, "self")["href"]
        assert (await browser.request(rel(catalog, "parent")))["id"]
        below = [one for one in catalog["links"] if one["rel"] == "child"]
        assert below
        for one in below[:3]:
            document = await browser.request(one)
            assert document["type"] in ("Catalog", "Collection")
            assert rel(document, "self")["href"] == one["href"]


async def test_collections_are_paged_and_each_can_be_opened(browser, root):
    link = filtered(rel(root, "data"), limit=50)
    found = await browser.all_pages(link, "collections")
    assert len(found) == 533
    for collection in found[::40]:
        document = await browser.request(rel(collection, "self"))
        assert document["id"] == collection["id"]
        items = rel(document, "items")
        if items:
            page = await browser.request(filtered(items, limit=PER_PAGE))
            assert page["type"] == "FeatureCollection"


async def test_items_are_listed_filtered_and_opened(browser, root):
    search = rel(root, "search", method="GET")
    items = await browser.all_pages(filtered(search, limit=PER_PAGE), "features")
    assert len(items) == 20
    for item in items[::5]:
        opened = await browser.request(rel(item, "self"))
        assert opened["id"] == item["id"]
        collection = await browser.request(rel(opened, "collection"))
        listed = rel(collection, "items")
        box, time = item["bbox"], item["properties"]
        start = time.get("datetime") or time["start_datetime"]
        for asked in (
            {},
            {"bbox": box},
            {"datetime": f"{start}/.."},
            {"sortby": "-properties.datetime"},
            {"filter-lang": "cql2-text", "filter": f"id = '{item['id']}'"},
        ):
            found = await browser.all_pages(filtered(listed, **asked, limit=PER_PAGE), "features")
            assert item["id"] in [one["id"] for one in found], asked


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_form_of_a_search_is_answered(browser, root, method):
    search = rel(root, "search", method=method)
    every = await browser.all_pages(filtered(search, limit=3), "features")
    assert len(every) == 20
    one = every[7]
    wanted = {
        "ids": [one["id"]],
        "collections": [one["collection"]],
        "bbox": one["bbox"][:4],
        "datetime": "1900-01-01T00:00:00.000Z/2100-01-01T00:00:00.000Z",
        "limit": PER_PAGE,
    }
    page = await browser.request(filtered(search, **wanted))
    assert [found["id"] for found in page["features"]] == [one["id"]]
    for field in ("properties.datetime", "id", "properties.title"):
        up = [{"field": field, "direction": "asc"}] if method == "POST" else field
        down = [{"field": field, "direction": "desc"}] if method == "POST" else f"-{field}"
        for sortby in (up, down):
            found = await browser.all_pages(filtered(search, sortby=sortby, limit=6), "features")
            assert {item["id"] for item in found} == {item["id"] for item in every}, sortby
    words = ["ice", "sea surface"]
    page = await browser.request(filtered(search, q=words, limit=PER_PAGE))
    assert page["numberMatched"] == len(page["features"])


def _operators(name, schema):
    """What the form offers for a queryable (``cql2/queryable.js``): operators with a value."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if schema.get("format") == "date-time":
        at = {"timestamp": "2020-05-01T12:00:00.000Z"}
        yield from (({"op": op, "args": [{"property": name}, at]}) for op in ("<", "<=", ">", ">="))
        yield {"op": "in", "args": [{"property": name}, [at]]}
    elif "number" in kinds or "integer" in kinds:
        for op in ("=", "<>", "<", "<=", ">", ">="):
            yield {"op": op, "args": [{"property": name}, 0]}
        yield {"op": "in", "args": [{"property": name}, [0, 1.5]]}
    elif "string" in kinds:
        for op, value in (("=", "a'b"), ("<>", ""), ("like", "%ice_"), ("in", ["a", "b"])):
            yield {"op": op, "args": [{"property": name}, value]}
    elif "boolean" in kinds:
        yield {"op": "=", "args": [{"property": name}, False]}
    elif "array" in kinds:
        for op in ("a_overlaps", "a_contains", "a_equals", "a_contained_by"):
            yield {"op": op, "args": [{"property": name}, ["oceans"]]}


def _as_text(filter):
    name, value = filter["args"]
    infix = filter["op"] not in ("a_overlaps", "a_contains", "a_equals", "a_contained_by")
    said = f"{filter['op']} {_literal(value)}" if infix else _literal(value)
    return (
        f'"{name["property"]}" {said}'
        if infix
        else (f'{filter["op"]}("{name["property"]}", {said})')
    )


def _literal(value):
    if isinstance(value, dict):
        return f"TIMESTAMP('{value['timestamp']}')"
    if isinstance(value, list):
        return f"({','.join(map(_literal, value))})"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


async def _each_filter(browser, link, queryables):
    filters = [
        filter
        for name, schema in queryables["properties"].items()
        for filter in _operators(name, schema)
    ]
    assert len(filters) > 30
    for filter in filters:
        asked = {"filter-lang": "cql2-json", "filter": {"op": "and", "args": [filter]}}
        if link.get("method") != "POST":
            asked = {"filter-lang": "cql2-text", "filter": _as_text(filter)}
        page = await browser.request(filtered(link, **asked, limit=1))
        other = {"op": "not", "args": [filter]}
        if link.get("method") == "POST":
            await browser.request(filtered(link, **{**asked, "filter": other}, limit=1))
        assert "numberReturned" in page, filter


async def test_filters_are_made_of_queryables(browser, root):
    queryables = await browser.request(rel(root, "queryables", QUERYABLES))
    for method in ("GET", "POST"):
        await _each_filter(browser, rel(root, "search", method=method), queryables)
    item = (await browser.request(rel(root, "search", method="GET")))["features"][0]
    collection = await browser.request(rel(item, "collection"))
    queryables = await browser.request(rel(collection, "queryables", QUERYABLES))
    await _each_filter(browser, rel(collection, "items"), queryables)


async def test_filters_of_collections_are_made_of_theirs(browser, root):
    collections = rel(root, "data")
    page = await browser.request(collections)
    queryables = await browser.request(rel(page, "queryables", QUERYABLES))
    await _each_filter(browser, collections, queryables)


async def test_collections_are_searched(browser, root):
    data = rel(root, "data")
    found = await browser.request(filtered(data, q=["arctic", "sea ice"], limit=PER_PAGE))
    assert 0 < len(found["collections"]) <= PER_PAGE
    assert found["numberMatched"] >= len(found["collections"])
    for sortby in ("title", "-title", "id", "-id"):
        page = await browser.request(filtered(data, sortby=sortby, limit=PER_PAGE))
        assert len(page["collections"]) == PER_PAGE, sortby
    box = {"bbox": [-10, 35, 30, 60], "datetime": "2015-01-01T00:00:00.000Z/.."}
    page = await browser.request(filtered(data, **box, limit=PER_PAGE))
    assert page["collections"]


async def test_it_may_ask_what_it_may_write(browser, root):
    item = (await browser.request(rel(root, "search", method="GET")))["features"][0]
    for href, method in ((rel(item, "self")["href"], "put"), (rel(item, "self")["href"], "delete")):
        allow = await _allowed(browser, href)
        assert method in allow
    collection = await browser.request(rel(item, "collection"))
    assert "post" in await _allowed(browser, rel(collection, "items")["href"])


async def _allowed(browser, href):
    headers = {"accept": "*/*", "accept-language": LANGUAGES, "origin": "https://browser.test"}
    answer = await browser.client.options(href.removeprefix(PUBLIC), headers=headers)
    assert answer.is_success
    assert "Allow" in answer.headers["access-control-expose-headers"]
    return [method.strip().lower() for method in answer.headers["allow"].split(",")]

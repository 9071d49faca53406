"""What holds of every route: caching, HEAD, negotiation, pages for people, links, CORS."""

import gzip
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import html5lib
import pytest

from tests.catalog_api import every_route
from tests.catalog_api.every_route import addresses, asking
from tests.catalog_api.samples import item

PUBLIC = "https://catalogue.test"
CACHED = ("no-cache", "public, max-age=300")


@pytest.fixture
async def filled(catalogue, identity):
    await every_route.fill(catalogue, identity.headers("catalog-api", roles=["operator"]))
    return catalogue


async def test_there_are_routes(filled):
    found = await addresses(filled)
    assert len(found) > 45
    assert {"/stac", "/stac/search", "/stac/collections/sea-ice/items/i1"} <= set(found)


async def test_everything_is_kept_and_revalidated(filled):
    for address in await addresses(filled):
        for path in (address, asking(address, "f=html")):
            got = await filled.client.get(path)
            assert got.status_code == 200, (path, got.text)
            assert got.headers["cache-control"] in CACHED, path
            assert {"Accept", "Accept-Encoding"} <= set(re.split(", ?", got.headers["vary"])), path
            again = await filled.client.get(path, headers={"if-none-match": got.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
            for name in ("etag", "cache-control", "vary"):
                assert again.headers[name] == got.headers[name], (path, name)


async def test_head_has_the_headers_of_get(filled):
    await _age(filled)  # else Last-Modified, which waits two seconds, might come in between
    for path in await addresses(filled):
        got, told = await filled.client.get(path), await filled.client.head(path)
        assert (told.status_code, told.content) == (200, b""), path
        changing = ("date", "x-request-id")
        headers = [
            {name: one for name, one in answer.headers.items() if name not in changing}
            for answer in (got, told)
        ]
        assert headers[0] == headers[1], path


async def _age(filled):
    async with filled.runtime.db.write() as session:
        for table in ("entry", "item"):
            older = f"update {table} set updated = updated - interval '1 hour'"
            await session.exec_driver_sql(older)


async def test_what_is_not_there_in_that_form_is_406(filled):
    for path in await addresses(filled):
        answer = await filled.client.get(path, headers={"accept": "image/png"})
        assert answer.status_code == 406, path
        assert "text/html" in answer.json()["offers"], path
        pages = await filled.client.get(path, headers={"accept": "text/html, image/png;q=0.1"})
        assert pages.headers["content-type"] == "text/html; charset=utf-8", path


async def test_texts_are_compressed_and_the_same(filled):
    compressed = 0
    for path in await addresses(filled):
        plain = await filled.client.get(path, headers={"accept-encoding": "identity"})
        headers = {"accept-encoding": "gzip"}
        async with filled.client.stream("GET", path, headers=headers) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        if answer.headers.get("content-encoding") == "gzip":
            compressed += 1
            assert len(raw) < len(plain.content), path
            raw = gzip.decompress(raw)
        assert raw == plain.content, path
    assert compressed > 30


FORGED = (
    {"x-forwarded-host": "evil.test"},
    {"x-forwarded-proto": "ftp", "x-forwarded-port": "666", "x-forwarded-prefix": "/evil"},
    {"forwarded": "host=evil.test;proto=ftp", "x-original-url": "/evil", "x-rewrite-url": "/evil"},
    {"host": "evil.test"},
    {"host": "evil.test:666", "x-forwarded-host": "a.test, evil.test"},
)


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: " ".join(forged))
async def test_no_header_changes_a_link(filled, forged):
    for address in await addresses(filled):
        for path in (address, asking(address, "f=html")):
            got, other = (
                await filled.client.get(path),
                await filled.client.get(path, headers=forged),
            )
            assert other.content == got.content, path
            told = [value for _, value in other.headers.items()]
            assert not any("evil" in value for value in told), path


class Hrefs(HTMLParser):
    """Addresses that a page leads to."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        self.found |= {value for name, value in attributes if name in ("href", "src", "action")}


async def test_pages_are_valid_and_lead_somewhere(filled):
    leading = set()
    for address in await addresses(filled):
        page = await filled.client.get(asking(address, "f=html"))
        html5lib.HTMLParser(strict=True).parse(page.text)  # raises at the first error
        hrefs = Hrefs()
        hrefs.feed(page.text)
        leading |= {urljoin(f"{PUBLIC}{address}", href) for href in hrefs.found if href}
    inside = {href.partition("#")[0] for href in leading if href.startswith(f"{PUBLIC}/stac")}
    assert len(inside) > 80
    for href in sorted(inside):
        answer = await filled.client.get(href.removeprefix(PUBLIC))
        assert answer.status_code == 200, (href, answer.text[:300])


async def test_every_link_is_what_it_says(filled):
    """``alternate`` links too: of pages, lists and, in the header ``Link``, of documents."""
    seen, alternates = set(), 0
    for address in await addresses(filled):
        answer = await filled.client.get(address)
        found = answer.json()
        links = found.get("links", []) if isinstance(found, dict) else []
        if stated := re.fullmatch(
            '<(.*)>; rel="(.*)"; type="(.*)"', answer.headers.get("link", "")
        ):
            links = [*links, dict(zip(("href", "rel", "type"), stated.groups(), strict=True))]
        alternates += sum(link["rel"] == "alternate" for link in links)
        seen |= {(one["href"], one.get("type")) for one in links if one.get("method") != "POST"}
    assert alternates > 40
    for href, media in sorted(one for one in seen if one[0].startswith(f"{PUBLIC}/stac")):
        answer = await filled.client.get(href.removeprefix(PUBLIC))
        assert answer.status_code == 200, (href, answer.text[:300])
        assert answer.headers["content-type"].removesuffix("; charset=utf-8") == media, href


ORIGIN = "https://app.test"
WRITES = (
    ("POST", "/stac/collections/sea-ice/items", "authorization,content-type,idempotency-key"),
    ("PUT", "/stac/collections/sea-ice/items/i1", "authorization,content-type,if-match,prefer"),
    ("PATCH", "/stac/collections/sea-ice/items/i1", "authorization,content-type,if-match"),
    ("DELETE", "/stac/collections/sea-ice/items/i1", "authorization,if-match"),
    ("POST", "/stac/collections/sea-ice/bulk_items", "authorization,content-type"),
    ("POST", "/stac/search", "content-type"),
    ("GET", "/stac/collections/sea-ice/items/i1", "accept-language,authorization,if-none-match"),
)


@pytest.mark.parametrize(("method", "path", "headers"), WRITES)
async def test_a_browser_may_ask_before_it_writes(filled, method, path, headers):
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
    }
    answer = await filled.client.options(path, headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] in ("*", ORIGIN)
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = {
        one.strip().lower() for one in answer.headers["access-control-allow-headers"].split(",")
    }
    assert set(headers.split(",")) <= allowed
    assert int(answer.headers["access-control-max-age"]) > 0


EXPOSED = (
    *("ETag", "Location", "Link", "X-Request-Id", "Retry-After", "Allow", "Accept-Patch"),
    *("Preference-Applied", "EarthCODE-Version", "Idempotency-Replayed"),
)


async def test_scripts_read_the_headers_that_matter(filled):
    for path in ("/stac", "/stac/collections/sea-ice", "/stac/nowhere", "/stac/search?limit=0"):
        answer = await filled.client.get(path, headers={"origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == "*", path
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert set(EXPOSED) <= set(exposed), path


async def test_a_script_sees_that_a_repetition_was_none(filled, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    headers |= {"idempotency-key": "once", "origin": ORIGIN}
    path = "/stac/collections/bare/items"
    answers = [await filled.client.post(path, json=item("x"), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    assert answers[0].headers["location"] == answers[1].headers["location"]

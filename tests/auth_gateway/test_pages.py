"""Pages for people and the same addresses for programs."""

import asyncio
import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from auth_gateway.clients import services
from auth_gateway.domain.negotiation import wants_page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.auth_gateway.conftest import World
from tests.auth_gateway.test_login import log_in
from tests.serving import served

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """What a page holds: tags with their attributes, and that they are closed in order."""

    VOID = ("meta", "link", "input", "br", "path", "circle")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=x", False),
        (";;,,", False),
    ],
)
def test_a_page_is_for_who_asks_for_one(accept: str, page: bool) -> None:
    assert wants_page(accept) is page


async def test_programs_get_links(world: World) -> None:
    answer = await world.client.get("/")
    document = answer.json()
    assert {door["name"] for door in document["doors"]} == {
        *("stac", "records", "publish", "reproduce")
    }
    assert document["doors"][0]["service-desc"] == f"{world.url}/stac/api"
    assert set(document["counts"]) == {"products", "projects", "workflows", "experiments"}
    assert "Accept" in answer.headers["vary"]


async def test_crawlers_are_told_where_the_sitemap_is(world: World) -> None:
    answer = await world.client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == f"Sitemap: {world.url}/records/sitemap.xml"
    assert "Disallow: /publish/" in lines


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/search", 200),
        ("/search?q=ice", 200),
        ("/auth/logout", 200),
        ("/nothing/here", 404),
        ("/publish/submissions", 401),
        ("/stac/%2e%2e/x", 400),
    ],
)
async def test_a_page_needs_nothing_from_elsewhere(world: World, path: str, status: int) -> None:
    answer = await world.client.get(path, headers=BROWSER)
    page = Page(answer.text)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert page.all("script") == page.all("img") == page.all("iframe") == []
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    assert all((link["href"] or "").startswith("data:") for link in page.all("link"))
    assert all(_local(world, a["href"] or "") for a in page.all("a"))
    labelled = {label["for"] for label in page.all("label")}
    assert {field["id"] for field in page.all("input")} <= labelled


def _local(world: World, href: str) -> bool:
    return href.startswith((f"{world.url}/", "#"))


async def test_the_page_that_asks_to_log_in_leads_back(world: World) -> None:
    answer = await world.client.get("/publish/submissions?state=a&b=c", headers=BROWSER)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    (href,) = re.findall(r'class="button" href="([^"]+)"', answer.text)
    assert href == f"{world.url}/auth/login?next=/publish/submissions%3Fstate%3Da%26b%3Dc"


async def test_the_front_page_says_who_one_is(world: World) -> None:
    world.issuer.person = {"sub": "c", "name": "<Cora & Co>", "roles": ["contributor"]}
    assert "Log in" in (await world.client.get("/", headers=BROWSER)).text
    await log_in(world)
    answer = await world.client.get("/", headers=BROWSER)
    assert "&lt;Cora &amp; Co&gt;" in answer.text
    assert "contributor" in answer.text
    assert "Log out" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert world.issuer.url in answer.headers["content-security-policy"]


def catalogue() -> Starlette:
    """A catalogue with two products, of which the words find one, as catalog-api answers."""

    async def collections(request: Request) -> Response:
        found = [
            {"id": "a/b?c", "title": "<Sea> ice", "description": "Thickness " * 60},
            {"id": "plain"},
        ]
        return JSONResponse({"collections": found[:1], "numberMatched": 1234})

    async def records(request: Request) -> Response:
        feature = {"id": "w", "properties": {"title": "A workflow"}}
        return JSONResponse({"features": [feature], "numberMatched": 1})

    return Starlette(
        routes=[
            Route("/stac/catalogs/{kind}/collections", collections),
            Route("/records/collections/workflows/items", records),
        ]
    )


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services count as slow later than a busy machine makes them."""
    monkeypatch.setattr(services, "TIMEOUT", 60.0)
    monkeypatch.setattr(services, "PATIENCE", 60.0)


@pytest.mark.usefixtures("unhurried")
async def test_search_shows_hits_and_bears_a_service_that_is_away(make_world: Any) -> None:
    async with served(catalogue()) as url, make_world(catalog_url=url, records_url=url) as world:
        page = await world.client.get("/search?q=<ice>+%26", headers=BROWSER)
        Page(page.text)
        assert "&lt;Sea&gt; ice" in page.text
        assert f"{world.url}/stac/catalogs/products/collections/a%2Fb%3Fc" in page.text
        assert "1,234" in page.text
        assert "cannot be searched just now" in page.text  # experiments
        assert 'value="&lt;ice&gt; &amp;"' in page.text
        found = (await world.client.get("/search?q=ice")).json()["groups"]
        assert [(g["name"], g["numberMatched"]) for g in found] == [
            *(("products", 1234), ("workflows", 1), ("experiments", None))
        ]
        home = await world.client.get("/", headers=BROWSER)
        assert "1,234" in home.text
        assert "did not answer just now" in home.text


async def test_slow_services_do_not_hold_up_the_front_page(
    make_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "TIMEOUT", 600.0)
    answered = asyncio.Event()

    async def slow(request: Request) -> Response:
        await answered.wait()
        return JSONResponse({})

    app = Starlette(routes=[Route("/{path:path}", slow)])
    async with served(app) as url, make_world(catalog_url=url, records_url=url) as world:
        answer = await world.client.get("/", headers=BROWSER)
        assert answer.status_code == 200
        answered.set()


async def test_probes_and_openapi(world: World) -> None:
    assert (await world.client.get("/livez")).status_code == 200
    assert (await world.client.get("/readyz")).status_code == 200
    await world.client.get("/stac/x")
    metrics = (await world.client.get("/metrics")).text
    assert 'route="/stac/**"' in metrics
    paths = (await world.client.get("/api")).json()["paths"]
    assert {"/", "/search", "/auth/me", "/auth/login", "/auth/audit", "/auth/roles"} <= set(paths)


@pytest.mark.usefixtures("unhurried")
async def test_counts_are_those_of_now(make_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "FRESH", 3600.0)
    number = 1

    async def collections(request: Request) -> Response:
        return JSONResponse({"numberMatched": number})

    app = Starlette(routes=[Route("/{path:path}", collections)])
    async with served(app) as url, make_world(catalog_url=url, records_url=url) as world:
        assert (await world.client.get("/")).json()["counts"]["products"] == 1
        number = 2
        assert (await world.client.get("/")).json()["counts"]["products"] == 1
        monkeypatch.setattr(services, "FRESH", 0.0)
        assert (await world.client.get("/")).json()["counts"]["products"] == 2


async def test_in_production_the_metrics_are_not_for_the_public(make_world: Any) -> None:
    public = "https://earthcode.example"
    async with make_world(public_url=public) as world:
        world.settings.environment = "production"
        hosts = {
            "earthcode.example": 404,
            "EarthCODE.example:443": 404,
            "10.0.0.7:8000": 200,
            "[1.1]": 200,
        }
        for host, status in hosts.items():
            answer = await world.client.get("/metrics", headers={"Host": host})
            assert answer.status_code == status


async def test_too_many_words_are_refused_on_a_page(world: World) -> None:
    address = "/search?q=" + "x" * 501
    page = await world.client.get(address, headers=BROWSER)
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")
    assert "q: String should have at most 500 characters" in page.text
    program = await world.client.get(address)
    assert program.status_code == 400
    assert program.headers["content-type"] == "application/problem+json"
    assert program.json()["errors"][0]["parameter"] == "q"

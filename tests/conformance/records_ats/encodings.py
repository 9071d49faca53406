"""JSON, HTML and OpenAPI 3.0 (Annex A of 20-004r1)."""

from html.parser import HTMLParser

from tests.conformance.records_ats.catalogue import (
    CATALOG_JSON,
    CONF,
    FEATURES,
    GEOJSON,
    JSON,
    OPENAPI,
    PROFILE,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.schemas import errors

HTML = "text/html"
OAI = "/records/oai"
BARE = {"href", "rel"}


@abstract_test("/conf/json/conformance")
async def json_conformance(catalogue: Catalogue) -> None:
    assert CONF + "json" in catalogue.classes


@abstract_test("/conf/json/record-response")
async def record_response(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        answer = await catalogue.get(f"/collections/{one['id']}/items", headers=accept(GEOJSON))
        assert media_of(answer) == GEOJSON
        page = answer.json()
        assert page["type"] == "FeatureCollection"
        assert page["links"]
        assert all("geometry" in record for record in page["features"])


@abstract_test("/conf/json/record-content")
async def record_content(catalogue: Catalogue) -> None:
    for _, record in await catalogue.records():
        assert not errors("recordGeoJSON", record), record["id"]


@abstract_test("/conf/json/record-content-profile")
async def record_content_profile(catalogue: Catalogue) -> None:
    for _, record in await catalogue.some(5):
        assert link_of(record, "profile")["href"] == f"{PROFILE}ogc-record"


@abstract_test("/conf/json/catalog-response")
async def catalog_response(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        for media in (CATALOG_JSON, JSON):
            answer = await catalogue.get(self_of(one), headers=accept(media))
            assert media_of(answer) == media
            assert not errors("collection", answer.json())


@abstract_test("/conf/json/catalog-content")
async def catalog_content(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        assert not errors("collection", one)
    assert not errors("catalogs", await catalogue.json("/collections"))


@abstract_test("/conf/json/catalog-content-profile")
async def catalog_content_profile(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        assert link_of(one, "profile")["href"] == f"{PROFILE}ogc-catalog"


def accept(media: str) -> dict[str, str]:
    return {"Accept": media}


@abstract_test("/conf/oas30/conformance")
async def oas30_conformance(catalogue: Catalogue) -> None:
    """The class of Records, and that of Features for which the abstract test looks."""
    assert CONF + "oas30" in catalogue.classes
    assert FEATURES + "oas30" in catalogue.classes


@abstract_test("/conf/oas30/oas30")
async def oas30(catalogue: Catalogue) -> None:
    link = link_of(catalogue.landing, "service-desc")
    assert link["type"] == OPENAPI
    answer = await catalogue.get(link["href"])
    assert media_of(answer) == OPENAPI
    assert answer.json()["openapi"].startswith("3.0.")
    paths = answer.json()["paths"]
    assert {"/records", "/records/conformance", "/records/collections"} <= set(paths)
    for path, item in paths.items():
        if path != OAI:  # whose errors have status 200
            assert {"200", "400"} <= set(item["get"]["responses"]), path


class Page(HTMLParser):
    """Elements of a page: is it closed well, and which links does it have?"""

    VOID = frozenset(
        ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source")
    )

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.hrefs: set[str] = set()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.hrefs.add(found.get("href") or "")
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> is not in its turn"


async def pages(catalogue: Catalogue) -> list[tuple[str, dict]]:
    """Addresses with what they are in JSON."""
    places = [catalogue.root]
    places += [f"{catalogue.root}/{one}" for one in ("conformance", "collections", "catalogs")]
    for one in await catalogue.collections():
        places += [self_of(one), f"{self_of(one)}/items?limit=3"]
        places += [f"{self_of(one)}/{name}" for name in ("queryables", "sortables", "facets")]
    places += [self_of(record) for _, record in await catalogue.some(3)]
    return [(place, await catalogue.json(place)) for place in places]


@abstract_test("/conf/html/conformance")
async def html_conformance(catalogue: Catalogue) -> None:
    assert CONF + "html" in catalogue.classes


@abstract_test("/conf/html/definition")
async def html_definition(catalogue: Catalogue) -> None:
    for path, item in catalogue.api["paths"].items():
        if path == OAI:  # XML alone, and no operation of OGC API
            continue
        assert HTML in item["get"]["responses"]["200"]["content"], path


@abstract_test("/conf/html/content")
async def html_content(catalogue: Catalogue) -> None:
    for place, document in await pages(catalogue):
        answer = await catalogue.get(place, headers=accept(HTML))
        assert media_of(answer).startswith(HTML)
        assert answer.text.lower().startswith("<!doctype html>")
        page = Page(answer.text)
        assert page.open == []
        assert len(page.ids) == len(set(page.ids))
        hrefs = {one["href"] for one in document.get("links", [])}
        shown = {one for one in hrefs if one.startswith("http")}
        missing = shown - page.hrefs - {one["href"] for one in links_of_self(document)}
        assert not missing, (place, missing)


def links_of_self(document: dict) -> list[dict]:
    return links_of(document, "self") if "links" in document else []

"""OGC API - Features Part 1, Core (Annex A of 17-069r4), over records.

Identifiers are those of its abstract tests; where several are one look, they share a function.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conformance.records_ats.catalogue import (
    CONF,
    FEATURES,
    GEOJSON,
    ITEMS,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.parameters import check_bbox, check_datetime, listed


@abstract_test("/conf/core/http")
async def http(catalogue: Catalogue) -> None:
    for place in ("", "/conformance", "/collections"):
        answer = await catalogue.get(place)
        assert answer.http_version == "HTTP/1.1"
        head = await catalogue.client.head(str(answer.url))
        assert (head.status_code, head.content) == (200, b"")


@abstract_test("/conf/core/root-op", "/conf/core/root-success")
async def root(catalogue: Catalogue) -> None:
    rels = {one["rel"] for one in catalogue.landing["links"]}
    assert {"conformance", "data"} <= rels
    assert rels & {"service-desc", "service-doc"}
    for one in catalogue.landing["links"]:
        assert media_of(await catalogue.get(one["href"])).startswith(one["type"])


@abstract_test("/conf/core/api-definition-op", "/conf/core/api-definition-success")
async def api_definition(catalogue: Catalogue) -> None:
    for one in links_of(catalogue.landing, "service-desc"):
        assert media_of(await catalogue.get(one["href"])) == one["type"]
    assert catalogue.api["openapi"].startswith("3.0.")


@abstract_test("/conf/core/conformance-op", "/conf/core/conformance-success")
async def conformance(catalogue: Catalogue) -> None:
    """Also what a name says: records of the standard in all spellings, no class twice."""
    href = link_of(catalogue.landing, "conformance")["href"]
    assert (await catalogue.json(href))["conformsTo"] == catalogue.classes
    assert FEATURES + "core" in catalogue.classes
    assert len(set(catalogue.classes)) == len(catalogue.classes)
    assert CONF + "core" not in catalogue.classes, "there is no such class"


@abstract_test("/conf/core/fc-md-op", "/conf/core/fc-md-success", "/conf/core/fc-md-links")
async def collections(catalogue: Catalogue) -> None:
    found = await catalogue.json("/collections")
    assert len(links_of(found, "self")) == 1
    for one in [*links_of(found, "self"), *links_of(found, "alternate")]:
        assert media_of(await catalogue.get(one["href"])).startswith(one["type"])


@abstract_test("/conf/core/fc-md-items", "/conf/core/fc-md-items-links")
async def items_links(catalogue: Catalogue) -> None:
    """One for each encoding, each with its type."""
    for one in await catalogue.collections():
        items = links_of(one, "items")
        assert GEOJSON in [link["type"] for link in items]
        page = await catalogue.page(one["id"])
        alternates = {link["type"] for link in links_of(page, "alternate")} | {GEOJSON}
        assert {link["type"] for link in items} <= alternates


@abstract_test("/conf/core/fc-md-extent")
async def extents(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        page = await catalogue.page(one["id"], limit=1000)
        boxes = one["extent"].get("spatial", {}).get("bbox", [])
        placed = [record for record in page["features"] if record["geometry"]]
        assert bool(boxes) == bool(placed)
        for record in placed:
            west, south, east, north = boxes[0]
            for x, y in positions(record["geometry"]["coordinates"]):
                assert west - 1e-6 <= x <= east + 1e-6
                assert south - 1e-6 <= y <= north + 1e-6


def positions(coordinates: Any) -> list[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [each for one in coordinates for each in positions(one)]


@abstract_test("/conf/core/sfc-md-op", "/conf/core/sfc-md-success")
async def collection(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        found = await catalogue.json(f"/collections/{one['id']}")
        for name in ("id", "title", "description", "extent", "links"):
            assert found[name] == one[name]


@abstract_test("/conf/core/fc-op", "/conf/core/fc-response", "/conf/geojson/content")
async def items(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        answer = await catalogue.get(f"/collections/{one['id']}/items")
        assert media_of(answer) == GEOJSON
        assert answer.json()["type"] == "FeatureCollection"
        for record in answer.json()["features"]:
            assert record["type"] == "Feature"
            assert {"geometry", "properties", "id"} <= set(record)


@abstract_test("/conf/core/fc-bbox-definition", "/conf/core/fc-bbox-response", "/conf/core/crs84")
async def bbox(catalogue: Catalogue) -> None:
    schema = listed(catalogue.parameter(ITEMS, "bbox"))
    assert (schema["minItems"], schema["maxItems"]) == (4, 6)
    await check_bbox(catalogue)
    for _, record in await catalogue.records():
        for x, y in positions(record["geometry"]["coordinates"]) if record["geometry"] else []:
            assert -180 <= x <= 180
            assert -90 <= y <= 90


@abstract_test("/conf/core/fc-limit-definition", "/conf/core/fc-limit-response")
async def limit(catalogue: Catalogue) -> None:
    parameter = catalogue.parameter(ITEMS, "limit")
    assert parameter["schema"]["type"] == "integer"
    assert parameter["schema"]["minimum"] == 1
    assert "default" in parameter["schema"]
    for number in (1, 2, 10, 100_000):
        page = await catalogue.page("workflows", limit=number)
        assert len(page["features"]) <= number


@abstract_test("/conf/core/fc-time-definition", "/conf/core/fc-time-response")
async def time(catalogue: Catalogue) -> None:
    assert catalogue.parameter(ITEMS, "datetime")["schema"]["type"] == "string"
    await check_datetime(catalogue)


@abstract_test("/conf/core/fc-links")
async def page_links(catalogue: Catalogue) -> None:
    """self, alternate, next; all pages together are all records, each once."""
    for one in await catalogue.collections():
        wanted = await catalogue.ids(one["id"])
        href, seen = f"{self_of(one)}/items?limit=3&bbox=-180,-90,180,90", []
        while href and len(seen) < 60:
            page = await catalogue.json(href)
            assert self_of(page) == href
            assert links_of(page, "alternate")
            assert all(link["type"] for link in links_of(page, "alternate"))
            seen += [record["id"] for record in page["features"]]
            href = next((link["href"] for link in links_of(page, "next")), "")
        assert seen == wanted[: len(seen)]


@abstract_test("/conf/core/fc-timeStamp")
async def time_stamp(catalogue: Catalogue) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    page = await catalogue.page("workflows")
    assert before <= datetime.fromisoformat(page["timeStamp"]) <= datetime.now(UTC)


@abstract_test("/conf/core/fc-numberMatched", "/conf/core/fc-numberReturned")
async def numbers(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        for parameters in ({}, {"q": "land"}, {"datetime": "2015-01-01T00:00:00Z"}):
            page = await catalogue.page(one["id"], limit=2, **parameters)
            assert page["numberReturned"] == len(page["features"])
            assert page["numberMatched"] == len(await catalogue.ids(one["id"], **parameters))


@abstract_test("/conf/core/f-op", "/conf/core/f-success", "/conf/core/f-links")
async def one_record(catalogue: Catalogue) -> None:
    for name, record in await catalogue.some(5):
        found = await catalogue.json(self_of(record))
        assert found == record
        assert link_of(found, "self")["type"] == GEOJSON
        assert all(link["type"] for link in links_of(found, "alternate"))
        assert link_of(found, "collection")["href"] == f"{catalogue.root}/collections/{name}"


@abstract_test("/conf/core/query-param-unknown", "/conf/core/query-param-invalid")
async def wrong_parameters(catalogue: Catalogue) -> None:
    places = ["", "/conformance", "/collections", "/collections/workflows"]
    places += ["/collections/workflows/items"]
    for place in places:
        problem = (await catalogue.get(place, 400, params={"unknown": "1"})).json()
        assert problem["code"]
        assert problem["description"]
    for wrong in ("limit=0", "limit=x", "bbox=1,2,3", "datetime=x", "bbox=a,b,c,d", "f=x"):
        await catalogue.get(f"/collections/workflows/items?{wrong}", 400)


@abstract_test("/conf/geojson/definition", "/conf/oas30/completeness")
async def described(catalogue: Catalogue) -> None:
    """Every operation says what it answers."""
    for path, item in catalogue.api["paths"].items():
        content = item["get"]["responses"]["200"]["content"]
        assert all("schema" in one for one in content.values()), path
    assert GEOJSON in catalogue.api["paths"][ITEMS]["get"]["responses"]["200"]["content"]

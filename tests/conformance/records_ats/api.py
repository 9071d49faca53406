"""Records API (Annex A of 20-004r1)."""

from urllib.parse import quote

from tests.conformance.records_ats.catalogue import (
    CONF,
    FEATURES,
    GEOJSON,
    ITEMS,
    PROFILE,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.schemas import errors

MANDATORY = ("bbox", "datetime", "externalIds", "ids", "limit", "q", "type")


@abstract_test("/conf/records-api/features-api")
async def features_api(catalogue: Catalogue) -> None:
    """The tests of Features Core run beside these ones, under their own identifiers."""
    assert FEATURES + "core" in catalogue.classes


@abstract_test("/conf/records-api/resource-name-mapping")
async def resource_name_mapping(catalogue: Catalogue) -> None:
    """What Features call feature collections and features are catalogues and records."""
    for one in await catalogue.collections():
        page = await catalogue.page(one["id"])
        assert page["type"] == "FeatureCollection"
        assert all(record["type"] == "Feature" for record in page["features"])


@abstract_test("/conf/records-api/mandatory-params")
async def mandatory_params(catalogue: Catalogue) -> None:
    for name in MANDATORY:
        assert catalogue.parameter(ITEMS, name)["in"] == "query"


@abstract_test("/conf/records-api/catalogs-response")
async def catalogs_response(catalogue: Catalogue) -> None:
    answer = await catalogue.get("/collections")
    assert not errors("catalogs", answer.json())
    for one in answer.json()["collections"]:
        assert not errors("collection", one)


@abstract_test("/conf/records-api/catalog-response")
async def catalog_response(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        found = await catalogue.json(f"/collections/{one['id']}")
        assert not errors("collection", found)
        assert found["itemType"] == "record"
        assert found == one
    await catalogue.get("/collections/nothing", 404)


@abstract_test("/conf/records-api/records-op")
async def records_op(catalogue: Catalogue) -> None:
    """All predicates count at once, in any combination."""
    for name, record in await catalogue.some(1):
        properties = record["properties"]
        predicates = {
            "q": properties["title"].split()[0].strip("(),.:;"),
            "type": properties["type"],
            "ids": record["id"],
            "bbox": "-180,-90,180,90",
            "datetime": "1900-01-01T00:00:00Z/..",
            "limit": "10",
        }
        for left_out in ("none", *predicates):
            given = {k: v for k, v in predicates.items() if k != left_out}
            found = await catalogue.ids(name, **({"limit": "1000"} | given))
            assert record["id"] in found
            wanted = [set(await catalogue.ids(name, **{k: v})) for k, v in given.items()][:-1]
            assert set(found) <= set.intersection(*wanted) if wanted else True
        await catalogue.get(f"/collections/{name}/items", 400, params={"nothing": "1"})


@abstract_test("/conf/records-api/record-op")
async def record_op(catalogue: Catalogue) -> None:
    for name, record in await catalogue.some(10):
        path = f"/collections/{name}/items/{quote(record['id'], safe='')}"
        assert (await catalogue.json(path))["id"] == record["id"]
    await catalogue.get("/collections/workflows/items/nothing", 404)


@abstract_test("/conf/records-api/record-response")
async def record_response(catalogue: Catalogue) -> None:
    for _, record in await catalogue.some(5):
        answer = await catalogue.get(self_of(record))
        found = answer.json()
        assert media_of(answer) == GEOJSON
        assert not errors("recordGeoJSON", found)
        assert all(link["rel"] for link in found["links"])
        for rel in ("self", "collection"):
            assert len(links_of(found, rel)) == 1
        assert f"{PROFILE}ogc-record" in [one["href"] for one in links_of(found, "profile")]
        assert link_of(found, "self")["type"] == GEOJSON
        for one in links_of(found, "alternate"):
            assert media_of(await catalogue.get(one["href"])).startswith(one["type"])


@abstract_test("/conf/searchable-catalog/building-blocks")
async def building_blocks(catalogue: Catalogue) -> None:
    needed = ("records-api", "record-core", "record-collection", "record-core-query-parameters")
    assert {CONF + one for one in needed} <= set(catalogue.classes)


@abstract_test("/conf/searchable-catalog/conformance")
async def searchable(catalogue: Catalogue) -> None:
    needed = {CONF + one for one in ("searchable-catalog", "json", "oas30")}
    assert needed | {FEATURES + "core"} <= set(catalogue.classes)
    answer = await catalogue.client.get(catalogue.root, headers={"Accept": "text/html"})
    assert (answer.status_code == 200) == (CONF + "html" in catalogue.classes)


@abstract_test("/conf/searchable-catalog/mandatatory-catalog-properties")
async def catalog_properties(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        found = await catalogue.json(self_of(one))
        assert found["id"]
        assert found["type"] == "Collection"
        assert found["itemType"] == "record"
        assert found["links"]


@abstract_test("/conf/searchable-catalog/mandatory-record-properties")
async def record_properties(catalogue: Catalogue) -> None:
    for name, record in await catalogue.records():
        assert record["id"], name
        assert record["properties"]["type"]
        assert record["properties"]["title"]


@abstract_test("/conf/autodiscovery/links")
async def autodiscovery(catalogue: Catalogue) -> None:
    """Searchable, local resources and crawlable catalogues are found from the landing page."""
    found = links_of(catalogue.landing, "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog")
    places = {one["href"].removeprefix(catalogue.root) for one in found}
    items = {f"/collections/{one['id']}/items" for one in await catalogue.collections()}
    assert places == {*items, "/collections", "/catalogs"}
    for one in found:
        answer = await catalogue.get(one["href"], headers={"Accept": one["type"]})
        assert media_of(answer) == one["type"]
        assert media_of(await catalogue.get(one["href"])) == one["type"]

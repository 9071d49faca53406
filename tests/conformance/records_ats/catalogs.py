"""Crawlable and Local Resources Catalogues (Annex A of 20-004r1)."""

from tests.conformance.records_ats.catalogue import (
    CONF,
    GEOJSON,
    REL,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.schemas import errors

LOCAL = "/collections"


async def crawlable(catalogue: Catalogue) -> list[dict]:
    root = await catalogue.json("/catalogs")
    return [root, *[await catalogue.json(one["href"]) for one in links_of(root, "child")]]


async def crawled(catalogue: Catalogue) -> list[dict]:
    """Some of the links to records, of each catalogue."""
    return [one for each in await crawlable(catalogue) for one in links_of(each, "item")[:5]]


@abstract_test("/conf/crawlable-catalog/conformance")
async def crawlable_conformance(catalogue: Catalogue) -> None:
    assert CONF + "crawlable-catalog" in catalogue.classes
    for one in await crawlable(catalogue):
        assert CONF + "crawlable-catalog" in one["conformsTo"]


@abstract_test("/conf/crawlable-catalog/catalog")
async def crawlable_catalog(catalogue: Catalogue) -> None:
    """Valid, and every record of the searchable catalogue is linked once."""
    for one in await crawlable(catalogue):
        assert not errors("catalog", one)
        if one["itemType"] == "record":
            items = [item["href"] for item in links_of(one, "item")]
            page = await catalogue.page(one["id"], limit=1000)
            assert sorted(items) == sorted(self_of(record) for record in page["features"])


@abstract_test("/conf/crawlable-catalog/location")
async def crawlable_location(catalogue: Catalogue) -> None:
    links = links_of(catalogue.landing, f"{REL}ogc-catalog")
    assert f"{catalogue.root}/catalogs" in [one["href"] for one in links]
    for one in await crawlable(catalogue):
        assert await catalogue.json(self_of(one)) == one


@abstract_test("/conf/crawlable-catalog/record")
async def crawlable_record(catalogue: Catalogue) -> None:
    """Valid; what records of products describe is served beside this API, by the STAC API."""
    for one in await crawled(catalogue):
        record = await catalogue.json(one["href"])
        assert not errors("recordGeoJSON", record)
        for link in links_of(record, "describes"):
            assert link["href"].startswith(("http://", "https://"))


@abstract_test("/conf/crawlable-catalog/record-location")
async def crawlable_record_location(catalogue: Catalogue) -> None:
    for one in await crawled(catalogue):
        answer = await catalogue.get(one["href"])
        assert media_of(answer) == GEOJSON
        assert self_of(answer.json()) == one["href"]


@abstract_test("/conf/local-resources-catalog/conformance")
async def local_conformance(catalogue: Catalogue) -> None:
    assert CONF + "local-resources-catalog" in catalogue.classes


@abstract_test("/conf/local-resources-catalog/building-blocks")
async def local_building_blocks(catalogue: Catalogue) -> None:
    needed = ("record-core", "record-collection", "autodiscovery")
    assert {CONF + one for one in needed} <= set(catalogue.classes)


@abstract_test("/conf/local-resources-catalog/discovery")
async def local_discovery(catalogue: Catalogue) -> None:
    paths = [path.removeprefix("/records") for path in catalogue.api["paths"]]
    ids = [one["id"] for one in await catalogue.collections()]
    known = {path.replace("{collectionId}", id) for path in paths for id in ids}
    for one in links_of(catalogue.landing, f"{REL}ogc-catalog"):
        assert one["href"].removeprefix(catalogue.root) in known


@abstract_test("/conf/local-resources-catalog/mandatatory-catalog-properties")
async def local_catalog_properties(catalogue: Catalogue) -> None:
    found = await catalogue.json(LOCAL)
    assert found["id"]
    assert found["type"] == "Collection"
    assert found["itemType"] == "catalog"
    assert found["recordsArrayName"] == "collections"
    assert not errors("catalogs", found)
    assert not errors("catalog", found)


@abstract_test("/conf/local-resources-catalog/mandatatory-record-properties")
async def local_record_properties(catalogue: Catalogue) -> None:
    for one in (await catalogue.json(LOCAL))["collections"]:
        found = await catalogue.json(self_of(one))
        assert found["id"]
        assert found["type"]
        assert found["title"]
        assert not errors("collection", found)


@abstract_test("/conf/local-resources-catalog/query-parameters/conformance")
async def local_parameters_conformance(catalogue: Catalogue) -> None:
    for one in ("local-resources-catalog-query-parameters",
                "local-resource-catalog/query-parameters"):  # fmt: skip
        assert CONF + one in catalogue.classes


@abstract_test("/conf/local-resources-catalog/query-parameters/query-parameters")
async def local_parameters(catalogue: Catalogue) -> None:
    for name in ("bbox", "datetime", "q", "type", "ids", "externalIds", "limit"):
        assert catalogue.parameter("/records/collections", name)


@abstract_test("/conf/local-resources-catalog/query-parameters/query-parameters-response")
async def local_parameters_response(catalogue: Catalogue) -> None:
    every = [one["id"] for one in await catalogue.collections()]
    asked: list[tuple[dict, list[str]]] = [
        ({"q": "WORKFLOWS"}, ["experiments", "workflows"]),
        ({"q": "geoscience workfl"}, ["workflows"]),
        ({"q": "workflow geoscience"}, []),
        ({"q": "nothing,data  set"}, ["products"]),
        ({"ids": "products,nothing"}, ["products"]),
        ({"type": "Collection"}, every),
        ({"type": "record"}, []),
        ({"externalIds": "x"}, []),
        ({"bbox": "-180,-90,180,90"}, every),
        ({"datetime": "1700-01-01T00:00:00Z", "match-missing": "false"}, []),
        ({"limit": "1"}, every[:1]),
        ({"q": "workflows", "ids": "experiments"}, ["experiments"]),
    ]
    for parameters, wanted in asked:
        found = await catalogue.json(LOCAL, params=parameters)
        assert [one["id"] for one in found["collections"]] == wanted, parameters
    await catalogue.get(LOCAL, 400, params={"nothing": "1"})


@abstract_test("/conf/local-resources-catalog/filtering/conformance")
async def local_filtering_conformance(catalogue: Catalogue) -> None:
    for one in ("local-resources-catalog-filtering", "local-resources-catalog/filtering"):
        assert CONF + one in catalogue.classes


@abstract_test("/conf/local-resources-catalog/building-blocks/filtering")
async def local_filtering(catalogue: Catalogue) -> None:
    for text, wanted in (
        ("id = 'products'", ["products"]),
        ("title LIKE '%tions' OR CASEI(title) = 'products'", ["products", "reproductions"]),
        ("A_CONTAINS(keywords, ('verdict'))", ["reproductions"]),
        ("NOT (itemType = 'record')", []),
    ):
        found = await catalogue.json(LOCAL, params={"filter": text})
        assert [one["id"] for one in found["collections"]] == wanted, text
    for text in ("id = ", "nothing = 1"):
        await catalogue.get(LOCAL, 400, params={"filter": text})


@abstract_test("/conf/local-resources-catalog/filtering/queryables-link")
async def local_queryables_link(catalogue: Catalogue) -> None:
    link = link_of(await catalogue.json(LOCAL), f"{REL}queryables")
    assert "id" in (await catalogue.json(link["href"]))["properties"]


@abstract_test("/conf/local-resources-catalog/sorting/conformance")
async def local_sorting_conformance(catalogue: Catalogue) -> None:
    for one in ("local-resources-catalog-sorting", "local-resources-catalog/sorting"):
        assert CONF + one in catalogue.classes


@abstract_test("/conf/local-resources-catalog/building-blocks/sorting")
async def local_sorting(catalogue: Catalogue) -> None:
    found = await catalogue.json(LOCAL)
    link = link_of(found, f"{REL}sortables")
    sortables = (await catalogue.json(link["href"]))["properties"]
    assert {key["field"] for key in found["defaultSortOrder"]} <= set(sortables)
    for name in sortables:
        for sign in ("", "+", "-"):
            each = await catalogue.json(LOCAL, params={"sortby": sign + name})
            values = [one[name] for one in each["collections"]]
            assert values == sorted(values, reverse=sign == "-")
    default = found["defaultSortOrder"][0]
    explicit = await catalogue.json(LOCAL, params={"sortby": default["field"]})
    assert explicit["collections"] == found["collections"]
    await catalogue.get(LOCAL, 400, params={"sortby": "nothing"})

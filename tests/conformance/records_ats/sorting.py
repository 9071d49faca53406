"""Sorting and Filtering (Annex A of 20-004r1)."""

from typing import Any
from urllib.parse import quote

from tests.conformance.records_ats.catalogue import (
    CONF,
    ITEMS,
    REL,
    SCHEMA,
    Catalogue,
    abstract_test,
    link_of,
    media_of,
)
from tests.conformance.records_ats.parameters import listed

DRAFTS = (
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
)
NEWEST = "https://json-schema.org/draft/2020-12/schema"
SORTED = 120  # characters of a text by which it is sorted
ELSEWHERE = ("id", "time", "relevance")  # sortables that are no members of `properties`


@abstract_test("/conf/sorting/conformance", "/conf/searchable-catalog/sorting/conformance")
async def conformance(catalogue: Catalogue) -> None:
    assert CONF + "sorting" in catalogue.classes
    for spelling in ("searchable-catalog-sorting", "searchable-catalog/sorting"):
        assert CONF + spelling in catalogue.classes


@abstract_test(
    "/conf/sorting/defaultSortOrder-definition", "/conf/searchable-catalog/building-blocks/sorting"
)
async def default_sort_order(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        name = one["id"]
        order = one["defaultSortOrder"]
        sortables = (await catalogue.json(f"/collections/{name}/sortables"))["properties"]
        assert order
        assert {key["field"] for key in order} <= set(sortables)
        signs = {"asc": "", "desc": "-"}
        explicit = ",".join(signs[key["direction"]] + key["field"] for key in order)
        plain = [r["id"] for r in (await catalogue.page(name, limit=50))["features"]]
        assert await catalogue.ids(name, limit=50, sortby=explicit) == plain
        await check_directions(catalogue, name)
        up, bare, spaced = [
            await catalogue.ids(name, sortby=sign + "title") for sign in ("+", "", " ")
        ]
        assert up == bare == spaced


async def check_directions(catalogue: Catalogue, name: str) -> None:
    for key in ("id", "title", "time", "updated"):
        for sign in ("", "-"):
            page = await catalogue.page(name, limit=1000, sortby=sign + key)
            values = [value_of(record, key) for record in page["features"]]
            known = [value[:SORTED] for value in values if value is not None]
            assert None not in values[: len(known)], "what has no value comes last"
            assert known == sorted(known, reverse=bool(sign)), (name, sign, key)


def value_of(record: dict[str, Any], key: str) -> Any:
    if key == "id":
        return record["id"]
    if key != "time":
        return record["properties"].get(key)
    time = record["time"] or {}
    start = time.get("timestamp") or time.get("date") or time.get("interval", [None])[0]
    return "" if start == ".." else start


@abstract_test("/conf/sorting/get-sortables-op")
async def get_sortables_op(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        link = link_of(one, f"{REL}sortables")
        answer = await catalogue.get(link["href"])
        assert media_of(answer) == link["type"] == SCHEMA
        assert link["href"] == f"{catalogue.root}/collections/{one['id']}/sortables"


@abstract_test("/conf/sorting/get-sortables-success")
async def get_sortables_success(catalogue: Catalogue) -> None:
    """The test wants the name of the collection in `$id`, the requirement an address: both."""
    for one in await catalogue.collections():
        place = f"/collections/{one['id']}/sortables"
        found = await catalogue.json(place)
        assert found["$schema"] in DRAFTS
        assert found["$id"] == f"{catalogue.root}{place}"
        assert one["id"] in found["$id"].split("/")
        assert found["type"] == "object"
        assert all("type" in each for each in found["properties"].values())
        page = await catalogue.page(one["id"], limit=1000)
        there = {name for record in page["features"] for name in record["properties"]}
        assert set(found["properties"]) & (there | set(ELSEWHERE)) >= {"id", "title", "type"}


@abstract_test("/conf/sorting/sortby-definition")
async def sortby_definition(catalogue: Catalogue) -> None:
    schema = listed(catalogue.parameter(ITEMS, "sortby"))
    assert schema["minItems"] == 1
    assert schema["items"]["type"] == "string"
    assert schema["items"]["pattern"] == "[+|-]?[A-Za-z_].*"


@abstract_test("/conf/sorting/sortby-response")
async def sortby_response(catalogue: Catalogue) -> None:
    """By two keys; a plus sign that was not encoded; a key that there is not."""
    for one in await catalogue.collections():
        page = await catalogue.page(one["id"], limit=1000, sortby="-type,title")
        pairs = [(r["properties"]["type"], r["properties"]["title"]) for r in page["features"]]
        kinds = [kind for kind, _ in pairs]
        assert kinds == sorted(kinds, reverse=True)
        for kind in set(kinds):
            titles = [title[:SORTED] for other, title in pairs if other == kind]
            assert titles == sorted(titles)
        items = f"/collections/{one['id']}/items"
        raw = await catalogue.json(f"{items}?sortby=+title&limit=1000")
        encoded = await catalogue.json(f"{items}?sortby=%2Btitle&limit=1000")
        assert raw["features"] == encoded["features"]
        await catalogue.get(items, 400, params={"sortby": "nothing"})


@abstract_test("/conf/record-filter/filter-param", "/conf/record-filter/filter-lang-param")
async def filter_param(catalogue: Catalogue) -> None:
    assert catalogue.parameter(ITEMS, "filter")["schema"]["type"] == "string"
    lang = catalogue.parameter(ITEMS, "filter-lang")["schema"]
    assert lang["enum"] == ["cql2-text", "cql2-json"]
    assert lang["default"] == "cql2-text"
    for one in await catalogue.collections():
        items = f"/collections/{one['id']}/items"
        for text in ("title = ", "nothing = 1", "title = 'x' AND", "("):
            await catalogue.get(items, 400, params={"filter": text})
        sql = {"filter": "title = 'x'", "filter-lang": "sql"}
        await catalogue.get(items, 400, params=sql)


@abstract_test("/conf/record-filter/filter-crs-param")
async def filter_crs_param(catalogue: Catalogue) -> None:
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert catalogue.parameter(ITEMS, "filter-crs")["schema"]["default"] == crs84
    text = "S_INTERSECTS(geometry, BBOX(-10,35,30,60))"
    for crs, status in ((crs84, 200), ("http://www.opengis.net/def/crs/EPSG/0/3857", 400)):
        asked = {"filter": text, "filter-crs": crs}
        await catalogue.get("/collections/workflows/items", status, params=asked)


@abstract_test("/conf/record-filter/response", "/conf/searchable-catalog/building-blocks/filtering")
async def filter_response(catalogue: Catalogue) -> None:
    """Text and JSON, by GET and by POST, together with other predicates."""
    for name, record in await catalogue.some(1):
        title = record["properties"]["title"].replace("'", "''")
        text = f"title = '{title}' AND type IN ('{record['properties']['type']}')"
        parsed = {"op": "=", "args": [{"property": "title"}, record["properties"]["title"]]}
        page = await catalogue.page(name, filter=text)
        assert record["id"] in [one["id"] for one in page["features"]]
        assert all(
            one["properties"]["title"] == record["properties"]["title"] for one in page["features"]
        )
        answer = await catalogue.client.post(
            f"{catalogue.root}/collections/{name}/items", json=parsed
        )
        assert answer.json()["features"] == page["features"]
        none = await catalogue.page(name, filter=text, ids="nothing")
        assert none["features"] == []
        start = f"{catalogue.root}/collections/{name}/items?filter="
        assert (await catalogue.get(start + quote(text))).json()["features"] == page["features"]


@abstract_test("/conf/searchable-catalog/filtering/conformance")
async def filtering_conformance(catalogue: Catalogue) -> None:
    names = ("filtering", "cql-filter", "searchable-catalog-filtering")
    assert {CONF + one for one in (*names, "searchable-catalog/filtering")} <= set(
        catalogue.classes
    )


@abstract_test("/conf/searchable-catalog/mandatory-queryables")
async def mandatory_queryables(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        found = await catalogue.json(link_of(one, f"{REL}queryables")["href"])
        assert {"id", "type", "title"} <= set(found["properties"])
        assert found["$schema"] == NEWEST
        assert found["additionalProperties"] is False

"""Record Collection (Annex A of 20-004r1)."""

from tests.conformance.records_ats.catalogue import (
    CATALOG_JSON,
    PROFILE,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.core import check_contact, is_spdx
from tests.conformance.records_ats.schemas import errors

CATALOGS = "/catalogs"


async def catalogs(catalogue: Catalogue) -> list[str]:
    """Addresses of all catalogue objects: local resources, searchable, crawlable."""
    found = [f"{catalogue.root}/collections", f"{catalogue.root}{CATALOGS}"]
    found += [self_of(one) for one in await catalogue.collections()]
    root = await catalogue.json(CATALOGS)
    return found + [one["href"] for one in links_of(root, "child")]


@abstract_test("/conf/record-collection/mandatory-properties-collection")
async def mandatory_properties(catalogue: Catalogue) -> None:
    for href in await catalogs(catalogue):
        found = await catalogue.json(href)
        assert found["id"]
        assert found["type"] == "Collection"
        assert found["links"]


@abstract_test("/conf/record-collection/itemType")
async def item_type(catalogue: Catalogue) -> None:
    for href in await catalogs(catalogue):
        assert (await catalogue.json(href))["itemType"] in ("record", "catalog")


@abstract_test("/conf/record-collection/contact")
async def contact(catalogue: Catalogue) -> None:
    for href in await catalogs(catalogue):
        for one in (await catalogue.json(href)).get("contacts", []):
            check_contact(one)


@abstract_test("/conf/record-collection/license")
async def license(catalogue: Catalogue) -> None:
    for href in await catalogs(catalogue):
        found = await catalogue.json(href)
        stated = found.get("license")
        assert stated is None or is_spdx(stated) or links_of(found, "license")


@abstract_test("/conf/record-collection/links")
async def links(catalogue: Catalogue) -> None:
    for href in await catalogs(catalogue):
        answer = await catalogue.get(href)
        found = answer.json()
        assert len(links_of(found, "self")) == 1
        assert (await catalogue.json(self_of(found))) == found
        alternates = links_of(found, "alternate")
        for one in alternates:
            assert media_of(await catalogue.get(one["href"])).startswith(one["type"])
        if media_of(answer) == CATALOG_JSON:
            assert alternates


@abstract_test("/conf/record-collection/links-catalog-hierarchy")
async def hierarchy(catalogue: Catalogue) -> None:
    """Every child names its parent; roots and parents are there."""
    root = await catalogue.json(CATALOGS)
    children = links_of(root, "child")
    assert len(children) == len(await catalogue.collections())
    for one in children:
        child = await catalogue.json(one["href"])
        assert not errors("catalog", child)
        assert link_of(child, "parent")["href"] == self_of(root)
        assert link_of(child, "root")["href"] == self_of(root)


@abstract_test("/conf/record-collection/links-catalog-related")
async def related(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        for link in links_of(one, "related"):
            assert not errors("catalog", await catalogue.json(link["href"]))


@abstract_test("/conf/record-collection/links-catalog-series")
async def series(catalogue: Catalogue) -> None:
    """Links `next` lead through parts of a catalogue, each a catalogue, to an end."""
    for one in links_of(await catalogue.json(CATALOGS), "child"):
        href, parts = one["href"], 0
        while href:
            part = await catalogue.json(href)
            assert not errors("catalog", part)
            href = next((link["href"] for link in links_of(part, "next")), "")
            parts += 1
            assert parts < 1000


@abstract_test("/conf/record-collection/links-record")
async def links_record(catalogue: Catalogue) -> None:
    for one in links_of(await catalogue.json(CATALOGS), "child"):
        items = links_of(await catalogue.json(one["href"]), "item")
        assert items
        for item in items[:5]:
            answer = await catalogue.get(item["href"])
            assert media_of(answer) == item["type"]
            assert not errors("recordGeoJSON", answer.json())


@abstract_test("/conf/record-collection/links-records")
async def links_records(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        items = links_of(one, "items")
        assert items
        for item in items:
            answer = await catalogue.get(item["href"])
            assert media_of(answer).startswith(item["type"])


@abstract_test("/conf/record-collection/records-array-name")
async def records_array_name(catalogue: Catalogue) -> None:
    found = await catalogue.json("/collections")
    assert isinstance(found[found["recordsArrayName"]], list)


@abstract_test("/conf/record-collection/records")
async def records(catalogue: Catalogue) -> None:
    """Members that are in the catalogue itself: here, catalogues, each of them valid."""
    found = await catalogue.json("/collections")
    for one in found[found["recordsArrayName"]]:
        assert not errors("collection", one)


@abstract_test("/conf/record-collection/default-mediatype")
async def default_mediatype(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        answer = await catalogue.get(self_of(one), headers={"Accept": "*/*"})
        assert media_of(answer) == CATALOG_JSON
        assert link_of(answer.json(), "profile")["href"] == f"{PROFILE}ogc-catalog"

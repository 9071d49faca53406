"""The real catalogue: every document is served as it was published, and found."""

import asyncio
import json
from collections import Counter

import pytest
from catalog_api.domain.links import STRUCTURAL
from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.ogc.entities import target_of

from tests.catalog_api.samples import real_items, without_links

pytestmark = pytest.mark.real_data
COUNTS = {"product": 333, "project": 200, "theme": 6, "variable": 1207, "mission": 81}
PUBLIC = "https://catalogue.test"
ADDRESS = {
    "product": "/stac/catalogs/products/collections/",
    "project": "/stac/catalogs/projects/collections/",
    "theme": "/stac/catalogs/themes/catalogs/",
    "variable": "/stac/catalogs/variables/catalogs/",
    "mission": "/stac/catalogs/eo-missions/catalogs/",
}


async def test_every_document_is_served_equal_apart_from_generated_links(real):
    entries = [entry for entry in real.ledger.entries if entry.kind in CATALOG_KINDS]
    found = await _each(lambda one: real.get(ADDRESS[one.kind] + one.id), entries)
    for document, entry in zip(found, entries, strict=True):
        _same_but_for_links(document, json.loads(entry.text), entry)
    assert Counter(entry.kind for entry in entries) == COUNTS


async def _each(do, them):
    """What ``do`` gives for each, some at a time."""
    turns = asyncio.Semaphore(8)

    async def one(it):
        async with turns:
            return await do(it)

    return await asyncio.gather(*map(one, them))


def _same_but_for_links(found, published, entry):
    assert without_links(found) == without_links(published), entry.id
    own = [link for link in published["links"] if not _is_derivable(link)]
    kept = [_published_form(link, entry) for link in found["links"]]
    assert [link for link in kept if link in own] == own, entry.id


def _is_derivable(link):
    """What the catalogue makes itself: navigation, and links that point at entities."""
    if link["rel"] in STRUCTURAL or (link["rel"] == "item" and link["href"].startswith("./")):
        return True
    return link["rel"] in ("child", "related", "item") and target_of(link["href"]) is not None


def _published_form(link, entry):
    attachments = f"{PUBLIC}/publish/entities/{entry.kind}/{entry.id}/attachments/"
    return link | {"href": link["href"].replace(attachments, "./")}


async def test_generated_links_are_the_reference_fields_in_both_directions(real):
    known = {(e.kind, e.id) for e in real.ledger.entries}
    expected = set()
    for entry in (e for e in real.ledger.entries if e.kind == "product"):
        document = json.loads(entry.text)
        themes = [c["id"] for t in document["themes"] for c in t["concepts"]]
        for kind, ids in {
            "project": [document["osc:project"]],
            "variable": document.get("osc:variables", []),
            "mission": document.get("osc:missions", []),
            "theme": themes,
        }.items():
            expected |= {(entry.id, kind, id) for id in ids if (kind, id) in known}
    assert len(expected) > 1900
    assert await _forward(real) == expected
    assert await _backward(real) == expected


async def _forward(real):
    found = set()
    for product in await _all(real, "/stac/catalogs/products/collections"):
        for link in product["links"]:
            kind, id = _entity(link["href"])
            if link["rel"] == "related" and kind and link["title"].startswith("Project: "):
                found.add((product["id"], "project", id))
            elif link["rel"] == "related" and kind in ("variable", "mission", "theme"):
                found.add((product["id"], kind, id))
    return found


async def _backward(real):
    found = set()
    for kind in ("project", "variable", "mission", "theme"):
        for one in await _all(real, ADDRESS[kind].rstrip("/")):
            for link in one["links"]:
                target, id = _entity(link["href"])
                if link["rel"] == "child" and target == "product":
                    found.add((id, kind, one["id"]))
    return found


def _entity(href):
    path = href.removeprefix(PUBLIC)
    if "/catalogs/" in path and "/collections/" in path.partition("/catalogs/")[2]:
        return "product", path.rpartition("/")[2]  # as a part of a catalog
    prefixes = {**ADDRESS, "product": "/stac/collections/"}
    kinds = [kind for kind, prefix in prefixes.items() if path.startswith(prefix)]
    return (kinds[0], path.rpartition("/")[2]) if kinds else (None, path)


async def _all(real, path):
    """All members of a listing, page by page."""
    found = []
    address = f"{path}?limit=200"
    while address:
        page = await real.get(address.removeprefix(PUBLIC))
        found += next(
            page[name] for name in ("collections", "catalogs", "features") if name in page
        )
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
    assert len(found) == page["numberMatched"]
    return found


async def test_collections_lists_products_and_projects_that_share_ids(real):
    listed = Counter(one["id"] for one in await _all(real, "/stac/collections"))
    assert sum(listed.values()) == COUNTS["product"] + COUNTS["project"]
    assert listed["fuelity"] == 2
    product = await real.get("/stac/collections/fuelity")
    project = await real.get("/stac/catalogs/projects/collections/fuelity")
    assert (product["osc:type"], project["osc:type"]) == ("product", "project")


async def test_every_product_and_project_is_found_by_its_box_time_and_words(real):
    entries = [entry for entry in real.ledger.entries if entry.kind in ("product", "project")]
    await _each(lambda entry: _is_findable(real, entry), entries)


async def _is_findable(real, entry):
    document = json.loads(entry.text)
    asked = {"q": document["title"].replace(",", " "), "datetime": _interval(document)}
    for box in document["extent"]["spatial"]["bbox"]:
        page = await real.get("/stac/collections", params=asked | {"bbox": _box(box)})
        assert entry.id in [one["id"] for one in page["collections"]], (entry.id, asked, box)


ODD_BOXES = {  # as published: as meant
    (-25, 71.2, 66, 36): (-25, 36, 66, 71.2),
    (180.0, -53.0, -180.0, -90.0): (-180, -90, 180, -53),
    (0, -100, 30, -10): (-100, 0, -10, 30),
    (280, 25, 349.9, 49.9): (-80, 25, -10.1, 49.9),
    (90, 180, -90, -180): (-180, -90, 180, 90),
    (-53.017, -180, -84.25, 180): (-180, -84.25, 180, -53.017),
    (-76.75894, -75.399734, -76.76179, -75.4167): (-76.76179, -75.4167, -76.75894, -75.399734),
    (20, 120, 35, 140): (120, 20, 140, 35),
    (-6111475.222394747, -5477531.389151403, 7566442.7961601885, 4114895.094696621): (0, 0, 1, 1),
}


def _box(published):
    """The box as a search asks for it; some were written in another order."""
    box = ODD_BOXES.get(tuple(published), tuple(published))
    if max(map(abs, box)) > 90 and max(abs(box[1]), abs(box[3])) > 90:
        box = (box[1], box[0], box[3], box[2])  # latitudes first
    return ",".join(map(str, box))


def _interval(document):
    start, end = document["extent"]["temporal"]["interval"][0]
    if start is None and end is None:
        return "2020-01-01T00:00:00Z"
    ends = sorted(filter(None, (start, end)))  # one of them ends before it starts
    return f"{ends[0] if start else '..'}/{ends[-1] if end else '..'}"


async def test_every_item_is_stored_served_equal_and_found(real, real_catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    stored = 0
    for product, document in real_items(real_catalogue):
        stored += 1
        document["collection"] = product  # one names another collection than the one it is in
        address = f"/stac/collections/{product}/items"
        answer = await real.client.post(address, json=document, headers=headers)
        assert answer.status_code == 201, answer.text
        await _is_served(real, f"{address}/{document['id']}", document)
        await _is_found(real, product, document)
    assert stored == 20
    assert (await real.get("/stac/search"))["numberMatched"] == stored


async def _is_served(real, address, document):
    found = await real.get(address)
    assert without_links(found) == without_links(document)
    own = [link for link in document["links"] if link["rel"] not in STRUCTURAL]
    assert [link for link in found["links"] if link["rel"] not in STRUCTURAL] == own


async def _is_found(real, product, document):
    searches = [
        {"ids": [document["id"]]},
        {"bbox": document["bbox"], "collections": [product]},
        {"intersects": document["geometry"]},
        {"datetime": document["properties"]["datetime"] or _span(document["properties"])},
    ]
    for search in searches:
        answer = await real.client.post("/stac/search", json=search | {"limit": 100})
        found = [(one["collection"], one["id"]) for one in answer.json()["features"]]
        assert (product, document["id"]) in found, (search, answer.text[:300])


def _span(properties):
    return f"{properties['start_datetime']}/{properties['end_datetime']}"

"""The real Open Science Catalog through the whole federation, over HTTP, as a stranger would."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pystac_client
import pytest
from earthcode_local.osc.tree import Entity, read
from owslib.ogcapi.records import Records

from tests.running import Federation

pytestmark = pytest.mark.real_data
COUNTS = {
    "product": 333,
    "project": 200,
    "workflow": 14,
    "experiment": 7,
    "variable": 1207,
    "theme": 6,
    "mission": 81,
}
ADDRESS = {
    "product": "/stac/catalogs/products/collections/",
    "project": "/stac/catalogs/projects/collections/",
    "theme": "/stac/catalogs/themes/catalogs/",
    "variable": "/stac/catalogs/variables/catalogs/",
    "mission": "/stac/catalogs/eo-missions/catalogs/",
    "workflow": "/records/collections/workflows/items/",
    "experiment": "/records/collections/experiments/items/",
}


@pytest.fixture(scope="module")
def entities(real_catalogue: Path) -> list[Entity]:
    return read(real_catalogue)


@pytest.fixture(scope="module")
def imported(federation: Federation, real_catalogue: Path) -> httpx2.Client:
    done = federation.run("osc", "import", str(real_catalogue))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout
    return httpx2.Client(base_url=federation.url, timeout=60)


def pages(client: httpx2.Client, path: str, member: str) -> Iterator[dict[str, Any]]:
    href: str | None = path
    while href:
        page = client.get(href).raise_for_status().json()
        yield from page[member]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)


def test_every_entity_is_listed_once(imported: httpx2.Client, entities: list[Entity]) -> None:
    listed: list[tuple[str, str]] = []
    for document in pages(imported, "/stac/collections?limit=200", "collections"):
        listed.append((document.get("osc:type", "?"), document["id"]))
    for name in ("workflows", "experiments"):
        for record in pages(imported, f"/records/collections/{name}/items?limit=10", "features"):
            listed.append((record["properties"]["type"], record["id"]))
    wanted = [(e.kind, e.id) for e in entities if e.kind in ("product", "project")]
    wanted += [(e.kind, e.id) for e in entities if e.kind in ("workflow", "experiment")]
    counts = Counter(listed)  # the demonstration's may be there too
    assert {one: counts[one] for one in wanted} == dict.fromkeys(wanted, 1)


@pytest.mark.parametrize("kind", COUNTS)
def test_every_document_is_served_as_it_is_in_the_file(
    imported: httpx2.Client, entities: list[Entity], kind: str
) -> None:
    chosen = [entity for entity in entities if entity.kind == kind]
    assert len(chosen) == COUNTS[kind]
    for entity in chosen:
        served = imported.get(ADDRESS[kind] + quote(entity.id)).raise_for_status().json()
        given = json.loads(entity.path.read_bytes())
        for mark in served.pop("earthcode:derived", []):
            undo(served, given, mark)
        if kind in ("workflow", "experiment"):
            as_records_are(served, given)
        given.pop("links")
        served.pop("links")
        assert served == given, entity.id


def undo(served: dict[str, Any], given: dict[str, Any], mark: dict[str, Any]) -> None:
    """Put back what a record was given beyond its file, as its mark says."""
    if mark["member"] == "properties.license":
        served["properties"]["license"] = mark["from"][0]["value"]
    else:
        assert not given.get(mark["member"]), "only what was missing is derived"
        served.pop(mark["member"])
        given.pop(mark["member"], None)


def as_records_are(served: dict[str, Any], given: dict[str, Any]) -> None:
    """20-004r1: a record has a time, if only null, and names its conformance class; beside it is
    the profile that it has."""
    added = set(served["conformsTo"]) - set(given["conformsTo"])
    assert added <= {
        "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
        "urn:earthcode:profile:executable-experiment:1.0",
    }
    served["conformsTo"] = given["conformsTo"]
    if "time" not in given and served.get("time", 0) is None:
        served.pop("time")


def test_the_ledger_gives_every_file_back_to_the_byte(
    imported: httpx2.Client, entities: list[Entity]
) -> None:
    for entity in entities[::7]:
        answer = imported.get(f"/publish/entities/{entity.kind}/{quote(entity.id)}")
        assert answer.content == entity.path.read_bytes()


def test_links_that_people_made_are_kept(imported: httpx2.Client, entities: list[Entity]) -> None:
    kept = {"via", "cite-as", "example", "license", "git", "vcs", "application", "describedby"}
    for entity in entities:
        if entity.kind not in ("product", "project", "workflow", "experiment"):
            continue
        served = imported.get(ADDRESS[entity.kind] + quote(entity.id)).json()["links"]
        there = [(link["rel"], link["href"]) for link in served]
        for link in json.loads(entity.path.read_bytes())["links"]:
            if link["rel"] in kept and link["href"].startswith("http"):
                assert (link["rel"], link["href"]) in there, entity.id


def test_every_real_item_is_found_by_search(
    federation: Federation, imported: httpx2.Client, entities: list[Entity]
) -> None:
    stac = pystac_client.Client.open(f"{federation.url}/stac")
    for entity in entities:
        for path in entity.items:
            item = json.loads(path.read_bytes())
            found = stac.search(ids=[item["id"]], collections=[entity.id]).item_collection_as_dict()
            assert [feature["id"] for feature in found["features"]] == [item["id"]]
            where = stac.search(bbox=item["bbox"][:4], collections=[entity.id]).items_as_dicts()
            assert item["id"] in {feature["id"] for feature in where}


def test_pystac_client_opens_lists_and_searches(
    federation: Federation, imported: httpx2.Client
) -> None:
    stac = pystac_client.Client.open(f"{federation.url}/stac")
    assert stac.conforms_to("item_search")
    ids = [collection.id for collection in stac.get_collections()]
    assert len(ids) >= COUNTS["product"] + COUNTS["project"]
    product = stac.get_collection("polaris")
    assert product.extra_fields["osc:type"] == "product"
    words = stac.collection_search(q="sea ice")
    assert any("ice" in collection.title.lower() for collection in words.collections())
    assert stac.search(bbox=[-180, -90, 180, 90], max_items=5).item_collection().items


def test_owslib_opens_lists_and_queries(federation: Federation, imported: httpx2.Client) -> None:
    records = Records(f"{federation.url}/records")
    assert {"workflows", "experiments"} <= set(records.records())
    assert records.collection("workflows")["id"] == "workflows"
    page = records.collection_items("workflows", limit=5)
    assert page["numberMatched"] >= COUNTS["workflow"]
    assert page["numberReturned"] == 5
    found = records.collection_items("workflows", q="polaris")
    assert "polaris" in {feature["id"] for feature in found["features"]}
    assert records.collection_item("experiments", "glambie-v1.0.190-experiment")["id"]


def test_an_import_again_changes_nothing(
    federation: Federation, imported: httpx2.Client, real_catalogue: Path
) -> None:
    done = federation.run("osc", "import", str(real_catalogue))
    assert done.returncode == 0, done.stderr
    assert "0 imported, 1848 unchanged" in done.stdout.replace("\n", " ")


def test_an_export_has_the_same_documents(
    federation: Federation, imported: httpx2.Client, entities: list[Entity], tmp_path: Path
) -> None:
    done = federation.run("osc", "export", str(tmp_path / "tree"))
    assert done.returncode == 0, done.stderr
    exported = {(e.kind, e.id): e for e in read(tmp_path / "tree")}
    for entity in entities:
        twin = exported[entity.kind, entity.id]
        assert twin.path.read_bytes() == entity.path.read_bytes()
        names = [path.name for path in entity.attachments]
        assert [path.name for path in twin.attachments] == names

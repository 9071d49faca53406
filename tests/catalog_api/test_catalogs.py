"""Catalogs: what is below them, addressed within them, and every Item within reach."""

import asyncio
import time

import pystac
import pytest
from catalog_api.routes import browse

from tests.catalog_api.samples import catalog, collection_of, item, product, rels, without_links

PUBLIC = "https://catalogue.test"
THEME = "/stac/catalogs/themes/catalogs/cryosphere"
FLAT = "/stac/catalogs/cryosphere"
KINDS = ["products", "projects", "themes", "variables", "eo-missions"]


@pytest.fixture
async def tree(catalogue, identity):
    """Two products of a theme (one with 3 Items), one of none, a project of a product's id."""
    await catalogue.publish("theme", catalog("cryosphere"))
    await catalogue.publish("theme", catalog("both"))
    await catalogue.publish("mission", catalog("both"))
    await catalogue.publish("product", product(), owner="deepesdl")
    await catalogue.publish("product", product("snow", title="A Snow"), owner="deepesdl")
    await catalogue.publish("product", product("grid", themes=[]), owner="deepesdl")
    await catalogue.publish("project", product("snow", **{"osc:type": "project"}))
    catalogue.owner = identity.headers("catalog-api", sub="deepesdl", roles=["contributor"])
    for id in ("sea-ice", "grid"):
        await fill(catalogue, id, 3)
    return catalogue


async def fill(tree, id, number, start=0):
    body = collection_of(*(item(f"{id} {n:05}") for n in range(start, start + number)))
    made = await tree.client.post(f"/stac/collections/{id}/items", json=body, headers=tree.owner)
    assert made.status_code == 201, made.text


def one_of(document, rel):
    found = rels(document, rel)
    assert len(found) == 1, (rel, found)
    return found[0].removeprefix(PUBLIC)


@pytest.mark.parametrize("here", [THEME, FLAT])
async def test_a_catalog_leads_on_within_itself(tree, here):
    found = await tree.get(here)
    assert one_of(found, "self") == here
    assert one_of(found, "parent") == "/stac/catalogs/themes"
    assert one_of(found, "root") == "/stac"
    assert rels(found, "canonical") == ([PUBLIC + THEME] if here == FLAT else [])
    assert sorted(rels(found, "child")) == [
        f"{PUBLIC}{here}/collections/{id}" for id in ("sea-ice", "snow")
    ]
    for rel in ("children", "data", "conformance"):
        await tree.get(one_of(found, rel))
    assert set(rels(found, "search")) == {f"{PUBLIC}{here}/search"}
    assert {link.get("method") for link in found["links"] if link["rel"] == "search"} == {
        "GET", "POST",
    }  # fmt: skip


@pytest.mark.parametrize("here", [THEME, FLAT, "/stac/catalogs/products"])
async def test_a_collection_within_a_catalog(tree, here):
    own = await tree.get("/stac/collections/sea-ice")
    assert one_of(own, "parent") == "/stac"
    for member in ("children", "collections"):
        listed = await tree.get(f"{here}/{member}")
        assert one_of(listed, "parent") == here
        each = {one["id"]: one for one in listed[member]}
        assert one_of(each["sea-ice"], "self") == f"{here}/collections/sea-ice"
    found = await tree.get(f"{here}/collections/sea-ice")
    assert without_links(found) == without_links(own)
    assert one_of(found, "self") == f"{here}/collections/sea-ice"
    assert one_of(found, "parent") == here
    assert one_of(found, "canonical") == "/stac/collections/sea-ice"
    assert rels(found, "related") == rels(own, "related")
    assert rels(found, "item") == rels(own, "item") != []
    items = await tree.get(one_of(found, "items"))
    assert [one["id"] for one in items["features"]] == [f"sea-ice {n:05}" for n in (2, 1, 0)]
    for one in items["features"]:
        at = one_of(one, "self")
        assert at.startswith(f"{here}/collections/sea-ice/items/")
        assert one_of(one, "parent") == one_of(one, "collection") == f"{here}/collections/sea-ice"
        assert await tree.get(at) == one
        canonical = await tree.get(one_of(one, "canonical"))
        assert without_links(canonical) == without_links(one)
        assert one_of(canonical, "parent") == "/stac/collections/sea-ice"


@pytest.mark.parametrize(
    "path",
    [
        f"{THEME}/collections/grid",
        f"{FLAT}/collections/grid",
        f"{FLAT}/collections/grid/items",
        f"{FLAT}/collections/grid/items/grid%2000000",
        f"{FLAT}/collections/sea-ice/items/grid%2000000",
        "/stac/catalogs/projects/collections/grid",
        "/stac/catalogs/projects/collections/snow/items/x",
        "/stac/catalogs/none",
        "/stac/catalogs/none/search",
        "/stac/catalogs/none/conformance",
        "/stac/catalogs/themes/catalogs/none/collections",
        "/stac/catalogs/variables/catalogs/cryosphere",
        "/stac/catalogs/products/catalogs/sea-ice",
    ],
)
async def test_what_is_not_below_a_catalog_is_not_found_there(tree, path):
    assert (await tree.client.get(path)).status_code == 404


async def test_catalogs_of_one_id_have_addresses_of_their_own(tree):
    flat = await tree.get("/stac/catalogs/both")
    assert one_of(flat, "canonical") == "/stac/catalogs/themes/catalogs/both"
    mission = await tree.get("/stac/catalogs/eo-missions/catalogs/both")
    assert one_of(mission, "parent") == "/stac/catalogs/eo-missions"
    project = await tree.get("/stac/catalogs/projects/collections/snow")
    assert project["osc:type"] == "project"
    assert one_of(project, "self") == "/stac/catalogs/projects/collections/snow"
    assert one_of(project, "parent") == "/stac/catalogs/projects"
    assert (await tree.get("/stac/collections/snow"))["osc:type"] == "product"


async def test_the_registry_and_what_each_catalog_holds(tree):
    registry = await tree.get("/stac/catalogs")
    assert [one["id"] for one in registry["catalogs"]] == KINDS
    held = {}
    for kind in KINDS:
        found = await tree.get(f"/stac/catalogs/{kind}")
        assert one_of(found, "parent") == "/stac"
        for href in rels(found, "child"):
            await tree.get(href.removeprefix(PUBLIC))
        lists = [await tree.get(f"/stac/catalogs/{kind}/{name}") for name in
                 ("children", "catalogs", "collections")]  # fmt: skip
        held[kind] = [len(one[name]) for one, name in
                      zip(lists, ("children", "catalogs", "collections"), strict=True)]  # fmt: skip
        assert len(rels(found, "child")) == held[kind][0]
    assert held == {
        "products": [3, 0, 3], "projects": [1, 0, 1], "themes": [2, 2, 0],
        "variables": [0, 0, 0], "eo-missions": [1, 1, 0],
    }  # fmt: skip


@pytest.mark.parametrize("here", ["/stac", THEME, FLAT, "/stac/catalogs/projects"])
async def test_conformance_is_told_everywhere(tree, here):
    classes = (await tree.get(f"{here}/conformance"))["conformsTo"]
    for one in (
        "https://api.stacspec.org/v1.0.0-rc.2/multi-tenant-catalogs",
        "https://api.stacspec.org/v1.0.0-rc.2/multi-tenant-catalogs/search",
        "https://api.stacspec.org/v1.0.0-rc.2/children",
        "https://api.stacspec.org/v1.0.0-rc.3/browseable",
    ):
        assert one in classes
    assert not any("multi-tenant-catalogs/transaction" in one for one in classes)


@pytest.mark.parametrize(
    ("here", "asked", "found"),
    [
        (THEME, {}, 3),
        (FLAT, {}, 3),
        ("/stac/catalogs/themes", {}, 3),
        ("/stac/catalogs/both", {}, 0),
        ("/stac/catalogs/products", {}, 6),
        ("/stac/catalogs/projects", {}, 0),
        (FLAT, {"collections": "grid"}, 0),
        (FLAT, {"collections": "grid,sea-ice"}, 3),
        (FLAT, {"ids": "sea-ice 00001,grid 00001"}, 1),
        (FLAT, {"bbox": "0,0,1,1"}, 0),
    ],
)
async def test_search_stays_within_the_catalog(tree, here, asked, found):
    answer = await tree.client.get(f"{here}/search", params=asked)
    assert (answer.status_code, answer.json()["numberMatched"]) == (200, found)
    body = {
        name: [float(x) for x in value.split(",")] if name == "bbox" else value.split(",")
        for name, value in asked.items()
    }
    answer = await tree.client.post(f"{here}/search", json=body)
    assert (answer.status_code, answer.json()["numberMatched"]) == (200, found)


async def test_a_search_within_a_catalog_is_paged(tree):
    for method in ("GET", "POST"):
        page = await tree.get(f"{FLAT}/search?limit=2")
        if method == "POST":
            page = (await tree.client.post(f"{FLAT}/search", json={"limit": 2})).json()
        following = next(link for link in page["links"] if link["rel"] == "next")
        path = following["href"].removeprefix(PUBLIC)
        assert path.startswith(f"{FLAT}/search")
        rest = await tree.client.request(method, path, json=following.get("body"))
        assert len(page["features"]) + len(rest.json()["features"]) == 3


async def crawled(tree):
    """Self links of all Items that child and item links from the landing page lead to."""
    seen, items, waiting = set(), set(), ["/stac"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        document = await tree.get(path)
        assert pystac.read_dict(document).id
        items |= {href.removeprefix(PUBLIC) for href in rels(document, "item")}
        waiting += [href.removeprefix(PUBLIC) for href in rels(document, "child")]
    return items


async def test_every_item_is_within_reach_of_the_landing_page(tree):
    found = await crawled(tree)
    assert len(found) == 6
    for path in found:
        assert (await tree.get(path))["type"] == "Feature"


async def test_many_items_are_in_catalogs_of_their_own(tree, monkeypatch):
    monkeypatch.setattr(browse, "GROUP", 50)
    await fill(tree, "snow", 130)
    found = await tree.get("/stac/collections/snow")
    assert rels(found, "item") == []
    root = await tree.get(one_of(found, "child"))
    groups = [await tree.get(href.removeprefix(PUBLIC)) for href in rels(root, "child")]
    assert [len(rels(group, "item")) for group in groups] == [50, 50, 30]
    for group, href in zip(groups, rels(root, "child"), strict=True):
        assert PUBLIC + one_of(group, "self") == href
        assert one_of(group, "parent") == "/stac/collections/snow/browse"
    assert len(await crawled(tree)) == 136
    # An Item that comes in between is in the group that was already named.
    await fill(tree, "snow", 1, start=1000)
    last = await tree.get(one_of(groups[-1], "self"))
    assert len(rels(last, "item")) == 31


async def test_a_collection_changes_with_its_items(tree):
    before = await tree.client.get("/stac/collections/grid")
    known = {"if-none-match": before.headers["etag"]}
    assert (await tree.client.get("/stac/collections/grid", headers=known)).status_code == 304
    await fill(tree, "grid", 1, start=10)
    after = await tree.client.get("/stac/collections/grid", headers=known)
    assert (after.status_code, len(rels(after.json(), "item"))) == (200, 4)
    empty = await tree.client.get("/stac/collections/snow")
    assert rels(empty.json(), "item") == rels(empty.json(), "child") == []


async def test_what_was_fetched_within_a_catalog_can_be_published_again(tree):
    for kind, path in [("product", f"{FLAT}/collections/sea-ice"), ("theme", FLAT)]:
        fetched = await tree.get(path)
        before = await tree.get("/stac/collections/sea-ice" if kind == "product" else THEME)
        await tree.publish(kind, fetched, owner="deepesdl")
        deadline = time.monotonic() + 60
        while (await tree.get(one_of(before, "self"))) != before:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def test_browsing_says_what_it_does_not_know(tree):
    assert (await tree.client.get("/stac/collections/none/browse")).status_code == 404
    assert (await tree.client.get("/stac/collections/snow/browse?nosuch=1")).status_code == 400
    empty = await tree.get("/stac/collections/snow/browse")
    assert rels(empty, "child") == rels(empty, "item") == []

"""The projection: the newest version is served, links are complete whatever the order was."""

import asyncio
import json
import random
import time

import pytest
import sqlalchemy as sa
from catalog_api.service import SERVICE
from earthcode_common import outbox
from earthcode_common.contracts import (
    CATALOG_PROJECTED,
    ENTITY_PUBLISHED,
    REPRODUCTION_PUBLISHED,
    ReproductionPublished,
)
from earthcode_common.problems import Unavailable

from tests.catalog_api.ledger import Ledger
from tests.catalog_api.samples import catalog, item, product, rels, without_links

PUBLIC = "https://catalogue.test"


def project(id="arctic", **members):
    return product(id, title="The Arctic", **{"osc:type": "project"}) | members


async def test_a_version_replaces_an_older_one_and_never_a_newer_one(catalogue):
    first = await catalogue.publish("product", product(title="First"))
    second = catalogue.ledger.publish("product", product(title="Second"))
    await catalogue.project(second)
    await catalogue.project(first)
    assert (await catalogue.get("/stac/collections/sea-ice"))["title"] == "Second"
    assert (await catalogue.get("/stac/collections"))["numberMatched"] == 1


async def test_a_batch_with_two_versions_ends_with_the_newer(catalogue):
    both = [catalogue.ledger.publish("product", product(title=t)) for t in ("Old", "New")]
    await catalogue.project(*reversed(both))
    assert (await catalogue.get("/stac/collections/sea-ice"))["title"] == "New"


async def test_documents_keep_what_the_catalogue_does_not_know_and_how_it_was_spelt(catalogue):
    text = (
        '{ "type": "Collection", "id": "odd", "stac_version": "1.0.0", "links": [], "x": null,\n'
        ' "y": {"b": [1.0, 1e2, 12345678901234567890123], "a": "\\u00e9\\ud83d\\ude00/\\/"},\n'
        ' "x": "the last one counts", "license": "x", "description": "\\u0001/stac \\"  \\"" }'
    )
    await catalogue.publish("product", text, id="odd")
    response = await catalogue.client.get("/stac/collections/odd")
    assert without_links(response.json()) == without_links(json.loads(text))
    assert "12345678901234567890123" in response.text
    assert "1e2" in response.text
    assert list(response.json()) == [*without_links(json.loads(text)), "links"]


async def test_links_are_made_once_the_target_is_there_and_follow_its_title(catalogue):
    await catalogue.publish("product", product())
    assert rels(await catalogue.get("/stac/collections/sea-ice"), "related") == []
    await catalogue.publish("theme", catalog("cryosphere", "Cryosphere"))
    await catalogue.publish("project", project())
    here = f"{PUBLIC}/stac"
    found = await catalogue.get("/stac/collections/sea-ice")
    assert rels(found, "related") == [
        f"{here}/collections/arctic",
        f"{here}/catalogs/themes/catalogs/cryosphere",
    ]
    theme = "/stac/catalogs/themes/catalogs/cryosphere"
    assert rels(await catalogue.get(theme), "child") == [f"{PUBLIC}{theme}/collections/sea-ice"]
    await catalogue.publish("product", product(title="Renamed"))
    child = next(one for one in (await catalogue.get(theme))["links"] if one["rel"] == "child")
    assert child["title"] == "Renamed"
    await catalogue.publish("product", product(themes=[]))
    assert rels(await catalogue.get(theme), "child") == []


async def test_own_links_keep_their_order_and_files_become_attachments(catalogue):
    links = [
        {"rel": "self", "href": "https://elsewhere.test/x"},
        {"rel": "via", "href": "https://data.test/a", "title": "Access", "odd": None},
        {"rel": "root", "href": "../../catalog.json"},
        {"rel": "child", "href": "https://static.test/catalog.json"},
        {"rel": "related", "href": "../../themes/unknown/catalog.json"},
        {"rel": "preview", "href": "./map one.png"},
        {"rel": "item", "href": "./item.json"},
        {"rel": "cite-as", "href": "10.1109/JSTARS.2023.3287285"},
        {"rel": "child", "href": "../../products/other/collection.json"},
        {"rel": 7, "href": None},
        "not a link",
    ]
    await catalogue.publish("product", product(links=links))
    found = (await catalogue.get("/stac/collections/sea-ice"))["links"]
    assert found[8:] == [
        links[1],
        links[3],
        {
            "rel": "preview",
            "href": f"{PUBLIC}/publish/entities/product/sea-ice/attachments/map%20one.png",
        },
        links[7],
        links[9],
        links[10],
    ]


async def test_a_link_between_products_counts_as_a_reference(catalogue):
    links = [{"rel": "related", "href": "../../products/raw/collection.json"}]
    await catalogue.publish("product", product("fine", links=links))
    await catalogue.publish("product", product("raw"))
    fine, raw = [await catalogue.get(f"/stac/collections/{id}") for id in ("fine", "raw")]
    assert rels(fine, "related") == [f"{PUBLIC}/stac/collections/raw"]
    assert rels(raw, "related") == [f"{PUBLIC}/stac/collections/fine"]


async def test_a_project_moves_to_its_own_address_when_a_product_takes_its_id(catalogue):
    await catalogue.publish("project", project("twin"))
    await catalogue.publish("product", product("other", **{"osc:project": "twin"}))
    assert rels(await catalogue.get("/stac/collections/twin"), "self") == [
        f"{PUBLIC}/stac/collections/twin"
    ]
    await catalogue.publish("product", product("twin"))
    scoped = "/stac/catalogs/projects/collections/twin"
    assert (await catalogue.get("/stac/collections/twin"))["osc:type"] == "product"
    assert rels(await catalogue.get(scoped), "self") == [PUBLIC + scoped]
    assert rels(await catalogue.get("/stac/collections/other"), "related") == [PUBLIC + scoped]
    items = rels(await catalogue.get(scoped), "items")[0].removeprefix(PUBLIC)
    assert (await catalogue.get(items))["features"] == []


async def test_records_and_reproductions_are_linked_though_served_elsewhere(catalogue):
    workflow = {"type": "Feature", "id": "w", "properties": {"title": "W", "osc:project": "arctic"}}
    experiment = {
        "type": "Feature",
        "id": "e.1",
        "properties": {"title": "E"},
        "links": [{"rel": "child", "href": "../../products/sea-ice/collection.json"}],
    }
    for kind, document in [("project", project()), ("workflow", workflow), ("product", product())]:
        await catalogue.publish(kind, document)
    await catalogue.publish("experiment", experiment)
    told = ReproductionPublished(
        id="r1", version=1, experiment="e.1", products=["sea-ice"], verdict="identical",
        title="Reproduction of E: identical", href="https://x.test",
    )  # fmt: skip
    await catalogue.react([(REPRODUCTION_PUBLISHED, told)])
    links = (await catalogue.get("/stac/collections/sea-ice"))["links"]
    records = f"{PUBLIC}/records/collections"
    assert [(one["href"], one["title"]) for one in links if "/records/" in one["href"]] == [
        (f"{records}/experiments/items/e.1", "Experiment: E"),
        (f"{records}/reproductions/items/r1", "Reproduction of E: identical"),
    ]
    assert f"{records}/workflows/items/w" in rels(
        await catalogue.get("/stac/collections/arctic"), "related"
    )
    assert (await catalogue.get("/stac/collections"))["numberMatched"] == 2


def small_world():
    """Entities that refer to one another in every way, with collisions and a dangling reference."""
    ids = [f"p{n}" for n in range(6)]
    world = [("product", product(id, **{"osc:project": f"p{n % 3}"})) for n, id in enumerate(ids)]
    world += [("project", project(id)) for id in ("p0", "p2", "arctic")]
    world += [("variable", catalog("ice-thickness")), ("mission", catalog("cryosat-2"))]
    world += [("theme", catalog("cryosphere"))]
    world += [("product", product("p1", title="Again", themes=[], **{"osc:missions": ["none"]}))]
    world += [("workflow", {"id": "w", "type": "Feature", "properties": {"osc:project": "p2"}})]
    return world


async def everything(catalogue):
    """All that is served, by address."""
    found = {}
    for path in ("products/collections", "projects/collections", "themes/catalogs",
                 "variables/catalogs", "eo-missions/catalogs"):  # fmt: skip
        page = await catalogue.get(f"/stac/catalogs/{path}?limit=1000")
        for one in next(page[name] for name in ("collections", "catalogs") if name in page):
            found[rels(one, "self")[0]] = one
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_of_events_makes_no_difference(make_catalogue, seed):
    catalogue = await make_catalogue()
    entries = [catalogue.ledger.publish(kind, document) for kind, document in small_world()]
    shuffled = random.Random(seed).sample(entries, len(entries))
    while shuffled:
        size = 1 + seed
        await catalogue.project(*shuffled[:size])
        shuffled = shuffled[size:]
    grown = await everything(catalogue)
    await catalogue.rebuild()
    assert await everything(catalogue) == grown
    assert len(grown) == 12


async def test_projections_at_the_same_time_miss_no_link(make_catalogue):
    catalogue = await make_catalogue()
    entries = [catalogue.ledger.publish(kind, document) for kind, document in small_world()]
    await asyncio.gather(*(catalogue.project(entry) for entry in entries))
    grown = await everything(catalogue)
    await catalogue.rebuild()
    assert await everything(catalogue) == grown


async def test_rebuild_starts_from_nothing_forgets_what_is_not_in_the_ledger_and_keeps_items(
    catalogue, identity
):
    for kind, document in small_world():
        await catalogue.publish(kind, document)
    before = await everything(catalogue)
    owner = identity.headers("catalog-api", sub="deepesdl", roles=["platform"])
    stored = await catalogue.client.post("/stac/collections/p0/items", json=item(), headers=owner)
    assert stored.status_code == 201
    stray = catalogue.ledger.publish("theme", catalog("stray"))
    await catalogue.project(stray)
    catalogue.ledger.entries.remove(stray)
    async with catalogue.runtime.db.write() as session:
        await session.execute(sa.text("update entity set version = 99, title = 'x', body = '{}'"))
        await session.execute(sa.text("delete from entry where part = 'variable'"))
    arguments = {
        "EARTHCODE_DATABASE_URL": catalogue.settings.database_url,
        "EARTHCODE_PUBLISHER_URL": catalogue.settings.publisher_url,
        "EARTHCODE_LOG_JSON": "false",
    }
    process = await asyncio.create_subprocess_exec(
        "python", "-m", "catalog_api", "rebuild", env=_environment(arguments)
    )
    assert await process.wait() == 0
    assert await everything(catalogue) == before
    assert (await catalogue.get("/stac/collections/p0/items"))["numberMatched"] == 1


def _environment(more):
    import os
    import sys
    from pathlib import Path

    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return dict(os.environ) | more | {"PATH": path}


async def test_nothing_is_projected_while_the_publisher_is_away(catalogue):
    entry = catalogue.ledger.publish("product", product())
    catalogue.ledger.answers = 503
    with pytest.raises(Unavailable):
        await catalogue.project(entry)
    assert (await catalogue.get("/stac/collections"))["collections"] == []
    catalogue.ledger.answers = 200
    await catalogue.project(entry)
    assert (await catalogue.get("/stac/collections"))["numberMatched"] == 1


async def test_the_worker_projects_from_events_and_confirms_them(
    make_catalogue, clean_streams, announce_to, work
):
    catalogue = await make_catalogue(nats_url=clean_streams)
    entries = [catalogue.ledger.publish(kind, document) for kind, document in small_world()]
    async with work(SERVICE, catalogue.settings), announce_to(clean_streams) as announce:
        for entry in entries:
            await announce(ENTITY_PUBLISHED, entry.event(submission="s1"))
        await _until(lambda: _confirmed(catalogue, len(entries) - 1))  # all but the workflow
    grown = await everything(catalogue)
    assert len(grown) == 12
    async with catalogue.runtime.db.read() as session:
        told = await outbox.feed(session, 0, 1000)
    data = [event["data"] for event in told if event["type"] == CATALOG_PROJECTED.type]
    expected = {(e.kind, e.id, e.version, "s1") for e in entries if e.kind != "workflow"}
    assert {(d["kind"], d["id"], d["version"], d["submission"]) for d in data} == expected
    assert all(d["href"].startswith(f"{PUBLIC}/stac/") for d in data)
    await catalogue.rebuild()
    assert await everything(catalogue) == grown


async def _confirmed(catalogue, wanted):
    async with catalogue.runtime.db.read() as session:
        sent = sa.text("select count(*) from outbox where sent is not null")
        return (await session.execute(sent)).scalar_one() == wanted


async def _until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def test_rebuild_asks_the_reproducer_and_keeps_what_is_known_while_it_is_away(
    make_catalogue, serve
):
    ledger = Ledger()
    async with serve(ledger.app()) as reproducer:
        catalogue = await make_catalogue(ledger, reproducer_url=reproducer)
        await catalogue.publish("product", product())
        ledger.reproductions = {"r1": record("r1", ["sea-ice"]), "r2": record("r2", ["other"])}
        await catalogue.rebuild()
        items = f"{PUBLIC}/records/collections/reproductions/items"
        assert rels(await catalogue.get("/stac/collections/sea-ice"), "related") == [f"{items}/r1"]
        ledger.reproductions = {"r3": record("r3", ["sea-ice"])}
        await catalogue.rebuild()
        known = rels(await catalogue.get("/stac/collections/sea-ice"), "related")
        assert known == [f"{items}/r3"]
    await catalogue.rebuild()
    assert rels(await catalogue.get("/stac/collections/sea-ice"), "related") == known


def record(id, products):
    return {
        "type": "Feature",
        "id": id,
        "properties": {"title": f"Reproduction {id}", "osc:products": products},
    }


async def test_a_document_that_was_fetched_here_can_be_published_again(catalogue):
    for kind, document in small_world():
        await catalogue.publish(kind, document)
    before = await everything(catalogue)
    for kind, folder in (("product", "products"), ("project", "projects")):
        page = await catalogue.get(f"/stac/catalogs/{folder}/collections?limit=100")
        for document in page["collections"]:
            await catalogue.publish(kind, document)
    for kind in ("theme", "variable"):
        page = await catalogue.get(f"/stac/catalogs/{kind}s/catalogs")
        for document in page["catalogs"]:
            await catalogue.publish(kind, document)
    assert await everything(catalogue) == before

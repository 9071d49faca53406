"""What anyone may read of what was published."""

from typing import Any

import orjson
import pytest
from publisher.operations import publish
from publisher.operations.confirm import sweep
from publisher.operations.record import Teller
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

TELLER = Teller("http://127.0.0.1:8080")
VERBATIM = (
    '{ "title":"Ozeane \\u00e4",\r\n  "id" : "oceans", "type":"Catalog","stac_version":"1.0.0",'
    ' "description": "Größe/\\/", "n": [1.0, 1e5, -0, 12345678901234567890], "links": [] }'
)


async def approved(publisher: Any, members: list[dict[str, Any]]) -> str:
    body = {"title": "T", "members": members}
    made = (await publisher.author.post("/submissions", body)).json()
    await publisher.author.act(made["id"], "submit")
    await publisher.check()
    answer = await publisher.steward.act(made["id"], "approve", {"revision": made["revision"]})
    assert answer.status_code == 200, answer.text
    return str(made["id"])


async def test_a_document_is_served_exactly_as_submitted(publisher: Any) -> None:
    body = '{"title": "T", "members": [{"kind": "theme", "document": ' + VERBATIM + "}]}"
    headers = {"Content-Type": "application/json"}
    made = await publisher.author.call(
        "POST", "/submissions", content=body.encode(), headers=headers
    )
    id = made.json()["id"]
    await publisher.author.act(id, "submit")
    await publisher.check()
    await publisher.steward.act(id, "approve", {"revision": made.json()["revision"]})
    await publisher.publish()
    found = await publisher.anyone.get("/entities/theme/oceans")
    assert found.content == VERBATIM.encode()
    assert found.headers["content-type"] == "application/json"
    spliced = await publisher.anyone.post(
        "/documents", {"refs": [{"kind": "theme", "id": "oceans"}]}
    )
    assert b'"document":' + VERBATIM.encode() + b"}" in spliced.content
    [entry] = spliced.json()["documents"]
    assert entry["owner"] == "ada"
    assert f'"{entry["digest"]}"' == found.headers["etag"]
    not_changed = await publisher.anyone.get(
        "/entities/theme/oceans", headers={"If-None-Match": found.headers["etag"]}
    )
    assert not_changed.status_code == 304


async def test_versions_are_linked_and_kept(publisher: Any, documents: Any) -> None:
    for title in ("One", "Two", "Three"):
        await publisher.load(theme=[documents.theme(title=title)])
    await publisher.load(theme=[documents.theme(title="Three")])
    listed = (await publisher.anyone.get("/entities/theme/oceans/versions")).json()["versions"]
    assert [(v["version"], v["title"], v["source"]) for v in listed] == [
        (1, "One", "test"),
        (2, "Two", "test"),
        (3, "Three", "test"),
    ]
    second = await publisher.anyone.get("/entities/theme/oceans/versions/2")
    assert second.json()["title"] == "Two"
    assert "immutable" in second.headers["cache-control"]
    links = second.links
    base = "http://127.0.0.1:8080/publish/entities/theme/oceans"
    assert links["predecessor-version"]["url"] == f"{base}/versions/1"
    assert links["successor-version"]["url"] == f"{base}/versions/3"
    assert links["latest-version"]["url"] == base
    assert links["alternate"]["url"] == "http://127.0.0.1:8080/stac/catalogs/themes/catalogs/oceans"
    refs = [{"kind": "theme", "id": "oceans", "version": n} for n in (3, 1, 4)]
    answer = (await publisher.anyone.post("/documents", {"refs": refs})).json()
    assert [d["document"]["title"] for d in answer["documents"]] == ["Three", "One"]
    assert answer["missing"] == [refs[2]]


async def test_only_a_change_of_content_makes_a_version(publisher: Any, documents: Any) -> None:
    document = documents.theme()
    pretty = orjson.dumps(dict(reversed(document.items())), option=orjson.OPT_INDENT_2).decode()
    await publisher.load(theme=[document])
    await publisher.load(theme=[pretty])
    entity = {"kind": "theme", "document": pretty}
    file = {"name": "a.txt", "media_type": "text/plain", "content": "YQ=="}
    for attachments, version in (([file], 2), ([file], 2), ([], 3)):
        entities = [entity | {"attachments": attachments}]
        await publisher.steward.post("/imports", {"source": "s", "entities": entities})
        found = await publisher.anyone.get("/entities/theme/oceans")
        assert found.headers["earthcode-version"] == str(version)


async def test_ids_with_dots_and_one_id_in_two_kinds(publisher: Any, documents: Any) -> None:
    await publisher.load(
        theme=[documents.theme()],
        project=[documents.project("polaris"), documents.project("sea")],
        workflow=[documents.workflow("polaris"), documents.workflow("glambie-v1.0.190")],
    )
    assert (await publisher.anyone.get("/entities/project/polaris")).json()["type"] == "Collection"
    record = await publisher.anyone.get("/entities/workflow/polaris")
    assert record.headers["content-type"] == "application/geo+json"
    dotted = await publisher.anyone.get("/entities/workflow/glambie-v1.0.190")
    assert dotted.json()["id"] == "glambie-v1.0.190"
    assert dotted.links["alternate"]["url"].endswith(
        "/records/collections/workflows/items/glambie-v1.0.190"
    )


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("input.yaml", "application/yaml", "inline"),
        ("picture.webp", "image/webp", "inline"),
        ("page.html", "text/html; charset=utf-8", "attachment"),
        ("drawing.svg", "image/svg+xml", "attachment"),
        ("code.js", "text/javascript", "attachment"),
        ("paper.pdf", "application/pdf", "attachment"),
    ],
)
async def test_attachments_cannot_act_in_a_browser(
    shared: Any, documents: Any, name: str, media_type: str, shown: str
) -> None:
    file = {"name": name, "media_type": media_type, "content": "<b>", "encoding": "utf-8"}
    id = name.partition(".")[0]
    entity = {"kind": "theme", "document": documents.theme(id), "attachments": [file]}
    done = await shared.steward.post("/imports", {"source": "s", "entities": [entity]})
    assert done.json()["imported"] == 1, done.text
    found = await shared.anyone.get(f"/entities/theme/{id}/attachments/{name}")
    assert found.content == b"<b>"
    assert found.headers["content-type"] == media_type
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]
    assert found.headers["content-disposition"].startswith(shown)
    assert name in found.headers["content-disposition"]
    tag = {"If-None-Match": found.headers["etag"]}
    again = await shared.anyone.get(f"/entities/theme/{id}/attachments/{name}", headers=tag)
    assert again.status_code == 304
    first = await shared.anyone.get(f"/entities/theme/{id}/versions/1/attachments/{name}")
    assert first.content == b"<b>"


async def test_a_reference_to_nothing_is_found_until_it_is_something(
    publisher: Any, documents: Any
) -> None:
    await publisher.load(theme=[documents.theme()], product=[documents.product()])
    path = "/entities/product/sea-salinity/findings"
    [finding] = (await publisher.anyone.get(path)).json()["findings"]
    assert (finding["rule"], finding["pointer"]) == ("reference.exists", "/osc:project")
    await publisher.load(project=[documents.project()])
    assert (await publisher.anyone.get(path)).json()["findings"] == []


async def test_an_import_reports_and_does_not_block(publisher: Any, documents: Any) -> None:
    links = [{"rel": "via", "href": "ftp://me:secret@example.org/x"}]
    entity = {"kind": "theme", "document": documents.theme(links=links)}
    done = (await publisher.steward.post("/imports", {"source": "s", "entities": [entity]})).json()
    assert done == {
        "imported": 1,
        "unchanged": 0,
        "findings": {"url.credentials": 1},
        "failed": [],
    }
    [finding] = (await publisher.anyone.get("/entities/theme/oceans/findings")).json()["findings"]
    assert "secret" not in finding["message"]
    assert finding["fix"] == [
        {"op": "replace", "path": "/links/0/href", "value": "ftp://example.org/x"}
    ]
    assert (await publisher.author.post("/imports", {})).status_code == 403


async def test_the_graph_goes_both_ways_and_ends(publisher: Any, documents: Any) -> None:
    await publisher.load(
        theme=[documents.theme()],
        project=[documents.project()],
        product=[documents.product(**{"osc:experiment": "salinity-run"})],
        workflow=[documents.workflow()],
        experiment=[documents.experiment()],
    )
    near = (await publisher.anyone.get("/graph/workflow/salinity-workflow")).json()
    assert {(e["from"]["id"], e["rel"], e["to"]["id"]) for e in near["edges"]} == {
        ("salinity-workflow", "osc:project", "sea"),
        ("salinity-run", "osc:workflow", "salinity-workflow"),
    }
    far = (await publisher.anyone.get("/graph/workflow/salinity-workflow?depth=3")).json()
    assert {n["id"] for n in far["nodes"]} == {
        "salinity-workflow",
        "salinity-run",
        "sea",
        "sea-salinity",
        "oceans",
    }
    assert far["truncated"] is False
    assert all(n["title"] == f"Title of {n['id']}" for n in far["nodes"])


async def test_members_become_public_together(publisher: Any, documents: Any) -> None:
    """When the last step of publishing fails, nothing of it is there."""
    members = [{"kind": "theme", "document": documents.theme(f"t{n}")} for n in range(3)]
    id = await approved(publisher, members)
    async with publisher.db.write() as session:
        await session.execute(
            text(
                "create function fail() returns trigger language plpgsql as"
                " $$ begin raise exception 'disk full'; end $$"
            )
        )
        await session.execute(
            text(
                "create trigger fail before update of version on member"
                " for each row when (new.id = 't2') execute function fail()"
            )
        )
    await publish.run_once(publisher.db, 30, TELLER)
    assert (await publisher.anyone.get("/entities")).json()["entities"] == []
    assert (await publisher.anyone.get("/events")).json()["events"] == []
    async with publisher.db.write() as session:
        await session.execute(text("drop trigger fail on member"))
        await session.execute(text("update submission set leased_until = null"))
    await publisher.publish()
    listed = (await publisher.anyone.get("/entities")).json()["entities"]
    assert [e["id"] for e in listed] == ["t0", "t1", "t2"]
    events = (await publisher.anyone.get("/events")).json()["events"]
    assert [e["data"]["id"] for e in events] == ["t0", "t1", "t2"]
    assert {e["data"]["submission"] for e in events} == {id}


async def test_publishing_gives_up_visibly_and_can_be_retried(
    publisher: Any, documents: Any
) -> None:
    id = await approved(publisher, [{"kind": "theme", "document": documents.theme()}])
    async with publisher.db.write() as session:
        await session.execute(text("alter table edge rename to away"))
    for _ in range(publish.MAX_TRIES):
        async with publisher.db.write() as session:
            await session.execute(text("update submission set leased_until = null"))
        assert await publish.run_once(publisher.db, 30, TELLER)
    async with publisher.db.write() as session:
        await session.execute(text("alter table away rename to edge"))
    seen = (await publisher.steward.get(f"/submissions/{id}")).json()
    assert seen["state"] == "publish_failed"
    assert seen["history"][-1]["comment"]
    assert sorted(seen["actions"]) == ["abort", "retry"]
    assert (await publisher.steward.act(id, "retry")).json()["state"] == "publishing"
    await publisher.publish()
    assert (await publisher.anyone.get("/entities/theme/oceans")).status_code == 200


async def test_silent_projections_are_told_again(publisher: Any, documents: Any) -> None:
    members = [{"kind": "theme", "document": documents.theme(f"t{n}")} for n in range(2)]
    id = await approved(publisher, members)
    await publisher.publish()
    await publisher.confirm(("theme", "t0", 1))

    async def told() -> list[tuple[str, str]]:
        events = (await publisher.anyone.get("/events")).json()["events"]
        return [(e["data"]["id"], e["id"]) for e in events]

    async def swept(seconds: float, hours: float = 24) -> None:
        await sweep(publisher.db, TELLER, retell=seconds, fail_hours=hours, expire_days=90)

    before = await told()
    await swept(0)
    assert await told() == before, "the relay has not told them a first time"
    async with publisher.db.write() as session:
        await session.execute(text("update outbox set sent = now()"))
    await swept(3600)
    assert await told() == before, "it is too early"
    await swept(0)
    after = await told()
    assert [id for id, _ in after] == ["t0", "t1", "t1"]
    assert len({number for _, number in after}) == 3
    seen = (await publisher.author.get(f"/submissions/{id}")).json()
    [waiting] = seen["waiting_on"]
    assert (waiting["id"], waiting["projection"], waiting["told"]) == ("t1", "catalog", 2)
    await swept(3600, hours=0)
    seen = (await publisher.author.get(f"/submissions/{id}")).json()
    assert seen["state"] == "publish_failed"
    await publisher.confirm(("theme", "t1", 1))
    seen = (await publisher.author.get(f"/submissions/{id}")).json()
    assert seen["state"] == "published"
    assert [h["action"] for h in seen["history"]][-3:] == ["failed", "retry", "committed"]


async def test_only_its_own_projection_confirms_an_entity(publisher: Any, documents: Any) -> None:
    from earthcode_common.consumer import Event
    from earthcode_common.contracts import RECORDS_PROJECTED, EntityProjected
    from earthcode_common.ids import uuid7
    from publisher.reactions import confirmations

    id = await approved(publisher, [{"kind": "theme", "document": documents.theme()}])
    await publisher.publish()
    data = EntityProjected(kind="theme", id="oceans", version=1, href="x")
    event = Event(uuid7(), RECORDS_PROJECTED.type, data)
    async with publisher.db.write() as session:
        await confirmations(None).apply(session, [event], None)
    assert (await publisher.author.get(f"/submissions/{id}")).json()["state"] == "publishing"


async def test_a_newer_version_confirms_the_older_one(publisher: Any, documents: Any) -> None:
    """A projection that was behind skips versions."""
    id = await approved(publisher, [{"kind": "theme", "document": documents.theme()}])
    await publisher.publish()
    await publisher.load(theme=[documents.theme(title="Newer")])
    await publisher.confirm(("theme", "oceans", 2))
    assert (await publisher.author.get(f"/submissions/{id}")).json()["state"] == "published"


async def test_an_unchanged_member_stays_at_its_version(publisher: Any, documents: Any) -> None:
    await publisher.load(theme=[documents.theme()])
    await publisher.confirm(("theme", "oceans", 1))
    id = await approved(publisher, [{"kind": "theme", "document": documents.theme()}])
    await publisher.publish()
    seen = (await publisher.author.get(f"/submissions/{id}")).json()
    assert seen["state"] == "published"
    assert seen["members"][0]["version"] == 1


async def test_idle_drafts_expire(publisher: Any, documents: Any) -> None:
    members = [{"kind": "theme", "document": documents.theme()}]
    made = (await publisher.author.post("/submissions", {"title": "T", "members": members})).json()
    await sweep(publisher.db, TELLER, retell=60, fail_hours=1, expire_days=30)
    assert (await publisher.author.get(f"/submissions/{made['id']}")).json()["state"] == "draft"
    async with publisher.db.write() as session:
        await session.execute(text("update submission set changed = now() - interval '31 days'"))
    await sweep(publisher.db, TELLER, retell=60, fail_hours=1, expire_days=30)
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert (seen["state"], seen["actions"]) == ("expired", ["reopen"])


async def test_the_ledger_cannot_be_rewritten(publisher: Any, documents: Any) -> None:
    await publisher.load(theme=[documents.theme()])
    for statement in (
        "update entity_version set title = 'x'",
        "delete from entity_version",
        "update transition set actor = 'x'",
    ):
        if "transition" in statement:
            members = [{"kind": "theme", "document": documents.theme()}]
            await publisher.author.post("/submissions", {"title": "T", "members": members})
        with pytest.raises(DBAPIError, match="append-only"):
            async with publisher.db.write() as session:
                await session.execute(text(statement))


async def test_the_feed_tells_strangers_about_entities_only(publisher: Any, documents: Any) -> None:
    id = await approved(publisher, [{"kind": "theme", "document": documents.theme()}])
    await publisher.publish()
    public = (await publisher.anyone.get("/events")).json()
    assert {e["type"] for e in public["events"]} == {"org.earthcode.publisher.entity.published.v1"}
    full = (await publisher.steward.get("/events")).json()
    changes = [e["data"] for e in full["events"] if "submission.changed" in e["type"]]
    assert [c["action"] for c in changes] == [
        "create",
        "submit",
        "checks_passed",
        "approve",
        "publish",
    ]
    assert {c["id"] for c in changes} == {id}
    assert public["next"] == full["next"]
    rest = (await publisher.anyone.get(f"/events?after={full['next']}")).json()
    assert rest == {"events": [], "next": full["next"]}


async def test_vocabularies_list_their_terms(publisher: Any, documents: Any) -> None:
    await publisher.load(variable=[documents.variable("b"), documents.variable("a")])
    answer = (await publisher.anyone.get("/vocabularies/variable")).json()
    assert answer["terms"] == [
        {"id": "a", "title": "Title of a"},
        {"id": "b", "title": "Title of b"},
    ]

"""Whoever replaces what another published is not stopped, but seen."""

from typing import Any


async def _submitted(publisher: Any, who: Any, *documents: Any) -> Any:
    members = [{"kind": "theme", "document": document} for document in documents]
    made = await who.post("/submissions", {"title": "T", "members": members})
    assert made.status_code == 201, made.text
    await who.act(made.json()["id"], "submit")
    await publisher.check()
    return (await who.get(f"/submissions/{made.json()['id']}")).json()


async def _published(publisher: Any, who: Any, *documents: Any) -> None:
    seen = await _submitted(publisher, who, *documents)
    revision = {"revision": seen["revision"]}
    answer = await publisher.steward.act(seen["id"], "approve", revision)
    assert answer.status_code == 200, answer.text
    await publisher.publish()


def _taken(seen: Any) -> list[tuple[str, str, str]]:
    assert seen["state"] == "in_review", seen
    return [
        (f["id"], f["severity"], f["message"])
        for f in seen["findings"]
        if f["rule"] == "entity.owner"
    ]


async def test_replacing_what_another_published_names_its_owner(
    publisher: Any, documents: Any
) -> None:
    await _published(publisher, publisher.author, documents.theme("a"), documents.theme("b"))
    bert = publisher.person("bert", ["contributor"], name="Bert")
    changed = documents.theme("a", title="Mine now")
    seen = await _submitted(publisher, bert, changed, documents.theme("b"), documents.theme("c"))
    said = "It replaces version 1 of theme a, which is 'Ada''s"
    assert _taken(seen) == [("a", "warning", said)]
    read = (await publisher.steward.get(f"/submissions/{seen['id']}")).json()
    assert _taken(read) == [("a", "warning", said)]


async def test_an_own_entity_is_no_takeover(publisher: Any, documents: Any) -> None:
    await _published(publisher, publisher.author, documents.theme("a"))
    again = documents.theme("a", title="Better")
    assert _taken(await _submitted(publisher, publisher.author, again)) == []


async def test_clients_of_one_platform_own_together(publisher: Any, documents: Any) -> None:
    first, second = (
        publisher.person(sub, ["platform"], platform="deepesdl", name=sub) for sub in ("p1", "p2")
    )
    other = publisher.person("p3", ["platform"], platform="euro-data-cube")
    await _published(publisher, first, documents.theme("a"))
    again = documents.theme("a", title="Better")
    assert _taken(await _submitted(publisher, second, again)) == []
    [(_, _, said)] = _taken(await _submitted(publisher, other, again))
    assert "'p1' of the platform 'deepesdl'" in said


async def test_what_was_imported_says_where_from(publisher: Any, documents: Any) -> None:
    await publisher.load(theme=[documents.theme("a")])
    again = documents.theme("a", title="Better")
    [(_, _, said)] = _taken(await _submitted(publisher, publisher.author, again))
    assert said.endswith("which is 'stella''s, imported from 'test'")

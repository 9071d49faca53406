"""Many at once: every change counts once, and no change is lost."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from publisher.operations import check
from publisher.store import work
from sqlalchemy import text


def body(documents: Any, **more: Any) -> dict[str, Any]:
    return {"title": "T", "members": [{"kind": "theme", "document": documents.theme(**more)}]}


async def test_one_of_many_changes_with_the_same_etag_wins(shared: Any, documents: Any) -> None:
    made = (await shared.author.post("/submissions", body(documents))).json()
    path = f"/submissions/{made['id']}"
    tag = (await shared.author.get(path)).headers["etag"]
    answers = await asyncio.gather(
        *(
            shared.author.call(
                "PUT", path, json=body(documents, title=f"T{n}"), headers={"If-Match": tag}
            )
            for n in range(8)
        )
    )
    assert Counter(a.status_code for a in answers) == {200: 1, 412: 7}
    [winner] = [a for a in answers if a.status_code == 200]
    assert (await shared.author.get(path)).json()["revision"] == winner.json()["revision"]


async def test_a_repeated_request_is_done_once(shared: Any, documents: Any) -> None:
    headers = {"Idempotency-Key": "once-and-only-once"}
    answers = await asyncio.gather(
        *(shared.author.post("/submissions", body(documents), headers=headers) for _ in range(8))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert len({a.headers["location"] for a in answers}) == 1
    assert sum("idempotency-replayed" in a.headers for a in answers) == 7
    other = await shared.author.post("/submissions", body(documents, title="U"), headers=headers)
    assert other.status_code == 422
    somebody_else = shared.person("carl", ["contributor"])
    theirs = await somebody_else.post("/submissions", body(documents), headers=headers)
    assert theirs.json()["id"] != answers[0].json()["id"]


async def test_a_refused_request_may_be_repeated_better(shared: Any, documents: Any) -> None:
    headers = {"Idempotency-Key": "second-try"}
    assert (await shared.author.post("/submissions", {}, headers=headers)).status_code == 400
    good = await shared.author.post("/submissions", body(documents), headers=headers)
    assert good.status_code == 201


async def test_one_of_many_decisions_wins(publisher: Any, documents: Any) -> None:
    made = (await publisher.author.post("/submissions", body(documents))).json()
    await publisher.author.act(made["id"], "submit")
    await publisher.check()
    stewards = [publisher.person(f"s{n}", ["steward"]) for n in range(6)]
    answers = await asyncio.gather(
        *(s.act(made["id"], "approve", {"revision": made["revision"]}) for s in stewards[:3]),
        *(s.act(made["id"], "reject", {"reason": "no"}) for s in stewards[3:]),
    )
    assert Counter(a.status_code for a in answers) == {200: 1, 409: 5}


async def test_many_workers_and_stewards_publish_once(publisher: Any, documents: Any) -> None:
    made = (await publisher.author.post("/submissions", body(documents))).json()
    await publisher.author.act(made["id"], "submit")
    await asyncio.gather(*(publisher.check() for _ in range(4)))
    await publisher.steward.act(made["id"], "approve", {"revision": made["revision"]})
    await asyncio.gather(
        *(publisher.publish() for _ in range(4)),
        *(publisher.steward.act(made["id"], "publish") for _ in range(4)),
    )
    versions = (await publisher.anyone.get("/entities/theme/oceans/versions")).json()["versions"]
    assert [v["version"] for v in versions] == [1]
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    actions = [step["action"] for step in seen["history"]]
    assert actions == ["create", "submit", "checks_passed", "approve", "publish"]


async def test_another_worker_takes_over_from_a_dead_one(publisher: Any, documents: Any) -> None:
    made = (await publisher.author.post("/submissions", body(documents))).json()
    await publisher.author.act(made["id"], "submit")
    async with publisher.db.write() as session:
        dead = await work.lease(session, work.TO_CHECK, 60)
    assert dead is not None
    assert not await check.run_once(publisher.db, 60), "it is in the hands of another worker"
    async with publisher.db.write() as session:
        await session.execute(text("update submission set leased_until = now()"))
    assert await check.run_once(publisher.db, 60)
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "in_review"
    late = check.Result([], {}, "checks_failed")
    await check._apply(publisher.db, dead, late)
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "in_review", "the dead one came back and was not heard"


async def test_a_checker_that_breaks_asks_a_person(
    publisher: Any, documents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (await publisher.author.post("/submissions", body(documents))).json()
    await publisher.author.act(made["id"], "submit")

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(check, "check_bundle", broken)
    for _ in range(check.MAX_TRIES):
        async with publisher.db.write() as session:
            await session.execute(text("update submission set leased_until = null"))
        assert await check.run_once(publisher.db, 60)
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "in_review"
    assert seen["history"][-1]["action"] == "checks_inconclusive"


async def test_imports_at_once_make_one_ledger(publisher: Any, documents: Any) -> None:
    """Every import holds every entity: versions follow each other, nobody waits for ever."""

    async def load(number: int) -> None:
        themes = [documents.theme(f"t{n}", title=f"by {number}") for n in range(20)]
        await publisher.load(theme=themes if number % 2 else themes[::-1])

    await asyncio.gather(*(load(number) for number in range(8)))
    for id in ("t0", "t19"):
        listed = (await publisher.anyone.get(f"/entities/theme/{id}/versions")).json()["versions"]
        assert [v["version"] for v in listed] == list(range(1, 9))
        assert len({v["digest"] for v in listed}) == 8


async def test_a_reader_of_the_ledger_misses_nothing_while_it_grows(
    publisher: Any, documents: Any
) -> None:
    """Whoever follows the sequences sees the last version of every entity."""
    done = asyncio.Event()
    seen: dict[str, int] = {}

    async def follow() -> None:
        after = 0
        while True:
            last = done.is_set()
            page = (await publisher.anyone.get(f"/entities?after={after}&limit=7")).json()
            for entity in page["entities"]:
                seen[entity["id"]] = entity["version"]
                after = entity["sequence"]
            if last and not page["entities"]:
                return

    async def write(number: int) -> None:
        for turn in range(3):
            themes = [documents.theme(f"w{number}-{n}", title=f"{turn}") for n in range(5)]
            await publisher.load(theme=themes)

    reader = asyncio.create_task(follow())
    await asyncio.gather(*(write(number) for number in range(6)))
    done.set()
    await reader
    assert seen == {f"w{number}-{n}": 3 for number in range(6) for n in range(5)}


async def test_confirmations_at_once_complete_the_submission(
    publisher: Any, documents: Any
) -> None:
    members = [{"kind": "theme", "document": documents.theme(f"t{n}")} for n in range(8)]
    made = (await publisher.author.post("/submissions", {"title": "T", "members": members})).json()
    await publisher.author.act(made["id"], "submit")
    await publisher.check()
    await publisher.steward.act(made["id"], "approve", {"revision": made["revision"]})
    await publisher.publish()
    await asyncio.gather(*(publisher.confirm(("theme", f"t{n}", 1)) for n in range(8)))
    seen = (await publisher.author.get(f"/submissions/{made['id']}")).json()
    assert seen["state"] == "published"

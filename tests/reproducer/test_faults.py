"""Workers that are killed at any moment: one job, one end."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from earthcode_common.db import Database
from reproducer.store import leases, runs
from sqlalchemy import text

from tests.reproducer.quirky import Quirks, publish_table_experiment, quirky_app

pytestmark = pytest.mark.faults
FAST = {"lease_seconds": 1.5, "longest_poll_seconds": 0.5, "reconcile_seconds": 20.0}


class Worker:
    """``python -m reproducer work``, a real process that can be killed."""

    def __init__(self, settings: Any, log: Path) -> None:
        shown = settings.model_dump(exclude_none=True, mode="json")
        words = {f"EARTHCODE_{name.upper()}": str(value) for name, value in shown.items()}
        self.environment = os.environ | words
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reproducer", "work", "--port", "0"],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()


@pytest.fixture
def scene(serve: Any, published: Any, make_reproducer: Any, tmp_path: Path) -> Any:
    @asynccontextmanager
    async def open_scene(quirks: Quirks, entry: Any = None, **values: Any) -> AsyncIterator[Any]:
        async with serve(quirky_app(quirks)) as url:
            experiment = publish_table_experiment(published, url)
            platform = {"id": "quirky", "title": "Quirky", "kind": "ogc-api-processes", "url": url}
            reproducer = await make_reproducer([platform | (entry or {})], **(FAST | values))
            worker = Worker(reproducer.settings, tmp_path / "worker.log")
            try:
                yield reproducer, worker, experiment
            finally:
                for event in quirks.hold.values():
                    event.set()
                worker.kill()

    return open_scene


async def end_of(reproducer: Any, key: str) -> dict[str, Any]:
    run: dict[str, Any] = await reproducer.until(key, "done", "failed", "lost")
    return run


def is_one_story(run: dict[str, Any]) -> None:
    states = [t["state"] for t in run["transitions"]]
    assert sum(state in ("done", "failed", "cancelled", "lost") for state in states) == 1
    assert [t["number"] for t in run["transitions"]] == sorted(
        {t["number"] for t in run["transitions"]}
    )


@pytest.mark.parametrize(
    ("held", "state"),
    [
        ("describe", "planned"),
        ("post", "submitting"),
        ("run", "queued"),
        ("status", "queued"),
        ("results", "collecting"),
    ],
)
async def test_a_killed_worker_is_carried_on_for(scene: Any, held: str, state: str) -> None:
    quirks = Quirks(hold={held: asyncio.Event()})
    async with scene(quirks) as (reproducer, worker, experiment):
        key = await reproducer.start(experiment)
        worker.start()
        await reproducer.until(key, state)
        async with asyncio.timeout(60):
            while held not in quirks.reached:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        worker.kill()
        quirks.hold[held].set()
        worker.start()
        run = await end_of(reproducer, key)
    assert run["verdict"] == "identical"
    assert len(quirks.jobs) == 1
    assert quirks.posts == 1
    is_one_story(run)


async def test_killed_while_comparing(scene: Any, published: Any) -> None:
    quirks = Quirks()
    async with scene(quirks) as (reproducer, worker, experiment):
        published.held.add("attachments/table.csv")
        key = await reproducer.start(experiment)
        worker.start()
        await reproducer.until(key, "comparing")
        worker.kill()
        published.held.clear()
        worker.start()
        run = await end_of(reproducer, key)
    assert run["verdict"] == "identical"
    assert len(quirks.jobs) == 1
    is_one_story(run)


async def test_killed_again_and_again(scene: Any) -> None:
    """At arbitrary moments, until the run has ended in spite of it."""
    quirks = Quirks()
    async with scene(quirks, entry={"settles_seconds": 2}) as (reproducer, worker, experiment):
        key = await reproducer.start(experiment)
        for pause in (1.2, 1.6, 2.0, 2.3, 2.6):
            worker.start()
            await asyncio.sleep(pause)
            worker.kill()
        worker.start()
        run = await end_of(reproducer, key)
    assert run["state"] == "done", run["reason"]
    assert len(quirks.jobs) == 1
    is_one_story(run)


async def test_two_workers_do_not_get_in_each_others_way(scene: Any, tmp_path: Path) -> None:
    quirks = Quirks()
    async with scene(quirks) as (reproducer, worker, experiment):
        second = Worker(reproducer.settings, tmp_path / "second.log")
        worker.start()
        second.start()
        try:
            keys = [await reproducer.start(experiment) for _ in range(6)]
            ended = [await end_of(reproducer, key) for key in keys]
            listed = await reproducer.client.get("/reproduce/reproductions")
        finally:
            second.kill()
    assert [run["verdict"] for run in ended] == ["identical"] * 6
    assert len(quirks.jobs) == quirks.posts == 6
    assert {r["id"] for r in listed.json()["reproductions"]} == set(keys)
    for run in ended:
        is_one_story(run)


async def test_who_lost_the_lease_changes_nothing(scene: Any) -> None:
    async with scene(Quirks()) as (reproducer, worker, experiment):
        await reproducer.start(experiment)
        db = Database(reproducer.settings.database_url)
        async with db.write() as session:
            first = await leases.claim(session, "first", 0.0)
        async with db.write() as session:
            second = await leases.claim(session, "second", 60)
        assert first
        assert second
        assert second.lease_token == first.lease_token + 1
        async with db.write() as session:
            assert not await leases.renew(session, first.id, first.lease_token, 60)
            with pytest.raises(leases.LeaseLost):
                await leases.guard(session, first.id, first.lease_token)
            assert await leases.claim(session, "third", 60) is None
        async with db.read() as session:
            found = await runs.find_run(session, first.id)
        assert found
        assert found.lease_owner == "second"
        await db.close()
        worker.start()


INTENT = text("""
    update run set state = 'submitting', posted = now(), marked = true where id = :id
""")


@pytest.mark.parametrize(("settles", "state"), [(None, "lost"), (1.0, "done")])
async def test_killed_between_the_intent_and_the_post(
    scene: Any, settles: float | None, state: str
) -> None:
    """What such a worker leaves: the intent, and a platform that never heard of the run."""
    quirks = Quirks()
    entry = {"settles_seconds": settles}
    async with scene(quirks, entry, reconcile_seconds=3.0) as (reproducer, worker, experiment):
        key = await reproducer.start(experiment)
        db = Database(reproducer.settings.database_url)
        async with db.write() as session:
            await runs.append_event(session, UUID(key), "transition", "submitting")
            await session.execute(INTENT, {"id": key})
        await db.close()
        worker.start()
        run = await end_of(reproducer, key)
    assert run["state"] == state, run["reason"]
    assert quirks.posts == len(quirks.jobs) == (1 if settles else 0)
    is_one_story(run)

"""Anybody asks for anything at any time: the real store follows the table, and only the table."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from earthcode_common import migrate
from earthcode_common.db import Database, plain_url
from earthcode_common.problems import BadRequest, Conflict, Forbidden, NotFound, Problem
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from publisher.bodies import Draft, Import
from publisher.domain import documents, states
from publisher.domain.members import Entry
from publisher.operations import actions, check, drafts, imports, publish
from publisher.operations.confirm import confirm
from publisher.operations.moves import Asked, locked, move
from publisher.operations.people import WORKER, Actor
from publisher.operations.record import Teller
from publisher.store import submissions, views
from sqlalchemy import text

from tests.profile import trying

# The table as it was agreed: from, action, to, by whom.
TABLE = """
draft submit checking owner
draft delete deleted owner
draft withdraw withdrawn owner
draft expire expired system
checking checks_passed in_review system
checking checks_inconclusive in_review system
checking checks_failed changes_requested system
checking withdraw withdrawn owner
in_review request_changes changes_requested steward
in_review approve approved steward
in_review reject rejected steward
in_review recall draft owner
in_review recheck checking owner|steward|system
in_review withdraw withdrawn owner
changes_requested submit checking owner
changes_requested withdraw withdrawn owner
changes_requested expire expired system
approved publish publishing steward|system
approved approval_stale in_review system|steward
approved withdraw withdrawn owner
publishing committed published system
publishing failed publish_failed system
publish_failed retry publishing steward|system
publish_failed abort in_review steward
rejected reopen draft steward
withdrawn reopen draft owner
expired reopen draft owner
"""
LINES = [line.split() for line in TABLE.split("\n") if line]
EDGES = {(a, b): (c, frozenset(by.split("|"))) for a, b, c, by in LINES}
ACTIONS = sorted({action for _, action in EDGES} | {"explode"})
TELLER = Teller("http://127.0.0.1:8080")
WALKED: set[tuple[str, str]] = set()
PEOPLE = {
    "owner": (Actor("olga", "Olga"), {"owner"}),
    "colleague": (Actor("colin", "Colin", platform="p1"), set()),
    "stranger": (Actor("sam", "Sam"), set()),
    "steward": (Actor("stella", "Stella", steward=True), {"steward"}),
    "steward-owner": (Actor("olga", "Olga", steward=True), {"owner", "steward"}),
    "system": (WORKER, {"system"}),
}


def test_the_table_in_the_code_is_the_agreed_one() -> None:
    assert {(t.origin, t.action): (t.state, t.by) for t in states.TRANSITIONS} == EDGES


def test_the_readme_draws_the_agreed_table() -> None:
    readme = Path(__file__).parents[2] / "services/publisher/README.md"
    drawn = {
        (line[1], action.strip()): line[2]
        for line in re.finditer(r"^ +(\w+) --> (\w+): (.+)$", readme.read_text(), re.MULTILINE)
        for action in line[3].split(",")
    }
    assert drawn == {key: state for key, (state, _) in EDGES.items()}


def test_every_state_can_be_reached_and_left() -> None:
    reached = {"draft"}
    while more := {to for (at, _), (to, _) in EDGES.items() if at in reached} - reached:
        reached |= more
    assert reached == set(states.STATES)
    assert {at for at, _ in EDGES} | {"published", "deleted"} == reached


class Life(RuleBasedStateMachine):
    """``database`` and ``runner`` are set by the test that runs it."""

    database: str
    runner: asyncio.Runner

    @initialize(good=st.booleans())
    def create(self, good: bool) -> None:
        self.db = Database(self.database, pool_size=2)
        self.key = f"t{uuid4().hex}"
        self.serial = 0
        self.state, self.submitted, self.recorded = "draft", False, False
        self.sent_back: str | None = None
        self.version = self.base = self.confirmed = 0
        self.steps = 1
        self.good = good
        self.id: UUID = self.go(self._create())

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.go(self.db.close())

    def go(self, work: Any) -> Any:
        return self.runner.run(work)

    # What people ask for

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        action=st.sampled_from(ACTIONS),
        comment=st.sampled_from(["", "   ", "why"]),
        reviewed=st.sampled_from(["current", "older", ""]),
    )
    def ask(self, who: str, action: str, comment: str, reviewed: str) -> None:
        actor, parts = PEOPLE[who]
        revision = {"current": self.digest, "older": "1220" + "0" * 64, "": ""}[reviewed]
        refused = self._refused(action, parts, comment, revision)
        got = self.go(self._act(actor, Asked(action, comment, revision)))
        assert got is refused, (self.state, who, action, comment, reviewed)
        if refused is None:
            self._went(action)

    @precondition(lambda self: self._likely())
    @rule(data=st.data())
    def ask_for_something_possible(self, data: st.DataObject) -> None:
        """Chance alone would seldom get far."""
        action, who = data.draw(st.sampled_from(self._likely()))
        self.ask(who, action, "why", "current")

    @rule()
    def carry_on(self) -> None:
        """The straight way to published, and from the start again."""
        review = "approve" if self.base == self.version else "recheck"
        step = {"draft": ("submit", "owner"), "in_review": (review, "steward")}.get(self.state)
        if step and self.sent_back != self.digest:
            self.ask(step[1], step[0], "", "current")
        elif self.state == "checking":
            self.check()
        elif self.state == "approved":
            self.publish()
        elif self.state == "publishing" and self.recorded:
            self.confirm(0)
        elif self.state in ("deleted", "published"):
            self.teardown()
            self.create(True)

    @rule(who=st.sampled_from(sorted(PEOPLE)), good=st.booleans())
    def edit(self, who: str, good: bool) -> None:
        actor, parts = PEOPLE[who]
        allowed = "owner" in parts and self.state in ("draft", "changes_requested")
        expected = None if allowed else Forbidden if "owner" not in parts else Conflict
        if allowed:
            self.good = good
        assert self.go(self._edit(actor, good)) is expected

    # What the worker and the neighbours do

    @precondition(lambda self: self.state == "checking")
    @rule()
    def check(self) -> None:
        self.go(self._work(check.run_once))
        self.base = self.version
        self._step("in_review" if self.good else "changes_requested")

    @precondition(lambda self: self.state == "approved" or self._unrecorded())
    @rule()
    def publish(self) -> None:
        self.go(self._work(lambda db, lease: publish.run_once(db, lease, TELLER)))
        self._published()

    @precondition(lambda self: self.state == "approved" or self._unrecorded())
    @rule()
    def give_up_publishing(self) -> None:
        self.go(self._give_up())
        if self.state == "approved":
            self._step("publishing")
        self._step("publish_failed")

    @precondition(lambda self: self.recorded)
    @rule(behind=st.integers(0, 2))
    def confirm(self, behind: int) -> None:
        told = self.version - behind
        if told < 1:
            return
        self.go(self._confirm(told))
        self.confirmed = max(self.confirmed, told)
        self._completed()

    @rule()
    def somebody_else_publishes_the_same_entity(self) -> None:
        self.go(self._import())
        self.version += 1

    # What always holds

    @invariant()
    def the_log_tells_the_whole_story(self) -> None:
        if not hasattr(self, "id"):
            return
        seen = self.go(self._view())
        history = seen["history"]
        assert seen["state"] == self.state == history[-1]["to"]
        assert len(history) == self.steps
        assert all(a["to"] == b["from"] for a, b in pairwise(history))
        told = self.go(self._events())
        assert told == [(step["action"], step["to"]) for step in history]

    @invariant()
    def only_what_was_approved_is_public(self) -> None:
        if not hasattr(self, "id"):
            return
        versions = self.go(self._versions())
        assert len(versions) == self.version
        ours = [v for v in versions if v.submission == self.id]
        if not self.recorded:
            assert ours == []
        else:
            assert [v.title for v in ours] == [self.recorded_title]

    # How

    def _likely(self) -> list[tuple[str, str]]:
        return [
            (action, who)
            for (state, action), (_, by) in sorted(EDGES.items())
            for who, (_, parts) in sorted(PEOPLE.items())
            if state == self.state and by & parts
        ]

    def _refused(self, action: str, parts: set[str], comment: str, revision: str) -> Any:
        if action == "publish" and self.state in ("publishing", "published") and "steward" in parts:
            return None
        if action == "explode":
            return NotFound
        edge = EDGES.get((self.state, action))
        allowed = [edge[1]] if edge else [by for (_, a), (_, by) in EDGES.items() if a == action]
        if not any(by & parts for by in allowed):
            return Forbidden
        return Conflict if edge is None else self._guarded(action, parts, comment, revision)

    def _guarded(self, action: str, parts: set[str], comment: str, revision: str) -> Any:
        if action == "submit" and self.sent_back == self.digest:
            return Conflict
        if action == "delete" and self.submitted:
            return Conflict
        if action == "abort" and self.recorded:
            return Conflict
        if action in ("reject", "request_changes") and not comment.strip():
            return BadRequest
        if action == "approve":
            if "owner" in parts:
                return Forbidden
            overtaken = revision != self.digest or self.base != self.version
            return BadRequest if not revision else Conflict if overtaken else None
        return None

    def _went(self, action: str) -> None:
        if action == "publish":
            if self.state == "approved":
                self._published()
            return
        state = EDGES[self.state, action][0]
        self.sent_back = self.digest if action == "request_changes" else None
        self.submitted = self.submitted or action == "submit"
        self._step(state)
        if action == "retry":
            self._completed()

    def _step(self, state: str) -> None:
        WALKED.add((self.state, state))
        if self.state == "checking":
            self.sent_back = None
        self.state = state
        self.steps += 1

    def _published(self) -> None:
        if self.base != self.version:
            return self._step("in_review" if self.state == "approved" else "publish_failed")
        self.version += 1
        if self.state == "approved":
            self._step("publishing")
        self.recorded = True
        self.recorded_version, self.recorded_title = self.version, self.title
        return None

    def _completed(self) -> None:
        """A failure is over when the projections have confirmed after all."""
        if not self.recorded or self.confirmed < self.recorded_version:
            return
        if self.state == "publish_failed":
            self._step("publishing")
        if self.state == "publishing":
            self._step("published")

    def _unrecorded(self) -> bool:
        return self.state == "publishing" and not self.recorded

    def _draft(self, good: bool) -> Draft:
        self.serial += 1
        self.title = f"Title {self.serial}"
        document: dict[str, Any] = {
            "type": "Catalog",
            "id": self.key,
            "stac_version": "1.0.0",
            "title": self.title,
            "description": "d",
            "links": [],
        }
        if not good:
            document["stac_version"] = "0.9"
        entry = Entry.of("theme", documents.read(json.dumps(document)))
        return Draft("t", [entry])

    async def _work(self, run_once: Any) -> None:
        """What earlier lives left behind waits too."""
        while await run_once(self.db, 30):
            pass

    async def _create(self) -> UUID:
        async with self.db.write() as session:
            id = await drafts.create(session, self._draft(self.good), PEOPLE["owner"][0])
            self.digest = (await locked(session, id)).digest
            return id

    async def _act(self, who: Actor, asked: Asked) -> type[Problem] | None:
        by_worker = who.system and asked.action not in ("publish", "retry")
        act = move if by_worker else lambda *given: actions.act(*given, TELLER)
        try:
            async with self.db.write() as session:
                at = await locked(session, self.id)
                await act(session, at, who, asked)
        except Problem as problem:
            return type(problem)
        return None

    async def _give_up(self) -> None:
        async with self.db.write() as session:
            await publish._give_up(session, await locked(session, self.id), RuntimeError("x"))

    async def _edit(self, who: Actor, good: bool) -> type[Problem] | None:
        title = self.title
        draft = self._draft(good)
        try:
            async with self.db.write() as session:
                await drafts.replace(session, await locked(session, self.id), draft, who)
                self.digest = (await locked(session, self.id)).digest
        except Problem as problem:
            self.title = title
            return type(problem)
        return None

    async def _confirm(self, version: int) -> None:
        async with self.db.write() as session:
            await confirm(session, [("theme", self.key, version)])

    async def _import(self) -> None:
        title = self.title
        entry = self._draft(True).members[0]
        self.title = title
        given = Import("elsewhere", [(0, entry)], [])
        done = await imports.run(self.db, given, PEOPLE["steward"][0], TELLER)
        assert done.imported == 1

    async def _view(self) -> Any:
        async with self.db.read() as session:
            assert await submissions.row(session, self.id)
            return await views.view(session, self.id)

    async def _events(self) -> list[tuple[str, str]]:
        query = text(
            "select data from outbox where subject like '%submission.changed%' order by id"
        )
        async with self.db.read() as session:
            rows = [json.loads(data) for data in (await session.execute(query)).scalars()]
        return [(r["action"], r["state"]) for r in rows if r["id"] == str(self.id)]

    async def _versions(self) -> list[Any]:
        query = text("select submission, title from entity_version where id = :id order by version")
        async with self.db.read() as session:
            return list((await session.execute(query, {"id": self.key})).all())


@pytest.fixture
def life(postgres_url: Callable[[str], str]) -> Iterator[type[Life]]:
    name = f"test_{uuid4().hex}"

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(plain_url(postgres_url("postgres")))
        await connection.execute(statement)
        await connection.close()

    with asyncio.Runner() as runner:
        runner.run(execute(f'create database "{name}"'))
        runner.run(migrate.migrate(postgres_url(name), "publisher"))
        yield type("Life", (Life,), {"database": postgres_url(name), "runner": runner})
        runner.run(execute(f'drop database "{name}" with (force)'))


def test_the_real_store_follows_the_table(life: type[Life]) -> None:
    run_state_machine_as_test(
        life,
        settings=trying(25, stateful_step_count=50, suppress_health_check=list(HealthCheck)),
    )
    missed = {(at, to) for (at, _), (to, _) in EDGES.items()} - WALKED
    assert len(missed) <= 8, "the machine hardly got around"

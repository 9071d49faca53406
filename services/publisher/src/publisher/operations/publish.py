"""Publishing: the members of a submission become visible together, in one transaction.

That is the point of no return. The projections follow by their own retries; the submission is
``published`` when each of them has confirmed the versions of its members.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from earthcode_common.db import Database, WriteSession
from earthcode_common.telemetry import log

from publisher.domain import documents, states
from publisher.domain.references import references
from publisher.operations.moves import Asked, locked, move
from publisher.operations.people import WORKER, Actor
from publisher.operations.record import Candidate, Provenance, Teller, record
from publisher.store import confirmations, ledger, revisions, submissions, work
from publisher.store.ledger import Current, Key, Version
from publisher.store.submissions import Submission

MAX_TRIES = 5


async def publish(session: WriteSession, at: Submission, who: Actor, teller: Teller) -> None:
    """Record the members of an approved submission, or send it back when that went stale."""
    members = await revisions.members(session, at.id, at.revision)
    candidates = await asyncio.to_thread(_candidates, members)
    await ledger.lock(session)
    current = await ledger.current(session, [(m.kind, m.id) for m in members])
    if why := _stale(at, members, current):
        approved = at.state == states.APPROVED
        await move(session, at, who, Asked("approval_stale" if approved else "failed", why))
        return
    if at.state == states.APPROVED:
        await move(session, at, who, Asked("publish"))
    origin = Provenance(at.owner_sub, at.id)
    fresh = await record(session, candidates, current, origin, teller)
    await revisions.set_versions(session, at, _numbers(current, fresh))
    await complete(session, await locked(session, at.id))


def _numbers(current: dict[Key, Current], fresh: Sequence[Version]) -> dict[Key, int]:
    """The version of every member: an unchanged one stays at its current version."""
    numbers = {key: found.version for key, found in current.items()}
    return numbers | {(version.kind, version.id): version.version for version in fresh}


def _candidates(members: Sequence[Any]) -> list[Candidate]:
    return [
        Candidate(
            m.kind,
            m.id,
            m.title,
            m.document,
            m.digest,
            m.attachments,
            [],
            references(m.kind, documents.load(m.document)),
        )
        for m in members
    ]


def _stale(at: Submission, members: Sequence[Any], current: dict[Key, Current]) -> str | None:
    if at.approved != at.digest:
        return "another revision was approved than the current one"
    for member in members:
        now = current.get((member.kind, member.id))
        if (now.version if now else 0) != member.base:
            number = now.version if now else 0
            return (
                f"version {number} of {member.kind} {member.id} was published after this was"
                f" checked against version {member.base}; recheck it"
            )
    return None


async def complete(session: WriteSession, at: Submission) -> None:
    """Published, when every projection has confirmed; that also ends a failure."""
    if not at.recorded or await confirmations.unconfirmed(session, at.id):
        await submissions.touch(session, at.id)
        return
    if at.state == states.PUBLISH_FAILED:
        await move(session, at, WORKER, Asked("retry"))
        at = await locked(session, at.id)
    if at.state == states.PUBLISHING:
        await move(session, at, WORKER, Asked("committed"))


async def carry_on(session: WriteSession, at: Submission, teller: Teller) -> None:
    """After a retry: tell the silent projections at once; what is not recorded, the worker does."""
    if at.recorded:
        await ledger.lock(session)
        await teller.tell(session, await confirmations.tell_now(session, at.id))
        await complete(session, at)


async def run_once(db: Database, lease_seconds: int, teller: Teller) -> bool:
    """Publish one approved submission; False when none waits."""
    async with db.write() as session:
        job = await work.lease(session, work.TO_PUBLISH, lease_seconds)
    if job is None:
        return False
    try:
        async with db.write() as session:
            if await work.holds(session, job):
                await publish(session, await locked(session, job.submission), WORKER, teller)
    except Exception as error:
        log.warning("publishing failed", extra={"submission": str(job.submission)}, exc_info=error)
        await _failed(db, job, error)
    return True


async def _failed(db: Database, job: work.Job, error: Exception) -> None:
    async with db.write() as session:
        if job.tries < MAX_TRIES:
            await work.give_back(session, job, 2.0**job.tries)
        elif await work.holds(session, job):
            await _give_up(session, await locked(session, job.submission), error)


async def _give_up(session: WriteSession, at: Submission, error: Exception) -> None:
    if at.state == states.APPROVED:
        await move(session, at, WORKER, Asked("publish"))
        at = await locked(session, at.id)
    await move(session, at, WORKER, Asked("failed", f"{type(error).__name__}; see the logs"))

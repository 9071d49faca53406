"""Checking a submission: load, process, apply; no transaction is open in between."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from earthcode_common.db import Database
from earthcode_common.telemetry import log

from publisher.domain import documents
from publisher.domain.checks import Finding, Holder, Member, check_bundle, takeovers
from publisher.domain.references import references
from publisher.operations.moves import Asked, locked, move
from publisher.operations.people import WORKER
from publisher.store import ledger, revisions, submissions, work
from publisher.store.ledger import Key
from publisher.store.submissions import Submission

MAX_TRIES = 3


@dataclass(frozen=True)
class Result:
    findings: list[Finding]
    bases: dict[Key, int]
    action: str


async def run_once(db: Database, lease_seconds: int) -> bool:
    """Check one submission; False when none waits."""
    async with db.write() as session:
        job = await work.lease(session, work.TO_CHECK, lease_seconds)
    if job is None:
        return False
    try:
        await _apply(db, job, await _process(db, job))
    except Exception as error:
        log.warning("checking failed", extra={"submission": str(job.submission)}, exc_info=error)
        await _failed(db, job)
    return True


async def check(db: Database, members: Sequence[Member]) -> list[Finding]:
    """The findings on members against the catalogue as it is now."""
    wanted = await asyncio.to_thread(_references, members)
    async with db.read() as session:
        known = await ledger.existing(session, wanted)
    return await asyncio.to_thread(check_bundle, members, lambda k, i: (k, i) in known)


async def _process(db: Database, job: work.Job) -> Result:
    async with db.read() as session:
        rows = await revisions.members(session, job.submission, job.revision)
        current = await ledger.holders(session, [(r.kind, r.id) for r in rows])
        owner = await submissions.row(session, job.submission)
    findings = await check(db, [_member(row) for row in rows])
    if owner:
        findings += _takeovers(rows, current, owner)
    failed = any(finding.severity == "error" for finding in findings)
    bases = {key: found.version for key, found in current.items()}
    return Result(findings, bases, "checks_failed" if failed else "checks_passed")


def _takeovers(rows: Sequence[Any], current: dict[Key, Any], at: Submission) -> list[Finding]:
    """What stays as it is replaces nothing."""
    changed = []
    for row in rows:
        now = current.get((row.kind, row.id))
        if now and (now.digest, now.attachments) != (row.digest, row.attachments):
            changed.append(row)
    holders = {
        key: Holder(now.version, now.owner, now.name, now.platform, now.source)
        for key, now in current.items()
    }
    return takeovers(map(_member, changed), holders, at.owner_sub, at.owner_platform)


def _member(row: Any) -> Member:
    names = frozenset(file["name"] for file in row.attachments)
    return Member(row.kind, row.id, row.document, names)


def _references(members: Sequence[Member]) -> set[Key]:
    found: set[Key] = set()
    for member in members:
        try:
            value = documents.load(member.text)
        except documents.Malformed:
            continue
        found |= {(r.kind, r.id) for r in references(member.kind, value) if r.usable}
    return found


async def _apply(db: Database, job: work.Job, result: Result) -> None:
    async with db.write() as session:
        if not await work.holds(session, job):
            return  # It was withdrawn, or another worker took over.
        findings = [finding.as_dict() for finding in result.findings]
        await work.save_findings(session, job, findings, result.bases)
        await move(session, await locked(session, job.submission), WORKER, Asked(result.action))


async def _failed(db: Database, job: work.Job) -> None:
    """A checker that breaks says nothing about the metadata: after some tries a person looks."""
    async with db.write() as session:
        if job.tries < MAX_TRIES:
            await work.give_back(session, job, 2.0**job.tries)
        elif await work.holds(session, job):
            why = "the checks could not be completed; see the logs"
            at = await locked(session, job.submission)
            await move(session, at, WORKER, Asked("checks_inconclusive", why))

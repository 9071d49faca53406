"""A legacy import: what was published elsewhere enters the ledger at once, with its findings."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from earthcode_common.db import Database

from publisher.bodies import Import
from publisher.domain.checks import Member, check_bundle
from publisher.domain.members import Entry
from publisher.domain.references import references
from publisher.operations.people import Actor
from publisher.operations.record import Candidate, Provenance, Teller, record
from publisher.store import ledger, revisions
from publisher.store.ledger import Key

# What others may publish later is asked again whenever somebody looks (store.entities.dangling).
DANGLING = "reference.exists"


@dataclass(frozen=True)
class Imported:
    imported: int
    unchanged: int
    findings: dict[str, int]


async def run(db: Database, given: Import, who: Actor, teller: Teller) -> Imported:
    """One transaction for all entries that could be read."""
    entries = [entry for _, entry in given.entries]
    wanted = await asyncio.to_thread(_wanted, entries)
    async with db.read() as session:
        known = await ledger.existing(session, wanted)
    candidates, found = await asyncio.to_thread(_candidates, entries, known)
    async with db.write() as session:
        await revisions.keep_attachments(session, [f for entry in entries for f in entry.files])
        await ledger.lock(session)
        current = await ledger.current(session, [(e.kind, e.id) for e in entries])
        origin = Provenance(who.sub, source=given.source)
        fresh = await record(session, candidates, current, origin, teller)
    return Imported(len(fresh), len(entries) - len(fresh), dict(sorted(found.items())))


def _wanted(entries: list[Entry]) -> set[Key]:
    return {
        (r.kind, r.id) for e in entries for r in references(e.kind, e.document.value) if r.usable
    }


def _candidates(entries: list[Entry], known: set[Key]) -> tuple[list[Candidate], Counter[str]]:
    members = [
        Member(e.kind, e.id, e.document.text, frozenset(f.name for f in e.files)) for e in entries
    ]
    findings = check_bundle(members, lambda kind, id: (kind, id) in known)
    kept: dict[Key, list[dict[str, Any]]] = {(e.kind, e.id): [] for e in entries}
    for finding in findings:
        if finding.rule != DANGLING:
            kept[finding.kind, finding.id].append(finding.as_dict())
    candidates = [_candidate(entry, kept[entry.kind, entry.id]) for entry in entries]
    return candidates, Counter(finding.rule for finding in findings)


def _candidate(entry: Entry, findings: list[dict[str, Any]]) -> Candidate:
    return Candidate(
        entry.kind,
        entry.id,
        entry.title,
        entry.document.text,
        entry.digest,
        entry.attachments,
        findings,
        references(entry.kind, entry.document.value),
    )

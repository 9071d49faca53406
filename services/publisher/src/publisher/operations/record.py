"""The ledger's only writer: new versions, their edges and their events together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from earthcode_common import outbox
from earthcode_common.contracts import ENTITY_PUBLISHED, EntityPublished
from earthcode_common.db import WriteSession

from publisher.domain.references import Reference
from publisher.store import ledger
from publisher.store.ledger import Current, Key, Version


@dataclass(frozen=True)
class Candidate:
    """What would become the next version of its entity, if it differs from the current one."""

    kind: str
    id: str
    title: str
    document: str
    digest: str
    attachments: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    references: list[Reference]


@dataclass(frozen=True)
class Provenance:
    owner: str
    submission: UUID | None = None
    source: str | None = None


async def record(
    session: WriteSession,
    candidates: Sequence[Candidate],
    current: dict[Key, Current],
    origin: Provenance,
) -> list[Version]:
    """Append what differs from ``current``, read under the ledger's lock; returns what was new."""
    fresh = [_version(c, current.get((c.kind, c.id))) for c in candidates]
    versions = [version for version in fresh if version]
    if versions:
        await ledger.append(
            session,
            versions,
            owner=origin.owner,
            submission=origin.submission,
            source=origin.source,
        )
        await tell(session, versions, origin)
    return versions


def _version(candidate: Candidate, current: Current | None) -> Version | None:
    same = current and (current.digest, current.attachments) == (
        candidate.digest,
        candidate.attachments,
    )
    if same:
        return None
    number = current.version + 1 if current else 1
    return Version(**vars(candidate), version=number)


async def tell(session: WriteSession, versions: Sequence[Any], origin: Provenance | None) -> None:
    """Say which versions are current; without ``origin`` each row says its own."""
    await outbox.add_all(
        session, [(ENTITY_PUBLISHED, v.kind, v.id, _payload(v, origin or v)) for v in versions]
    )


def _payload(version: Any, origin: Any) -> EntityPublished:
    return EntityPublished(
        kind=version.kind,
        id=version.id,
        version=version.version,
        digest=version.digest,
        title=version.title,
        owner=origin.owner,
        submission=str(origin.submission) if origin.submission else None,
        href=f"/publish/entities/{version.kind}/{quote(version.id)}/versions/{version.version}",
    )

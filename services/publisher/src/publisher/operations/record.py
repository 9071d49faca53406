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


@dataclass(frozen=True)
class Teller:
    """Says in events which versions are current; ``public_url`` is what clients see."""

    public_url: str

    async def tell(self, session: WriteSession, versions: Sequence[Any]) -> None:
        events = [(ENTITY_PUBLISHED, v.kind, v.id, self._payload(v)) for v in versions]
        await outbox.add_all(session, events)

    def _payload(self, version: Any) -> EntityPublished:
        entity = f"{self.public_url.rstrip('/')}/publish/entities/{version.kind}"
        return EntityPublished(
            kind=version.kind,
            id=version.id,
            version=version.version,
            digest=version.digest,
            title=version.title,
            owner=version.owner,
            submission=str(version.submission) if version.submission else None,
            href=f"{entity}/{quote(version.id)}/versions/{version.version}",
        )


async def record(
    session: WriteSession,
    candidates: Sequence[Candidate],
    current: dict[Key, Current],
    origin: Provenance,
    teller: Teller,
) -> list[Version]:
    """Append what differs from ``current``, read under the ledger's lock; returns what was new."""
    found = [_version(c, current.get((c.kind, c.id)), origin) for c in candidates]
    versions = [version for version in found if version]
    if versions:
        await ledger.append(session, versions)
        await teller.tell(session, versions)
    return versions


def _version(candidate: Candidate, current: Current | None, origin: Provenance) -> Version | None:
    content = (candidate.digest, candidate.attachments)
    if current and (current.digest, current.attachments) == content:
        return None
    number = current.version + 1 if current else 1
    return Version(**vars(candidate), **vars(origin), version=number)

"""What the records service does when told of new versions and reproductions; starting anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import httpx2
from earthcode_common import ledger, outbox, rebuilding, telemetry
from earthcode_common.app import Runtime, open_runtime
from earthcode_common.consumer import Event, Reaction
from earthcode_common.contracts import (
    ENTITY_KINDS,
    RECORD_KINDS,
    RECORDS_PROJECTED,
    EntityProjected,
    EntityPublished,
    ReproductionPublished,
    consumer,
)
from earthcode_common.db import WriteSession
from earthcode_common.ledger import Published, Ref
from earthcode_common.ogc import projected
from earthcode_common.ogc.entities import BASE, Key, address
from earthcode_common.problems import Unavailable
from earthcode_common.rebuilding import Tally
from earthcode_common.settings import ServiceSettings

from records_api.domain.records import Entity, entity
from records_api.operations import projection

SERVICE = "records-api"


def project_entities(runtime: Runtime) -> Reaction:
    """Load the documents of new versions and reproductions, and serve what they say."""

    async def load(events: Sequence[Event]) -> dict[Ref, Entity]:
        refs = _refs([e.data for e in events if isinstance(e.data, EntityPublished)])
        base = runtime.settings.publisher_url
        found = await ledger.documents(runtime.http, base, refs)
        loaded = [_entity(runtime, one) for one in found]
        reproduced = [e.data for e in events if isinstance(e.data, ReproductionPublished)]
        loaded += [await _reproduction(runtime, told) for told in reproduced]
        return {Ref(one.key, one.version): one for one in loaded}

    async def apply(
        session: WriteSession, events: Sequence[Event], loaded: dict[Ref, Entity]
    ) -> None:
        published = [e.data for e in events if isinstance(e.data, EntityPublished)]
        told = {
            Ref(_key(event.data), event.data.version)
            for event in events
            if isinstance(event.data, EntityPublished | ReproductionPublished)
        }
        await projection.project(session, [one for ref, one in loaded.items() if ref in told])
        await _confirm(session, runtime, published)

    return Reaction(consumer("records-entities"), load, apply)


def _refs(published: Sequence[EntityPublished]) -> list[Ref]:
    """The newest version of each: a batch may tell of several."""
    newest: dict[Key, int] = {}
    for one in published:
        if one.kind in ENTITY_KINDS:
            newest[_key(one)] = max(one.version, newest.get(_key(one), 0))
    return [Ref(key, version) for key, version in newest.items()]


def _key(told: EntityPublished | ReproductionPublished) -> Key:
    return Key(getattr(told, "kind", "reproduction"), told.id)


def _entity(runtime: Runtime, one: Published) -> Entity:
    base = runtime.settings.public_url.rstrip("/")
    return entity(one.key, one.version, one.digest, one.document, base)


async def _reproduction(runtime: Runtime, told: ReproductionPublished) -> Entity:
    settings = runtime.settings
    document = await ledger.reproduction(runtime.http, settings.reproducer_url, told.id)
    made = entity(_key(told), told.version, "", document, settings.public_url.rstrip("/"))
    named = {Key("experiment", told.experiment)} | {Key("product", id) for id in told.products}
    return replace(made, references=made.references | named)


async def _confirm(
    session: WriteSession, runtime: Runtime, published: Sequence[EntityPublished]
) -> None:
    """Also when it was older than what is served: the submission waits for exactly this version."""
    base = runtime.settings.public_url.rstrip("/")
    events = []
    for one in published:
        if one.kind in RECORD_KINDS:
            href = address(_key(one)).replace(BASE, base)
            data = EntityProjected(
                kind=one.kind, id=one.id, version=one.version, submission=one.submission, href=href
            )
            events.append((RECORDS_PROJECTED, one.kind, one.id, data))
    await outbox.add_all(session, events)


async def rebuild(settings: ServiceSettings) -> None:
    """Build the projection anew from the ledger and the reproducer, while it goes on serving."""
    async with open_runtime(settings, SERVICE) as runtime:
        async with runtime.db.read() as session:
            started = await projected.now(session)
        tally = Tally()
        await _project_ledger(runtime, started, tally)
        rebuilt = [*ENTITY_KINDS]
        if await _project_reproductions(runtime, started, tally):
            rebuilt.append("reproduction")
        async with runtime.db.write() as session:
            gone = await projected.projected_before(session, started, rebuilt)
            await projection.remove(session, [key for key in gone if key not in tally.skipped])
    print(tally)


async def _project_ledger(runtime: Runtime, started: datetime, tally: Tally) -> None:
    base = runtime.settings.publisher_url
    async for refs in ledger.current(runtime.http, base):
        known = [ref for ref in refs if ref.key.kind in ENTITY_KINDS]
        found = await ledger.documents(runtime.http, base, known)
        await _project(runtime, found, started, tally)


async def _project(
    runtime: Runtime, found: Sequence[Published], started: datetime, tally: Tally
) -> None:
    async def put(entities: Sequence[Entity]) -> None:
        async with runtime.db.write() as session:
            await projection.project(session, entities, over_before=started)

    await rebuilding.project(found, lambda one: _entity(runtime, one), put, tally)


async def _project_reproductions(runtime: Runtime, started: datetime, tally: Tally) -> bool:
    """False when the reproducer is away: what is known of its records then stays."""
    base = runtime.settings.reproducer_url
    try:
        async for key, version in ledger.reproductions(runtime.http, base):
            text = await ledger.reproduction(runtime.http, base, key.id)
            one = Published(key, version, "", "", text)
            await _project(runtime, [one], started, tally)
    except (LookupError, Unavailable, httpx2.TransportError) as error:
        telemetry.log.warning("reproductions stay as they were", extra={"error": repr(error)})
        return False
    return True

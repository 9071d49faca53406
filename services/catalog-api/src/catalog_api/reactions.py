"""What the catalogue does when told of new versions and reproductions, and how it starts anew."""

from collections.abc import Sequence
from datetime import datetime

import httpx2
from earthcode_common import ledger, outbox, rebuilding, telemetry
from earthcode_common.app import Runtime, open_runtime
from earthcode_common.consumer import Event, Reaction
from earthcode_common.contracts import (
    CATALOG_KINDS,
    CATALOG_PROJECTED,
    ENTITY_KINDS,
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

from catalog_api.domain.entities import Entity, entity
from catalog_api.domain.links import Place
from catalog_api.operations import projection

Loaded = dict[Ref, Entity]


def project_entities(runtime: Runtime) -> Reaction:
    """Load the documents of new versions from the publisher and serve them."""

    async def load(events: Sequence[Event]) -> Loaded:
        published = [e.data for e in events if isinstance(e.data, EntityPublished)]
        refs = _refs([data for data in published if data.kind in ENTITY_KINDS])
        base = runtime.settings.publisher_url
        found = await ledger.documents(runtime.http, base, refs)
        return {one.ref: _entity(runtime, one) for one in found}

    async def apply(session: WriteSession, events: Sequence[Event], loaded: Loaded) -> None:
        told = [e.data for e in events if isinstance(e.data, EntityPublished)]
        wanted = {ref for data in told for ref in _refs([data])}
        reproduced = [e.data for e in events if isinstance(e.data, ReproductionPublished)]
        entities = [one for ref, one in loaded.items() if ref in wanted]
        await projection.project(session, entities + [_reproduction(one) for one in reproduced])
        await _confirm(session, runtime, told)

    return Reaction(consumer("catalog-entities"), load, apply)


def _refs(published: Sequence[EntityPublished]) -> list[Ref]:
    """The newest version of each: a batch may tell of several."""
    newest: dict[Key, int] = {}
    for one in published:
        key = Key(one.kind, one.id)
        newest[key] = max(one.version, newest.get(key, 0))
    return [Ref(key, version) for key, version in newest.items()]


def _entity(runtime: Runtime, one: Published) -> Entity:
    place = Place(one.key, runtime.settings.public_url.rstrip("/"))
    return entity(place, one.version, one.digest, one.owner, one.document)


def _reproduction(one: ReproductionPublished) -> Entity:
    """A reproduction is not served here: its products link to it."""
    references = frozenset(Key("product", id) for id in one.products)
    return Entity(
        Key("reproduction", one.id), one.version, "", "", one.title, None, "[]", references
    )


async def _confirm(
    session: WriteSession, runtime: Runtime, published: Sequence[EntityPublished]
) -> None:
    base = runtime.settings.public_url.rstrip("/")
    events = []
    for one in published:
        if one.kind in CATALOG_KINDS:
            href = address(Key(one.kind, one.id)).replace(BASE, base)
            data = EntityProjected(
                kind=one.kind, id=one.id, version=one.version, submission=one.submission, href=href
            )
            events.append((CATALOG_PROJECTED, one.kind, one.id, data))
    await outbox.add_all(session, events)


async def rebuild(settings: ServiceSettings) -> None:
    """Build the projection anew from the ledger and the reproducer, while it goes on serving."""
    async with open_runtime(settings, "catalog-api") as runtime:
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
        wanted = [ref for ref in refs if ref.key.kind in ENTITY_KINDS]
        found = await ledger.documents(runtime.http, base, wanted)
        await _project(runtime, found, started, tally)


async def _project(
    runtime: Runtime, found: Sequence[Published], started: datetime, tally: Tally
) -> None:
    async def put(entities: Sequence[Entity]) -> None:
        async with runtime.db.write() as session:
            await projection.project(session, entities, over_before=started)

    await rebuilding.project(found, lambda one: _entity(runtime, one), put, tally)


async def _project_reproductions(runtime: Runtime, started: datetime, tally: Tally) -> bool:
    """False when the reproducer is away: the links to what is known of it then stay."""
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

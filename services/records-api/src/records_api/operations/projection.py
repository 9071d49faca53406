"""Projecting entities: records with all their links and derived members, in one transaction."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from earthcode_common.db import WriteSession
from earthcode_common.ogc import projected
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.query import Document

from records_api import store
from records_api.domain import derive, facets, kinds
from records_api.domain import records as decide
from records_api.domain.derive import Surroundings
from records_api.domain.links import Neighbour
from records_api.domain.records import Entity
from records_api.store import terms


async def project(
    session: WriteSession, entities: Sequence[Entity], *, over_before: datetime | None = None
) -> None:
    """Make these the current versions, with all links from and to them.

    Older versions than the projected ones change nothing, save where those were projected before
    ``over_before`` (a rebuild).
    """
    await store.lock_projection(session)
    fresh = await projected.newer(session, entities, over_before)
    if not fresh:
        return
    keys = [one.key for one in fresh]
    touched = await _around(session, keys)
    if over_before:
        await store.remove(session, keys)
    await store.save(session, fresh)
    await _serve(session, touched | await _around(session, keys) | set(keys))


async def _around(session: WriteSession, keys: Collection[Key]) -> set[Key]:
    """Records whose links, geometry or time may change with ``keys``."""
    twins = {Key("project", key.id) for key in keys if key.kind == "product"}
    here = await store.surroundings(session, [*keys, *twins])
    return {key for key in here.edges if key.kind in kinds.SERVED}


async def _serve(session: WriteSession, keys: Collection[Key]) -> None:
    """Write records anew; one that comes out the same is left alone.

    They are dated under the lock, so that later changes have later dates.
    """
    here = await store.surroundings(session, keys)
    known = await store.titles(session, here.edges)
    served = await store.etags(session, keys)
    moment = await store.clock(session)
    documents = []
    for one in await store.bodies(session, keys):
        around = _neighbours(one.key, here, known)
        made = decide.rendered(one.key, one.body, one.links, around, here)
        etag = hashlib.sha256(made.doc.encode()).hexdigest()[:32]
        if served.get(one.key) != (one.version, etag):
            project = _project(one.key, here, known)
            documents.append(
                decide.searchable(one.key, one.version, one.body, made, etag, moment, project)
            )
    await store.records.put(session, documents)
    await terms.file_terms(session, [_filed(one, moment) for one in documents])


def _filed(one: Document, now: datetime) -> tuple[Key, set[tuple[str, str]]]:
    timed = one.start is not None or one.end is not None
    interval = Interval(one.start, one.end) if timed else None
    return Key(one.part, one.id), facets.terms(one.props, interval, now)


def _neighbours(key: Key, here: Surroundings, known: dict[Key, Neighbour]) -> Iterable[Neighbour]:
    """What a record is linked with; its project also when only its workflow names it."""
    linked = here.edges.get(key, set()) | set(derive.projects(key, here))
    return [known[one] for one in linked if one in known]


def _project(key: Key, here: Surroundings, known: dict[Key, Neighbour]) -> str | None:
    """That which the record has a link to, so that it changes with the record."""
    return next((one.id for one in derive.projects(key, here) if one in known), None)


async def remove(session: WriteSession, keys: Collection[Key]) -> None:
    """Forget entities that the ledger does not hold; those they were linked with lose the links."""
    await store.lock_projection(session)
    touched = await _around(session, keys)
    await store.remove(session, keys)
    await _serve(session, touched - set(keys))

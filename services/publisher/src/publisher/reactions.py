"""What the publisher does when told."""

from collections.abc import Sequence

from earthcode_common.app import Runtime
from earthcode_common.consumer import Event, Reaction
from earthcode_common.contracts import (
    CATALOG_PROJECTED,
    RECORDS_PROJECTED,
    EntityProjected,
    consumer,
    projection_of,
)
from earthcode_common.db import WriteSession

from publisher.operations.confirm import confirm
from publisher.store.confirmations import Confirmed

_PROJECTION = {CATALOG_PROJECTED.type: "catalog", RECORDS_PROJECTED.type: "records"}


def confirmations(runtime: Runtime) -> Reaction:
    return Reaction(consumer("publisher-confirmations"), _nothing, _apply)


async def _nothing(events: Sequence[Event]) -> None:
    return None


async def _apply(session: WriteSession, events: Sequence[Event], loaded: None) -> None:
    confirmed = [found for event in events if (found := _confirmed(event))]
    if confirmed:
        await confirm(session, confirmed)


def _confirmed(event: Event) -> Confirmed | None:
    """Only the projection that serves a kind can confirm it."""
    data = event.data
    assert isinstance(data, EntityProjected)
    if projection_of(data.kind) != _PROJECTION.get(event.type):
        return None
    return data.kind, data.id, data.version

"""What projections confirm, and what is done about those that stay silent."""

from collections.abc import Sequence

from earthcode_common.db import Database, WriteSession

from publisher.operations import publish
from publisher.operations.moves import Asked, locked, move
from publisher.operations.people import WORKER
from publisher.operations.record import Teller
from publisher.store import confirmations, ledger
from publisher.store.confirmations import Confirmed

RETELL_BATCH = 500


async def confirm(session: WriteSession, confirmed: Sequence[Confirmed]) -> None:
    # Submissions before entities, as in publishing: two workers never wait for each other.
    waiting = await confirmations.lock_waiting(session, confirmed)
    await ledger.lock(session)
    await confirmations.confirm(session, confirmed)
    for id in waiting:
        await publish.complete(session, await locked(session, id))


async def sweep(
    db: Database, teller: Teller, *, retell: float, fail_hours: float, expire_days: int
) -> None:
    async with db.write() as session:
        await ledger.lock(session)
        late = await confirmations.to_tell_again(session, retell, RETELL_BATCH)
        await teller.tell(session, late)
    async with db.write() as session:
        for id in await confirmations.overdue(session, fail_hours):
            why = f"a projection has not confirmed for {fail_hours:g} hours"
            await move(session, await locked(session, id), WORKER, Asked("failed", why))
    async with db.write() as session:
        for id in await confirmations.idle(session, expire_days):
            why = f"nothing happened for {expire_days} days"
            await move(session, await locked(session, id), WORKER, Asked("expire", why))

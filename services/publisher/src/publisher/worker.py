"""The publisher's background loops."""

import asyncio

from earthcode_common.app import Runtime
from earthcode_common.worker import listening, prune_daily, react, relay, wait

from publisher.operations import check, confirm, publish
from publisher.operations.record import Teller
from publisher.reactions import confirmations
from publisher.settings import PublisherSettings
from publisher.store.confirmations import forget_attachments
from publisher.store.submissions import CHANNEL

NAME = "publisher"
POLL_SECONDS = 2.0


async def review(runtime: Runtime) -> None:
    """Check what was submitted and publish what was approved, as soon as it is."""
    lease, teller = _settings(runtime).lease_seconds, Teller(runtime.settings.public_url)
    async with listening(runtime, CHANNEL) as wake:
        while True:
            busy = await check.run_once(runtime.db, lease)
            busy |= await publish.run_once(runtime.db, lease, teller)
            if not busy:
                await wait(wake, POLL_SECONDS)


async def sweep(runtime: Runtime) -> None:
    settings = _settings(runtime)
    while True:
        await confirm.sweep(
            runtime.db,
            Teller(settings.public_url),
            retell=settings.retell_seconds,
            fail_hours=settings.confirm_within_hours,
            expire_days=settings.expire_after_days,
        )
        await asyncio.sleep(settings.sweep_seconds)


async def tidy(runtime: Runtime) -> None:
    while True:
        async with runtime.db.write() as session:
            await forget_attachments(session)
        await asyncio.sleep(24 * 3600)


def _settings(runtime: Runtime) -> PublisherSettings:
    assert isinstance(runtime.settings, PublisherSettings)
    return runtime.settings


LOOPS = (relay(NAME), react(NAME, confirmations), review, sweep, tidy, prune_daily)

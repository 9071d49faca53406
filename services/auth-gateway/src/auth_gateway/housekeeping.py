"""What the gateway does beside answering: sessions in use stay alive, ended ones go away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from earthcode_common import telemetry
from earthcode_common.db import Database
from sqlalchemy.exc import SQLAlchemyError

from auth_gateway import store

EVERY_SECONDS = 15.0


@asynccontextmanager
async def housekeeping(db: Database, touched: set[bytes], idle: int) -> AsyncIterator[None]:
    task = asyncio.create_task(_keep_house(db, touched, idle))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_house(db: Database, touched: set[bytes], idle: int) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await tidy(db, touched, idle)
        except (SQLAlchemyError, OSError) as error:
            telemetry.log.warning("housekeeping waits", extra={"error": str(error)[:300]})


async def tidy(db: Database, touched: set[bytes], idle: int) -> None:
    used = list(touched)
    async with db.write() as session:
        await store.touch_sessions(session, used)
        await store.prune(session, idle)
    touched.difference_update(used)

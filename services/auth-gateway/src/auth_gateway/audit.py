"""The audit trail: rows are collected in memory and written in batches, so no request waits."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from earthcode_common import telemetry
from earthcode_common.db import Database
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from auth_gateway import store
from auth_gateway.domain.addresses import Networks, client_address
from auth_gateway.domain.callers import Caller

EVERY_SECONDS = 0.2
BATCH = 500
MOST_WAITING = 20_000
LOST = Counter("earthcode_audit_lost_total", "Audit rows given up because none could be written")


class Audit:
    """Rows wait while the database is away, up to a bound; what does not fit is logged instead."""

    def __init__(self, db: Database, trusted: Networks = ()) -> None:
        self.db = db
        self.trusted = trusted
        self._waiting: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._writing = asyncio.Lock()

    def add(self, event: str, caller: Caller, scope: Scope, **facts: Any) -> None:
        """``facts``: rule, decision and status."""
        peer = (scope.get("client") or ("",))[0]
        row = {
            "ts": datetime.now(UTC),
            "request": telemetry.request_id(scope) or "",
            "event": event,
            "sub": caller.sub,
            "client": caller.client,
            "address": client_address(peer, scope["headers"], self.trusted),
            "method": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
        }
        row = {name: _short(value) for name, value in (row | facts).items()}
        if len(self._waiting) >= MOST_WAITING:
            LOST.inc()
            telemetry.log.error("audit row not stored", extra={"audit": row})
            return
        self._waiting.append(row)
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Audit"]:
        task = asyncio.create_task(self._write_for_ever())
        try:
            yield self
        finally:
            # Not cancelled: a cancelled commit may have happened, and its rows would come twice.
            self._closing = True
            self._wake.set()
            await task

    async def flush(self) -> bool:
        """Write what waits; False when the database does not take it now."""
        async with self._writing:
            return await self._flush()

    async def _flush(self) -> bool:
        while self._waiting:
            rows = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                async with self.db.write() as session:
                    await store.add_audit(session, rows)
            except (SQLAlchemyError, OSError) as error:
                self._waiting.extendleft(reversed(rows))
                telemetry.log.warning("audit waits", extra={"error": str(error)[:300]})
                return False
        return True

    async def _write_for_ever(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            if not await self.flush() and not self._closing:
                self._wake.set()
                await asyncio.sleep(1)
            await asyncio.sleep(EVERY_SECONDS)
        await self.flush()


def _short(value: Any) -> Any:
    """Text from strangers: bounded, and without the NUL that PostgreSQL refuses."""
    return value.replace("\0", "")[:500] if isinstance(value, str) else value

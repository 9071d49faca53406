"""What a step works with."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

from earthcode_common.app import Runtime
from earthcode_common.http import Outbound
from sqlalchemy import Row

from reproducer.clients.documents import Documents
from reproducer.clients.server import Server
from reproducer.domain.decision import Limits, Situation
from reproducer.registry import read_platforms
from reproducer.settings import ReproducerSettings


@dataclass(frozen=True)
class Work:
    runtime: Runtime
    settings: ReproducerSettings
    documents: Documents
    platforms: Outbound
    credentials: Mapping[str, Mapping[str, str]] = field(repr=False)

    @property
    def limits(self) -> Limits:
        given = self.settings
        return Limits(
            given.reconcile_seconds,
            given.patience_seconds,
            given.run_seconds,
            given.longest_poll_seconds,
        )

    def server(self, platform: Any) -> Server:
        """``platform``: its row."""
        return Server(
            http=self.platforms,
            url=platform.url.rstrip("/"),
            headers=self.credentials.get(platform.id, {}),
            max_output=self.settings.max_output_bytes,
            post_seconds=self.settings.submit_seconds,
        )


@dataclass(frozen=True)
class Taken:
    """A run under our lease, with its platform; times are the database's."""

    row: Row[Any]
    platform: Row[Any]
    limits: Limits
    taken_at: float = field(default_factory=time.monotonic)

    @property
    def situation(self) -> Situation:
        row = self.row
        return Situation(
            state=row.state,
            now=row.clock + timedelta(seconds=time.monotonic() - self.taken_at),
            created=row.created,
            posted=row.posted,
            marked=row.marked,
            tries=row.tries,
            trouble_since=row.trouble_since,
            cancel_asked=row.cancel_asked is not None,
            settles_seconds=self.platform.settles_seconds,
            limits=self.limits,
        )

    def posting(self, marked: bool) -> Situation:
        """The situation after the intent was written."""
        now = self.situation
        return replace(now, state="submitting", posted=now.now, marked=marked)


@asynccontextmanager
async def open_work(runtime: Runtime) -> AsyncIterator[Work]:
    settings = cast(ReproducerSettings, runtime.settings)
    entries = read_platforms(settings)
    # Platforms are the operator's word; the addresses in documents are not, and go another way.
    outbound = Outbound(
        allow_private=settings.allow_private_networks,
        trusted=[entry.url for entry in entries],
        timeout=30,
    )
    credentials = {entry.id: entry.auth.headers() for entry in entries if entry.auth}
    try:
        yield Work(runtime, settings, Documents(runtime.http, settings), outbound, credentials)
    finally:
        await outbound.close()

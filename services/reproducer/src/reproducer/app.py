from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from earthcode_common.app import Runtime
from earthcode_common.app import create_app as create
from fastapi import FastAPI

from reproducer.announcements import Announcements, listening
from reproducer.registry import PlatformEntry, read_platforms
from reproducer.routes import events, outputs, plans, platforms, reproductions, runs
from reproducer.settings import ReproducerSettings
from reproducer.store.platforms import replace_platforms

DESCRIPTION = """Experiments of the catalogue, run again on the platforms of the federation, and
what they give compared with what is published."""


def create_app(settings: ReproducerSettings) -> FastAPI:
    return create(
        name="reproducer",
        package="reproducer",
        prefix="/reproduce",
        title="EarthCODE reproducer",
        description=DESCRIPTION,
        settings=settings,
        routers=[
            platforms.router,
            plans.router,
            events.router,
            outputs.router,
            runs.router,
            reproductions.router,
        ],
        lifespan=_running,
    )


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    assert isinstance(runtime.settings, ReproducerSettings)
    await register_platforms(runtime, read_platforms(runtime.settings))
    app.state.announcements = Announcements()
    async with listening(app.state.announcements, runtime.settings.database_url):
        yield


async def register_platforms(runtime: Runtime, entries: list[PlatformEntry]) -> None:
    """What the file says is what is offered, from this start on."""
    rows: list[dict[str, Any]] = [entry.model_dump(exclude={"auth"}) for entry in entries]
    async with runtime.db.write() as session:
        await replace_platforms(session, rows)

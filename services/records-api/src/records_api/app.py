"""The records service's app: the frame of every service, and the routes of OGC API - Records."""

from earthcode_common import app
from earthcode_common.settings import ServiceSettings
from fastapi import FastAPI

from records_api.domain.catalog import DESCRIPTION, TITLE
from records_api.routes import collections, items, landing

PREFIX = "/records"


def create_app(settings: ServiceSettings) -> FastAPI:
    frame = app.create_app(
        name="records-api",
        package="records_api",
        prefix=PREFIX,
        title=TITLE,
        description=DESCRIPTION,
        settings=settings,
    )
    _drop_generated_openapi(frame)
    for router in (landing.router, collections.router, items.router):
        frame.include_router(router, prefix=PREFIX)
    return frame


def _drop_generated_openapi(frame: FastAPI) -> None:
    """OGC API asks for OpenAPI 3.0, which FastAPI does not write any more: ``openapi.py`` does."""
    routes = frame.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != frame.openapi_url]

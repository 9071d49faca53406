"""The records service's app: the frame of every service, and the routes of OGC API - Records."""

from collections import OrderedDict

from earthcode_common import app, methods
from earthcode_common.compression import Compression
from earthcode_common.html.people import ForPeople
from earthcode_common.settings import ServiceSettings
from fastapi import FastAPI

from records_api.domain.catalog import DESCRIPTION, TITLE
from records_api.routes import (
    collections,
    facets,
    html,
    items,
    landing,
    oai,
    profiles,
    properties,
    sitemap,
)

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
    frame.state.filed, frame.state.tallies = {}, OrderedDict()
    for one in (landing, collections, properties, profiles, facets, items, oai, sitemap):
        frame.include_router(one.router, prefix=PREFIX)
    methods.install(frame)
    frame.add_middleware(
        ForPeople, site=html.SITE, templates=html.templates, public_url=settings.public_url
    )
    frame.add_middleware(Compression)
    return frame


def _drop_generated_openapi(frame: FastAPI) -> None:
    """OGC API asks for OpenAPI 3.0, which FastAPI does not write any more: ``openapi.py`` does."""
    routes = frame.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != frame.openapi_url]

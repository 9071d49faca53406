"""The catalogue's app: the frame of every service, stac-fastapi's routes, and our own."""

import attr
from earthcode_common import __version__, app, problems
from earthcode_common.compression import Compression
from earthcode_common.html.people import ForPeople
from fastapi import APIRouter, Depends, FastAPI
from stac_fastapi.api.app import StacApi
from stac_fastapi.api.routes import create_async_endpoint
from stac_fastapi.types.config import ApiSettings

from catalog_api.domain.links import ROOT_TITLE
from catalog_api.routes import (
    access,
    aggregation,
    browse,
    bulk,
    catalogs,
    html,
    items,
    landing,
    models,
    openapi,
    parameters,
    queryables,
    quick,
    sortables,
    within,
)
from catalog_api.routes.core import Core
from catalog_api.settings import CatalogSettings

PREFIX = "/stac"


def create_app(settings: CatalogSettings) -> FastAPI:
    strict = [Depends(parameters.only_known), Depends(access.reading)]
    frame = app.create_app(
        name="catalog-api",
        package="catalog_api",
        prefix=PREFIX,
        title=ROOT_TITLE,
        description=landing.DESCRIPTION,
        settings=settings,
        body_limits={bulk.PATH: settings.max_bulk_bytes},
    )
    for router in (
        access.router,
        items.router,
        bulk.router,
        catalogs.router,
        within.router,
        browse.router,
        queryables.router,
        sortables.router,
        aggregation.router,
    ):
        frame.include_router(router, prefix=PREFIX, dependencies=strict)
    strict.append(Depends(parameters.only_json))
    _add_stac(frame, APIRouter(prefix=PREFIX, dependencies=strict, tags=["STAC"]))
    frame.router.routes[:0] = quick.routes(f"{PREFIX}/search")
    openapi.install(frame, if_match=settings.require_if_match)
    frame.add_middleware(
        ForPeople, site=html.SITE, templates=html.templates, public_url=settings.public_url
    )
    frame.add_middleware(Compression)
    return frame


def _add_stac(frame: FastAPI, router: APIRouter) -> None:
    Routes(
        app=frame,
        router=router,
        settings=_settings(),
        client=Core(),
        search_get_request_model=models.SearchGet,
        search_post_request_model=models.SearchPost,
        collections_get_request_model=models.CollectionsGet,
        collection_get_request_model=models.OneCollection,
        items_get_request_model=models.ItemsGet,
        item_get_request_model=models.OneItem,
        stac_version=landing.STAC_VERSION,
        exceptions={},
        middlewares=[],
    )
    problems.install(frame)  # again: stac-fastapi puts its own handler of invalid requests


def _settings() -> ApiSettings:
    return ApiSettings(
        _env_file=None,  # type: ignore[call-arg]
        stac_fastapi_title=ROOT_TITLE,
        stac_fastapi_description=landing.DESCRIPTION,
        stac_fastapi_version=__version__,
        stac_fastapi_landing_id="earthcode",
        openapi_url=f"{PREFIX}/api",
    )


@attr.s
class Routes(StacApi):
    """StacApi with the landing page at the prefix itself, and without its own health routes."""

    def register_landing_page(self) -> None:
        endpoint = create_async_endpoint(self.client.landing_page, models.NoParameters)
        self.router.add_api_route("", endpoint, methods=["GET"], name="Landing page")
        self.router.add_api_route("/", endpoint, methods=["GET"], include_in_schema=False)

    def add_health_check(self) -> None:
        """The probes of the frame are at the root."""

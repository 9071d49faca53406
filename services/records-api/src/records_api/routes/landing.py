"""The landing page, the conformance classes and the OpenAPI document."""

from earthcode_common.ogc.links import JSON, OPENAPI
from fastapi import APIRouter, Request, Response

from records_api.domain import catalog
from records_api.routes import openapi, pages
from records_api.routes.parameters import known

router = APIRouter()
GET = ["GET", "HEAD"]


@router.api_route("", methods=GET)
@router.api_route("/", methods=GET)
async def landing_page(request: Request) -> Response:
    known(request)
    return pages.made(request, catalog.landing_page())


@router.api_route("/conformance", methods=GET)
async def conformance(request: Request) -> Response:
    known(request)
    return pages.made(request, {"conformsTo": catalog.CONFORMS_TO})


@router.api_route("/api", methods=GET)
async def api(request: Request) -> Response:
    known(request)
    return pages.made(request, openapi.document(pages.public_url(request)), OPENAPI, JSON)

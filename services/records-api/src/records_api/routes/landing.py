"""The landing page, the conformance classes and the OpenAPI document."""

from fastapi import APIRouter, Request, Response

from records_api.domain import catalog
from records_api.domain.conformance import CONFORMS_TO
from records_api.routes import formats, openapi, pages
from records_api.routes.parameters import known

router = APIRouter()


@router.get("")
@router.get("/")
async def landing_page(request: Request) -> Response:
    known(request)
    return pages.made(request, catalog.landing_page(), formats.LANDING)


@router.get("/conformance")
async def conformance(request: Request) -> Response:
    known(request)
    return pages.made(request, {"conformsTo": CONFORMS_TO})


@router.get("/api")
async def api(request: Request) -> Response:
    known(request)
    return pages.made(request, openapi.document(pages.public_url(request)), formats.API)

"""The front page and a simple search, for people and for programs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from auth_gateway import pages
from auth_gateway.clients import services
from auth_gateway.domain.doors import DOORS
from auth_gateway.state import Gateway

router = APIRouter(tags=["home"])
VARY = {"Vary": "Accept"}
UNCRAWLED = ("/auth/", "/publish/", "/reproduce/", "/search")  # what nobody looks for elsewhere


@router.get("/", summary="What runs here")
async def home(request: Request) -> Response:
    gateway: Gateway = request.app.state.gateway
    counts = await gateway.counts.now(gateway)
    if pages.is_for_a_person(request.scope):
        return pages.page(request.scope, "home.html", doors=DOORS, counts=counts, query="")
    headers = VARY | {"Cache-Control": "no-cache"}
    return JSONResponse(_document(gateway, counts), headers=headers)


def _document(gateway: Gateway, counts: dict[str, int | None]) -> dict[str, Any]:
    public = gateway.settings.public_url.rstrip("/")
    links = [
        _link("self", f"{public}/", "This document"),
        _link("service-desc", f"{public}/api", "OpenAPI of the gateway"),
        _link("search", f"{public}/search{{?q}}", "Products, workflows and experiments"),
        _link("issuers", f"{public}/auth/issuers", "Issuers whose tokens count here"),
        _link("me", f"{public}/auth/me", "Who am I?"),
    ]
    doors = [
        {
            "name": door.name,
            "title": door.title,
            "description": door.description,
            "href": f"{public}{door.path}",
            "service-desc": f"{public}{door.api}",
            "conformance": f"{public}{door.conformance}" if door.conformance else None,
        }
        for door in DOORS
    ]
    title = "EarthCODE Federation"
    return {"title": title, "description": pages.ABOUT, "links": links, "doors": doors} | {
        "counts": counts
    }


def _link(rel: str, href: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "title": title, "type": "application/json"}


@router.get("/robots.txt", summary="What crawlers may read (RFC 9309), and the sitemap")
async def robots(request: Request) -> Response:
    gateway: Gateway = request.app.state.gateway
    public = gateway.settings.public_url.rstrip("/")
    refused = "".join(f"Disallow: {path}\n" for path in UNCRAWLED)
    text = f"User-agent: *\n{refused}Sitemap: {public}/records/sitemap.xml\n"
    return PlainTextResponse(text, headers={"Cache-Control": "public, max-age=3600"})


@router.get("/search", summary="Find products, workflows and experiments by words")
async def search(
    request: Request, q: Annotated[str, Query(max_length=500, description="words")] = ""
) -> Response:
    gateway: Gateway = request.app.state.gateway
    found = await services.search(gateway, q.strip()) if q.strip() else []
    if pages.is_for_a_person(request.scope):
        return pages.page(request.scope, "search.html", query=q, groups=found)
    return JSONResponse({"q": q, "groups": [group.as_json() for group in found]}, headers=VARY)

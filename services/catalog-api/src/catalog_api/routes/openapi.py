"""The OpenAPI document, with the media type that says what it is, and true Allow headers."""

from earthcode_common import problems, telemetry
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from catalog_api.routes import pages
from catalog_api.routes.landing import OPENAPI

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def install(app: FastAPI) -> None:
    routes = app.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != app.openapi_url]

    async def openapi(request: Request) -> Response:
        return pages.json(request, app.openapi(), media=OPENAPI, lasting=True)

    app.add_route(app.openapi_url or "/api", openapi, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(405, _not_allowed)


async def _not_allowed(request: Request, exc: Exception) -> Response:
    """Routes of one path with different methods are looked at together."""
    assert isinstance(exc, HTTPException)
    allowed = [method for method in METHODS if _is_route(request, method)]
    allow = ", ".join(["HEAD", *allowed] if "GET" in allowed else allowed)
    problem = problems.MethodNotAllowed(
        f"{request.method} is not possible here", headers={"Allow": allow}, hint=f"there is {allow}"
    )
    return problems.render(problem, telemetry.request_id(request.scope))


def _is_route(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] == Match.FULL for route in request.app.router.routes)

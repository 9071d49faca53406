"""405 and OPTIONS with a true Allow header (RFC 9110 sections 9.3.7 and 15.5.6)."""

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from earthcode_common import problems, telemetry

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def install(app: FastAPI) -> None:
    """Every path of ``app`` then answers OPTIONS, and other unknown methods with 405."""
    app.add_exception_handler(405, _not_allowed)


async def _not_allowed(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    allow = ", ".join(allowed(request))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allow})
    problem = problems.MethodNotAllowed(
        f"{request.method} is not possible here", headers={"Allow": allow}, hint=f"there is {allow}"
    )
    return problems.render(problem, telemetry.request_id(request.scope))


def allowed(request: Request) -> list[str]:
    """Methods of this path; routes of one path with different methods are looked at together."""
    found = [method for method in METHODS if _is_route(request, method)]
    return [
        *(["GET", "HEAD"] if "GET" in found else []),
        *(m for m in found if m != "GET"),
        "OPTIONS",
    ]


def _is_route(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] == Match.FULL for route in request.app.router.routes)

"""Errors a client may see, as problem documents (RFC 9457).

One shape serves all readers: the RFC's members, plus ``code`` and ``description`` as STAC API and
OGC API - Common (exception.yaml) name them, plus ``errors`` that say where and how to mend it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from earthcode_common import telemetry

MEDIA_TYPE = "application/problem+json"
_BRANCH = re.compile(r"str|bool|int|float|[\w-]+\[.*\]")  # pydantic's names for parts of a union


class Problem(Exception):
    """A refusal with a status; subclasses fix ``status`` and ``slug``."""

    status = 500
    slug = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        pointer: str | None = None,
        parameter: str | None = None,
        errors: Sequence[Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra
        one = {"detail": detail, "pointer": pointer, "parameter": parameter, "hint": hint}
        self.errors: list[dict[str, Any]] = [dict(e) for e in errors or ()]
        if not self.errors and (pointer is not None or parameter or hint):
            self.errors = [{k: v for k, v in one.items() if v is not None}]

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"urn:earthcode:problem:{self.slug}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.slug,
            "description": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        return body | self.extra


class BadRequest(Problem):
    status, slug = 400, "bad-request"


class Unauthenticated(Problem):
    status, slug = 401, "unauthenticated"

    def __init__(self, detail: str, **kwargs: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="earthcode"'}, **kwargs)


class Forbidden(Problem):
    status, slug = 403, "forbidden"


class NotFound(Problem):
    status, slug = 404, "not-found"


class MethodNotAllowed(Problem):
    status, slug = 405, "method-not-allowed"


class NotAcceptable(Problem):
    status, slug = 406, "not-acceptable"


class Conflict(Problem):
    status, slug = 409, "conflict"


class Gone(Problem):
    status, slug = 410, "gone"


class PreconditionFailed(Problem):
    status, slug = 412, "precondition-failed"


class TooLarge(Problem):
    status, slug = 413, "content-too-large"


class UnsupportedMediaType(Problem):
    status, slug = 415, "unsupported-media-type"


class Unprocessable(Problem):
    status, slug = 422, "unprocessable-content"


class PreconditionRequired(Problem):
    status, slug = 428, "precondition-required"


class TooManyRequests(Problem):
    status, slug = 429, "too-many-requests"


class BadGateway(Problem):
    status, slug = 502, "bad-gateway"


class Unavailable(Problem):
    status, slug = 503, "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 2, **kwargs: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **kwargs)


def render(problem: Problem, request_id: str | None = None) -> Response:
    body = problem.body()
    if request_id:
        body["request_id"] = request_id
    try:
        content = orjson.dumps(body, default=str)
    except TypeError:  # It quotes what no JSON can hold: half a character, a number too large.
        content = json.dumps(body, default=str, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(DBAPIError, _on_database_error)
    app.add_exception_handler(PoolTimeout, _on_database_error)
    app.add_exception_handler(OSError, _on_database_error)


async def _on_problem(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, Problem)
    return render(exc, telemetry.request_id(request.scope))


async def _on_http_exception(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    problem = Problem(str(exc.detail), headers=exc.headers)
    problem.status = exc.status_code
    problem.slug = HTTPStatus(exc.status_code).phrase.lower().replace(" ", "-")
    if exc.status_code == 404 and exc.detail == "Not Found":
        problem.detail = f"There is nothing at {request.scope['path']}"
    return render(problem, telemetry.request_id(request.scope))


async def _on_validation_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return render(not_valid(exc), telemetry.request_id(request.scope))


def not_valid(exc: RequestValidationError) -> Problem:
    """What FastAPI found wrong with a request, as a problem."""
    errors = [_where(error) for error in exc.errors()]
    first = errors[0]
    where = first.get("parameter") or first.get("pointer") or "the request"
    return BadRequest(f"{where}: {first['detail']}", errors=errors)


def _where(error: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = error.get("loc") or ("body",)
    detail = str(error.get("msg", "invalid"))
    if error.get("type") == "json_invalid":
        reason = (error.get("ctx") or {}).get("error", "")
        return {"detail": f"The body is not JSON: {reason}".rstrip(": "), "pointer": ""}
    if place == "body":
        return {"detail": detail, "pointer": _pointer([str(part) for part in path])}
    return {"detail": detail, "parameter": ".".join(str(part) for part in path), "in": place}


def _pointer(path: list[str]) -> str:
    """RFC 6901, of a place as pydantic tells it: the name of a union's part is no member."""
    named = path[:1] + [part for part in path[1:] if not _BRANCH.fullmatch(part)]
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in named)


async def _on_database_error(request: Request, exc: Exception) -> Response:
    """The database refused a value (client's fault), or is not there (try again)."""
    state = getattr(getattr(exc, "orig", None), "sqlstate", None) or ""
    lost = isinstance(exc, OperationalError | InterfaceError | PoolTimeout | OSError)
    if state.startswith("22"):
        problem: Problem = BadRequest(f"A value cannot be stored: {str(exc.orig)[:200]}")  # type: ignore[attr-defined]
    elif lost or state[:2] in ("08", "53", "57") or state in ("40001", "40P01"):
        telemetry.log.warning("database unavailable", extra={"error": str(exc)[:300]})
        problem = Unavailable("The database is not reachable at the moment; nothing was changed")
    else:
        raise exc
    return render(problem, telemetry.request_id(request.scope))


def bug(exc: Exception, scope: Scope) -> Response:
    """The answer to an error that nobody foresaw: logged in full, told in nothing but its id."""
    telemetry.log.error("unhandled error", exc_info=exc)
    problem = Problem("Something broke on our side; the request id finds it in the logs")
    return render(problem, telemetry.request_id(scope))

"""The frame of every service: problems, request ids, CORS, body limit, probes, metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, HTTPException, Response
from sqlalchemy import text
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earthcode_common import __version__, migrate, problems, telemetry
from earthcode_common.auth import TokenVerifier
from earthcode_common.db import Database
from earthcode_common.http import Outbound
from earthcode_common.settings import ServiceSettings

EXPOSED = [
    *("ETag", "Location", "Link", "X-Request-Id", "Retry-After", "Content-Crs", "Allow"),
    *("Accept-Patch", "Preference-Applied", "EarthCODE-Version", "Idempotency-Replayed"),
]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Runtime:
    """What a process holds open; made once, closed in reverse."""

    settings: ServiceSettings
    db: Database
    http: Outbound
    verifier: TokenVerifier


@asynccontextmanager
async def open_runtime(settings: ServiceSettings, name: str) -> AsyncIterator[Runtime]:
    db = Database(
        settings.database_url,
        application=f"earthcode/{name}",
        pool_size=settings.database_pool_size,
    )
    http = Outbound(allow_private=settings.allow_private_networks, trusted=_neighbours(settings))
    verifier = TokenVerifier(settings.jwks_location, name, settings.token_issuer)
    try:
        yield Runtime(settings, db, http, verifier)
    finally:
        await http.close()
        await db.close()


def _neighbours(settings: ServiceSettings) -> list[str]:
    return [
        settings.gateway_url,
        settings.publisher_url,
        settings.catalog_url,
        settings.records_url,
        settings.reproducer_url,
    ]


def create_app(
    *,
    name: str,
    package: str,
    prefix: str,
    title: str,
    description: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter] = (),
    lifespan: Lifespan | None = None,
    ready: Callable[[Runtime], Awaitable[None]] | None = None,
    cors: bool = True,
    body_limits: Mapping[str, int] | None = None,
) -> FastAPI:
    """Build a service. ``prefix`` is where its API lives ("/stac"); probes are at the root.

    ``app.state.runtime`` is set while the app runs. ``lifespan`` may open more; ``ready`` may
    raise to keep ``/readyz`` at 503. ``body_limits`` are those of paths that end in other ways:
    ``{"/bulk": bytes}``.
    """

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.runtime = await stack.enter_async_context(open_runtime(settings, name))
            await migrate.check(settings.database_url, package, wait=30)
            if lifespan:
                await stack.enter_async_context(lifespan(app))
            yield

    app = FastAPI(
        title=title,
        description=description,
        version=__version__,
        openapi_url=f"{prefix}/api",
        docs_url=None,
        redoc_url=None,
        lifespan=run,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}],
        responses={400: {"description": "Bad request", "content": {problems.MEDIA_TYPE: {}}}},
    )
    problems.install(app)
    for router in routers:
        app.include_router(router)
    app.include_router(_probes(app, ready))
    app.add_middleware(Guard, max_body_bytes=settings.max_body_bytes, others=body_limits or {})
    if cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=600,
        )
    app.add_middleware(telemetry.Telemetry)
    return app


def _probes(app: FastAPI, ready: Callable[[Runtime], Awaitable[None]] | None) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> dict[str, str]:
        runtime: Runtime = app.state.runtime
        async with runtime.db.read() as session:
            await session.execute(text("select 1"))
        if ready:
            await ready(runtime)
        return {"status": "ready"}

    @router.get("/metrics")
    async def metrics() -> Response:
        return telemetry.metrics_response()

    return router


def _answer(error: Exception, scope: Scope) -> Response:
    if isinstance(error, ClientDisconnect):  # nobody reads this, but it is counted as theirs
        problem = problems.BadRequest("The body ended before its end")
        return problems.render(problem, telemetry.request_id(scope))
    return problems.bug(error, scope)


class Guard:
    """Refuses early what no route wants (NUL bytes, bodies over the limit); answers for bugs.

    Starlette's own handler for those sits outside the request id and CORS.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, others: Mapping[str, int]) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        refusal = self._refusal(scope)
        if refusal:
            response = problems.render(refusal, telemetry.request_id(scope))
            return await response(scope, receive, send)
        if scope["method"] == "HEAD":
            # What can be fetched can be asked about (RFC 9110 9.3.2); the server drops the body.
            scope = {**scope, "method": "GET", "head": True}
        started = False

        async def noticing(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, self._counted(receive, self._limit(scope)), noticing)
        except Exception as error:
            if started:
                raise
            await _answer(error, scope)(scope, receive, send)

    def _refusal(self, scope: Scope) -> problems.Problem | None:
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            return problems.BadRequest("A NUL character (%00) is never part of an address here")
        length = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        limit = self._limit(scope)
        if length.isdigit() and int(length) > limit:
            return problems.TooLarge(f"The body is {int(length)} bytes; at most {limit}")
        return None

    def _limit(self, scope: Scope) -> int:
        path = scope["path"]
        mine = (limit for end, limit in self.others.items() if path.endswith(end))
        return next(mine, self.max_body_bytes)

    def _counted(self, receive: Receive, limit: int) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                # An HTTPException passes through FastAPI's body parsing; others become a 400 there.
                raise HTTPException(413, f"The body is larger than {limit} bytes")
            return message

        return counted

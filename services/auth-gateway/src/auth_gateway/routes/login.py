"""Logging in, logging out, and who one is."""

from typing import Annotated, Any
from urllib.parse import urlencode

from earthcode_common.problems import NotFound, Problem
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from auth_gateway import cookies, login, pages
from auth_gateway.clients.issuers import Provider
from auth_gateway.domain import callers
from auth_gateway.domain.callers import ANONYMOUS, Caller
from auth_gateway.domain.claims import Subject
from auth_gateway.domain.origins import safe_next
from auth_gateway.state import Gateway

router = APIRouter(prefix="/auth", tags=["login"])
FRESH = {"Cache-Control": "no-store"}


@router.get("/login", summary="Log in with an issuer, then go to `next`")
async def log_in(
    request: Request,
    issuer: Annotated[str | None, Query(description="name of an issuer of /auth/issuers")] = None,
    target: Annotated[str | None, Query(alias="next", description="path to go to then")] = None,
) -> Response:
    gateway: Gateway = request.app.state.gateway
    public = gateway.settings.public_url.rstrip("/")
    if request.headers["host"] != public.split("://")[1]:
        # Cookies and the issuer's redirect belong to one host: the public one.
        return RedirectResponse(f"{public}/auth/login?{request.url.query}", 302, FRESH)
    offered = _offered(gateway)
    if issuer is None and len(offered) != 1:
        return pages.page(
            request.scope, "login.html", issuers=list(offered), next=safe_next(target)
        )
    provider = offered.get(issuer or next(iter(offered)))
    if provider is None:
        raise NotFound(f"Nobody can log in with {issuer!r} here; see /auth/issuers")
    known = callers.cookie(request.scope["headers"], cookies.login_name(gateway.settings))
    browser = known if known and len(known) == 43 else cookies.new_secret()
    response = RedirectResponse(await login.begin(gateway, provider, target, browser), 302, FRESH)
    name, seconds = cookies.login_name(gateway.settings), gateway.settings.login_seconds
    cookies.put(response, gateway.settings, name, browser, seconds)
    return response


def _offered(gateway: Gateway) -> dict[str, Provider]:
    return {p.issuer.name: p for p in gateway.providers.values() if p.issuer.login}


@router.get("/callback", summary="An issuer's answer to a login", include_in_schema=False)
async def callback(request: Request) -> Response:
    gateway: Gateway = request.app.state.gateway
    settings, headers = gateway.settings, request.scope["headers"]
    answer = {k: v for k, v in request.query_params.items() if k in login.PARAMETERS}
    try:
        done = await login.complete(
            gateway,
            answer,
            callers.cookie(headers, cookies.login_name(settings)),
            callers.cookie(headers, cookies.session_name(settings)),
        )
    except Problem as problem:
        _audit(request, "deny", ANONYMOUS, problem.slug, problem.status)
        raise
    _audit(request, "login", _caller(done.subject), "logged in", 303)
    response = RedirectResponse(settings.public_url.rstrip("/") + done.next, 303, FRESH)
    name, seconds = cookies.session_name(settings), settings.session_absolute_seconds
    cookies.put(response, settings, name, done.secret, seconds)
    return response


def _caller(subject: Subject) -> Caller:
    return Caller(sub=subject.urn, name=subject.name, client=subject.client, method="session")


@router.get("/logout", summary="A page with a button to log out", include_in_schema=False)
async def ask_to_log_out(request: Request) -> Response:
    return pages.page(request.scope, "logout.html")


@router.post("/logout", summary="End the session, here and (when offered) at the issuer")
async def log_out(request: Request) -> Response:
    gateway: Gateway = request.app.state.gateway
    caller: Caller = request.scope["state"]["caller"]
    target = f"{gateway.settings.public_url.rstrip('/')}/"
    if caller.session:
        target = await login.leave(gateway, caller.session)
        _audit(request, "logout", caller, "logged out", 303)
    response = RedirectResponse(target, 303, FRESH)
    cookies.remove(response, gateway.settings, cookies.session_name(gateway.settings))
    return response


def _audit(request: Request, event: str, caller: Caller, decision: str, status: int) -> None:
    rule = request.scope["path"].removeprefix("/auth/")
    request.app.state.gateway.audit.add(
        event, caller, request.scope, rule=f"gateway.{rule}", decision=decision, status=status
    )


@router.get("/me", summary="Who am I?")
async def me(request: Request) -> Response:
    caller: Caller = request.scope["state"]["caller"]
    body: dict[str, Any] = {
        "authenticated": not caller.anonymous,
        "sub": caller.sub,
        "name": caller.name,
        "roles": sorted(caller.roles),
        "platform": caller.platform,
        "method": caller.method,
        "issuer": caller.issuer or None,
        "subject": caller.subject or None,
        "client": caller.client or None,
    }
    headers = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie"}
    return JSONResponse(body, headers=headers)


@router.get("/issuers", summary="Issuers whose tokens count here")
async def issuers(request: Request) -> dict[str, Any]:
    gateway: Gateway = request.app.state.gateway
    return {"issuers": [_described(gateway, p) for p in gateway.providers.values()]}


def _described(gateway: Gateway, provider: Provider) -> dict[str, Any]:
    issuer = provider.issuer
    found: dict[str, Any] = {
        "name": issuer.name,
        "issuer": issuer.issuer,
        "audience": issuer.audience,
        "login": None,
    }
    if issuer.login:
        public = gateway.settings.public_url.rstrip("/")
        found["login"] = f"{public}/auth/login?{urlencode({'issuer': issuer.name})}"
    return found

"""The role table: what the gateway adds to the issuers' word (operators)."""

from earthcode_common.auth import ROLES
from earthcode_common.db import Reading, Writing
from earthcode_common.problems import Unprocessable
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from auth_gateway import store
from auth_gateway.domain.callers import Caller, Grant
from auth_gateway.domain.claims import urn
from auth_gateway.routes.answers import fresh_json
from auth_gateway.state import Gateway

router = APIRouter(prefix="/auth", tags=["roles"])
NAME = r"^[^\x00-\x1f\x7f]+$"


class RoleGrant(BaseModel):
    """``issuer`` and ``sub`` as /auth/me says them (``issuer``, ``subject``); never an e-mail."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(max_length=500)
    sub: str = Field(min_length=1, max_length=255, pattern=NAME)
    roles: list[str] = Field(default_factory=list, max_length=len(ROLES))
    platform: str | None = Field(None, min_length=1, max_length=200, pattern=NAME)


@router.get("/roles", summary="All granted roles")
async def role_grants(session: Reading) -> Response:
    rows = await store.grants(session)
    named = [row | {"principal": urn(row["issuer"], row["sub"])} for row in rows]
    return fresh_json({"grants": named})


@router.put("/roles", summary="Set what one person or client is granted; nothing takes it away")
async def put_role_grant(request: Request, session: Writing, body: RoleGrant) -> Response:
    gateway: Gateway = request.app.state.gateway
    caller: Caller = request.scope["state"]["caller"]
    if body.issuer not in gateway.providers:
        raise Unprocessable("This issuer is not configured here", pointer="/issuer")
    if unknown := sorted(set(body.roles) - set(ROLES)):
        raise Unprocessable(f"There is no role {unknown[0]!r}", pointer="/roles")
    grant = Grant(frozenset(body.roles), body.platform)
    await store.put_grant(session, body.issuer, body.sub, grant, caller.sub)
    gateway.believed.forget_all()
    return fresh_json(body.model_dump() | {"principal": urn(body.issuer, body.sub)})

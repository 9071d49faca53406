"""What was decided: logins, refusals, and changes that were let through."""

from typing import Annotated, Any

from earthcode_common.db import Reading
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from auth_gateway import store
from auth_gateway.routes.answers import fresh_json

router = APIRouter(prefix="/auth", tags=["audit"])


@router.get("/audit", summary="Audit entries in order (operators)")
async def audit_entries(
    request: Request,
    session: Reading,
    after: Annotated[int, Query(ge=0, le=2**62, description="id of the last entry seen")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    await request.app.state.gateway.audit.flush()
    entries = await store.audit_after(session, after, limit)
    return fresh_json({"entries": entries, "links": _links(request, entries, limit)})


def _links(request: Request, entries: list[dict[str, Any]], limit: int) -> list[dict[str, str]]:
    if len(entries) < limit:
        return []
    base = request.app.state.gateway.settings.public_url.rstrip("/")
    href = f"{base}/auth/audit?after={entries[-1]['id']}&limit={limit}"
    return [{"rel": "next", "href": href, "type": "application/json"}]

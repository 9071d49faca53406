"""Checks without a submission: for editors, scripts and anyone who wants to know beforehand."""

import asyncio

from earthcode_common.auth import Who
from earthcode_common.problems import TooLarge
from fastapi import APIRouter, Request, Response

from publisher import bodies
from publisher.domain.checks import RULES
from publisher.openapi import routes as shown
from publisher.operations.check import check
from publisher.routes import views

router = APIRouter(prefix="/publish", tags=["validation"])
MAX_ANONYMOUS = 2 * 1024 * 1024


@router.post("/validate", **shown.validate)
async def validate(request: Request, who: Who, body: bodies.Raw) -> Response:
    """What the checks would find, against the catalogue as it is now; nothing is kept."""
    if who.anonymous and len(body) > MAX_ANONYMOUS:
        said = f"The body is {len(body)} bytes; at most {MAX_ANONYMOUS} without a login"
        raise TooLarge(said, hint="log in, or send the members one by one")
    members = await asyncio.to_thread(bodies.bundle, body)
    findings = await check(request.app.state.runtime.db, members)
    valid = not any(finding.severity == "error" for finding in findings)
    return views.json_response({"valid": valid, "findings": [f.as_dict() for f in findings]})


@router.get("/rules", **shown.list_rules)
async def list_rules() -> Response:
    """Every rule that documents are checked against, and why."""
    rules = [
        {"rule": r.id, "severity": r.severity, "what": r.what, "why": r.why, "kinds": list(r.kinds)}
        for r in RULES.values()
    ]
    return views.json_response({"rules": rules})

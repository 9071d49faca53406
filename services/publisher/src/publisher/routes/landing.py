"""What is here: the doors of the publisher, for who comes to its root."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from publisher.routes.views import base

router = APIRouter(tags=["landing"])
DOORS = {
    "service-desc": ("/api", "OpenAPI document"),
    "submissions": ("/submissions", "Submissions; log in to see yours"),
    "validate": ("/validate", "Check a bundle without submitting it (POST)"),
    "rules": ("/rules", "What the checks look at, and why"),
    "entities": ("/entities", "Current versions of all that was published, in ledger order"),
    "events": ("/events", "What happened, as CloudEvents"),
}

EXAMPLE = {
    "title": "EarthCODE publisher",
    "links": [{"rel": "rules", "href": "https://catalogue.example/publish/rules"}],
}


@router.get("/publish", responses={200: {"content": {"application/json": {"example": EXAMPLE}}}})
async def landing(request: Request) -> dict[str, Any]:
    """The doors of this service, as links."""
    root = base(request)
    links = [{"rel": "self", "href": root, "type": "application/json"}]
    links += [
        {"rel": rel, "href": root + path, "type": "application/json", "title": title}
        for rel, (path, title) in DOORS.items()
    ]
    return {
        "title": "EarthCODE publisher",
        "description": "Submissions, their review, and the ledger of all that was ever published.",
        "links": links,
    }

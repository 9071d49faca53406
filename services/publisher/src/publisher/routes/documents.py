"""Many documents at once, and the feed of events: for projections and mirrors."""

from typing import Annotated, Any

import orjson
from earthcode_common import outbox
from earthcode_common.auth import Who
from earthcode_common.db import Reading
from earthcode_common.problems import TooLarge
from fastapi import APIRouter, Query, Response

from publisher import bodies
from publisher.openapi import routes as shown
from publisher.operations.people import OVERSEERS
from publisher.routes import views
from publisher.store import entities

router = APIRouter(prefix="/publish", tags=["entities"])
MAX_BYTES = 64 * 1024 * 1024
MAX_ROW = 2**63 - 1


@router.post("/documents", **shown.documents)
async def read_documents(body: bodies.Raw, session: Reading) -> Response:
    """Documents exactly as submitted, in the order asked for; unknown ones are `missing`."""
    refs = bodies.refs(body)
    wanted = [(ref.kind, ref.id, ref.version) for ref in refs]
    rows = await entities.documents(session, wanted, MAX_BYTES)
    if any(row.document is None for row in rows):
        said = f"These documents have more than {MAX_BYTES} bytes together"
        raise TooLarge(said, pointer="/refs", hint="ask for fewer at once")
    there = {row.position for row in rows}
    missing = [vars(ref) for at, ref in enumerate(refs, 1) if at not in there]
    documents = b",".join(_spliced(row) for row in rows)
    content = b'{"documents":[' + documents + b'],"missing":' + orjson.dumps(missing) + b"}"
    return Response(content, media_type="application/json")


@router.get("/events", **shown.events)
async def read_events(
    who: Who,
    session: Reading,
    after: Annotated[int, Query(ge=0, le=MAX_ROW)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:
    """Events (CloudEvents 1.0) in order. `next` goes into `after`, also when nothing was new.

    What happens to submissions is told to stewards and operators only.
    """
    found = await outbox.feed(session, after, limit)
    following = int(found[-1]["sequence"]) if found else after
    events = [e for e in found if who.has(*OVERSEERS) or ".entity." in e["type"]]
    return views.json_response({"events": events, "next": following})


def _spliced(row: Any) -> bytes:
    """The row as JSON, its document untouched."""
    head = {name: getattr(row, name) for name in ("kind", "id", "version", "digest", "owner")}
    return b"".join([orjson.dumps(head)[:-1], b',"document":', row.document.encode(), b"}"])

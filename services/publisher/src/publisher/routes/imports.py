"""Legacy imports."""

import asyncio
from typing import Annotated

from earthcode_common.auth import Principal, require
from fastapi import APIRouter, Depends, Request, Response

from publisher import bodies
from publisher.openapi import routes as shown
from publisher.operations import imports
from publisher.operations.people import OVERSEERS, actor
from publisher.routes import views

router = APIRouter(prefix="/publish", tags=["imports"])
Overseer = Annotated[Principal, Depends(require(*OVERSEERS))]


@router.post("/imports", **shown.imports)
async def import_entities(request: Request, who: Overseer, body: bodies.Raw) -> Response:
    """Publish what was published elsewhere, with findings instead of a review.

    What cannot be read is listed in `failed`; the others enter in one transaction. Importing the
    same again changes nothing.
    """
    given = await asyncio.to_thread(bodies.legacy, body)
    done = await imports.run(request.app.state.runtime.db, given, actor(who), views.teller(request))
    return views.json_response(vars(done) | {"failed": [vars(f) for f in given.failed]})

"""Whether a reader may see the files of a product, and how to get the right."""

from earthcode_common.auth import Principal, Who, principal
from earthcode_common.db import Reading
from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.problems import Forbidden, Unauthenticated
from fastapi import APIRouter, Request, Response

from catalog_api import shelves
from catalog_api.routes import core, models, pages

router = APIRouter(tags=["Catalogs"])


async def reading(request: Request) -> None:
    """A dependency of all routes: who reads, should something turn out to be closed."""
    read_by(request)


def read_by(request: Request) -> None:

    async def who() -> Principal:
        return await principal(request)

    shelves.reader.set(who)


@router.get("/collections/{collection_id}/access")
async def get_access(
    request: Request, session: Reading, who: Who, collection_id: models.CollectionId
) -> Response:
    """Whether you may see where the files of a Collection are; 401 and 403 say how you may."""
    found = await core.collection(session, collection_id)
    product = found.id if found.part == "product" else ""
    closed = await shelves.closed_to_reader(session, {product})
    if product in closed:
        refused = Unauthenticated if who.anonymous else Forbidden
        access = closed[product]
        until = format_instant(access.until) if access.until else None
        raise refused(access.reason(), hint=access.how or None, state=access.state, until=until)
    return pages.json(request, {"readable": True})

from typing import Annotated, Any

from earthcode_common.db import Reading
from earthcode_common.etags import not_modified, quoted
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Query, Request, Response

from reproducer.representations import reproduction_summary
from reproducer.routes.dependencies import Settings
from reproducer.routes.paging import Pager
from reproducer.schemas import ReproductionFilters
from reproducer.store import verdicts

router = APIRouter(tags=["Reproductions"])
GEOJSON = "application/geo+json"


@router.get("/reproduce/reproductions", summary="Reproductions, newest first")
async def list_reproductions(
    asked: Annotated[ReproductionFilters, Query()], session: Reading, settings: Settings
) -> dict[str, Any]:
    """``next`` goes into ``after``; null is the end."""
    filters: dict[str, Any] = {
        name: value for name in ("experiment", "verdict") if (value := getattr(asked, name))
    }
    pager = Pager(settings, "reproductions", asked, filters, member="after")
    rows = await verdicts.page_of_reproductions(session, filters, pager.after(str), asked.limit)
    page, following = pager.page(rows)
    listed = [reproduction_summary(row, settings.public_url) for row in page]
    return {"reproductions": listed, "next": following, "links": pager.links(following)}


@router.get("/reproduce/reproductions/{reproduction_id}", summary="A reproduction record")
async def get_reproduction(reproduction_id: str, request: Request, session: Reading) -> Response:
    row = await verdicts.find_reproduction(session, reproduction_id)
    if row is None:
        raise NotFound(f"There is no reproduction {reproduction_id}")
    etag = quoted(row.digest)
    if unchanged := not_modified(request, etag):
        return unchanged
    return Response(row.document, media_type=GEOJSON, headers={"ETag": etag})

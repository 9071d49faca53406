from typing import Any

from earthcode_common.db import Reading
from earthcode_common.ogc.links import address, link
from earthcode_common.problems import NotFound
from fastapi import APIRouter

from reproducer import representations
from reproducer.routes.dependencies import Settings
from reproducer.schemas import Platform
from reproducer.store import platforms

router = APIRouter(tags=["Platforms"])


@router.get("/reproduce", summary="What there is to reproduce with")
async def landing(settings: Settings) -> dict[str, Any]:
    here = address(settings.public_url, "reproduce")
    links = [link("self", here), link("service-desc", f"{here}/api", "application/json")]
    links += [link(name, f"{here}/{name}") for name in ("platforms", "runs", "reproductions")]
    return {"title": "Reproducer", "description": "Experiments, run again", "links": links}


@router.get("/reproduce/platforms", summary="Where experiments can be run")
async def list_platforms(session: Reading, settings: Settings) -> dict[str, Any]:
    rows = await platforms.offered_platforms(session)
    found = [representations.platform_document(row, settings.public_url) for row in rows]
    here = address(settings.public_url, "reproduce", "platforms")
    return {"platforms": found, "links": [link("self", here)]}


@router.get("/reproduce/platforms/{platform_id}", response_model=Platform)
async def get_platform(platform_id: str, session: Reading, settings: Settings) -> dict[str, Any]:
    row = await platforms.find_platform(session, platform_id)
    if row is None or not row.offered:
        raise NotFound(f"There is no platform {platform_id}")
    return representations.platform_document(row, settings.public_url)

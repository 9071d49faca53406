"""Profiles of records, and their JSON Schemas."""

from earthcode_common.problems import NotFound
from fastapi import APIRouter, Request, Response

from records_api.domain import profiles
from records_api.routes import formats, pages
from records_api.routes.parameters import known

router = APIRouter()


@router.get("/profiles")
async def get_profiles(request: Request) -> Response:
    known(request)
    return pages.made(request, profiles.every())


@router.get("/profiles/{profile_id}")
async def get_profile(request: Request, profile_id: str) -> Response:
    known(request)
    _check(profile_id)
    return pages.made(request, profiles.described())


@router.get("/profiles/{profile_id}/schema.json")
async def get_profile_schema(request: Request, profile_id: str) -> Response:
    known(request)
    _check(profile_id)
    return pages.made(request, profiles.schema(), formats.SCHEMAS)


def _check(profile_id: str) -> None:
    if profile_id != profiles.NAME:
        raise NotFound(f"There is no profile {profile_id!a}", hint=f"there is {profiles.NAME}")

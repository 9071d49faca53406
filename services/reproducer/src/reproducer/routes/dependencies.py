"""What routes ask for."""

from typing import Annotated
from uuid import UUID

from earthcode_common.problems import NotFound
from fastapi import Depends, Path, Request

from reproducer.announcements import Announcements
from reproducer.clients.documents import Documents
from reproducer.settings import ReproducerSettings


def _settings(request: Request) -> ReproducerSettings:
    settings: ReproducerSettings = request.app.state.runtime.settings
    return settings


def _documents(request: Request) -> Documents:
    return Documents(request.app.state.runtime.http, _settings(request))


def _announcements(request: Request) -> Announcements:
    found: Announcements = request.app.state.announcements
    return found


def _run_id(run_id: Annotated[str, Path(max_length=100)]) -> UUID:
    try:
        return UUID(run_id)
    except ValueError:
        raise NotFound(f"There is no run {run_id}") from None


Settings = Annotated[ReproducerSettings, Depends(_settings)]
Docs = Annotated[Documents, Depends(_documents)]
News = Annotated[Announcements, Depends(_announcements)]
RunId = Annotated[UUID, Depends(_run_id)]

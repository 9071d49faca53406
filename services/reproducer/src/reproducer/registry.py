"""The platforms file: a JSON list that the operator writes. Credentials stay in it (or where it
points), and never reach the database."""

import os
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from reproducer.settings import ReproducerSettings


class Secret(BaseModel):
    """A value, or the environment variable or file that holds it."""

    model_config = ConfigDict(extra="forbid")

    value: str | None = Field(None, repr=False)
    env: str | None = None
    file: Path | None = None

    def read(self) -> str:
        if self.env:
            return os.environ.get(self.env, "")
        return self.file.read_text("utf-8").strip() if self.file else self.value or ""


class Auth(BaseModel):
    """bearer: `secret` is the token. basic: `name` is the user. header: `name` is the header."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["bearer", "basic", "header"]
    name: str = ""
    secret: Secret

    def headers(self) -> dict[str, str]:
        secret = self.secret.read()
        if self.type == "bearer":
            return {"Authorization": f"Bearer {secret}"}
        if self.type == "basic":
            pair = b64encode(f"{self.name}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {self.name: secret}


class PlatformEntry(BaseModel):
    """One platform. ``max_jobs``: how many of our jobs it shall have at a time.

    ``settles_seconds``: a promise of the operator that a POST which reached the platform is in its
    list of jobs, findable by our marker, after this time. With it, a run whose POST left no trace
    goes on from the start; without it, such a run ends as ``lost``.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    title: str = Field(min_length=1)
    kind: Literal["ogc-api-processes", "openeo"]
    url: str = Field(pattern=r"^https?://[^\s?#]+$")
    auth: Auth | None = Field(None, repr=False)
    max_jobs: int = Field(4, ge=1)
    settles_seconds: float | None = Field(None, ge=1)


Entries = TypeAdapter(list[PlatformEntry])


def read_platforms(settings: ReproducerSettings) -> list[PlatformEntry]:
    """Raises ValueError (not as described here, an id twice) or OSError."""
    if settings.platforms_file is None:
        return []
    entries = Entries.validate_json(settings.platforms_file.read_bytes())
    _check_ids(entry.id for entry in entries)
    return entries


def _check_ids(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ValueError(f"the platform {name} is in the platforms file twice")
        seen.add(name)

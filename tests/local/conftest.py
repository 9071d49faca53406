"""A development provider of its own for each test, and a browser."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from earthcode_local.files import write_json
from earthcode_local.oidc.app import create_app
from earthcode_local.oidc.provider import Provider, load_provider

from tests.local.oidc_world import CLIENTS, ISSUER, Clock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_json(tmp_path / "clients.json", CLIENTS)
    return tmp_path


@pytest.fixture
def provider(folder: Path) -> Provider:
    found = load_provider(ISSUER, folder, "local")
    found.memory.clock = Clock()
    return found


@pytest.fixture
async def browser(provider: Provider) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_app(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


@pytest.fixture
def verifier() -> str:
    return secrets.token_urlsafe(48)

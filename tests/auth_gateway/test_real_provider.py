"""The whole way with the development provider, as people, platforms and programs go it."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from auth_gateway.settings import Issuer
from earthcode_local.files import write_json
from earthcode_local.oidc.people import PASSWORD

from tests.auth_gateway.conftest import World
from tests.running import free_port

SECRET = "gateway-secret"


def clients(gateway: str) -> list[dict[str, Any]]:
    return [
        {
            "id": "gateway",
            "title": "EarthCODE",
            "secret": SECRET,
            "grants": ["authorization_code"],
            "redirect_uris": [f"{gateway}/auth/callback"],
            "post_logout_redirect_uris": [f"{gateway}/"],
        },
        {
            "id": "deepesdl",
            "title": "DeepESDL",
            "secret": "platform-secret",
            "grants": ["client_credentials"],
            "roles": ["platform"],
            "platform": "deepesdl",
        },
    ]


@pytest.fixture
async def real(make_world: Any, tmp_path: Path) -> AsyncIterator[World]:
    """A gateway that started before its issuer: the provider is a process of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    issuer = Issuer(name="development", issuer=url, client_id="gateway", client_secret=SECRET)
    async with make_world(issuers=[issuer]) as world:
        assert (await world.client.get("/auth/login")).status_code == 503
        write_json(tmp_path / "clients.json", clients(world.url))
        words = ["-m", "earthcode_local.oidc", "--port", str(port), "--data-dir", str(tmp_path)]
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, *words],
            env=os.environ | {"EARTHCODE_ENVIRONMENT": "local"},
            stderr=subprocess.DEVNULL,
        )
        try:
            await _until_up(f"{url}/readyz")
            await _until_up(f"{world.url}/auth/login")
            world.client.cookies.clear()
            yield world
        finally:
            process.terminate()
            process.wait(60)


async def _until_up(url: str) -> None:
    async with asyncio.timeout(120), httpx2.AsyncClient() as client:
        while True:
            try:
                if (await client.get(url)).status_code in (200, 302):
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def test_a_person_logs_in_writes_and_logs_out(real: World) -> None:
    async with httpx2.AsyncClient(follow_redirects=True, timeout=60) as browser:
        form = await browser.get(f"{real.url}/auth/login?next=/auth/me")
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.text))
        fields = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
        issuer = real.settings.issuers[0].issuer
        me = await browser.post(
            f"{issuer}/login",
            data=fields | {"username": "stella", "password": PASSWORD},
            headers={"Origin": issuer},
        )
        assert str(me.url) == f"{real.url}/auth/me"
        assert me.json()["name"] == "Stella Moreau"
        assert me.json()["roles"] == ["reader", "steward"]
        own = {"Origin": real.url}
        approve = f"{real.url}/publish/submissions/1/actions/approve"
        assert (await browser.post(approve, headers=own, json={})).status_code == 200
        assert (await real.principal("publisher")).roles == {"reader", "steward"}
        left = await browser.post(f"{real.url}/auth/logout", headers=own)
        assert str(left.url) == f"{real.url}/"
        assert (await browser.get(f"{real.url}/auth/me")).json()["authenticated"] is False
        again = await browser.get(f"{real.url}/auth/login")
        assert "password" in again.text  # the issuer's session has ended too


async def test_a_platform_comes_with_client_credentials(real: World) -> None:
    issuer = real.settings.issuers[0].issuer
    async with httpx2.AsyncClient(timeout=60) as platform:
        answer = await platform.post(
            f"{issuer}/token",
            data={"grant_type": "client_credentials"},
            auth=("deepesdl", "platform-secret"),
        )
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        me = (await platform.get(f"{real.url}/auth/me", headers=headers)).json()
        assert (me["platform"], me["roles"], me["client"]) == (
            *("deepesdl", ["platform", "reader"], "deepesdl"),
        )
        write = f"{real.url}/stac/collections/a/items"
        assert (await platform.post(write, headers=headers, json={})).status_code == 200
    assert (await real.principal("catalog-api")).platform == "deepesdl"

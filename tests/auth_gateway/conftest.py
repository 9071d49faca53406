"""A gateway on a real port, four echoing services behind it, and an issuer in our hands."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from auth_gateway.service import SERVICE
from auth_gateway.settings import GatewaySettings, Issuer
from earthcode_common.auth import TokenVerifier
from fastapi import FastAPI

from tests.auth_gateway.echo_upstream import Echo, echoing
from tests.auth_gateway.tiny_issuer import AUDIENCE, TinyIssuer

SERVICES = ("catalog-api", "records-api", "publisher", "reproducer")
SETTING = {"catalog-api": "catalog_url", "records-api": "records_url"}


@dataclass
class World:
    """``url``: the gateway; ``echoes``: the services by name; ``client`` follows no redirects."""

    url: str
    port: int
    app: FastAPI
    settings: GatewaySettings
    echoes: dict[str, Echo]
    issuer: TinyIssuer
    client: httpx2.AsyncClient

    def bearer(self, *roles: str, **claims: Any) -> dict[str, str]:
        token = self.issuer.token(**({"roles": list(roles)} | claims))
        return {"Authorization": f"Bearer {token}"}

    async def principal(self, service: str, authorization: bytes) -> Any:
        """What a service finds out about who asked, with the verifier that services have."""
        verifier = TokenVerifier(f"{self.url}/.well-known/jwks.json", service, "earthcode-gateway")
        return await verifier.verify(authorization.decode().removeprefix("Bearer "))

    async def audit(self, **facts: Any) -> list[dict[str, Any]]:
        await self.app.state.gateway.audit.flush()
        answer = await self.client.get("/auth/audit?limit=1000", headers=self.bearer("operator"))
        rows: list[dict[str, Any]] = answer.json()["entries"]
        return [row for row in rows if facts.items() <= row.items()]


@pytest.fixture
def make_world(
    make_database: Any, make_settings: Any, serve: Any, tmp_path: Path
) -> Callable[..., Any]:
    @asynccontextmanager
    async def make(*, issuer_up: bool = True, **values: Any) -> AsyncIterator[World]:
        async with AsyncExitStack() as stack:
            echoes = {name: await stack.enter_async_context(echoing()) for name in SERVICES}
            issuer = TinyIssuer(url=f"http://127.0.0.1:{free_port()}")
            if issuer_up:
                issuer.url = await stack.enter_async_context(serve(issuer.app()))
            defaults = {
                "database_url": await make_database(SERVICE),
                "signing_keys_file": tmp_path / "keys.json",
                "issuers": [
                    Issuer(name="tiny", issuer=issuer.url, client_id="gateway", audience=AUDIENCE)
                ],
                **{SETTING.get(n, f"{n}_url"): echo.url for n, echo in echoes.items()},
            }
            settings = make_settings(SERVICE, **(defaults | values))
            app = SERVICE.create_app(settings)
            url = await stack.enter_async_context(serve(app))
            settings.public_url = values.get("public_url", url)
            port = int(url.rsplit(":", 1)[1])
            client = httpx2.AsyncClient(base_url=url, timeout=15)
            await stack.enter_async_context(client)
            yield World(url, port, app, settings, echoes, issuer, client)

    return make


@pytest.fixture
async def world(make_world: Any) -> AsyncIterator[World]:
    async with make_world() as made:
        yield made


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])

"""A gateway on a real port, four echoing services behind it, and an issuer in our hands.

``world`` is one gateway for all tests, made as new before each; ``make_world`` starts another one
with other settings.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from auth_gateway.clients.issuers import Provider
from auth_gateway.proxy import upstream
from auth_gateway.service import SERVICE
from auth_gateway.settings import GatewaySettings, Issuer
from auth_gateway.state import Gateway
from earthcode_common import migrate
from earthcode_common.auth import TokenVerifier
from earthcode_common.db import plain_url
from fastapi import FastAPI

from tests.auth_gateway.echo_upstream import Echo, echoing
from tests.auth_gateway.tiny_issuer import AUDIENCE, TinyIssuer
from tests.running import free_port
from tests.serving import served

ADDRESS = {
    "catalog-api": "catalog_url",
    "records-api": "records_url",
    "publisher": "publisher_url",
    "reproducer": "reproducer_url",
}


@dataclass
class World:
    """``url``: the gateway; ``echoes``: the services by name; ``client`` follows no redirects."""

    url: str
    app: FastAPI
    settings: GatewaySettings
    echoes: dict[str, Echo]
    issuer: TinyIssuer
    client: httpx2.AsyncClient = field(repr=False)
    audited: int = 0

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def gateway(self) -> Gateway:
        found: Gateway = self.app.state.gateway
        return found

    @property
    def session_cookie(self) -> str:
        return f"earthcode_{self.port}_session"

    def bearer(self, *roles: str, **claims: Any) -> dict[str, str]:
        token = self.issuer.token(**({"roles": list(roles)} | claims))
        return {"Authorization": f"Bearer {token}"}

    async def principal(self, service: str) -> Any:
        """Who a service takes its last request to come from, by the verifier that services use."""
        verifier = TokenVerifier(f"{self.url}/.well-known/jwks.json", service, "earthcode-gateway")
        (authorization,) = self.echoes[service].last.all(b"authorization")
        return await verifier.verify(authorization.decode().removeprefix("Bearer "))

    async def audit(self, **facts: Any) -> list[dict[str, Any]]:
        """Entries of this test that hold ``facts``."""
        answer = await self.client.get(
            f"/auth/audit?limit=1000&after={self.audited}", headers=self.bearer("operator")
        )
        rows: list[dict[str, Any]] = answer.json()["entries"]
        return [row for row in rows if facts.items() <= row.items()]

    def reset(self) -> None:
        for echo in self.echoes.values():
            echo.reset()
        self.issuer.reset()
        self.client.cookies.clear()
        self.gateway.believed.forget_all()
        for name, known in self.gateway.providers.items():
            self.gateway.providers[name] = Provider(known.issuer, known.http)


@asynccontextmanager
async def open_world(database: str, folder: Path, **values: Any) -> AsyncIterator[World]:
    issuer_up = values.pop("issuer_up", True)
    # Services do not count as away because the machine is busy.
    connect_seconds = values.pop("connect_seconds", 60.0)
    async with AsyncExitStack() as stack:
        echoes = {name: await stack.enter_async_context(echoing()) for name in ADDRESS}
        issuer = TinyIssuer(url=f"http://127.0.0.1:{free_port()}")
        if issuer_up:
            issuer.url = await stack.enter_async_context(served(issuer.app(), proxy_headers=False))
        port = free_port()
        defaults = {
            "environment": "local",
            "allow_private_networks": True,
            "database_url": database,
            "public_url": f"http://127.0.0.1:{port}",
            "signing_keys_file": folder / f"{uuid4().hex}.json",
            "issuers": [
                Issuer(name="tiny", issuer=issuer.url, client_id="gateway", audience=AUDIENCE)
            ],
            **{ADDRESS[name]: echo.url for name, echo in echoes.items()},
        }
        settings = GatewaySettings(**(defaults | values))
        app = SERVICE.create_app(settings)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(upstream, "CONNECT_SECONDS", connect_seconds)
            url = await stack.enter_async_context(served(app, port, proxy_headers=False))
        client = httpx2.AsyncClient(base_url=url, timeout=60)
        await stack.enter_async_context(client)
        yield World(url, app, settings, echoes, issuer, client)


@pytest.fixture
def make_world(make_database: Any, tmp_path: Path) -> Callable[..., Any]:
    @asynccontextmanager
    async def make(**values: Any) -> AsyncIterator[World]:
        async with open_world(await make_database(SERVICE), tmp_path, **values) as world:
            yield world

    return make


@pytest.fixture(scope="session")
async def standing_world(postgres_url: Callable[[str], str], scratch: Path) -> AsyncIterator[World]:
    name = f"gateway_{uuid4().hex}"
    connection = await asyncpg.connect(plain_url(postgres_url("postgres")))
    await connection.execute(f'create database "{name}"')
    await migrate.migrate(postgres_url(name), "auth_gateway")
    async with open_world(postgres_url(name), scratch) as world:
        yield world
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.fixture
async def world(standing_world: World) -> World:
    standing_world.reset()
    await standing_world.gateway.audit.flush()
    async with standing_world.gateway.db.read() as session:
        query = "select coalesce(max(id), 0) from audit"
        standing_world.audited = (await session.exec_driver_sql(query)).scalar_one()
    return standing_world

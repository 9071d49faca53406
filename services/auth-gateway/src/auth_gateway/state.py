"""What the gateway's process holds open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from earthcode_common.app import Runtime
from earthcode_common.db import Database
from earthcode_common.http import Outbound
from fastapi import FastAPI

from auth_gateway import keys
from auth_gateway.audit import Audit
from auth_gateway.beliefs import Beliefs
from auth_gateway.clients.issuers import Provider
from auth_gateway.clients.services import Counts
from auth_gateway.housekeeping import housekeeping
from auth_gateway.minting import Mint
from auth_gateway.proxy.upstream import open_upstream
from auth_gateway.settings import GatewaySettings


@dataclass(frozen=True)
class Gateway:
    settings: GatewaySettings
    db: Database
    http: Outbound
    providers: dict[str, Provider]
    keys: keys.SigningKeys
    mint: Mint
    believed: Beliefs
    upstream: aiohttp.ClientSession
    audit: Audit
    # Sessions in use whose idle time starts anew at the next round.
    touched: set[bytes]
    counts: Counts = field(default_factory=Counts)


@asynccontextmanager
async def open_gateway(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    settings = runtime.settings
    assert isinstance(settings, GatewaySettings)
    signing = keys.load(settings, settings.signing_keys_file)
    async with AsyncExitStack() as stack:
        http = _outbound(settings)
        stack.push_async_callback(http.close)
        touched: set[bytes] = set()
        idle = settings.session_idle_seconds
        await stack.enter_async_context(housekeeping(runtime.db, touched, idle))
        audit = Audit(runtime.db, settings.trusted_proxies)
        app.state.gateway = Gateway(
            settings=settings,
            db=runtime.db,
            http=http,
            providers={issuer.issuer: Provider(issuer, http) for issuer in settings.issuers},
            keys=signing,
            mint=Mint(signing, settings.token_issuer),
            believed=Beliefs(settings.belief_seconds),
            upstream=await stack.enter_async_context(open_upstream(settings)),
            touched=touched,
            audit=await stack.enter_async_context(audit.running()),
        )
        yield


def _outbound(settings: GatewaySettings) -> Outbound:
    """Issuers and services are the operator's word, so they may be in a private network."""
    services = ("publisher", "catalog-api", "records-api", "reproducer")
    trusted = [issuer.issuer for issuer in settings.issuers]
    trusted += [settings.upstream(service) for service in services]
    return Outbound(allow_private=settings.allow_private_networks, trusted=trusted, timeout=10)

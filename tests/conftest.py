"""Real servers for every test: PostgreSQL and nats-server, started once, and services on ports."""

import asyncio
import os
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from earthcode_common import auth, messaging, migrate, streams
from earthcode_common.db import plain_url
from earthcode_common.service import Service, worker_app
from earthcode_common.settings import ServiceSettings
from earthcode_local.servers import Nats, Postgres
from hypothesis import settings
from joserfc.jwk import ECKey, KeySet

from tests import profile
from tests.running import Federation, running
from tests.serving import served

settings.load_profile(profile.NAME)
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # For the processes that tests start: each would compile all that it imports, every time.
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "compiled"))


# What takes longest goes first, so that no worker has it left when the others are done.
LONGEST = ("conformance", "faults", "reproducer", "federation", "local", "platform_processes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers (pytest-xdist); whoever runs tests alone keeps the usual order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(item.path.parent.name))


def _turn(folder: str) -> int:
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder that other users can reach too: as root, PostgreSQL runs as somebody else."""
    path = Path(tempfile.mkdtemp(prefix="earthcode-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(scratch: Path) -> Iterator[Callable[[str], str]]:
    """``url(database)``; EARTHCODE_TEST_DATABASE_URL names a server to use instead of our own."""
    given = os.environ.get("EARTHCODE_TEST_DATABASE_URL")
    if given:
        base, _, query = given.partition("?")
        root = base.rsplit("/", 1)[0]
        yield lambda name: f"{root}/{name}" + (f"?{query}" if query else "")
        return
    with Postgres(scratch / "pg") as server:
        asyncio.run(_make_forgetful(server.dsn("postgres")))
        yield server.dsn


async def _make_forgetful(url: str) -> None:
    """No waiting for the disk: nobody needs these databases after a crash.

    Nor does a vacuum come when it likes: events, which are told once no older transaction runs,
    would now and then wait for one.
    """
    for name in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
        await _execute(url, f"alter system set {name} = off")
    await _execute(url, "select pg_reload_conf()")


@pytest.fixture(scope="session")
def nats(scratch: Path) -> Iterator[str]:
    """The address of a nats-server with JetStream, streams and consumers set up."""
    with Nats(scratch / "nats") as server:
        asyncio.run(_set_up_streams(server.url))
        yield server.url


async def _set_up_streams(url: str) -> None:
    client = await messaging.connect(ServiceSettings(nats_url=url), "operator")
    await streams.setup(client.jetstream(timeout=60))
    await client.close()


@pytest.fixture
async def clean_streams(nats: str) -> str:
    """The same server with empty streams and fresh consumers; returns its address."""
    client = await messaging.connect(ServiceSettings(nats_url=nats), "operator")
    stream = client.jetstream(timeout=60)
    for name in (streams.STREAM, streams.DEAD_STREAM):
        await stream.delete_stream(name)
    await streams.setup(stream)
    await client.close()
    return nats


MakeDatabase = Callable[[Service], "AbstractAsyncContextManager[str]"]


@pytest.fixture(scope="session")
def _templates() -> dict[str, str]:
    return {}


@pytest.fixture
async def make_database(
    postgres_url: Callable[[str], str], _templates: dict[str, str]
) -> AsyncIterator[Callable[[Service | str], Any]]:
    """``await make_database(SERVICE)`` -> DSN of a fresh, migrated database; dropped afterwards."""
    made: list[str] = []

    async def make(service: Service | str) -> str:
        package = service if isinstance(service, str) else service.package
        if package not in _templates:
            template = f"template_{package}_{uuid4().hex[:8]}"
            await _execute(postgres_url("postgres"), f'create database "{template}"')
            await migrate.migrate(postgres_url(template), package)
            _templates[package] = template
        name = f"test_{uuid4().hex}"
        await _execute(
            postgres_url("postgres"), f'create database "{name}" template "{_templates[package]}"'
        )
        made.append(name)
        return postgres_url(name)

    yield make
    for name in made:
        await _execute(postgres_url("postgres"), f'drop database "{name}" with (force)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(plain_url(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@dataclass
class Identity:
    """What the gateway would be: a signing key, and tokens for anyone."""

    jwks: str
    key: ECKey = field(repr=False)

    def token(self, aud: str, *, sub: str = "somebody", roles: Any = (), **claims: Any) -> str:
        """Good for an hour, so that no test has to be done before its token is not."""
        who: dict[str, Any] = {"audience": aud, "sub": sub, "roles": list(roles)}
        times = {"exp": int(time.time()) + 3600}
        return auth.sign(self.key, issuer="earthcode-gateway", **who, **(times | claims))

    def headers(self, aud: str, **who: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(aud, **who)}"}


@pytest.fixture(scope="session")
def identity(scratch: Path) -> Identity:
    key = ECKey.generate_key("P-256", auto_kid=True)
    path = scratch / "jwks.json"
    path.write_bytes(orjson.dumps(KeySet([key]).as_dict(private=False)))
    return Identity(str(path), key)


@pytest.fixture
def make_settings(identity: Identity) -> Callable[..., Any]:
    """``make_settings(SERVICE, database_url=..., nats_url=...)`` for a service under test."""

    def make(service: Service, **values: Any) -> ServiceSettings:
        defaults = {"environment": "local", "jwks": identity.jwks, "allow_private_networks": True}
        return service.settings(**(defaults | values))

    return make


@pytest.fixture
def serve() -> Callable[[Any], AbstractAsyncContextManager[str]]:
    """``async with serve(app) as url``: any ASGI app on a real port of 127.0.0.1."""
    return served


@pytest.fixture
def work() -> Callable[[Service, ServiceSettings], AbstractAsyncContextManager[str]]:
    """``async with work(SERVICE, settings)``: the service's background loops, really running."""
    return lambda service, settings: served(worker_app(service, settings))


@pytest.fixture(scope="session")
def federation(scratch: Path) -> Iterator[Federation]:
    """One whole federation for all tests that only add to it; those that kill start their own."""
    with running(scratch / "federation") as made:
        yield made


@pytest.fixture(scope="session")
def real_catalogue(scratch: Path) -> Path:
    """The folder of the real Open Science Catalog named by EARTHCODE_OSC (folder or archive)."""
    given = os.environ.get("EARTHCODE_OSC") or _beside_the_project()
    if not given or not Path(given).exists():
        pytest.skip("the real catalogue is not here: set EARTHCODE_OSC to its folder or archive")
    if Path(given).is_dir():
        return Path(given)
    with tarfile.open(given) as archive:
        archive.extractall(scratch / "osc", filter="data")
    return next(path.parent for path in (scratch / "osc").glob("**/products/catalog.json")).parent


def _beside_the_project() -> str | None:
    found = sorted(Path(__file__).parents[2].glob("shared/data/osc-*.tar.gz"))
    return str(found[-1]) if found else None

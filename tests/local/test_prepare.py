"""What services find ready: databases, schemas, streams, and users of NATS with few rights."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import nats as nats_client
import pytest
from earthcode_common import migrate, streams
from earthcode_common.settings import ServiceSettings
from earthcode_local.launch import config, databases
from earthcode_local.launch.config import Layout, database_named
from earthcode_local.launch.table import PORTS, SERVICES, programs
from earthcode_local.servers import Nats


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    for name in ("log", "secrets", "results"):
        (tmp_path / name).mkdir()
    return Layout(tmp_path, 8080, {name: 20000 + n for n, name in enumerate(PORTS)})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://postgres@/postgres?host=/tmp/x", "postgresql://postgres@/new?host=/tmp/x"),
        (
            "postgresql://u:p%40@h:5/db?sslmode=require",
            "postgresql://u:p%40@h:5/new?sslmode=require",
        ),
        ("postgres://h", "postgres://h/new"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    assert database_named(url, "new") == expected


async def test_missing_databases_and_schemas_are_made_once(
    postgres_url: Callable[[str], str], nats: str
) -> None:
    name = f"prepared_{uuid4().hex[:8]}"
    settings = ServiceSettings(database_url=postgres_url("postgres"), nats_url=nats)
    for _ in range(2):
        await databases.prepare(settings, {"earthcode_common": name})
    await migrate.check(postgres_url(name), "earthcode_common")


@pytest.mark.parametrize("dead", ["postgresql", "nats"])
def test_a_server_out_of_reach_is_named_without_password_or_traceback(
    postgres_url: Callable[[str], str], nats: str, dead: str
) -> None:
    told = {"DATABASE_URL": postgres_url("postgres"), "NATS_URL": nats}
    if dead == "postgresql":
        told["DATABASE_URL"] = "postgresql://me:hush@127.0.0.1:9/x"
    else:
        told["NATS_URL"] = "nats://me:hush@127.0.0.1:9"
    code = (
        "import sys; from earthcode_local.launch import databases; "
        "databases.WAIT_SECONDS = 1.0; sys.exit(databases.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {f"EARTHCODE_{name}": url for name, url in told.items()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert f"does not answer at {dead}://127.0.0.1:9" in done.stderr
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_service_may_tell_its_own_events_and_no_others(layout: Layout) -> None:
    may = {service: streams.permissions(service) for service in streams.SERVICES}
    with Nats(layout.data_dir / "nats", config_text=config.nats_users(layout, may)) as server:
        with pytest.raises(Exception, match="Authorization Violation"):
            await nats_client.connect(
                server.url, allow_reconnect=False, connect_timeout=60, error_cb=ignore
            )
        refusals: asyncio.Queue[str] = asyncio.Queue()

        async def note(error: Exception) -> None:
            refusals.put_nowait(str(error))

        seed = config.nats_seed(layout, "publisher").read_text()
        client = await nats_client.connect(server.url, nkeys_seed_str=seed, error_cb=note)
        await client.publish("earthcode.publisher.entity.published.theme.ice", b"{}")
        await client.flush()
        assert refusals.empty()
        await client.publish("earthcode.catalog.entity.projected.theme.ice", b"{}")
        await client.publish("$JS.API.STREAM.DELETE.EARTHCODE", b"")
        for subject in ("earthcode.catalog.entity", "$JS.API.STREAM.DELETE"):
            said = await asyncio.wait_for(refusals.get(), 60)
            assert "permissions violation" in said.lower()
            assert subject.lower() in said.lower()
        await client.close()


async def ignore(_: Exception) -> None:
    """nats-py prints what nobody listens to."""


def test_secrets_are_made_once_and_hand_added_platforms_stay(layout: Layout) -> None:
    first = config.nats_seed(layout, "publisher").read_text(), config.issuers(layout)
    path = config.write_platforms(layout)
    text = path.read_text().rstrip().removesuffix("]")
    path.write_text(text + ', {"id": "mine", "kind": "openeo", "url": "https://x.example"}]')
    config.write_platforms(layout)
    assert '"mine"' in path.read_text()
    assert path.read_text().count('"local"') == 1
    assert first == (config.nats_seed(layout, "publisher").read_text(), config.issuers(layout))


def test_servers_of_the_environment_replace_the_embedded_ones(layout: Layout) -> None:
    given = Layout(
        layout.data_dir, 8080, layout.ports, "postgresql://u:p@db.example/main", "nats://n.example"
    )
    may = {service: streams.permissions(service) for service in streams.SERVICES}
    table = {program.name: program for program in programs(given, may)}
    assert not {"postgres", "nats"} & set(table)
    told = table["catalog-api"].server.env  # type: ignore[attr-defined]
    assert told["EARTHCODE_DATABASE_URL"] == "postgresql://u:p@db.example/earthcode_catalog"
    assert told["EARTHCODE_NATS_URL"] == "nats://n.example"
    assert "EARTHCODE_NATS_SEED_FILE" not in told


def test_the_table_has_every_process_and_the_gateway_is_last(layout: Layout) -> None:
    may = {service: streams.permissions(service) for service in streams.SERVICES}
    table = programs(layout, may)
    names = [program.name for program in table]
    assert len(names) == len(set(names)) == 4 + 1 + 2 * len(SERVICES) + 1
    assert names[-1] == "auth-gateway"
    assert set(table[-1].needs) >= {n for s in SERVICES for n in (s.name, f"{s.name}-worker")}
    reproducer = next(p for p in table if p.name == "reproducer").server.env  # type: ignore[attr-defined]
    assert Path(reproducer["EARTHCODE_PLATFORMS_FILE"]).exists()
    assert reproducer["EARTHCODE_ENVIRONMENT"] == "local"
    assert "EARTHCODE_ISSUERS" not in reproducer, "the client's secret is the gateway's alone"
